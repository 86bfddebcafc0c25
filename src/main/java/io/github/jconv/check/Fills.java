package io.github.jconv.check;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;

/**
 * Test data that depends on the seed and the position of an element alone: not on the machine, the JVM, the number of threads or
 * the order of filling.
 */
public final class Fills {

    private static final double UNIFORM_SCALE = 0x1p-32;
    /** The variance of a sum of four uniform numbers of [0, 1) is 4/12. */
    private static final double UNIT_VARIANCE = Math.sqrt(3);

    private Fills() {
    }

    /**
     * Integers from {@code -magnitude} to {@code magnitude} without zero, of which a share of {@code 1 - density} is replaced by
     * zero.
     */
    public static HostTensor integers(DataType type, TensorShape shape, long seed, int magnitude, double density) {
        return integers(type, Layout.NCHW, shape, seed, magnitude, density);
    }

    /** The same numbers in a layout. */
    static HostTensor integers(DataType type, Layout layout, TensorShape shape, long seed, int magnitude, double density) {
        if (magnitude < 1 || !(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("magnitude is " + magnitude + " and density " + density
                    + "; allowed: 1 and up, above 0 up to 1");
        }
        HostTensor tensor = HostTensor.zeros(type, layout, shape);
        for (int i = 0; i < tensor.length(); i++) {
            long bits = hash(seed, i);
            if (density == 1 || (bits >>> 40) * 0x1p-24 < density) {
                long value = 1 + (bits & 0xFFFF) * magnitude / 0x10000;
                tensor.set(i, (bits & 0x10000) == 0 ? value : -value);
            }
        }
        return tensor;
    }

    /**
     * Real numbers around 0 with variance 1, rounded to the type: sums of four uniform numbers, which is close to a normal
     * distribution and, unlike the usual ways to get one, the same bits everywhere.
     */
    public static HostTensor normal(DataType type, TensorShape shape, long seed) {
        return normal(type, Layout.NCHW, shape, seed);
    }

    /** The same numbers in a layout. */
    static HostTensor normal(DataType type, Layout layout, TensorShape shape, long seed) {
        HostTensor tensor = HostTensor.zeros(type, layout, shape);
        for (int i = 0; i < tensor.length(); i++) {
            long one = hash(seed, 2L * i);
            long two = hash(seed, 2L * i + 1);
            long sum = (one >>> 32) + (one & 0xFFFFFFFFL) + (two >>> 32) + (two & 0xFFFFFFFFL);
            tensor.set(i, (sum * UNIFORM_SCALE - 2) * UNIT_VARIANCE);
        }
        return tensor;
    }

    /**
     * Replaces a few elements of {@code [N, channels, positions...]} by values that are no numbers: NaN at the very first, positive
     * infinity at the very last, negative infinity in the middle of the first channel's last row.
     */
    public static void placeSpecials(HostTensor tensor) {
        int length = tensor.length();
        if (length == 0) {
            return;
        }
        TensorShape shape = tensor.shape();
        long positions = shape.positions();
        int row = (int) shape.size(shape.rank() - 1);
        tensor.set(positions - row + row / 2, Double.NEGATIVE_INFINITY);
        tensor.set(length - 1, Double.POSITIVE_INFINITY);
        tensor.set(0, Double.NaN);
    }

    /** A well mixed number of a seed and a position (the finaliser of SplitMix64, twice). */
    static long hash(long seed, long position) {
        return mix(mix(seed + 0x9E3779B97F4A7C15L) + position * 0x9E3779B97F4A7C15L);
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
