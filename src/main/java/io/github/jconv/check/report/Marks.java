package io.github.jconv.check.report;

import java.awt.Polygon;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.List;

/** The shapes of points: with the colours, which repeat too, they tell many series apart. */
final class Marks {

    private static final List<Shape> SHAPES = List.of(
            new Ellipse2D.Double(-2.5, -2.5, 5, 5),
            new Rectangle2D.Double(-2.2, -2.2, 4.4, 4.4),
            new Polygon(new int[] {0, 3, -3}, new int[] {-3, 3, 3}, 3),
            new Polygon(new int[] {0, 3, 0, -3}, new int[] {-3, 0, 3, 0}, 4),
            new Polygon(new int[] {-3, 3, 0}, new int[] {-3, -3, 3}, 3));

    private Marks() {
    }

    static Shape of(int series) {
        return SHAPES.get(series % SHAPES.size());
    }
}
