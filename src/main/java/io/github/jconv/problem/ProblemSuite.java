package io.github.jconv.problem;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Problems that belong together: the layers of a network, or the content of a file.
 *
 * @param name    short, for command lines and reports: {@code googlenet}
 * @param title   what it is, in a sentence
 * @param entries its problems, in order
 */
public record ProblemSuite(String name, String title, List<ProblemEntry> entries) implements Iterable<ProblemEntry> {

    public ProblemSuite {
        entries = List.copyOf(entries);
    }

    /** The convolutions that are computed: of a transposed layer the equivalent one. */
    public List<ConvProblem> problems() {
        return entries.stream().map(ProblemEntry::problem).toList();
    }

    public Stream<ProblemEntry> stream() {
        return entries.stream();
    }

    public int size() {
        return entries.size();
    }

    @Override
    public Iterator<ProblemEntry> iterator() {
        return entries.iterator();
    }

    @Override
    public String toString() {
        return name + ": " + title + " (" + entries.size() + " problems)";
    }
}
