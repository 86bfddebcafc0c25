package io.github.jconv.check;

import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;

/** Row-major indices as coordinates. */
final class Positions {

    private Positions() {
    }

    /** As {@code [0, 3, 11, 7]}. */
    static String of(TensorShape shape, long index) {
        return Arrays.toString(coordinates(shape, index));
    }

    static long[] coordinates(TensorShape shape, long index) {
        long[] coordinates = new long[shape.rank()];
        long rest = index;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            coordinates[axis] = rest % shape.size(axis);
            rest /= shape.size(axis);
        }
        return coordinates;
    }

    static long index(TensorShape shape, long[] coordinates) {
        long index = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
            index = index * shape.size(axis) + coordinates[axis];
        }
        return index;
    }
}
