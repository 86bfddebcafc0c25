package io.github.jconv.check.report;

import java.util.Locale;

/** Draws an {@link ErrorDistribution} as SVG: one bar per factor of two, heights logarithmic, the limit a line. */
final class Histogram {

    private static final int BAR = 14;
    private static final int HEIGHT = 110;
    private static final int BASE = 120;
    private static final int LEFT = 4;

    private Histogram() {
    }

    static String svg(ErrorDistribution distribution) {
        long most = distribution.counts().stream().mapToLong(Long::longValue).max().orElse(0);
        int width = 2 * LEFT + ErrorDistribution.BUCKETS * BAR;
        var svg = new StringBuilder();
        svg.append(String.format(Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"distribution of error/bound\">",
                width, BASE + 22));
        for (int i = 0; i < ErrorDistribution.BUCKETS; i++) {
            appendBar(svg, i, distribution.counts().get(i), most);
        }
        int limit = LEFT + ErrorDistribution.FACTORS * BAR;
        svg.append(String.format(Locale.ROOT, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", LEFT, BASE, width - LEFT, BASE));
        svg.append(String.format(Locale.ROOT, "<line class=\"limit\" x1=\"%d\" y1=\"4\" x2=\"%d\" y2=\"%d\"/>", limit, limit, BASE));
        appendLabel(svg, 0, "2⁻²³");
        appendLabel(svg, ErrorDistribution.FACTORS / 2, "2⁻¹¹");
        appendLabel(svg, ErrorDistribution.FACTORS - 1, "1");
        return svg.append("</svg>").toString();
    }

    private static void appendBar(StringBuilder svg, int bucket, long count, long most) {
        if (count == 0) {
            return;
        }
        double height = Math.max(2, HEIGHT * Math.log1p(count) / Math.log1p(most));
        boolean outside = bucket == ErrorDistribution.BUCKETS - 1;
        svg.append(String.format(Locale.ROOT,
                "<rect class=\"%s\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"><title>%s: %d elements</title></rect>",
                outside ? "outside" : "inside", LEFT + bucket * BAR + 1, BASE - height, BAR - 2, height,
                outside ? "above 1" : "up to 2^" + (bucket - ErrorDistribution.FACTORS + 1), count));
    }

    /** Under the upper end of a bucket. */
    private static void appendLabel(StringBuilder svg, int bucket, String text) {
        svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\">%s</text>", LEFT + (bucket + 1) * BAR, BASE + 16, text));
    }
}
