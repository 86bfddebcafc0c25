package io.github.jconv.check.report;

import java.awt.BasicStroke;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Speed against operations per byte, for each algorithm of a backend, under the roof of what the machine copies and computes at best
 * (S. Williams, A. Waterman and D. Patterson, Roofline, Communications of the ACM 52(4), 2009).
 */
final class RooflinePlot {

    /** Of each algorithm; more say nothing more and make the page heavy. */
    static final int MOST_POINTS = 150;

    private static final int WIDTH = 460;
    private static final int HEIGHT = 340;
    private static final int HEIGHT_OF_LEGEND_LINE = 9;
    private static final float ROOF_WIDTH = 1.5f;
    private static final float LONGEST_DASH = 12;
    private static final float GAP = 3;

    private RooflinePlot() {
    }

    /**
     * @param times    of the subjects of one backend
     * @param ceilings of that backend, or null when they are not known
     */
    static String svg(List<TimeRecord> times, Ceilings ceilings, String name, String backend) {
        XYSeriesCollection points = new XYSeriesCollection();
        Map<String, List<TimeRecord>> bySubject = new LinkedHashMap<>();
        times.forEach(time -> bySubject.computeIfAbsent(time.subject(), subject -> new ArrayList<>()).add(time));
        bySubject.forEach((subject, own) -> points.addSeries(series(subject, own)));
        LogAxis intensity = axis("operations per byte of x, w and y");
        LogAxis speed = axis("GFLOP/s");
        XYPlot plot = new XYPlot(points, intensity, speed, pointRenderer(points.getSeriesCount()));
        if (ceilings != null) {
            XYSeriesCollection roofs = roofs(points, times, ceilings);
            plot.setDataset(1, roofs);
            plot.setRenderer(1, roofRenderer(roofs.getSeriesCount()));
        }
        return SvgPlot.of(SvgPlot.chart(plot, true), name, "speed of the algorithms of " + backend + " under the roofline", WIDTH,
                HEIGHT + HEIGHT_OF_LEGEND_LINE * plot.getLegendItems().getItemCount());
    }

    /** Evenly thinned along the intensity. */
    private static XYSeries series(String subject, List<TimeRecord> times) {
        List<TimeRecord> sorted = times.stream().filter(time -> time.flopsPerSecond() > 0)
                .sorted(Comparator.comparingDouble(TimeRecord::intensity)).toList();
        int shown = Math.min(sorted.size(), MOST_POINTS);
        XYSeries series = new XYSeries(subject);
        for (int i = 0; i < shown; i++) {
            TimeRecord time = sorted.get((int) ((long) i * sorted.size() / shown));
            series.add(time.intensity(), time.flopsPerSecond() * 1e-9);
        }
        return series;
    }

    /** One for each type of factors, as long as the rate of its products is known. */
    private static XYSeriesCollection roofs(XYSeriesCollection points, List<TimeRecord> times, Ceilings ceilings) {
        XYSeriesCollection roofs = new XYSeriesCollection();
        times.stream().map(TimeRecord::operandType).distinct().sorted().forEach(operandType ->
                ceilings.flopsPerSecondOf(operandType).ifPresent(flopsPerSecond ->
                        roofs.addSeries(roof(points, operandType, flopsPerSecond, ceilings.copyBytesPerSecond()))));
        return roofs;
    }

    private static XYSeries roof(XYSeriesCollection points, String operandType, double flopsPerSecond, double copyBytesPerSecond) {
        double ridge = flopsPerSecond / copyBytesPerSecond;
        double left = Math.min(ridge / 2, points.getDomainLowerBound(false));
        double right = Math.max(ridge * 2, points.getDomainUpperBound(false));
        XYSeries roof = new XYSeries("copies and multiply-adds of " + operandType + ", measured");
        roof.add(left, left * copyBytesPerSecond * 1e-9);
        roof.add(ridge, flopsPerSecond * 1e-9);
        roof.add(right, flopsPerSecond * 1e-9);
        return roof;
    }

    private static LogAxis axis(String label) {
        LogAxis axis = new LogAxis(label);
        axis.setSmallestValue(1e-9);
        axis.setTickUnit(new NumberTickUnit(1));
        axis.setNumberFormatOverride(new DecimalFormat("0.######", DecimalFormatSymbols.getInstance(Locale.ROOT)));
        return axis;
    }

    private static XYLineAndShapeRenderer pointRenderer(int count) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
        for (int i = 0; i < count; i++) {
            renderer.setSeriesPaint(i, Ink.ofSeries(i).color());
            renderer.setSeriesShape(i, Marks.of(i));
        }
        return renderer;
    }

    /** The more dashes, the later in the legend. */
    private static XYLineAndShapeRenderer roofRenderer(int count) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        for (int i = 0; i < count; i++) {
            renderer.setSeriesPaint(i, Ink.TEXT.color());
            renderer.setSeriesStroke(i, i == 0 ? new BasicStroke(ROOF_WIDTH) : new BasicStroke(ROOF_WIDTH, BasicStroke.CAP_BUTT,
                    BasicStroke.JOIN_ROUND, 1, new float[] {LONGEST_DASH / i, GAP}, 0));
        }
        return renderer;
    }
}
