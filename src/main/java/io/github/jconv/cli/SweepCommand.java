package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.bench.BackendCeilings;
import io.github.jconv.bench.BackendTimer;
import io.github.jconv.check.CheckListener;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.Effort;
import io.github.jconv.check.Environment;
import io.github.jconv.check.ScopedProblem;
import io.github.jconv.check.random.RandomProblems;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.TimeRecord;
import io.github.jconv.check.sweep.FailureFiles;
import io.github.jconv.check.sweep.SweepArguments;
import io.github.jconv.check.sweep.SweepHeader;
import io.github.jconv.check.sweep.SweepJournal;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Checks and times every algorithm of every backend on many problems, and writes down what it finds as it goes. */
@Command(name = "sweep", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        abbreviateSynopsis = true, sortOptions = false,
        description = {"Checks and times every algorithm of every backend that serves the problems, resumably.",
            "All checks of jconv check. What is wrong is reduced to a minimal problem; what is right is timed. With --out, what is"
                + " found is written down at once, and the same command goes on where it was broken off.", ""},
        footer = {"", "Examples:",
            "  jconv sweep --random 2000 --seed 7 --out sweep.jsonl --report sweep.html",
            "  jconv sweep --file layers.txt --backend cuda,cudnn --time-limit 2h --out h200.jsonl --failures wrong/",
            "  jconv diff before.jsonl after.jsonl"})
final class SweepCommand implements Callable<Integer> {

    private static final double CEILING_SECONDS = 0.5;
    private static final int MOST_RANDOM = 1_000_000;

    private final Console console;

    @Spec
    private CommandSpec command;

    @Mixin
    private ProblemSelection selection;

    private int random;

    @Mixin
    private final SubjectsOption subjects;

    @Mixin
    private ScopeOption scope;

    @Mixin
    private ThreadsOption threads;

    @Mixin
    private ReductionOption reduction;

    @Mixin
    private TimeLimitOption timeLimit;

    @Mixin
    private ReportOption reports;

    @Mixin
    private SeedOption seedOption;

    @Option(names = "--out", paramLabel = "FILE.jsonl",
            description = "Write a line of JSON per check as it goes; where the file is there, go on where it ends.")
    private Path out;

    @Option(names = "--failures", paramLabel = "DIR",
            description = "Write what is wrong to DIR/" + FailureFiles.LINES + ", which check --file replays, and as a JUnit test; once"
                    + " nothing is wrong, both are removed.")
    private Path failures;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "5",
            description = "Runs to take the median time of; 0 times nothing, ${DEFAULT-VALUE} unless given.")
    private int runs;

    SweepCommand(Console console, BackendsOption.Source source) {
        this.console = console;
        this.subjects = new SubjectsOption(source);
    }

    @Option(names = "--random", paramLabel = "N", description = "N random problems, in which every two circumstances come"
            + " together: dimensions, groups, strides, dilations, paddings, sizes around those of tiles, ...; in every type of"
            + " tensors unless --type is given, in both layouts unless --layout is.")
    void setRandom(int count) {
        if (count < 1 || count > MOST_RANDOM) {
            throw new ParameterException(command.commandLine(), "--random is " + count + "; allowed: 1.." + MOST_RANDOM);
        }
        random = count;
    }

    @Override
    public Integer call() {
        if (selection.isEmpty() && random == 0) {
            throw new ParameterException(command.commandLine(), "nothing to check: give --random, --suite, --problem or --file");
        }
        if (failures != null && !isFolderToBe(failures)) {
            throw new ParameterException(command.commandLine(), "--failures is " + failures + ", which is no folder that can be written to");
        }
        if (out != null && !isFileToBe(out)) {
            throw new ParameterException(command.commandLine(), "--out is " + out + ", which is no file that can be written to");
        }
        if (runs < 0) {
            throw new ParameterException(command.commandLine(), "--runs is " + runs + "; allowed: 0 and up");
        }
        ScopedSelection selected = selection.readScoped(scope.given(seedOption));
        return JConv.with(selected.properties(), () -> sweep(selected));
    }

    private int sweep(ScopedSelection selected) {
        long seed = seedOption.seed(selected);
        RandomProblems drawn = random == 0 ? null : RandomProblems.of(random, seed, scope.typesOrElse(List.of(DataType.values())),
                scope.layoutsOrElse(List.of(Layout.values())));
        List<Backend> opened = subjects.open(threads.threads());
        try {
            return JConv.exitCode(run(selected, drawn, seed, opened));
        } finally {
            opened.forEach(Backend::close);
        }
    }

    /** Whether this is a folder that can be written to, or can become one: found out before the checks, not after them. */
    private static boolean isFolderToBe(Path folder) {
        Path there = folder.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        return Files.isDirectory(there) && Files.isWritable(there);
    }

    private static boolean isFileToBe(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return Files.exists(file) ? !Files.isDirectory(file) && Files.isWritable(file)
                : Files.isDirectory(folder) && Files.isWritable(folder);
    }

    private CheckReport run(ScopedSelection selected, RandomProblems drawn, long seed, List<Backend> opened) {
        List<ConvolutionUnderTest> checked = subjects.of(opened);
        CrossCheck check = CrossCheck.of(checked).seed(seed);
        scope.applyTo(check);
        Map<String, Integer> sizes = new LinkedHashMap<>();
        Fingerprint problems = new Fingerprint();
        for (ScopedSelection.Suite suite : selected.suites()) {
            List<ScopedProblem> reduced = reduction.apply(suite);
            problems.add(suite.name(), reduced);
            check.onScoped(suite.name(), reduced);
            sizes.put(suite.name(), reduced.size());
        }
        reduction.notes(selected).forEach(note -> {
            check.note(note);
            console.out().println(note);
        });
        if (drawn != null) {
            problems.add(drawn.name(), drawn.list());
            check.on(drawn);
            sizes.put(drawn.name(), drawn.list().size());
        }
        int count = sizes.values().stream().mapToInt(Integer::intValue).sum();
        check.effort(Effort.forProblems(count));
        if (timeLimit.limit() != null) {
            check.timeLimit(timeLimit.limit());
        }
        try (SweepJournal journal = journal(opened, checked, problems, seed); SubjectLanes lanes = new SubjectLanes()) {
            if (runs == 0) {
                lanes.addTo(check, opened, threads.threads(), count, subjects);
            }
            return run(check, journal, opened, sizes);
        }
    }

    private CheckReport run(CrossCheck check, SweepJournal journal, List<Backend> opened, Map<String, Integer> sizes) {
        if (journal != null) {
            journal.message().ifPresent(console.out()::println);
            check.recalling(journal).listener(writingTo(journal));
        }
        if (runs > 0) {
            check.timed(new BackendTimer(threads.threads(), runs), BackendCeilings.measure(opened, CEILING_SECONDS));
        }
        try (CheckDisplay display = new CheckDisplay(console, "sweep", sizes)) {
            CheckReport report = check.listener(display).cancelWhen(display::interrupted).run();
            if (failures != null) {
                writeFailures(report, display);
            }
            display.summary(report);
            reports.write(report);
            return report;
        }
    }

    /** What is right again must not look wrong for ever; but what was not reached may still be wrong. */
    private void writeFailures(CheckReport report, CheckDisplay display) {
        if (!report.agrees()) {
            FailureFiles.write(report, failures, ScopedSelection.propertiesInForce(), ScopedSelection.optionsInForce())
                    .forEach(file -> display.println("What is wrong is in " + file));
        } else if (report.ending() == CheckReport.Ending.COMPLETE && report.checks() > 0) {
            FailureFiles.remove(failures)
                    .forEach(file -> display.println("Nothing is wrong, so " + file + " of an earlier run is removed"));
        } else {
            FailureFiles.earlier(failures).forEach(file -> display.println(file + " is of an earlier run"));
        }
    }

    /** Null without --out. */
    private SweepJournal journal(List<Backend> opened, List<ConvolutionUnderTest> checked, Fingerprint problems, long seed) {
        if (out == null) {
            return null;
        }
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("problems", problems.toString());
        arguments.put("--seed", String.valueOf(seed));
        arguments.putAll(scope.describe());
        arguments.put("--threads", String.valueOf(threads.threads()));
        arguments.put("--runs", String.valueOf(runs));
        opened.forEach(backend -> arguments.put("backend " + backend.name(), backend.description()));
        arguments.put("algorithms", String.join(",", checked.stream().map(ConvolutionUnderTest::name).toList()));
        return SweepJournal.open(out, new SweepHeader(SweepHeader.FORMAT, new SweepArguments(arguments), Environment.describe(),
                BuildIdentity.text()));
    }

    private static CheckListener writingTo(SweepJournal journal) {
        return new CheckListener() {
            @Override
            public void checked(CheckRecord check) {
                journal.write(check);
            }

            @Override
            public void timed(TimeRecord time) {
                journal.write(time);
            }
        };
    }
}
