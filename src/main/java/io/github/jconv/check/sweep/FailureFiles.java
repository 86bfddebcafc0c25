package io.github.jconv.check.sweep;

import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run found wrong, for the next person to begin with: the problems as lines that {@code jconv check --file} replays, and a
 * JUnit 5 test that fails as long as they do.
 */
public final class FailureFiles {

    /** The name of the file with the problem lines. */
    public static final String LINES = "failures.txt";

    /** The name of the file with the test. */
    public static final String TEST = FailureTest.CLASS + ".java";

    private FailureFiles() {
    }

    /**
     * Writes both files, over older ones; nothing when nothing is wrong.
     *
     * @param folder     made if it is not there
     * @param properties system properties that backends were opened under, which the test sets, too
     * @return the files written
     */
    public static List<Path> write(CheckReport report, Path folder, Map<String, String> properties) {
        if (report.agrees()) {
            return List.of();
        }
        List<Mismatch> failures = distinct(report.mismatches());
        try {
            Files.createDirectories(folder);
            return List.of(Files.writeString(folder.resolve(LINES), lines(failures)),
                    Files.writeString(folder.resolve(TEST), FailureTest.source(failures, report.seed(), properties)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One mismatch of each subject, operation, type, layout and problem: the first check that fails tells enough. */
    private static List<Mismatch> distinct(List<Mismatch> mismatches) {
        Map<List<Object>, Mismatch> first = new LinkedHashMap<>();
        mismatches.forEach(m -> first.putIfAbsent(List.of(m.subject(), m.operation(), m.dataType(), m.layout(), smallest(m)), m));
        return new ArrayList<>(first.values());
    }

    /** The problem to begin with. */
    static String smallest(Mismatch mismatch) {
        return mismatch.shrunk() == null ? mismatch.problem() : mismatch.shrunk();
    }

    private static String lines(List<Mismatch> failures) {
        Map<String, List<Mismatch>> byProblem = new LinkedHashMap<>();
        failures.forEach(m -> byProblem.computeIfAbsent(smallest(m), line -> new ArrayList<>()).add(m));
        StringBuilder text = new StringBuilder();
        byProblem.forEach((line, mismatches) -> {
            for (Mismatch mismatch : mismatches) {
                text.append("# ").append(oneLine(mismatch.verdict())).append("\n");
                text.append("#   ").append(oneLine(mismatch.reproduce())).append("\n");
            }
            text.append(line).append("\n");
        });
        return text.toString();
    }

    /** A finding may quote what a subject threw, which may be anything. */
    static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }
}
