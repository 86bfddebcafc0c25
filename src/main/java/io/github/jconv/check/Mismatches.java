package io.github.jconv.check;

import io.github.jconv.check.report.Mismatch;
import java.util.List;

/** Mismatches in words. */
final class Mismatches {

    private static final int SHOWN = 10;

    private Mismatches() {
    }

    static String describe(List<Mismatch> mismatches) {
        var text = new StringBuilder(mismatches.size() + (mismatches.size() == 1 ? " mismatch" : " mismatches"));
        for (Mismatch mismatch : mismatches.subList(0, Math.min(SHOWN, mismatches.size()))) {
            text.append("\n\n").append(describe(mismatch));
        }
        if (mismatches.size() > SHOWN) {
            text.append("\n\n... and ").append(mismatches.size() - SHOWN).append(" more");
        }
        return text.toString();
    }

    private static String describe(Mismatch mismatch) {
        return mismatch.subject() + ", " + mismatch.operation().text() + " of " + mismatch.problem() + " in "
                + mismatch.layout().text(mismatch.dataType()) + ", "
                + mismatch.tier().text() + "/" + mismatch.check() + ":\n  " + mismatch.finding() + "\n  " + mismatch.verdict()
                + "\n  " + mismatch.reproduce();
    }
}
