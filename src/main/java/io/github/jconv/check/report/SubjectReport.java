package io.github.jconv.check.report;

import io.github.jconv.algorithm.FilterUse;

/**
 * What a suite says about one subject.
 *
 * @param checks       checks done, passed or failed
 * @param failed       checks failed
 * @param skipped      checks that did not apply or that the subject does not serve
 * @param worst        its largest error/bound, or null when nothing was compared within a bound
 * @param distribution error/bound of every element that was compared within a bound
 * @param seconds      time of its checks
 */
public record SubjectReport(String subject, long checks, long failed, long skipped, WorstError worst,
                            ErrorDistribution distribution, double seconds) {

    /** Whether this is an algorithm with constant filters of which it kept nothing, so that there is only the one without to tell of. */
    public boolean saysNothing() {
        return checks == 0 && subject.endsWith(FilterUse.CONSTANT.mark());
    }
}
