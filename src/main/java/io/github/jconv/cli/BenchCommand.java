package io.github.jconv.cli;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.bench.ConvBenchmark;
import io.github.jconv.bench.Measurement;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuite;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Verifies algorithms on problems, then times them. */
@Command(name = "bench", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        abbreviateSynopsis = true, sortOptions = false,
        description = {"Times algorithms on problems, each verified first.",
            "What is wrong is not timed. backward_data is also the forward of the transposed convolution with the same numbers,"
                + " so the column \"x forward\" tells what a transposed layer costs beside the convolution it belongs to.", ""},
        footer = {"", "Examples:",
            "  jconv bench --suite googlenet --threads 1 --csv googlenet.csv",
            "  jconv bench --problem n1c64h64w64k64r5s5_sh2sw2_ph2pw2 --algorithm all"})
final class BenchCommand implements Callable<Integer> {

    private static final String CHOSEN = "chosen";
    private static final String ALL = "all";

    /** The JVM compiles in the background; less would time code that is not compiled yet, however short the measurement. */
    private static final double WARM_UP_SECONDS = 0.5;
    private static final double PEAK_SECONDS = 2;
    private static final int MIN_RUNS = 10;
    private static final int PATIENCE = 4;

    private final Console console;

    @Spec
    private CommandSpec command;

    @Mixin
    private ProblemSelection selection;

    @Mixin
    private ThreadsOption threads;

    @Mixin
    private OperationsOption operations;

    @Mixin
    private final BackendsOption backends;

    @Option(names = "--algorithm", paramLabel = "NAME,...", hideParamSyntax = true, split = ",", defaultValue = CHOSEN,
            description = "Algorithms by name; \"" + CHOSEN + "\" for the one that an engine takes (so unless given), \"" + ALL
                    + "\" for every one that serves but the definition.")
    private List<String> algorithms;

    private double seconds = 1;

    @Option(names = "--csv", paramLabel = "FILE", description = "Also write the measurements to a CSV file.")
    private Path csv;

    BenchCommand(Console console, BackendsOption.Source source) {
        this.console = console;
        this.backends = new BackendsOption(source);
    }

    @Option(names = "--seconds", paramLabel = "S", description = "Time to measure each row; 1 unless given.")
    void setSeconds(double value) {
        if (!(value >= 0 && value <= 3600)) {
            throw new ParameterException(command.commandLine(), "--seconds is " + value + "; allowed: 0..3600");
        }
        seconds = value;
    }

    @Override
    public Integer call() throws IOException {
        if (selection.isEmpty()) {
            throw new ParameterException(command.commandLine(), "nothing to measure: give --problem, --suite or --file");
        }
        List<ConvProblem> problems = problems();
        List<Backend> opened = backends.open(threads.threads());
        try (PrintWriter csvFile = csv == null ? null : new PrintWriter(Files.newBufferedWriter(csv))) {
            if (csvFile != null) {
                csvFile.println(Measurement.CSV_HEADER);
            }
            return run(plans(problems, opened), opened, csvFile) ? 0 : JConv.MISMATCH;
        } finally {
            opened.forEach(Backend::close);
        }
    }

    private List<ConvProblem> problems() {
        Set<ConvProblem> problems = new LinkedHashSet<>();
        for (ProblemSuite suite : selection.read()) {
            problems.addAll(suite.problems());
        }
        return List.copyOf(problems);
    }

    private List<ConvPlan> plans(List<ConvProblem> problems, List<Backend> opened) {
        List<ConvPlan> plans = new ArrayList<>();
        for (ConvProblem problem : problems) {
            for (Backend backend : opened) {
                for (String algorithm : algorithms) {
                    for (ConvOperation operation : operations.list()) {
                        plans.addAll(plans(backend, algorithm, ConvRequest.fp32(problem, operation)));
                    }
                }
            }
        }
        return plans;
    }

    private static List<ConvPlan> plans(Backend backend, String algorithm, ConvRequest request) {
        if (algorithm.equals(ALL)) {
            List<ConvPlan> plans = new ArrayList<>();
            for (ConvAlgorithm each : backend.algorithms()) {
                if (each.supports(request).yes() && !new BackendSubject(backend, each).isDefinition()) {
                    plans.add(new ConvPlan(request, backend.name(), each, "one of all", List.of()));
                }
            }
            return plans;
        }
        AlgorithmChooser chooser = algorithm.equals(CHOSEN) ? AlgorithmChooser.firstThatSuits() : AlgorithmChooser.fixed(algorithm);
        return List.of(chooser.choose(request, backend.name(), backend.algorithms(), ConvEngine.DEFAULT_WORKSPACE_LIMIT));
    }

    /** Whether everything was right. */
    private boolean run(List<ConvPlan> plans, List<Backend> opened, PrintWriter csvFile) {
        Map<String, Double> peaks = peaks(opened);
        TextTable table = table(plans);
        table.printHeading(console.out());
        boolean right = true;
        Measurement forward = null;
        try (Progress progress = new Progress(console, "bench", plans.size())) {
            for (int i = 0; i < plans.size(); i++) {
                ConvPlan plan = plans.get(i);
                progress.at(i, plan.algorithm().name() + " " + plan.request());
                Backend backend = opened.stream().filter(b -> b.name().equals(plan.backend())).findFirst().orElseThrow();
                List<Mismatch> mismatches = verify(plan, backend);
                if (!mismatches.isEmpty()) {
                    progress.println("wrong, so not timed: " + plan.request() + ", " + mismatches.get(0).verdict() + ": "
                            + mismatches.get(0).finding());
                    right = false;
                    continue;
                }
                Measurement measurement = new ConvBenchmark(backend, threads.threads(),
                        new ConvBenchmark.Effort(Math.max(WARM_UP_SECONDS, seconds / 2), seconds, MIN_RUNS, PATIENCE)).measure(plan);
                if (measurement.operation() == ConvOperation.FORWARD) {
                    forward = measurement;
                }
                progress.println(row(table, measurement, forward, peaks));
                if (csvFile != null) {
                    csvFile.println(measurement.csv());
                    csvFile.flush();
                }
            }
        }
        return right;
    }

    /** What each backend could do at most, by its name; those that can be measured. */
    private Map<String, Double> peaks(List<Backend> opened) {
        Map<String, Double> peaks = new HashMap<>();
        for (Backend backend : opened) {
            OptionalDouble peak = backend.measurePeakGflops(PEAK_SECONDS);
            peak.ifPresent(gflops -> peaks.put(backend.name(), gflops));
            console.out().println("backend " + backend.name() + ": " + backend.description() + (peak.isPresent()
                    ? String.format(Locale.ROOT, "; peak, measured: %.0f GFLOP/s", peak.getAsDouble()) : ""));
        }
        console.out().println();
        return peaks;
    }

    private static List<Mismatch> verify(ConvPlan plan, Backend backend) {
        return CrossCheck.of(new BackendSubject(backend, plan.algorithm())).on(plan.request().problem())
                .operations(plan.request().operation()).tiers(Tier.EXACT, Tier.REAL).shrink(false).run().mismatches();
    }

    private static TextTable table(List<ConvPlan> plans) {
        TextTable table = new TextTable().left("problem").left("operation").left("algorithm").right("median").right("fastest")
                .right("runs").right("GFLOP/s").right("of peak").right("x forward");
        for (ConvPlan plan : plans) {
            table.reserve(plan.request().problem(), plan.request().operation().text(), name(plan.backend(),
                    plan.algorithm().name()), "1.23 ms", "1.23 ms", "12345", "1234.5", "12 %", "12.34");
        }
        return table;
    }

    /** @param forward the last forward, of this problem or another, or null */
    private static String row(TextTable table, Measurement row, Measurement forward, Map<String, Double> peaks) {
        boolean comparable = forward != null && forward.problem().equals(row.problem()) && forward.backend().equals(row.backend());
        return table.line(row.problem(), row.operation().text(), name(row.backend(), row.algorithm()),
                Units.seconds(row.medianMs() * 1e-3), Units.seconds(row.minMs() * 1e-3), row.runs(),
                String.format(Locale.ROOT, "%.1f", row.gflops()), peaks.containsKey(row.backend())
                        ? String.format(Locale.ROOT, "%.0f %%", 100 * row.gflops() / peaks.get(row.backend())) : "",
                comparable ? String.format(Locale.ROOT, "%.2f", row.medianMs() / forward.medianMs()) : "");
    }

    private static String name(String backend, String algorithm) {
        return backend + ":" + algorithm;
    }
}
