package io.github.jconv.check.report;

/**
 * What one check found about one subject.
 *
 * @param subject      what was checked
 * @param outcome      how it ended
 * @param detail       why it was skipped or what is wrong; empty when it passed
 * @param worstRatio   the largest error/bound of the elements compared; 0 where equality was demanded and found
 * @param compared     elements compared with the reference; 0 when the check is of another kind
 * @param elements     elements that the output has, 0 likewise; more than {@code compared} when only a sample was compared
 * @param pivot        the subject with whose whole output this one's was compared where the reference covers a sample, or null
 * @param seconds      time of the check, without the reference that all subjects share
 * @param distribution error/bound of every element that was compared within a bound, or null when none was
 */
public record SubjectResult(String subject, CheckRecord.Outcome outcome, String detail, double worstRatio, long compared,
                            long elements, String pivot, double seconds, ErrorDistribution distribution) {

    public SubjectResult {
        detail = detail == null ? "" : detail;
    }

    /** A subject that was spared a check. */
    public static SubjectResult skipped(String subject, String because) {
        return new SubjectResult(subject, CheckRecord.Outcome.SKIPPED, because, 0, 0, 0, null, 0, null);
    }

    /** Whether the reference was computed for a sample of the elements only. */
    public boolean sampled() {
        return compared < elements;
    }
}
