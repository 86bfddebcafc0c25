package io.github.jconv.check.report;

import java.awt.Dimension;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.io.StringWriter;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGGraphics2DIOException;
import org.apache.batik.svggen.SVGIDGenerator;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.Axis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.ui.RectangleInsets;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Turns a plot into SVG that stands in an HTML page: as wide as its place, in the page's colours, with names of its own. */
final class SvgPlot {

    /** In units of the plot's own width. */
    static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 11);

    /** How many pixels a unit may have: more, and the letters were larger than those of the page. */
    private static final double LARGEST_SCALE = 1.3;

    /** Half a letter, so that those at the end of an axis are not cut off. */
    private static final RectangleInsets PADDING = new RectangleInsets(8, 2, 2, 14);

    private static final String SVG = "http://www.w3.org/2000/svg";

    private SvgPlot() {
    }

    /**
     * @param name   begins the names of the parts, different for each plot of a page
     * @param title  what a screen reader says
     * @param width  against which {@link #FONT} is measured
     */
    static String of(JFreeChart chart, String name, String title, int width, int height) {
        SVGGraphics2D graphics = new SVGGraphics2D(context(name), false);
        graphics.setSVGCanvasSize(new Dimension(width, height));
        chart.draw(graphics, new Rectangle2D.Double(0, 0, width, height));
        Element root = graphics.getRoot();
        root.removeAttribute("width");
        root.removeAttribute("height");
        root.setAttribute("viewBox", "0 0 " + width + " " + height);
        root.setAttribute("role", "img");
        root.setAttribute("aria-label", title);
        StringWriter svg = new StringWriter();
        try {
            graphics.stream(root, svg, true, false);
        } catch (SVGGraphics2DIOException e) {
            throw new IllegalStateException("writing into memory cannot fail", e);
        }
        String text = svg.toString().replace("\"genericDefs\"", "\"" + name + "-defs\"");
        String largest = "<svg class=\"plot\" style=\"max-width:" + Math.round(LARGEST_SCALE * width) + "px\"";
        return Ink.onPage(text.substring(text.indexOf("<svg")).replaceFirst("<svg( style=\"[^\"]*\")?", largest));
    }

    /** A chart without a title and a frame, its lines and letters in the page's colours. */
    static JFreeChart chart(XYPlot plot, boolean legend) {
        plot.setBackgroundPaint(null);
        plot.setOutlineVisible(false);
        plot.setDomainGridlinePaint(Ink.LINE.color());
        plot.setRangeGridlinePaint(Ink.LINE.color());
        plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
        style(plot.getDomainAxis());
        style(plot.getRangeAxis());
        JFreeChart chart = new JFreeChart(null, FONT, plot, legend);
        chart.setBackgroundPaint(null);
        chart.setPadding(PADDING);
        if (legend) {
            chart.getLegend().setBackgroundPaint(null);
            chart.getLegend().setItemPaint(Ink.TEXT.color());
            chart.getLegend().setItemFont(FONT);
            chart.getLegend().setFrame(BlockBorder.NONE);
        }
        return chart;
    }

    private static void style(Axis axis) {
        axis.setLabelFont(FONT);
        axis.setTickLabelFont(FONT);
        axis.setLabelPaint(Ink.MUTED.color());
        axis.setTickLabelPaint(Ink.MUTED.color());
        axis.setAxisLinePaint(Ink.MUTED.color());
        axis.setTickMarkPaint(Ink.MUTED.color());
    }

    private static SVGGeneratorContext context(String name) {
        try {
            Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().getDOMImplementation()
                    .createDocument(SVG, "svg", null);
            SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
            context.setComment(null);
            context.setIDGenerator(new SVGIDGenerator() {
                @Override
                public String generateID(String prefix) {
                    return name + "-" + super.generateID(prefix);
                }
            });
            return context;
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("every Java has an XML parser", e);
        }
    }
}
