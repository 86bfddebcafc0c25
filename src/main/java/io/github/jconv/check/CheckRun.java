package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs every check of every subject on every problem, and adds up what comes out. */
final class CheckRun {

    /** Problems under a name. */
    record Suite(String name, List<ConvProblem> problems) {

        Suite {
            problems = List.copyOf(problems);
        }
    }

    /** Thrown between two checks to end the run early. */
    private static final class BrokenOff extends RuntimeException {

        private static final long serialVersionUID = 1L;
        private final CheckReport.Ending ending;

        BrokenOff(CheckReport.Ending ending) {
            super(null, null, false, false);
            this.ending = ending;
        }
    }

    private final CheckSettings settings;
    private final List<ConvolutionUnderTest> subjects;
    private final List<Suite> suites;
    private final List<Check> checks;
    private final long begin = System.nanoTime();

    CheckRun(CheckSettings settings, List<ConvolutionUnderTest> subjects, List<Suite> suites) {
        this.settings = settings;
        this.subjects = List.copyOf(subjects);
        this.suites = List.copyOf(suites);
        this.checks = CheckCatalog.of(settings.tiers());
    }

    CheckReport run() {
        List<SuiteReport> reports = new ArrayList<>();
        CheckReport.Ending ending = CheckReport.Ending.COMPLETE;
        for (Suite suite : suites) {
            SuiteTally tally = new SuiteTally(suite.name, suite.problems.size(), names(subjects));
            try {
                run(suite, tally);
            } catch (BrokenOff e) {
                ending = e.ending;
            }
            SuiteReport report = tally.report();
            reports.add(report);
            settings.listener().suiteDone(report);
            if (ending != CheckReport.Ending.COMPLETE) {
                break;
            }
        }
        return new CheckReport(settings.seed(), names(subjects), Environment.describe(), reports, ending, secondsSince(begin));
    }

    private void run(Suite suite, SuiteTally tally) {
        settings.listener().suiteStarted(suite.name, suite.problems.size());
        for (int i = 0; i < suite.problems.size(); i++) {
            ConvProblem problem = suite.problems.get(i);
            settings.listener().problemStarted(suite.name, problem, i);
            for (ConvOperation operation : settings.operations()) {
                for (DataType type : settings.dataTypes()) {
                    run(suite.name, new ConvRequest(problem, operation, type), tally);
                }
            }
            tally.problemDone();
            settings.listener().problemDone(suite.name, problem, i);
        }
    }

    private void run(String suite, ConvRequest request, SuiteTally tally) {
        List<ConvolutionUnderTest> serving = new ArrayList<>();
        for (ConvolutionUnderTest subject : subjects) {
            Support support = support(subject, request);
            if (support.yes()) {
                serving.add(subject);
            } else {
                publish(suite, request, subject, null, Outcome.skipped(null, support.reason()), 0, tally);
            }
        }
        RequestContext context = new RequestContext(request, settings, serving);
        for (Check check : checks) {
            if (!serving.isEmpty() && check.appliesTo(context)) {
                run(suite, check, context, tally);
            }
        }
    }

    private Support support(ConvolutionUnderTest subject, ConvRequest request) {
        boolean sampled = request.problem().macs() > settings.referenceBudget();
        return sampled && subject.isDefinition()
                ? Support.no("it is the definition itself, too slow for this problem; a sample of its elements is compared")
                : subject.supports(request);
    }

    /** One check of all subjects; who is wrong is told when all are known. */
    private void run(String suite, Check check, RequestContext context, SuiteTally tally) {
        Map<ConvolutionUnderTest, Outcome> outcomes = new LinkedHashMap<>();
        for (ConvolutionUnderTest subject : context.subjects()) {
            requireGoOn();
            long start = System.nanoTime();
            Outcome outcome = outcome(check, subject, context);
            outcomes.put(subject, outcome);
            publish(suite, context.request(), subject, check, outcome, secondsSince(start), tally);
        }
        Verdicts verdicts = new Verdicts(outcomes);
        for (ConvolutionUnderTest subject : verdicts.outside()) {
            Mismatch mismatch = verdicts.mismatch(suite, context.request(), check, subject, settings.seed());
            tally.add(mismatch);
            settings.listener().mismatched(mismatch);
        }
    }

    private static Outcome outcome(Check check, ConvolutionUnderTest subject, RequestContext context) {
        try {
            return check.run(subject, context);
        } catch (HygieneViolation e) {
            return Outcome.failed(Tier.HYGIENE, e.getMessage());
        } catch (RuntimeException | AssertionError | LinkageError | StackOverflowError e) {
            return Outcome.failed(check.tier(), "threw " + e);
        }
    }

    private void publish(String suite, ConvRequest request, ConvolutionUnderTest subject, Check check, Outcome outcome,
                         double seconds, SuiteTally tally) {
        Comparison comparison = outcome.comparison();
        long elements = request.operation().outputShape(request.problem()).elements();
        CheckRecord published = new CheckRecord(suite, subject.name(), request.problem().toString(), request.operation(),
                request.dataType(), outcome.tier(), check == null ? "supports" : check.name(), outcome.kind(), outcome.finding(),
                comparison == null ? 0 : comparison.worstRatio(), comparison == null ? elements : comparison.compared(), elements,
                seconds);
        tally.add(published, comparison == null ? null : comparison.ratios());
        settings.listener().checked(published);
    }

    private void requireGoOn() {
        if (settings.cancelled().getAsBoolean()) {
            throw new BrokenOff(CheckReport.Ending.CANCELLED);
        }
        if (settings.timeLimit() != null && System.nanoTime() - begin > settings.timeLimit().toNanos()) {
            throw new BrokenOff(CheckReport.Ending.TIME_LIMIT);
        }
    }

    private static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) * 1e-9;
    }

    private static List<String> names(List<ConvolutionUnderTest> subjects) {
        return subjects.stream().map(ConvolutionUnderTest::name).toList();
    }
}
