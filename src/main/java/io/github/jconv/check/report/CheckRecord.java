package io.github.jconv.check.report;

import java.util.List;

/**
 * One check of one request, with what came out for every subject that it concerns.
 *
 * @param key        which check of what
 * @param results    one per subject
 * @param mismatches one per subject that failed: what is wrong, and who agrees with whom
 */
public record CheckRecord(CheckKey key, List<SubjectResult> results, List<Mismatch> mismatches) {

    /** How a check can end. */
    public enum Outcome { PASSED, FAILED, SKIPPED }

    public CheckRecord {
        results = List.copyOf(results);
        mismatches = List.copyOf(mismatches);
    }
}
