package io.github.jconv.check.report;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One mismatch, as the HTML template shows it. */
record MismatchView(String subject, String operation, String problem, String check, String finding, String verdict, String shrunk,
                    String reproduce) {

    /** Mismatches in full view; the others are there too, but folded away. */
    private static final int SHOWN_AT_ONCE = 20;

    /**
     * All mismatches of a report.
     *
     * @param shown  the first of each subject in each operation: what follows it is likely to have the same cause
     * @param folded the others
     * @param more   how many are folded, or null when none is
     */
    record Both(List<MismatchView> shown, List<MismatchView> folded, String more) {
    }

    static Both of(CheckReport report) {
        Map<List<Object>, Mismatch> first = new LinkedHashMap<>();
        report.mismatches().forEach(mismatch -> first.putIfAbsent(List.of(mismatch.subject(), mismatch.operation()), mismatch));
        List<Mismatch> shown = first.values().stream().limit(SHOWN_AT_ONCE).toList();
        List<Mismatch> folded = report.mismatches().stream().filter(mismatch -> !shown.contains(mismatch)).toList();
        return new Both(shown.stream().map(MismatchView::of).toList(), folded.stream().map(MismatchView::of).toList(),
                folded.isEmpty() ? null : HtmlNumbers.count(folded.size()));
    }

    private static String form(Mismatch mismatch) {
        boolean usual = mismatch.dataType() == DataType.FLOAT32 && mismatch.layout() == Layout.NCHW;
        return usual ? "" : " in " + mismatch.layout().text(mismatch.dataType());
    }

    private static MismatchView of(Mismatch mismatch) {
        return new MismatchView(mismatch.subject(), mismatch.operation().text(), mismatch.problem() + form(mismatch), mismatch.tier().text() + "/"
                + mismatch.check(), mismatch.finding(), mismatch.verdict(), mismatch.shrunk(), mismatch.reproduce());
    }
}
