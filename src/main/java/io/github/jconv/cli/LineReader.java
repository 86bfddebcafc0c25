package io.github.jconv.cli;

import io.github.jconv.check.ScopedProblem;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.ProblemLine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Makes problems to check of the lines of files. What the command line says goes before what a line says of the same. */
final class LineReader {

    private final Set<String> given;
    private final Map<String, String> ofTheRun = new LinkedHashMap<>();
    private final Map<String, String> saidAt = new HashMap<>();
    private final Map<String, Integer> overruled = new TreeMap<>();

    /** @param given the names of the options that are given on the command line */
    LineReader(Set<String> given) {
        this.given = given;
    }

    /**
     * The problems of lines.
     *
     * @param change what is to become of each problem
     * @throws InvalidProblemException naming the file, the line and what is wrong with its options
     */
    List<ScopedProblem> read(List<ProblemLine> lines, UnaryOperator<ProblemEntry> change) {
        List<ScopedProblem> problems = new ArrayList<>();
        for (ProblemLine line : lines) {
            LineOptions options = LineOptions.of(line);
            options.names().stream().filter(given::contains).forEach(name -> overruled.merge(name, 1, Integer::sum));
            options.ofTheRun().forEach((name, value) -> addOfTheRun(line, name, value));
            for (ProblemEntry entry : line.entries()) {
                ConvProblem problem = change.apply(entry).problem();
                problems.add(options.scope(problem, given));
            }
        }
        return problems;
    }

    private void addOfTheRun(ProblemLine line, String name, String value) {
        if (given.contains(name)) {
            return;
        }
        String before = ofTheRun.putIfAbsent(name, value);
        saidAt.putIfAbsent(name, line.where());
        if (before != null && !before.equals(value)) {
            throw new InvalidProblemException(line.where() + ": " + name + " is " + value + ", but " + before + " in " + saidAt.get(name)
                    + "; allowed: one for all lines, or " + name + " on the command line");
        }
    }

    /** What lines say of the whole run. */
    Map<String, String> ofTheRun() {
        return ofTheRun;
    }

    /** Which lines are not followed, in sentences. */
    List<String> notes() {
        return overruled.entrySet().stream().map(each -> each.getKey() + " of the command goes before that of "
                + (each.getValue() == 1 ? "1 line" : each.getValue() + " lines") + " in files").toList();
    }
}
