package io.github.jconv.nn;

import io.github.jconv.nn.data.FileFailures;
import io.github.jconv.tensor.Required;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * Draws the course of training as a picture: loss, accuracy where there are classes, and the norm of each weight's gradient on a
 * logarithmic scale, where vanishing and exploding gradients show. Needs the library JFreeChart on the class path.
 */
public final class TrainingCurve {

    private static final int WIDTH = 900;
    private static final int PANEL_HEIGHT = 300;
    private static final Color[] COLOURS = {
        new Color(0x1F5FA8), new Color(0xC8501E), new Color(0x2E8B57), new Color(0x7B4FA3), new Color(0x8C6D1F), new Color(0x0E8A9A),
        new Color(0xB0306A), new Color(0x555555)
    };

    private TrainingCurve() {
    }

    /**
     * Writes a PNG picture.
     *
     * @param results of one epoch and up
     */
    public static void write(List<EpochResult> results, Path file) throws IOException {
        if (Required.eachGiven(results, "results").isEmpty()) {
            throw new IllegalArgumentException("results are of no epoch; allowed: of 1 and up");
        }
        JFreeChart chart = chart(results);
        int panels = ((CombinedDomainXYPlot) chart.getPlot()).getSubplots().size();
        try (OutputStream out = Files.newOutputStream(file)) {
            ChartUtils.writeChartAsPNG(out, chart, WIDTH, panels * PANEL_HEIGHT);
        } catch (IOException e) {
            throw FileFailures.in(file, e);
        }
    }

    static JFreeChart chart(List<EpochResult> results) {
        NumberAxis epochs = new NumberAxis("epoch");
        epochs.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        epochs.setAutoRangeIncludesZero(false);
        CombinedDomainXYPlot plots = new CombinedDomainXYPlot(epochs);
        plots.setGap(14);
        plots.add(plot(new NumberAxis("loss"), series("training loss", results, EpochResult::loss),
                series("test loss", results, EpochResult::testLoss)));
        if (results.stream().anyMatch(r -> Double.isFinite(r.accuracy()))) {
            NumberAxis accuracy = new NumberAxis("accuracy");
            accuracy.setAutoRangeIncludesZero(false);
            plots.add(plot(accuracy, series("training accuracy", results, EpochResult::accuracy),
                    series("test accuracy", results, EpochResult::testAccuracy)));
        }
        LogAxis norms = new LogAxis("norm of the gradient");
        norms.setNumberFormatOverride(new DecimalFormat("0.##E0", DecimalFormatSymbols.getInstance(Locale.ROOT)));
        plots.add(plot(norms, gradientNorms(results)));
        JFreeChart chart = new JFreeChart(null, new Font(Font.SANS_SERIF, Font.PLAIN, 14), plots, true);
        chart.setBackgroundPaint(Color.WHITE);
        return chart;
    }

    /** The weights' gradients; those of more weights than colours are told apart no longer and left out, the first and last kept. */
    private static XYSeries[] gradientNorms(List<EpochResult> results) {
        List<String> weights = results.get(0).gradientNorms().keySet().stream().filter(name -> name.endsWith("weight")).toList();
        Map<Integer, String> shown = new TreeMap<>();
        int count = Math.min(weights.size(), COLOURS.length);
        for (int i = 0; i < count; i++) {
            int index = count == 1 ? 0 : (int) ((long) i * (weights.size() - 1) / (count - 1));
            shown.put(index, weights.get(index));
        }
        return shown.values().stream().map(name -> series(name, results, r -> positive(r.gradientNorms().getOrDefault(name, Double.NaN))))
                .toArray(XYSeries[]::new);
    }

    /** A logarithm has no zero; such a point is left out. */
    private static double positive(double norm) {
        return norm > 0 ? norm : Double.NaN;
    }

    private static XYSeries series(String name, List<EpochResult> results, ToDoubleFunction<EpochResult> value) {
        XYSeries series = new XYSeries(name);
        for (EpochResult result : results) {
            double y = value.applyAsDouble(result);
            if (Double.isFinite(y)) {
                series.add(result.epoch(), y);
            }
        }
        return series;
    }

    private static XYPlot plot(org.jfree.chart.axis.ValueAxis axis, XYSeries... allSeries) {
        XYSeriesCollection data = new XYSeriesCollection();
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, true);
        for (XYSeries series : allSeries) {
            if (!series.isEmpty()) {
                renderer.setSeriesPaint(data.getSeriesCount(), COLOURS[data.getSeriesCount() % COLOURS.length]);
                renderer.setSeriesStroke(data.getSeriesCount(), new BasicStroke(2));
                data.addSeries(series);
            }
        }
        XYPlot plot = new XYPlot(data, null, axis, renderer);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(new Color(0xDDDDDD));
        plot.setRangeGridlinePaint(new Color(0xDDDDDD));
        return plot;
    }
}
