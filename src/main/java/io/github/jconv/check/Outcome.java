package io.github.jconv.check;

import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.ErrorDistribution;
import io.github.jconv.check.report.SubjectResult;
import io.github.jconv.check.report.Tier;

/**
 * How one check of one subject ended.
 *
 * @param kind       passed, failed or skipped
 * @param tier       whose evidence it is: not the check's own when a run damaged memory
 * @param finding    why it was skipped or what is wrong; empty when passed
 * @param comparison the elements compared, or null
 * @param pivot      the subject with whose whole output this one's was compared, or null
 * @param wrong      the result where it lies outside its bound, or null
 * @param thrown     what kind of thing the subject threw, or null
 */
record Outcome(CheckRecord.Outcome kind, Tier tier, String finding, Comparison comparison, String pivot, WrongResult wrong,
               Class<? extends Throwable> thrown) {

    private Outcome(CheckRecord.Outcome kind, Tier tier, String finding, Comparison comparison) {
        this(kind, tier, finding, comparison, null, null, null);
    }

    static Outcome passed(Tier tier) {
        return new Outcome(CheckRecord.Outcome.PASSED, tier, "", null);
    }

    static Outcome skipped(Tier tier, String because) {
        return new Outcome(CheckRecord.Outcome.SKIPPED, tier, because, null);
    }

    static Outcome failed(Tier tier, String finding) {
        return new Outcome(CheckRecord.Outcome.FAILED, tier, finding, null);
    }

    /** The subject threw. */
    static Outcome failed(Tier tier, SubjectFailure failure) {
        return new Outcome(CheckRecord.Outcome.FAILED, tier, failure.getMessage(), null, null, null, failure.getCause().getClass());
    }

    /** Passed or failed, as the elements are. */
    static Outcome of(Tier tier, Comparison comparison) {
        return comparison.agrees() ? new Outcome(CheckRecord.Outcome.PASSED, tier, "", comparison)
                : new Outcome(CheckRecord.Outcome.FAILED, tier, comparison.finding(), comparison);
    }

    Outcome withPivot(String name) {
        return new Outcome(kind, tier, finding, comparison, name, wrong, thrown);
    }

    Outcome withWrong(WrongResult result) {
        return new Outcome(kind, tier, finding, comparison, pivot, result, thrown);
    }

    /** As a report shows it. */
    SubjectResult result(String subject, double seconds) {
        if (comparison == null) {
            return new SubjectResult(subject, kind, finding, 0, 0, 0, pivot, seconds, null);
        }
        ErrorDistribution distribution = comparison.ratios().distribution();
        return new SubjectResult(subject, kind, finding, comparison.worstRatio(), comparison.compared(), comparison.elements(), pivot,
                seconds, distribution.elements() == 0 ? null : distribution);
    }

    /** Whether both failed and may have the same cause: by evidence of one tier, with a wrong result or throwing the same. */
    boolean failedLike(Outcome other) {
        return failed() && other.failed() && tier == other.tier && thrown == other.thrown;
    }

    boolean failed() {
        return kind == CheckRecord.Outcome.FAILED;
    }

    boolean skipped() {
        return kind == CheckRecord.Outcome.SKIPPED;
    }
}
