package io.github.jconv.check.report;

import java.util.List;

/**
 * What was found on one suite.
 *
 * @param problems    problems of the suite
 * @param done        problems whose checks were all run; fewer when the run was broken off
 * @param thinned     problems of which most checks were made on a thinner relative: the same geometry with fewer channels, groups or
 *                    images
 * @param thinnedOnly those among them that were not run as they are at all
 * @param unchecked   problems that none of the subjects could be checked on
 * @param checks      checks done, passed or failed
 * @param sampled     those among them that compared a sample of the elements with the reference, and whole outputs only with
 *                    another subject
 * @param worst       the largest error/bound of all subjects, or null
 * @param subjects    one report per subject
 * @param mismatches  every failed check
 * @param skipped     what was not checked and why
 * @param times       how long the subjects take; empty when nothing was timed
 * @param agreements  how often each two subjects had the same result
 * @param seconds     time of the suite
 */
public record SuiteReport(String suite, int problems, int done, int thinned, int thinnedOnly, int unchecked, long checks, long sampled,
                          WorstError worst, List<SubjectReport> subjects, List<Mismatch> mismatches, List<Skipped> skipped,
                          List<TimeRecord> times, List<Agreement> agreements, double seconds) {

    public SuiteReport {
        subjects = List.copyOf(subjects);
        mismatches = List.copyOf(mismatches);
        skipped = List.copyOf(skipped);
        times = List.copyOf(times);
        agreements = List.copyOf(agreements);
    }

    public boolean agrees() {
        return mismatches.isEmpty();
    }
}
