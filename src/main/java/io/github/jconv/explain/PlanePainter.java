package io.github.jconv.explain;

import io.github.jconv.explain.Drawing.Anchor;
import io.github.jconv.explain.Drawing.Look;
import io.github.jconv.explain.SlidingAxis.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Two dimensions: the map, the filter and the output side by side. */
final class PlanePainter extends PicturePainter {

    private static final double CELL = 30;
    private static final double OPERATOR = 42;
    private static final int MOST = 20;

    private final SlidingAxis vertical;
    private final SlidingAxis horizontal;

    PlanePainter(Drawing drawing, PictureView view) {
        super(drawing, view);
        this.vertical = view.axes().get(0);
        this.horizontal = view.axes().get(1);
    }

    private interface CellAt {
        Cell at(long row, long column, double x, double y);
    }

    private record Grid(String label, List<Long> rows, List<Long> columns, CellAt cell) {

        double width() {
            return columns.size() * CELL;
        }

        double height() {
            return rows.size() * CELL;
        }
    }

    @Override
    double paintCells(double left, double top) {
        Grid map = new Grid(view.from(), vertical.shownPositions("axis h", MOST), horizontal.shownPositions("axis w", MOST),
                this::position);
        Grid filter = new Grid(vertical.rotated() ? "w, rotated" : "w", LongStream.range(0, vertical.filter()).boxed().toList(),
                LongStream.range(0, horizontal.filter()).boxed().toList(), this::tap);
        Grid output = new Grid(view.to(), vertical.shownOutputs("the output", MOST), horizontal.shownOutputs("the output", MOST),
                this::output);
        double height = Math.max(map.height(), Math.max(filter.height(), output.height()));
        double x = paintGrid(map, left, top, height);
        x = paintOperator("\u2217", x, top + height / 2);
        x = paintGrid(filter, x, top, height);
        x = paintOperator("=", x, top + height / 2);
        paintGrid(output, x, top, height);
        return top + height + 28;
    }

    /** Draws a grid in the middle of the given height, and returns its right end. */
    private double paintGrid(Grid grid, double left, double top, double height) {
        double gridTop = top + (height - grid.height()) / 2;
        List<Cell> cells = new ArrayList<>();
        for (int i = 0; i < grid.rows.size(); i++) {
            for (int j = 0; j < grid.columns.size(); j++) {
                double x = left + j * CELL;
                double y = gridTop + i * CELL;
                if (grid.rows.get(i) == SlidingAxis.GAP || grid.columns.get(j) == SlidingAxis.GAP) {
                    gap(x, y, CELL);
                } else {
                    cells.add(grid.cell.at(grid.rows.get(i), grid.columns.get(j), x, y));
                }
            }
        }
        paint(cells);
        double labelWidth = Drawing.widthOf(grid.label, 14);
        double width = Math.max(grid.width(), labelWidth);
        drawing.text(left + grid.width() / 2, gridTop + grid.height() + 19, 14, Anchor.MIDDLE, true, Drawing.INK, grid.label);
        return left + width;
    }

    private double paintOperator(String operator, double x, double y) {
        drawing.text(x + OPERATOR / 2, y + 9, 26, Anchor.MIDDLE, false, Drawing.INK, operator);
        return x + OPERATOR;
    }

    private Cell position(long row, long column, double x, double y) {
        Kind kind = kind(row, column);
        boolean chosenReads = vertical.weightAt(row) >= 0 && horizontal.weightAt(column) >= 0;
        Look look = look(kind, chosenReads, vertical.isRead(row) && horizontal.isRead(column));
        String zero = kind == Kind.VALUE ? "" : "0";
        return new Cell(x, y, CELL, look, chosenReads ? weightName(vertical.weightAt(row), horizontal.weightAt(column)) : zero);
    }

    private Kind kind(long row, long column) {
        Kind onColumn = vertical.kind(row);
        Kind onRow = horizontal.kind(column);
        if (onColumn == Kind.PADDING || onRow == Kind.PADDING) {
            return Kind.PADDING;
        }
        return onColumn == Kind.VALUE && onRow == Kind.VALUE ? Kind.VALUE : Kind.INSERTED_ZERO;
    }

    private Cell tap(long row, long column, double x, double y) {
        long r = vertical.rotated() ? vertical.filter() - 1 - row : row;
        long s = horizontal.rotated() ? horizontal.filter() - 1 - column : column;
        return new Cell(x, y, CELL, Look.FILTER, weightName(r, s));
    }

    private Cell output(long row, long column, double x, double y) {
        boolean chosen = row == vertical.chosen() && column == horizontal.chosen();
        return new Cell(x, y, CELL, chosen ? Look.CHOSEN : Look.OUTPUT, "");
    }

    private String weightName(long r, long s) {
        boolean wide = vertical.filter() > 10 || horizontal.filter() > 10;
        return "w" + r + (wide ? "," : "") + s;
    }
}
