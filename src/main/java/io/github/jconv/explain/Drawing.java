package io.github.jconv.explain;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Shapes on a page that grows with them, written as SVG. Every shape carries its own attributes, because not every program that
 * shows an SVG reads style sheets; the class names what a cell stands for.
 */
final class Drawing {

    static final String INK = "#1f2933";
    static final String FAINT = "#5b6670";
    static final String ACCENT = "#c2570c";

    private static final String FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";
    private static final String MARGIN_COLOUR = "#ffffff";

    /** How a cell looks, in the order in which neighbours are drawn over one another; told apart by colour, by the dashes of its border and by what stands in it, so that grey prints suffice. */
    enum Look {
        PADDING("padding", "#ffffff", "#9aa5b1", 1, "3 2"),
        INSERTED_ZERO("zero", "#ececec", "#a3a3a3", 1, ""),
        VALUE("value", "#d3e4f4", "#3f77a8", 1, ""),
        /** A value that no output reads: struck through. */
        UNREAD("value", "#d3e4f4", "#3f77a8", 1, ""),
        OUTPUT("output", "#dcedd6", "#4f8f47", 1, ""),
        FILTER("filter", "#fde3c3", ACCENT, 1.4, ""),
        /** A padding or an inserted zero that the chosen output reads. */
        FOOTPRINT_ON_ZERO("footprint", "#fdf0e0", ACCENT, 2.2, ""),
        /** A value that the chosen output reads. */
        FOOTPRINT("footprint", "#f9b36a", ACCENT, 2.2, ""),
        CHOSEN("chosen", "#f9b36a", ACCENT, 2.2, "");

        private final String mark;
        private final String fill;
        private final String stroke;
        private final double strokeWidth;
        private final String dashes;

        Look(String mark, String fill, String stroke, double strokeWidth, String dashes) {
            this.mark = mark;
            this.fill = fill;
            this.stroke = stroke;
            this.strokeWidth = strokeWidth;
            this.dashes = dashes;
        }
    }

    enum Anchor { START, MIDDLE, END }

    private interface Shape {
        void write(XMLStreamWriter svg) throws XMLStreamException;
    }

    private final List<Shape> shapes = new ArrayList<>();
    private final Set<Look> used = EnumSet.noneOf(Look.class);
    private double width;
    private double height;

    /** Whether a cell with this look has been drawn. */
    boolean uses(Look look) {
        return used.contains(look);
    }

    /** A square cell with a short text in its middle. */
    void cell(double x, double y, double size, Look look, String text) {
        shapes.add(svg -> {
            svg.writeEmptyElement("rect");
            attribute(svg, "class", look.mark);
            attribute(svg, "x", x);
            attribute(svg, "y", y);
            attribute(svg, "width", size);
            attribute(svg, "height", size);
            attribute(svg, "fill", look.fill);
            attribute(svg, "stroke", look.stroke);
            attribute(svg, "stroke-width", look.strokeWidth);
            if (!look.dashes.isEmpty()) {
                attribute(svg, "stroke-dasharray", look.dashes);
            }
        });
        used.add(look);
        grow(x + size, y + size);
        if (look == Look.UNREAD) {
            double inset = size * 0.18;
            line(x + inset, y + size - inset, x + size - inset, y + inset, FAINT, 1.1);
        }
        if (!text.isEmpty()) {
            double fontSize = Math.min(size * 0.38, size * 0.84 / widthOf(text, 1));
            boolean zero = look == Look.PADDING || look == Look.INSERTED_ZERO || look == Look.FOOTPRINT_ON_ZERO;
            String colour = zero ? FAINT : INK;
            text(x + size / 2, y + size / 2 + fontSize * 0.36, fontSize, Anchor.MIDDLE, false, colour, text);
        }
    }

    void text(double x, double y, double size, Anchor anchor, boolean bold, String colour, String text) {
        shapes.add(svg -> {
            svg.writeStartElement("text");
            attribute(svg, "x", x);
            attribute(svg, "y", y);
            attribute(svg, "font-size", size);
            attribute(svg, "fill", colour);
            attribute(svg, "text-anchor", anchor.name().toLowerCase(Locale.ROOT));
            if (bold) {
                attribute(svg, "font-weight", "bold");
            }
            svg.writeCharacters(text);
            svg.writeEndElement();
        });
        grow(anchor == Anchor.START ? x + widthOf(text, size) : x, y + size * 0.3);
    }

    void line(double x1, double y1, double x2, double y2, String colour, double strokeWidth) {
        shapes.add(svg -> {
            svg.writeEmptyElement("line");
            attribute(svg, "x1", x1);
            attribute(svg, "y1", y1);
            attribute(svg, "x2", x2);
            attribute(svg, "y2", y2);
            attribute(svg, "stroke", colour);
            attribute(svg, "stroke-width", strokeWidth);
            attribute(svg, "stroke-linecap", "round");
        });
        grow(Math.max(x1, x2), Math.max(y1, y2));
    }

    /** About how wide a text is: no font is at hand that could tell. A little too much rather than too little. */
    static double widthOf(String text, double size) {
        return text.length() * size * 0.6;
    }

    /** The page, with a margin at the right and the bottom as wide as the shapes leave it at the left and the top. */
    String svg(String title, String description, double margin) {
        var text = new StringWriter();
        try {
            XMLStreamWriter svg = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
            svg.writeStartDocument("UTF-8", "1.0");
            svg.writeCharacters("\n");
            svg.writeStartElement("svg");
            svg.writeDefaultNamespace("http://www.w3.org/2000/svg");
            attribute(svg, "width", width + margin);
            attribute(svg, "height", height + margin);
            attribute(svg, "viewBox", "0 0 " + number(width + margin) + " " + number(height + margin));
            attribute(svg, "font-family", FONT);
            attribute(svg, "role", "img");
            element(svg, "title", title);
            element(svg, "desc", description);
            svg.writeCharacters("\n");
            svg.writeEmptyElement("rect");
            attribute(svg, "class", "page");
            attribute(svg, "width", "100%");
            attribute(svg, "height", "100%");
            attribute(svg, "fill", MARGIN_COLOUR);
            for (Shape shape : shapes) {
                svg.writeCharacters("\n");
                shape.write(svg);
            }
            svg.writeCharacters("\n");
            svg.writeEndElement();
            svg.writeEndDocument();
            svg.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing to memory cannot fail", e);
        }
        return text + "\n";
    }

    private void grow(double right, double bottom) {
        width = Math.max(width, right);
        height = Math.max(height, bottom);
    }

    private static void element(XMLStreamWriter svg, String name, String text) throws XMLStreamException {
        svg.writeCharacters("\n");
        svg.writeStartElement(name);
        svg.writeCharacters(text);
        svg.writeEndElement();
    }

    private static void attribute(XMLStreamWriter svg, String name, double value) throws XMLStreamException {
        attribute(svg, name, number(value));
    }

    private static void attribute(XMLStreamWriter svg, String name, String value) throws XMLStreamException {
        svg.writeAttribute(name, value);
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.endsWith(".00") ? text.substring(0, text.length() - 3) : text;
    }
}
