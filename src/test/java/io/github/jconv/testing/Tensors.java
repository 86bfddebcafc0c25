package io.github.jconv.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.SplittableRandom;

/** Fills and comparisons of host tensors for tests. */
public final class Tensors {

    private Tensors() {
    }

    /** Integers of -4 to 4 without zero: sums of up to a million products of two are exact in fp32, in any order. */
    public static HostTensor integers(TensorShape shape, long seed) {
        return integers(DataType.FLOAT32, shape, seed);
    }

    public static HostTensor integers(DataType type, TensorShape shape, long seed) {
        var random = new SplittableRandom(seed);
        HostTensor tensor = HostTensor.zeros(type, shape);
        for (int i = 0; i < tensor.length(); i++) {
            int magnitude = random.nextInt(1, 5);
            tensor.set(i, random.nextBoolean() ? magnitude : -magnitude);
        }
        return tensor;
    }

    /** Uniform in [-1, 1). */
    public static HostTensor reals(DataType type, TensorShape shape, long seed) {
        var random = new SplittableRandom(seed);
        HostTensor tensor = HostTensor.zeros(type, shape);
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, random.nextDouble() * 2 - 1);
        }
        return tensor;
    }

    /** All NaN, as an output that must be overwritten everywhere. */
    public static HostTensor poison(TensorShape shape) {
        HostTensor tensor = HostTensor.zeros(shape);
        tensor.fill(Double.NaN);
        return tensor;
    }

    /** Equal element by element: the same numbers (0.0 equals -0.0), or NaN in both. */
    public static void assertSameNumbers(HostTensor expected, HostTensor actual, String what) {
        assertEquals(expected.shape(), actual.shape(), what);
        for (int i = 0; i < expected.length(); i++) {
            double e = expected.get(i);
            double a = actual.get(i);
            if (e != a && !(Double.isNaN(e) && Double.isNaN(a))) {
                fail(what + ": element " + i + " of " + expected.shape() + " is " + a + ", expected " + e);
            }
        }
    }
}
