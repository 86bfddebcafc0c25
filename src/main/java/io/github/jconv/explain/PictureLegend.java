package io.github.jconv.explain;

import io.github.jconv.explain.Drawing.Anchor;
import io.github.jconv.explain.Drawing.Look;

/** What the cells of a picture stand for, in one row at its foot. */
final class PictureLegend {

    private static final double CELL = 15;
    private static final double TEXT = 12.5;

    private PictureLegend() {
    }

    static void draw(Drawing drawing, double left, double top) {
        double x = left;
        x = entry(drawing, x, top, Look.VALUE, "", "value");
        x = entry(drawing, x, top, Look.INSERTED_ZERO, "0", "inserted zero");
        x = entry(drawing, x, top, Look.PADDING, "0", "padding");
        x = entry(drawing, x, top, Look.FOOTPRINT, "", "read for the chosen output");
        x = entry(drawing, x, top, Look.FOOTPRINT_ON_ZERO, "", "read, but a zero");
        x = entry(drawing, x, top, Look.CHOSEN, "", "chosen output");
        entry(drawing, x, top, Look.UNREAD, "", "read for no output");
    }

    private static double entry(Drawing drawing, double x, double top, Look look, String text, String meaning) {
        if (!drawing.uses(look)) {
            return x;
        }
        drawing.cell(x, top, CELL, look, text);
        drawing.text(x + CELL + 6, top + CELL - 3, TEXT, Anchor.START, false, Drawing.INK, meaning);
        return x + CELL + 6 + Drawing.widthOf(meaning, TEXT) + 14;
    }
}
