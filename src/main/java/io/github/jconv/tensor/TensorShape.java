package io.github.jconv.tensor;

import java.util.Arrays;

/** The sizes of a tensor, outermost first; row-major, so the last axis is contiguous. A size may be zero. */
public final class TensorShape {

    private final long[] sizes;
    private final long elements;

    private TensorShape(long[] sizes) {
        this.sizes = sizes;
        long product = 1;
        for (long size : sizes) {
            if (size < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(sizes) + " has the size " + size
                        + "; allowed: 0 and up");
            }
            if (size == 0) {
                product = 0;
                break;
            }
            try {
                product = Math.multiplyExact(product, size);
            } catch (ArithmeticException overflow) {
                throw new IllegalArgumentException("shape " + Arrays.toString(sizes) + " has more than " + Long.MAX_VALUE
                        + " elements", overflow);
            }
        }
        this.elements = product;
    }

    public static TensorShape of(long... sizes) {
        return new TensorShape(sizes.clone());
    }

    public int rank() {
        return sizes.length;
    }

    public long size(int axis) {
        return sizes[axis];
    }

    public long[] sizes() {
        return sizes.clone();
    }

    /** The product of the sizes. */
    public long elements() {
        return elements;
    }

    /** The product of the sizes behind the second one: the positions of a channel in {@code [N, C, positions...]}. */
    public long positions() {
        long positions = 1;
        for (int axis = 2; axis < sizes.length; axis++) {
            positions *= sizes[axis];
        }
        return positions;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorShape shape && Arrays.equals(sizes, shape.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    /** As {@code [2, 6, 7, 9]}. */
    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
