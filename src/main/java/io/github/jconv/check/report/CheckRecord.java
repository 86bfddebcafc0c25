package io.github.jconv.check.report;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;

/**
 * One check of one subject.
 *
 * @param suite      the suite of the problem
 * @param subject    what was checked
 * @param problem    the problem line
 * @param tier       the kind of evidence; null when the subject does not serve the request at all
 * @param check      the name of the check within its tier
 * @param outcome    how it ended
 * @param detail     why it was skipped or what is wrong; empty when it passed
 * @param worstRatio the largest error/bound of the elements compared; 0 where equality was demanded and found
 * @param compared   elements compared with the reference; 0 when the check is of another kind
 * @param elements   elements that the output has, 0 likewise; more than {@code compared} when only a sample was compared
 * @param pivot      the subject with whose whole output this one's was compared where the reference covers a sample, or null
 * @param seconds    time of the check, without the reference that all subjects share
 */
public record CheckRecord(String suite, String subject, String problem, ConvOperation operation, DataType dataType, Tier tier,
                          String check, Outcome outcome, String detail, double worstRatio, long compared, long elements,
                          String pivot, double seconds) {

    /** How a check can end. */
    public enum Outcome { PASSED, FAILED, SKIPPED }

    /** Whether the reference was computed for a sample of the elements only. */
    public boolean sampled() {
        return compared < elements;
    }
}
