package io.github.jconv.explain;

import io.github.jconv.explain.Drawing.Anchor;
import io.github.jconv.explain.Drawing.Look;
import io.github.jconv.explain.SlidingAxis.Kind;
import java.util.ArrayList;
import java.util.List;

/** One dimension: a row of positions, below it the filter under what it reads, and lines from there to the chosen output. */
final class LinePainter extends PicturePainter {

    private static final double CELL = 36;
    private static final double LABELS = 38;
    private static final int MOST = 34;

    LinePainter(Drawing drawing, PictureView view) {
        super(drawing, view);
    }

    @Override
    double paintCells(double left, double top) {
        SlidingAxis axis = view.axes().get(0);
        List<Long> positions = axis.shownPositions("axis w", MOST);
        List<Long> outputs = axis.shownOutputs("the output", MOST);
        double filterTop = top + CELL + 12;
        double outputTop = filterTop + CELL + 44;
        double x = left + LABELS;
        double outputX = x + Math.max(0, positions.size() - outputs.size()) * CELL / 2;
        double target = outputX + (outputs.indexOf(axis.chosen()) + 0.5) * CELL;
        rowLabel(left, top, view.from());
        rowLabel(left, filterTop, "w");
        rowLabel(left, outputTop, view.to());
        List<Cell> cells = new ArrayList<>();
        for (int i = 0; i < positions.size(); i++) {
            double cellX = x + i * CELL;
            if (positions.get(i) == SlidingAxis.GAP) {
                gap(cellX, top, CELL);
                continue;
            }
            cells.add(position(axis, positions.get(i), cellX, top));
            long weight = axis.weightAt(positions.get(i));
            if (weight >= 0) {
                drawing.line(cellX + CELL / 2, filterTop + CELL + 2, target, outputTop - 2, Drawing.ACCENT, 1.3);
                cells.add(new Cell(cellX, filterTop, CELL, Look.FILTER, "w" + weight));
            }
        }
        for (int i = 0; i < outputs.size(); i++) {
            double cellX = outputX + i * CELL;
            if (outputs.get(i) == SlidingAxis.GAP) {
                gap(cellX, outputTop, CELL);
            } else {
                Look look = outputs.get(i) == axis.chosen() ? Look.CHOSEN : Look.OUTPUT;
                cells.add(new Cell(cellX, outputTop, CELL, look, view.to() + outputs.get(i)));
            }
        }
        paint(cells);
        return outputTop + CELL + 8;
    }

    private Cell position(SlidingAxis axis, long position, double x, double y) {
        Kind kind = axis.kind(position);
        Look look = look(kind, axis.weightAt(position) >= 0, axis.isRead(position));
        return new Cell(x, y, CELL, look, kind == Kind.VALUE ? view.from() + axis.valueAt(position) : "0");
    }

    private void rowLabel(double left, double top, String text) {
        drawing.text(left, top + CELL / 2 + 5, 15, Anchor.START, true, Drawing.INK, text);
    }
}
