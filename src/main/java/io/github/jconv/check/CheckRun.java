package io.github.jconv.check;

import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

/** Runs every check of every subject on every problem of some suites. */
final class CheckRun {

    /** Problems with their checks, under a name. */
    record Suite(String name, List<CheckItem> items) {

        Suite {
            items = List.copyOf(items);
        }
    }

    private final CheckSettings settings;
    private final List<List<ConvolutionUnderTest>> lanes;
    private final List<Suite> suites;
    private final Deadline deadline;
    private final FailureShrinker shrinker;

    /** @param lanes the subjects; where there are several lists, each has the same ones once more, and problems are shared among them */
    CheckRun(CheckSettings settings, List<List<ConvolutionUnderTest>> lanes, List<Suite> suites) {
        this.settings = settings;
        this.lanes = List.copyOf(lanes);
        this.suites = List.copyOf(suites);
        this.deadline = new Deadline(settings.timeLimit(), settings.cancelled());
        this.shrinker = new FailureShrinker(settings, deadline);
    }

    CheckReport run() {
        List<SuiteReport> reports = new ArrayList<>();
        for (Suite suite : suites) {
            if (deadline.over()) {
                break;
            }
            SuiteReport report = run(suite);
            reports.add(report);
            settings.listener().suiteDone(report);
        }
        boolean complete = reports.size() == suites.size() && reports.stream().allMatch(r -> r.done() == r.problems());
        return new CheckReport(settings.seed(), names(), Environment.describe(), settings.notes(),
                settings.ceilings(), reports,
                complete ? CheckReport.Ending.COMPLETE : deadline.ending(), deadline.seconds());
    }

    private SuiteReport run(Suite suite) {
        SuiteTally tally = new SuiteTally(suite.name, suite.items.size(), names());
        settings.listener().suiteStarted(suite.name, suite.items.size());
        if (lanes.size() == 1) {
            oneByOne(suite, tally);
        } else {
            sideBySide(suite, tally);
        }
        return tally.report();
    }

    private void oneByOne(Suite suite, SuiteTally tally) {
        for (int i = 0; i < suite.items.size() && !deadline.over(); i++) {
            begin(suite, tally, i);
            if (run(suite, i, lanes.get(0), Findings.toldAtOnce(tally, settings.listener()))) {
                done(suite, tally, i);
            }
        }
    }

    /** A problem that was checked, perhaps not wholly; null for one that the deadline came before. */
    private record Checked(Findings findings, boolean complete) {
    }

    /** As many problems at the same time as there are lanes, but for large ones; what was found is told in the order of the suite. */
    private void sideBySide(Suite suite, SuiteTally tally) {
        try (Lanes<List<ConvolutionUnderTest>> beside = new Lanes<>(lanes)) {
            Room room = Room.onHeap(lanes.size());
            List<Future<Checked>> running = new ArrayList<>();
            for (int i = 0; i < suite.items.size(); i++) {
                int index = i;
                long bytes = suite.items.get(i).problem().tensorBytes(DataType.FLOAT64);
                running.add(beside.submit(subjects -> room.run(bytes, () -> check(suite, tally, index, subjects))));
            }
            for (int i = 0; i < running.size(); i++) {
                Checked checked = Lanes.await(running.get(i));
                if (checked != null) {
                    begin(suite, tally, i);
                    checked.findings.tell();
                    if (checked.complete) {
                        done(suite, tally, i);
                    }
                }
            }
        }
    }

    private Checked check(Suite suite, SuiteTally tally, int index, List<ConvolutionUnderTest> subjects) {
        Findings findings = Findings.held(tally, settings.listener());
        return deadline.over() ? null : new Checked(findings, run(suite, index, subjects, findings));
    }

    private boolean run(Suite suite, int index, List<ConvolutionUnderTest> subjects, Findings findings) {
        return new ItemRun(suite.name, suite.items.get(index), settings, subjects, deadline, shrinker, findings).run();
    }

    private void begin(Suite suite, SuiteTally tally, int index) {
        tally.begin(suite.items.get(index).problem());
        settings.listener().problemStarted(suite.name, suite.items.get(index).problem(), index);
    }

    private void done(Suite suite, SuiteTally tally, int index) {
        tally.problemDone();
        settings.listener().problemDone(suite.name, suite.items.get(index).problem(), index);
    }

    private List<String> names() {
        return lanes.get(0).stream().map(ConvolutionUnderTest::name).toList();
    }
}
