package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.check.report.CheckKey;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.SubjectResult;
import io.github.jconv.check.report.TimeRecord;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs every check of every subject on one problem of a suite, then times the subjects that were found right. */
final class ItemRun {

    private final String suite;
    private final CheckItem item;
    private final CheckSettings settings;
    private final List<ConvolutionUnderTest> subjects;
    private final Deadline deadline;
    private final FailureShrinker shrinker;
    private final Findings findings;

    ItemRun(String suite, CheckItem item, CheckSettings settings, List<ConvolutionUnderTest> subjects, Deadline deadline,
            FailureShrinker shrinker, Findings findings) {
        this.suite = suite;
        this.item = item;
        this.settings = settings;
        this.subjects = subjects;
        this.deadline = deadline;
        this.shrinker = shrinker;
        this.findings = findings;
    }

    /** Whether everything was run before the deadline. */
    boolean run() {
        boolean complete = true;
        for (ConvOperation operation : item.operations(settings)) {
            List<CheckItem.Round> rounds = item.rounds(operation, settings);
            for (DataType type : item.dataTypes(settings)) {
                for (Layout layout : item.layouts(settings)) {
                    complete = complete && run(new ConvRequest(item.problem(), operation, type, layout), rounds);
                }
            }
        }
        return complete;
    }

    private boolean run(ConvRequest request, List<CheckItem.Round> rounds) {
        Set<String> wrong = new HashSet<>();
        boolean complete = true;
        for (CheckItem.Round round : rounds) {
            complete = complete && (round.checks().isEmpty() || run(request.with(round.problem()), round, wrong));
        }
        return complete && (settings.timer() == SubjectTimer.NONE || time(request, wrong));
    }

    private boolean run(ConvRequest request, CheckItem.Round round, Set<String> wrong) {
        List<ConvolutionUnderTest> serving = serving(request, round);
        RequestContext context = new RequestContext(request, settings, serving);
        boolean complete = true;
        for (Check check : round.checks()) {
            if (!serving.isEmpty() && check.appliesTo(context)) {
                complete = complete && run(check, context, wrong);
            }
        }
        return complete;
    }

    /** The subjects that serve a request; why the others do not is recorded. */
    private List<ConvolutionUnderTest> serving(ConvRequest request, CheckItem.Round round) {
        List<ConvolutionUnderTest> serving = new ArrayList<>();
        List<SubjectResult> refusals = new ArrayList<>();
        for (ConvolutionUnderTest subject : subjects) {
            Support support = Reach.of(subject, request, round.large(), settings);
            if (support.yes()) {
                serving.add(subject);
            } else {
                refusals.add(SubjectResult.skipped(subject.name(), support.reason()));
            }
        }
        if (!refusals.isEmpty()) {
            CheckRecord record = new CheckRecord(key(request, null), refusals, List.of());
            findings.checked(record, settings.memory().recall(record.key()) != null);
        }
        return serving;
    }

    /** One check of all subjects, and whether it reached them all before the deadline; who is wrong is told when all are known. */
    private boolean run(Check check, RequestContext context, Set<String> wrong) {
        CheckKey key = key(context.request(), check);
        CheckRecord record = settings.memory().recall(key);
        boolean known = record != null;
        boolean complete = true;
        if (!known) {
            CheckGroup group = new CheckGroup(check, context, deadline);
            record = record(key, check, context, group.run());
            complete = !group.brokenOff();
        }
        findings.checked(record, known || !complete);
        for (Mismatch mismatch : record.mismatches()) {
            wrong.add(mismatch.subject());
            findings.mismatched(mismatch);
        }
        return complete;
    }

    private CheckRecord record(CheckKey key, Check check, RequestContext context, Map<ConvolutionUnderTest, CheckGroup.Timed> outcomes) {
        List<SubjectResult> results = new ArrayList<>();
        outcomes.forEach((subject, timed) -> results.add(timed.outcome().result(subject.name(), timed.seconds())));
        Verdicts verdicts = new Verdicts(outcomes);
        List<Mismatch> mismatches = new ArrayList<>();
        for (ConvolutionUnderTest subject : verdicts.outside()) {
            ConvRequest shrunk = shrinker.shrink(check, subject, verdicts.outcome(subject), context.request());
            mismatches.add(verdicts.mismatch(suite, context.request(), check, subject, shrunk, settings.seed()));
        }
        return new CheckRecord(key, results, mismatches);
    }

    private CheckKey key(ConvRequest request, Check check) {
        return new CheckKey(suite, request.problem().toString(), request.operation(), request.dataType(), request.layout(),
                check == null ? null : check.tier(), check == null ? CheckKey.SUPPORTS : check.name());
    }

    /** Whether every subject that is worth it was timed before the deadline: those that suit the request and were never wrong. */
    private boolean time(ConvRequest request, Set<String> wrong) {
        boolean large = request.problem().macs() > settings.effort().problem();
        if (request.problem().macs() > settings.effort().whole()) {
            return true;
        }
        for (ConvolutionUnderTest subject : subjects) {
            if (!wrong.contains(subject.name()) && !subject.isDefinition() && Reach.of(subject, request, large, settings).yes()) {
                if (deadline.over()) {
                    return false;
                }
                time(subject, request);
            }
        }
        return true;
    }

    private void time(ConvolutionUnderTest subject, ConvRequest request) {
        TimeRecord untimed = new TimeRecord(suite, subject.name(), request.problem().toString(), request.operation(),
                request.dataType(), request.layout(), "", Double.NaN, 0);
        TimeRecord known = settings.memory().recall(untimed);
        if (known != null) {
            findings.timed(known, true);
            return;
        }
        settings.timer().time(subject, request)
                .ifPresent(timing -> findings.timed(untimed.measured(timing.operandType(), timing.medianSeconds(), timing.runs()), false));
    }
}
