package io.github.jconv.cli;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.Effort;
import io.github.jconv.check.EngineSubject;
import io.github.jconv.check.ScopedProblem;
import io.github.jconv.check.cases.OnnxCases;
import io.github.jconv.check.cases.OracleCases;
import io.github.jconv.check.cases.RecordedSuite;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.problem.ProblemSuites;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks every algorithm of every backend on suites of problems. */
@Command(name = "check", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        abbreviateSynopsis = true, sortOptions = false,
        description = {"Checks algorithms against the definition and against one another.",
            "Bit for bit on integers, within a derived bound on real numbers, by identities, and for what they must leave"
                + " alone. Without a selection: all bundled suites, every algorithm of every backend of this host, all"
                + " operations.", ""},
        footer = {"", "Examples:",
            "  jconv check --suite googlenet,dcgan --operation backward_data",
            "  jconv check --problem n2c6h7w9k4r3s2_sh2_ph1:0 --algorithm direct --shrink",
            "  jconv check --file layers.txt --deconv --max-macs 20M --report report.html"})
final class CheckCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private ProblemSelection selection;

    @Mixin
    private final SubjectsOption subjects;

    @Mixin
    private ScopeOption scope;

    @Mixin
    private ThreadsOption threads;

    @Mixin
    private AutotuneOption autotune;

    @Mixin
    private StrictOption strict;

    @Option(names = "--oracle", paramLabel = "DIR",
            description = "A folder with recorded cases: cases.jsonl and data.f64; see the README.")
    private List<Path> oracles = List.of();

    @Option(names = "--onnx", paramLabel = "DIR", description = "A folder with ONNX backend cases, listed in cases.tsv.")
    private List<Path> onnxFolders = List.of();

    @Mixin
    private ReductionOption reduction;

    @Mixin
    private ReportOption reports;

    @Mixin
    private SeedOption seed;

    @Option(names = "--full", description = "Compare every element with the definition, however long it takes. Otherwise, where"
            + " that takes long, whole outputs are compared between the algorithms, and a sample of elements, the corners and edges"
            + " among them, with the definition; with more than 8 problems, most checks of the large ones are made with fewer"
            + " channels, geometry whole. The summary says so.")
    private boolean full;

    @Option(names = "--shrink", description = "Reduce a failing problem to a minimal one that still fails.")
    private boolean shrink;

    CheckCommand(Console console, BackendsOption.Source source) {
        this.console = console;
        this.subjects = new SubjectsOption(source);
    }

    @Override
    public Integer call() {
        boolean recordedOnly = selection.isEmpty() && !(oracles.isEmpty() && onnxFolders.isEmpty());
        ScopedSelection selected = recordedOnly ? ScopedSelection.of(List.of())
                : selection.isEmpty() ? ScopedSelection.of(selection.inBatches(ProblemSuites.all()))
                : selection.readScoped(scope.given(seed));
        List<RecordedSuite> recorded = Stream.concat(oracles.stream().map(OracleCases::read),
                onnxFolders.stream().map(OnnxCases::read)).toList();
        return JConv.with(selected.properties(), () -> check(selected, recorded));
    }

    private int check(ScopedSelection selected, List<RecordedSuite> recorded) {
        List<Backend> opened = subjects.open(threads.threads());
        List<ConvEngine> tuned = new ArrayList<>();
        try {
            List<ConvolutionUnderTest> all = new ArrayList<>(subjects.of(opened, strict));
            if (autotune.isAsked()) {
                opened.forEach(backend -> tuned.add(autotune.open(backend.name(), threads.threads(), strict)));
                tuned.forEach(engine -> all.add(new EngineSubject(engine.backend().name() + ":autotuned", engine)));
            }
            return JConv.exitCode(run(selected, recorded, all, opened));
        } finally {
            tuned.forEach(ConvEngine::close);
            opened.forEach(Backend::close);
        }
    }

    private CheckReport run(ScopedSelection selected, List<RecordedSuite> recorded, List<ConvolutionUnderTest> all, List<Backend> opened) {
        CrossCheck check = CrossCheck.of(all).seed(seed.seed(selected)).shrink(shrink);
        scope.applyTo(check);
        Map<String, Integer> sizes = new LinkedHashMap<>();
        for (ScopedSelection.Suite suite : selected.suites()) {
            List<ScopedProblem> problems = reduction.apply(suite);
            check.onScoped(suite.name(), problems);
            sizes.put(suite.name(), problems.size());
        }
        check.effort(effort(sizes.values().stream().mapToInt(Integer::intValue).sum()));
        for (RecordedSuite suite : recorded) {
            check.on(suite);
            sizes.put(suite.name(), suite.cases().size());
        }
        reduction.notes(selected).forEach(note -> {
            check.note(note);
            console.out().println(note);
        });
        try (CheckDisplay display = new CheckDisplay(console, "check", sizes); SubjectLanes lanes = new SubjectLanes()) {
            if (!autotune.isAsked() && !strict.isAsked()) {
                lanes.addTo(check, opened, threads.threads(), sizes.values().stream().mapToInt(Integer::intValue).sum(), subjects);
            }
            CheckReport report = check.listener(display).cancelWhen(display::interrupted).run();
            display.summary(report);
            reports.write(report);
            return report;
        }
    }

    private Effort effort(int problems) {
        return full ? Effort.full() : Effort.forProblems(problems);
    }
}
