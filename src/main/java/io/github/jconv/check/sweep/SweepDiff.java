package io.github.jconv.check.sweep;

import io.github.jconv.check.report.CheckKey;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.SubjectResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What two sweeps have in common and what not: of two versions of a library, of two machines, of before and after a change.
 *
 * @param same    results of both whose outcome and largest error/bound are equal
 * @param changed results whose outcome differs: passed, failed or skipped
 * @param worse   results that passed both times with a larger error/bound in the second, the largest growth first
 * @param better  how many passed both times with a smaller error/bound
 * @param onlyIn1 results that only the first has
 * @param onlyIn2 results that only the second has
 */
public record SweepDiff(long same, List<Change> changed, List<Change> worse, long better, List<Lone> onlyIn1, List<Lone> onlyIn2) {

    /**
     * Two results of one check of one subject.
     *
     * @param before the first sweep's
     * @param after  the second's
     */
    public record Change(String subject, CheckKey key, SubjectResult before, SubjectResult after) {

        /** How many times the error/bound of the first sweep that of the second is. */
        public double growth() {
            return after.worstRatio() / before.worstRatio();
        }
    }

    /** A result that one sweep has and the other has not. */
    public record Lone(String subject, CheckKey key, SubjectResult result) {
    }

    private record ResultKey(String subject, CheckKey key) {
    }

    public static SweepDiff of(SweepFile first, SweepFile second) {
        Map<ResultKey, SubjectResult> before = results(first);
        Map<ResultKey, SubjectResult> after = results(second);
        List<Change> changed = new ArrayList<>();
        List<Change> worse = new ArrayList<>();
        long same = 0;
        long better = 0;
        for (Map.Entry<ResultKey, SubjectResult> entry : before.entrySet()) {
            SubjectResult now = after.get(entry.getKey());
            if (now != null) {
                Change change = new Change(entry.getKey().subject, entry.getKey().key, entry.getValue(), now);
                boolean bothPassed = isPassed(entry.getValue()) && isPassed(now);
                if (entry.getValue().outcome() != now.outcome()) {
                    changed.add(change);
                } else if (bothPassed && now.worstRatio() > entry.getValue().worstRatio()) {
                    worse.add(change);
                } else if (bothPassed && now.worstRatio() < entry.getValue().worstRatio()) {
                    better++;
                } else {
                    same++;
                }
            }
        }
        worse.sort(Comparator.comparingDouble(Change::growth).reversed());
        return new SweepDiff(same, changed, worse, better, missing(before, after), missing(after, before));
    }

    /** Results that both sweeps have. */
    public long common() {
        return same + changed.size() + worse.size() + better;
    }

    private static boolean isPassed(SubjectResult result) {
        return result.outcome() == CheckRecord.Outcome.PASSED;
    }

    private static List<Lone> missing(Map<ResultKey, SubjectResult> from, Map<ResultKey, SubjectResult> in) {
        return from.entrySet().stream().filter(e -> !in.containsKey(e.getKey()))
                .map(e -> new Lone(e.getKey().subject, e.getKey().key, e.getValue())).toList();
    }

    private static Map<ResultKey, SubjectResult> results(SweepFile file) {
        Map<ResultKey, SubjectResult> results = new LinkedHashMap<>();
        file.checks().forEach((key, check) ->
                check.results().forEach(result -> results.put(new ResultKey(result.subject(), key), result)));
        return results;
    }
}
