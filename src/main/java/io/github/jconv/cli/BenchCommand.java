package io.github.jconv.cli;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Readiness;
import io.github.jconv.bench.ConvBenchmark;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.sweep.LineFile;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
            "  jconv bench --problem n1c64h64w64k64r5s5_sh2sw2_ph2pw2 --algorithm all",
            "  jconv bench --suite resnet50 --type bfloat16 --layout nchw,nhwc --backend cuda,cudnn",
            "  jconv bench --suite resnet50 --operation forward --constant-filters --fused",
            "  jconv bench --suite vgg16 --threads 1 --seconds 0.2 --fresh-jvms 20"})
final class BenchCommand implements Callable<Integer> {

    private static final String CHOSEN = "chosen";
    private static final String ALL = "all";

    /** The JVM compiles in the background; less would time code that is not compiled yet, however short the measurement. */
    private static final double LEAST_WARM_UP_SECONDS = 0.5;
    private static final int MIN_RUNS = 10;
    private static final int PATIENCE = 4;

    /** How tensors are stored. */
    private record Form(DataType type, Layout layout) {
    }

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
    private DataTypesOption types;

    @Mixin
    private LayoutsOption layouts;

    @Mixin
    private AutotuneOption autotune;

    @Mixin
    private StrictOption strict;

    @Mixin
    private FiltersOption filters;

    @Mixin
    private final BackendsOption backends;

    @Option(names = "--algorithm", paramLabel = "NAME,...", hideParamSyntax = true, split = ",", defaultValue = CHOSEN,
            description = "Algorithms by name; \"" + CHOSEN + "\" for the one that an engine takes (so unless given), \"" + ALL
                    + "\" for every one that serves but the definition.")
    private List<String> algorithms;

    private double seconds = 1;
    private Double warmUp;

    @Option(names = "--csv", paramLabel = "FILE", description = "Also write the measurements to a CSV file.")
    private Path csv;

    private int freshJvms;

    @Option(names = "--fused", description = "Behind each forward a row for the same with a bias and a ReLU, as a network computes it: in one"
            + " call where the backend has one for it (cuDNN), otherwise in steps.")
    private boolean fused;

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

    @Option(names = "--warm-up", paramLabel = "S", description = "Time to run before each row is measured; half of --seconds, at least "
            + LEAST_WARM_UP_SECONDS + ", unless given. A GPU needs less: its code does not change while it runs.")
    void setWarmUp(double value) {
        if (!(value >= 0 && value <= 3600)) {
            throw new ParameterException(command.commandLine(), "--warm-up is " + value + "; allowed: 0..3600");
        }
        warmUp = value;
    }

    @Option(names = "--fresh-jvms", paramLabel = "N", description = "Measure everything in N new JVMs, one after the other, and tell how"
            + " much slower the slowest is: the JIT compiler does not do the same in all of them.")
    void setFreshJvms(int value) {
        if (value < 1 || value > 1000) {
            throw new ParameterException(command.commandLine(), "--fresh-jvms is " + value + "; allowed: 1..1000");
        }
        freshJvms = value;
    }

    @Override
    public Integer call() throws IOException {
        if (selection.isEmpty()) {
            throw new ParameterException(command.commandLine(), "nothing to measure: give --problem, --suite or --file");
        }
        if (fused && !operations.list().contains(ConvOperation.FORWARD)) {
            throw new ParameterException(command.commandLine(), "--fused is given with --operation " + operations
                    + "; allowed: with forward among them");
        }
        if (freshJvms > 0) {
            return new FreshJvms(console, freshJvms, command.root().commandLine().getParseResult().originalArgs()).run(csv);
        }
        List<ConvProblem> problems = problems();
        List<Backend> opened = backends.open(threads.threads());
        try {
            List<BenchRow> rows = plans(problems, opened).stream().flatMap(this::rows).toList();
            try (LineFile csvFile = csv == null ? null : LineFile.begin(csv);
                    BenchDisplay display = new BenchDisplay(console, opened, rows, csvFile)) {
                return run(rows, opened, display) ? 0 : JConv.MISMATCH;
            }
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

    /** Choosing by measuring takes its time, so progress is shown. */
    private List<ConvPlan> plans(List<ConvProblem> problems, List<Backend> opened) {
        List<ConvPlan> plans = new ArrayList<>();
        List<Form> forms = forms();
        List<ConvOperation> all = operations.list();
        try (Progress progress = new Progress(console, autotune.isAsked() ? "autotune" : "choose",
                problems.size() * forms.size() * opened.size() * algorithms.size() * all.size())) {
            int done = 0;
            for (ConvProblem problem : problems) {
                for (Form form : forms) {
                    for (Backend backend : opened) {
                        for (String algorithm : algorithms) {
                            for (ConvOperation operation : all) {
                                ConvRequest request = filters.applied(new ConvRequest(problem, operation, form.type, form.layout));
                                progress.at(done++, request.toString());
                                plans.addAll(plans(backend, algorithm, request));
                            }
                        }
                    }
                }
            }
        }
        return plans;
    }

    private Stream<BenchRow> rows(ConvPlan plan) {
        var plain = new BenchRow(plan, false);
        return fused && plan.request().operation() == ConvOperation.FORWARD ? Stream.of(plain, new BenchRow(plan, true)) : Stream.of(plain);
    }

    private List<Form> forms() {
        return types.orElse(List.of(DataType.FLOAT32)).stream()
                .flatMap(type -> layouts.orElse(List.of(Layout.NCHW)).stream().map(layout -> new Form(type, layout))).toList();
    }

    private List<ConvPlan> plans(Backend backend, String algorithm, ConvRequest request) {
        if (algorithm.equals(ALL)) {
            List<ConvPlan> plans = new ArrayList<>();
            for (ConvAlgorithm each : backend.algorithms()) {
                BackendSubject subject = new BackendSubject(backend, each);
                if ((strict.isAsked() ? subject.strict() : subject).supports(request).yes() && !subject.isDefinition()) {
                    plans.add(new ConvPlan(request, backend.name(), each, "one of all", List.of()));
                }
            }
            return plans;
        }
        AlgorithmChooser chooser = algorithm.equals(CHOSEN) ? autotune.chooser(backend, strict) : strict.fixed(algorithm);
        return List.of(chooser.choose(request, backend.name(), backend.algorithms(), ConvEngine.DEFAULT_WORKSPACE_LIMIT));
    }

    /** Whether everything was right. */
    private boolean run(List<BenchRow> rows, List<Backend> opened, BenchDisplay display) {
        double before = warmUp == null ? Math.max(LEAST_WARM_UP_SECONDS, seconds / 2) : warmUp;
        ConvBenchmark.Effort effort = new ConvBenchmark.Effort(before, seconds, MIN_RUNS, PATIENCE);
        BenchVerification verification = new BenchVerification(rows, opened);
        Readiness readiness = new Readiness();
        boolean right = true;
        for (BenchRow row : rows) {
            ConvPlan plan = row.plan();
            display.begin(row);
            Backend backend = opened.stream().filter(b -> b.name().equals(plan.backend())).findFirst().orElseThrow();
            List<Mismatch> mismatches = verification.mismatches(row);
            if (mismatches.isEmpty()) {
                readiness.await(List.of(plan.algorithm()));
                var benchmark = new ConvBenchmark(backend, threads.threads(), effort);
                display.show(row.fused() ? benchmark.measureFused(plan) : benchmark.measure(plan));
            } else {
                display.showWrong(row, mismatches.get(0));
                right = false;
            }
        }
        return right;
    }
}
