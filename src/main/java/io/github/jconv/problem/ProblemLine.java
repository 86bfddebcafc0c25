package io.github.jconv.problem;

import java.util.List;

/**
 * A line of a file of problems.
 *
 * @param where   the file and the number of the line, for messages
 * @param entries what it describes, at least one problem
 * @param options the words behind the problem, from the first that begins with {@code --}: how it is to be checked; often none
 */
public record ProblemLine(String where, List<ProblemEntry> entries, List<String> options) {

    public ProblemLine {
        entries = List.copyOf(entries);
        options = List.copyOf(options);
    }
}
