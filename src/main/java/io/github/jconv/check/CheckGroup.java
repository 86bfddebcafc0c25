package io.github.jconv.check;

import io.github.jconv.check.report.Tier;
import java.util.LinkedHashMap;
import java.util.Map;

/** One check of all subjects that serve a request. */
final class CheckGroup {

    /** An outcome and the seconds that it took. */
    record Timed(Outcome outcome, double seconds) {
    }

    private final Check check;
    private final RequestContext context;
    private final Deadline deadline;
    private boolean brokenOff;

    CheckGroup(Check check, RequestContext context, Deadline deadline) {
        this.check = check;
        this.context = context;
        this.deadline = deadline;
    }

    /**
     * The outcome for each subject; fewer when the deadline came first.
     *
     * <p>Where two subjects disagree on elements that the sample does not contain, these are added to it, and the group begins
     * again: now the reference decides. Each time at least one subject more is found wrong, so this ends.
     */
    Map<ConvolutionUnderTest, Timed> run() {
        while (true) {
            try {
                return runOnce();
            } catch (Disagreement e) {
                context.addToSample(e.indices());
            }
        }
    }

    /** Whether the deadline came before the last subject. */
    boolean brokenOff() {
        return brokenOff;
    }

    private Map<ConvolutionUnderTest, Timed> runOnce() {
        Map<ConvolutionUnderTest, Timed> outcomes = new LinkedHashMap<>();
        check.prepare(context);
        for (ConvolutionUnderTest subject : context.subjects()) {
            if (deadline.over()) {
                brokenOff = true;
                break;
            }
            if (check.concerns(subject)) {
                long start = System.nanoTime();
                outcomes.put(subject, new Timed(outcome(check, subject, context), (System.nanoTime() - start) * 1e-9));
            }
        }
        return outcomes;
    }

    static Outcome outcome(Check check, ConvolutionUnderTest subject, RequestContext context) {
        try {
            return check.run(subject, context);
        } catch (HygieneViolation e) {
            return Outcome.failed(Tier.HYGIENE, e.getMessage());
        } catch (SubjectFailure e) {
            return Outcome.failed(check.tier(), e);
        }
    }
}
