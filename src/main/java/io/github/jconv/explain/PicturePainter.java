package io.github.jconv.explain;

import io.github.jconv.explain.Drawing.Anchor;
import io.github.jconv.explain.Drawing.Look;
import io.github.jconv.explain.SlidingAxis.Kind;
import java.util.Comparator;
import java.util.List;

/** Draws a view: heading, cells, captions. How the cells lie depends on the number of dimensions. */
abstract class PicturePainter {

    private static final double HEADING = 15.5;
    private static final double CAPTION = 12.5;
    private static final double LEADING = 18;

    final Drawing drawing;
    final PictureView view;

    PicturePainter(Drawing drawing, PictureView view) {
        this.drawing = drawing;
        this.view = view;
    }

    static PicturePainter of(Drawing drawing, PictureView view) {
        return view.axes().size() == 1 ? new LinePainter(drawing, view) : new PlanePainter(drawing, view);
    }

    /** Draws the view below {@code top} and returns where it ends. */
    final double paint(double left, double top) {
        drawing.text(left, top + HEADING, HEADING, Anchor.START, true, Drawing.INK, view.heading());
        double bottom = paintCells(left, top + HEADING + 14);
        for (String caption : view.captions()) {
            bottom += LEADING;
            drawing.text(left, bottom, CAPTION, Anchor.START, false, Drawing.INK, caption);
        }
        return bottom + 4;
    }

    /** Draws the cells and returns where they end. */
    abstract double paintCells(double left, double top);

    /** How a position looks: what it holds, and whether the chosen output or any output at all reads it. */
    static Look look(Kind kind, boolean chosenReads, boolean isRead) {
        return switch (kind) {
            case VALUE -> chosenReads ? Look.FOOTPRINT : isRead ? Look.VALUE : Look.UNREAD;
            case INSERTED_ZERO -> chosenReads ? Look.FOOTPRINT_ON_ZERO : Look.INSERTED_ZERO;
            case PADDING -> chosenReads ? Look.FOOTPRINT_ON_ZERO : Look.PADDING;
        };
    }

    /** Draws cells so that the borders of those that matter more lie over their neighbours'. */
    final void paint(List<Cell> cells) {
        cells.stream().sorted(Comparator.comparing(Cell::look)).forEach(cell -> drawing.cell(cell.x, cell.y, cell.size, cell.look,
                cell.text));
    }

    /** Three dots where cells were left out. */
    final void gap(double x, double y, double size) {
        drawing.text(x + size / 2, y + size / 2 + 4, 13, Anchor.MIDDLE, false, Drawing.FAINT, "\u2026");
    }

    /** A cell to be drawn. */
    record Cell(double x, double y, double size, Look look, String text) {
    }
}
