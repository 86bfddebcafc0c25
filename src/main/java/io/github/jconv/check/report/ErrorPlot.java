package io.github.jconv.check.report;

import java.awt.BasicStroke;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.StandardXYBarPainter;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.data.xy.DefaultIntervalXYDataset;

/** How error/bound is distributed: one bar per factor of two, heights logarithmic, the limit a dashed line. */
final class ErrorPlot {

    private static final int WIDTH = 330;
    private static final int HEIGHT = 150;
    private static final double GAP = 0.08;
    private static final int LABELLED = 4;
    private static final BasicStroke DASHED =
            new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1, new float[] {3, 3}, 0);

    private ErrorPlot() {
    }

    static String svg(ErrorDistribution distribution, String name, String subject) {
        NumberAxis counts = new NumberAxis();
        counts.setVisible(false);
        XYPlot plot = new XYPlot(bars(distribution), factors(), counts, renderer());
        plot.setRangeGridlinesVisible(false);
        plot.setDomainGridlinesVisible(false);
        ValueMarker limit = new ValueMarker(0.5, Ink.BAD.color(), DASHED);
        plot.addDomainMarker(limit);
        return SvgPlot.of(SvgPlot.chart(plot, false), name, "distribution of error/bound of " + subject, WIDTH, HEIGHT);
    }

    /** Two series: within the bound, and outside. */
    private static DefaultIntervalXYDataset bars(ErrorDistribution distribution) {
        DefaultIntervalXYDataset bars = new DefaultIntervalXYDataset();
        bars.addSeries("inside", series(distribution, 0, ErrorDistribution.FACTORS));
        bars.addSeries("outside", series(distribution, ErrorDistribution.FACTORS, ErrorDistribution.BUCKETS));
        return bars;
    }

    private static double[][] series(ErrorDistribution distribution, int from, int to) {
        double[][] values = new double[6][to - from];
        for (int i = from; i < to; i++) {
            double height = Math.log1p(distribution.counts().get(i));
            int exponent = i - ErrorDistribution.FACTORS + 1;
            values[0][i - from] = exponent;
            values[1][i - from] = exponent - 0.5 + GAP;
            values[2][i - from] = exponent + 0.5 - GAP;
            values[3][i - from] = height;
            values[4][i - from] = 0;
            values[5][i - from] = height;
        }
        return values;
    }

    private static XYBarRenderer renderer() {
        XYBarRenderer renderer = new XYBarRenderer();
        renderer.setBarPainter(new StandardXYBarPainter());
        renderer.setShadowVisible(false);
        renderer.setSeriesPaint(0, Ink.BAR.color());
        renderer.setSeriesPaint(1, Ink.BAD.color());
        return renderer;
    }

    /** The bars by the exponent of their upper end, every fourth of which is labelled. */
    private static NumberAxis factors() {
        NumberAxis axis = new NumberAxis();
        axis.setRange(0.5 - ErrorDistribution.FACTORS, 1.5);
        axis.setTickUnit(new NumberTickUnit(LABELLED, new PowerOfTwo()));
        return axis;
    }

    /** -4 as 2⁻⁴. */
    private static final class PowerOfTwo extends NumberFormat {

        private static final long serialVersionUID = 1L;
        private static final String RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

        @Override
        public StringBuffer format(double exponent, StringBuffer text, FieldPosition position) {
            return format((long) exponent, text, position);
        }

        @Override
        public StringBuffer format(long exponent, StringBuffer text, FieldPosition position) {
            if (exponent == 0) {
                return text.append(1);
            }
            text.append('2');
            for (char digit : Long.toString(exponent).toCharArray()) {
                text.append(digit == '-' ? '⁻' : RAISED.charAt(digit - '0'));
            }
            return text;
        }

        @Override
        public Number parse(String text, ParsePosition position) {
            throw new UnsupportedOperationException("it is written only");
        }
    }
}
