package io.github.jconv.check.report;

import java.util.Locale;

/** Numbers as the HTML report shows them. */
final class HtmlNumbers {

    private HtmlNumbers() {
    }

    /** {@code 12345} as {@code 12 345}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
    }

    /** {@code 0.1234} as {@code 12.3 %}. */
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    static String ratio(WorstError worst) {
        return worst == null ? "–" : Double.isInfinite(worst.ratio()) ? "∞" : String.format(Locale.ROOT, "%.3g", worst.ratio());
    }

    static String seconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.0f s", seconds);
    }
}
