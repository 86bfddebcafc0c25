package io.github.jconv.peers;

import io.github.jconv.problem.ConvOperation;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** A dot for each measurement: its class to the right, its ratio upwards on a logarithmic scale, the passes side by side in colours. */
public final class RatioPlot {

    private static final int WIDTH_PER_CLASS = 75;
    private static final int MARGIN = 150;
    private static final int HEIGHT = 600;
    private static final Color[] COLOURS = {new Color(0x1F5FA8), new Color(0xC8501E), new Color(0x2E8B57)};

    private RatioPlot() {
    }

    public static void write(List<ResultRow> rows, Path file) throws IOException {
        List<String> classes = rows.stream().map(ResultRow::group).distinct().toList();
        XYSeriesCollection points = new XYSeriesCollection();
        XYLineAndShapeRenderer dots = new XYLineAndShapeRenderer(false, true);
        for (ConvOperation pass : ConvOperation.values()) {
            XYSeries series = new XYSeries(pass.text(), false);
            double aside = (pass.ordinal() - 1) * 0.25;
            rows.stream().filter(row -> row.pass() == pass && !Double.isNaN(row.ratio()))
                    .forEach(row -> series.add(classes.indexOf(row.group()) + aside, row.ratio()));
            dots.setSeriesShape(pass.ordinal(), new Ellipse2D.Double(-2.5, -2.5, 5, 5));
            dots.setSeriesPaint(pass.ordinal(), COLOURS[pass.ordinal()]);
            points.addSeries(series);
        }
        SymbolAxis classAxis = new SymbolAxis("", classes.toArray(new String[0]));
        classAxis.setVerticalTickLabels(true);
        LogAxis ratios = new LogAxis("time of the faster of PyTorch and ONNX Runtime / time of JConv");
        ratios.setNumberFormatOverride(new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT)));
        ratios.setBase(2);
        XYPlot plot = new XYPlot(points, classAxis, ratios, dots);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(new Color(0xDDDDDD));
        plot.setRangeGridlinePaint(new Color(0xDDDDDD));
        plot.addRangeMarker(new ValueMarker(1, Color.BLACK, new BasicStroke(1.5f)));
        JFreeChart chart = new JFreeChart(plot);
        chart.setBackgroundPaint(Color.WHITE);
        try (OutputStream out = Files.newOutputStream(file)) {
            ChartUtils.writeChartAsPNG(out, chart, MARGIN + WIDTH_PER_CLASS * classes.size(), HEIGHT);
        }
    }
}
