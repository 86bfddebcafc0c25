package io.github.jconv.check.sweep;

import io.github.jconv.check.ScopedProblem;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.problem.ConvProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run found wrong, for the next person to begin with: the problems as lines that {@code jconv check --file} replays, and a
 * JUnit 5 test that fails as long as they do.
 */
public final class FailureFiles {

    /** The name of the file with the problem lines. */
    public static final String LINES = "failures.txt";

    /** The name of the file with the test. */
    public static final String TEST = FailureTest.CLASS + ".java";

    private static final String LINES_MARK = "# What jconv sweep found wrong";

    private FailureFiles() {
    }

    /**
     * Writes both files, over older ones; nothing when nothing is wrong.
     *
     * @param folder     made if it is not there
     * @param properties system properties that backends were opened under, which the test sets, too
     * @param ofTheRun   the options of the command that say the same, for the lines
     * @return the files written
     */
    public static List<Path> write(CheckReport report, Path folder, Map<String, String> properties, Map<String, String> ofTheRun) {
        if (report.agrees()) {
            return List.of();
        }
        List<Mismatch> failures = distinct(report.mismatches());
        try {
            Files.createDirectories(folder);
            return List.of(Files.writeString(folder.resolve(LINES), lines(failures, report.seed(), ofTheRun)),
                    Files.writeString(folder.resolve(TEST), FailureTest.source(failures, report.seed(), properties)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Takes away both files of an earlier run, those alone that {@link #write} wrote: for a run that finds nothing wrong any more.
     *
     * @return the files taken away
     */
    public static List<Path> remove(Path folder) {
        List<Path> removed = new ArrayList<>();
        for (Path file : earlier(folder)) {
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            removed.add(file);
        }
        return removed;
    }

    /** The files of an earlier run, those alone that {@link #write} wrote. */
    public static List<Path> earlier(Path folder) {
        return Stream.of(Map.entry(LINES, LINES_MARK), Map.entry(TEST, FailureTest.MARK))
                .filter(each -> has(folder.resolve(each.getKey()), each.getValue())).map(each -> folder.resolve(each.getKey())).toList();
    }

    /** What is no text has no mark. */
    private static boolean has(Path file, String mark) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try {
            return Files.readString(file).contains(mark);
        } catch (CharacterCodingException e) {
            return false;
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

    /** A line for each problem and the form that it is wrong in, so that it is checked in that form again. */
    private static String lines(List<Mismatch> failures, long seed, Map<String, String> ofTheRun) {
        String end = " --seed " + seed + ofTheRun.entrySet().stream().map(each -> " " + each.getKey() + " " + each.getValue())
                .collect(Collectors.joining());
        Map<String, List<Mismatch>> byLine = new LinkedHashMap<>();
        failures.forEach(m -> byLine.computeIfAbsent(scoped(m) + end, line -> new ArrayList<>()).add(m));
        StringBuilder text = new StringBuilder(LINES_MARK).append("; jconv check --file checks each line as it was found wrong.\n");
        byLine.forEach((line, mismatches) -> {
            for (Mismatch mismatch : mismatches) {
                text.append("# ").append(oneLine(mismatch.verdict())).append("\n");
                text.append("#   ").append(oneLine(mismatch.reproduce())).append("\n");
            }
            text.append(line).append("\n");
        });
        return text.toString();
    }

    private static ScopedProblem scoped(Mismatch mismatch) {
        return new ScopedProblem(ConvProblem.parse(smallest(mismatch)), List.of(mismatch.operation()), List.of(mismatch.dataType()),
                List.of(mismatch.layout()));
    }

    /** A finding may quote what a subject threw, which may be anything. */
    static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }
}
