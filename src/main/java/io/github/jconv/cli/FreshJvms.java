package io.github.jconv.cli;

import io.github.jconv.bench.Measurement;
import io.github.jconv.check.sweep.LineFile;
import io.github.jconv.explain.Units;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The same benchmark in new JVMs, one after the other. What the JIT compiler makes of a kernel depends on the order in which a JVM meets
 * its methods; a kernel that it sometimes leaves aside is fast in most JVMs and many times slower in some. So the slowest one counts.
 */
final class FreshJvms {

    private static final String OPTION = "--fresh-jvms";
    private static final String CSV = "--csv";

    private final Console console;
    private final int number;
    private final List<String> arguments;

    /** @param arguments the command line of the whole benchmark, with {@code --fresh-jvms} and perhaps {@code --csv} */
    FreshJvms(Console console, int number, List<String> arguments) {
        this.console = console;
        this.number = number;
        this.arguments = without(CSV, without(OPTION, arguments));
    }

    /**
     * Runs them and prints what they found.
     *
     * @param csv where every JVM's rows go, its number in front; or null
     * @return the exit code of the first JVM that did not end well, or 0
     */
    int run(Path csv) throws IOException {
        // For each row of the benchmark its measurements, one of each JVM.
        List<List<Measurement>> rows = new ArrayList<>();
        Path measured = Files.createTempFile("jconv-bench", ".csv");
        try (LineFile all = csv == null ? null : LineFile.begin(csv);
                Progress progress = new Progress(console, "bench", number)) {
            if (all != null) {
                all.println("jvm," + Measurement.CSV_HEADER);
            }
            for (int jvm = 1; jvm <= number; jvm++) {
                progress.at(jvm - 1, "JVM " + jvm);
                int exitCode = runOne(measured);
                if (exitCode != 0) {
                    return exitCode;
                }
                List<String> lines = Files.readAllLines(measured);
                for (int i = 1; i < lines.size(); i++) {
                    if (rows.size() < i) {
                        rows.add(new ArrayList<>());
                    }
                    rows.get(i - 1).add(Measurement.ofCsv(lines.get(i)));
                    if (all != null) {
                        all.println(jvm + "," + lines.get(i));
                    }
                }
            }
        } finally {
            Files.delete(measured);
        }
        print(rows);
        return 0;
    }

    /** Runs the benchmark in a JVM like this one. What it prints is shown when it fails. */
    private int runOne(Path measured) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), JConv.class.getName()));
        command.addAll(arguments);
        command.addAll(List.of(CSV, measured.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = process.waitFor();
            if (exitCode != 0) {
                console.err().print(output);
            }
            return exitCode;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("waiting for a JVM was interrupted");
        } finally {
            process.destroy();
        }
    }

    private void print(List<List<Measurement>> rows) {
        var table = new TextTable().left("problem").left("operation").left("type").left("layout")
                .left("algorithm").right("JVMs").right("fastest").right("middle").right("slowest").right("slowest/middle");
        for (List<Measurement> row : rows) {
            double[] ms = row.stream().mapToDouble(Measurement::medianMs).sorted().toArray();
            double middle = ms[ms.length / 2];
            double slowest = ms[ms.length - 1];
            String algorithms = row.stream().map(Measurement::algorithm).distinct().collect(Collectors.joining(", "));
            Measurement first = row.get(0);
            table.row(first.problem(), first.work(), first.dataType().text(), first.layout().text(), algorithms, ms.length,
                    Units.seconds(ms[0] * 1e-3), Units.seconds(middle * 1e-3), Units.seconds(slowest * 1e-3),
                    String.format(Locale.ROOT, "%.2f", slowest / middle));
        }
        table.print(console.out());
    }

    /** A command line without an option that has a value. */
    private static List<String> without(String option, List<String> arguments) {
        List<String> others = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).equals(option)) {
                i++;
            } else if (!arguments.get(i).startsWith(option + "=")) {
                others.add(arguments.get(i));
            }
        }
        return others;
    }
}
