package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs every check of every subject on every problem, and adds up what comes out. */
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
        return new CheckReport(settings.seed(), names(subjects), Environment.describe(), settings.notes(), reports,
                complete ? CheckReport.Ending.COMPLETE : deadline.ending(), deadline.seconds());
    }

    private SuiteReport run(Suite suite) {
        SuiteTally tally = new SuiteTally(suite.name, suite.items.size(), names(subjects));
        settings.listener().suiteStarted(suite.name, suite.items.size());
        for (int i = 0; i < suite.items.size() && !deadline.over(); i++) {
            CheckItem item = suite.items.get(i);
            tally.begin(item.problem());
            settings.listener().problemStarted(suite.name, item.problem(), i);
            boolean complete = run(suite.name, item, tally);
            if (complete) {
                tally.problemDone();
                settings.listener().problemDone(suite.name, item.problem(), i);
            }
        }
        return tally.report();
    }

    /** Whether everything was run before the deadline. */
    private boolean run(String suite, CheckItem item, SuiteTally tally) {
        boolean complete = true;
        for (ConvOperation operation : settings.operations()) {
            for (CheckItem.Round round : item.rounds(operation, settings)) {
                for (DataType type : settings.dataTypes()) {
                    complete = complete && (round.checks().isEmpty()
                            || run(suite, new ConvRequest(round.problem(), operation, type), round, tally));
                }
            }
        }
        return complete;
    }

    private boolean run(String suite, ConvRequest request, CheckItem.Round round, SuiteTally tally) {
        List<ConvolutionUnderTest> serving = new ArrayList<>();
        for (ConvolutionUnderTest subject : subjects) {
            Support support = Reach.of(subject, request, round.large(), settings);
            if (support.yes()) {
                serving.add(subject);
            } else {
                publish(suite, request, subject, null, new CheckGroup.Timed(Outcome.skipped(null, support.reason()), 0), tally);
            }
        }
        RequestContext context = new RequestContext(request, settings, serving);
        boolean complete = true;
        for (Check check : round.checks()) {
            if (!serving.isEmpty() && check.appliesTo(context)) {
                complete = complete && run(suite, check, context, tally);
            }
        }
        return complete;
    }

    /** One check of all subjects, and whether it reached them all before the deadline; who is wrong is told when all are known. */
    private boolean run(String suite, Check check, RequestContext context, SuiteTally tally) {
        CheckGroup group = new CheckGroup(check, context, deadline);
        Map<ConvolutionUnderTest, CheckGroup.Timed> outcomes = group.run();
        outcomes.forEach((subject, timed) -> publish(suite, context.request(), subject, check, timed, tally));
        Verdicts verdicts = new Verdicts(outcomes);
        for (ConvolutionUnderTest subject : verdicts.outside()) {
            ConvRequest shrunk = shrinker.shrink(check, subject, verdicts.outcome(subject), context.request());
            Mismatch mismatch = verdicts.mismatch(suite, context.request(), check, subject, shrunk, settings.seed());
            tally.add(mismatch);
            settings.listener().mismatched(mismatch);
        }
        return !group.brokenOff();
    }

    private void publish(String suite, ConvRequest request, ConvolutionUnderTest subject, Check check, CheckGroup.Timed timed,
                         SuiteTally tally) {
        Outcome outcome = timed.outcome();
        Comparison comparison = outcome.comparison();
        CheckRecord published = new CheckRecord(suite, subject.name(), request.problem().toString(), request.operation(),
                request.dataType(), outcome.tier(), check == null ? "supports" : check.name(), outcome.kind(), outcome.finding(),
                comparison == null ? 0 : comparison.worstRatio(), comparison == null ? 0 : comparison.compared(),
                comparison == null ? 0 : comparison.elements(), outcome.pivot(), timed.seconds());
        tally.add(published, comparison == null ? null : comparison.ratios());
        settings.listener().checked(published);
    }

    private static List<String> names(List<ConvolutionUnderTest> subjects) {
        return subjects.stream().map(ConvolutionUnderTest::name).toList();
    }
}
