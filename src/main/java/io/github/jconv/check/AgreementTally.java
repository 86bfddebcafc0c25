package io.github.jconv.check;

import io.github.jconv.check.report.Agreement;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.SubjectResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts how often each two subjects had the same result. */
final class AgreementTally {

    private record Pair(String one, String other) {
    }

    private final Map<Pair, Agreement> agreements = new LinkedHashMap<>();

    void add(CheckRecord check) {
        List<SubjectResult> done = check.results().stream().filter(r -> r.outcome() != CheckRecord.Outcome.SKIPPED).toList();
        for (int i = 0; i < done.size(); i++) {
            for (int j = i + 1; j < done.size(); j++) {
                SubjectResult one = done.get(i);
                SubjectResult other = done.get(j);
                Agreement counted = new Agreement(one.subject(), other.subject(), 1, agree(check, one, other) ? 1 : 0);
                agreements.merge(new Pair(one.subject(), other.subject()), counted, Agreement::plus);
            }
        }
    }

    List<Agreement> list() {
        return new ArrayList<>(agreements.values());
    }

    private static boolean agree(CheckRecord check, SubjectResult one, SubjectResult other) {
        boolean bothRight = one.outcome() == CheckRecord.Outcome.PASSED && other.outcome() == CheckRecord.Outcome.PASSED;
        return bothRight || check.mismatches().stream().flatMap(mismatch -> mismatch.alike().stream())
                .anyMatch(group -> group.contains(one.subject()) && group.contains(other.subject()));
    }
}
