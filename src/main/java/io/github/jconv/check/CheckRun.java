package io.github.jconv.check;

import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.SuiteReport;
import java.util.ArrayList;
import java.util.List;

/** Runs every check of every subject on every problem of some suites. */
final class CheckRun {

    /** Problems with their checks, under a name. */
    record Suite(String name, List<CheckItem> items) {

        Suite {
            items = List.copyOf(items);
        }
    }

    private final CheckSettings settings;
    private final List<ConvolutionUnderTest> subjects;
    private final List<Suite> suites;
    private final Deadline deadline;
    private final FailureShrinker shrinker;

    CheckRun(CheckSettings settings, List<ConvolutionUnderTest> subjects, List<Suite> suites) {
        this.settings = settings;
        this.subjects = List.copyOf(subjects);
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
        return new CheckReport(settings.seed(), names(subjects), Environment.describe(), settings.notes(),
                settings.ceilings(), reports,
                complete ? CheckReport.Ending.COMPLETE : deadline.ending(), deadline.seconds());
    }

    private SuiteReport run(Suite suite) {
        SuiteTally tally = new SuiteTally(suite.name, suite.items.size(), names(subjects));
        settings.listener().suiteStarted(suite.name, suite.items.size());
        for (int i = 0; i < suite.items.size() && !deadline.over(); i++) {
            CheckItem item = suite.items.get(i);
            tally.begin(item.problem());
            settings.listener().problemStarted(suite.name, item.problem(), i);
            boolean complete = new ItemRun(suite.name, item, settings, subjects, deadline, shrinker, tally).run();
            if (complete) {
                tally.problemDone();
                settings.listener().problemDone(suite.name, item.problem(), i);
            }
        }
        return tally.report();
    }

    private static List<String> names(List<ConvolutionUnderTest> subjects) {
        return subjects.stream().map(ConvolutionUnderTest::name).toList();
    }
}
