package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import org.junit.jupiter.api.Test;

class FillsTest {

    private static final TensorShape SHAPE = TensorShape.of(3, 50, 40, 20);

    @Test
    void dataDependOnSeedAndPositionAlone() {
        HostTensor longer = Fills.normal(DataType.FLOAT32, TensorShape.of(100), 7);
        HostTensor shorter = Fills.normal(DataType.FLOAT32, TensorShape.of(60), 7);
        assertArrayEquals(shorter.floats(), java.util.Arrays.copyOf(longer.floats(), 60));
        assertNotEquals(longer.get(0), Fills.normal(DataType.FLOAT32, TensorShape.of(1), 8).get(0));
    }

    /** The very numbers: a change of them would make every recorded seed worthless. */
    @Test
    void dataAreTheSameForEver() {
        HostTensor normal = Fills.normal(DataType.FLOAT32, TensorShape.of(3), 1);
        HostTensor integers = Fills.integers(DataType.FLOAT32, TensorShape.of(6), 1, 32, 1);
        assertArrayEquals(new float[] {0.3391375f, -0.99418265f, 0.9435593f}, normal.floats());
        assertArrayEquals(new float[] {27, -13, 31, 18, 6, -15}, integers.floats());
    }

    @Test
    void integersReachBothEndsAndAreNeverZero() {
        HostTensor tensor = Fills.integers(DataType.FLOAT32, SHAPE, 3, 5, 1);
        int[] counts = new int[11];
        for (int i = 0; i < tensor.length(); i++) {
            counts[(int) tensor.get(i) + 5]++;
        }
        for (int value = -5; value <= 5; value++) {
            double share = (double) counts[value + 5] / tensor.length();
            assertEquals(value == 0 ? 0 : 0.1, share, 0.01, "share of " + value);
        }
    }

    @Test
    void densityIsTheShareOfNonZeros() {
        HostTensor tensor = Fills.integers(DataType.FLOAT32, SHAPE, 3, 5, 0.25);
        long nonZero = java.util.stream.IntStream.range(0, tensor.length()).filter(i -> tensor.get(i) != 0).count();
        assertEquals(0.25, (double) nonZero / tensor.length(), 0.01);
    }

    @Test
    void normalDataHaveMeanZeroAndVarianceOne() {
        HostTensor tensor = Fills.normal(DataType.FLOAT64, SHAPE, 3);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < tensor.length(); i++) {
            sum += tensor.get(i);
            squares += tensor.get(i) * tensor.get(i);
        }
        assertEquals(0, sum / tensor.length(), 0.01);
        assertEquals(1, squares / tensor.length(), 0.02);
    }

    @Test
    void wrongParametersAreRefused() {
        for (double density : new double[] {0, -1, 1.5, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> Fills.integers(DataType.FLOAT32, SHAPE, 1, 4, density));
        }
        assertThrows(IllegalArgumentException.class, () -> Fills.integers(DataType.FLOAT32, SHAPE, 1, 0, 1));
    }

    @Test
    void specialsLieAtTheEdges() {
        HostTensor tensor = Fills.integers(DataType.FLOAT32, TensorShape.of(2, 3, 4, 5), 1, 4, 1);
        Fills.placeSpecials(tensor);
        assertTrue(Double.isNaN(tensor.get(0)));
        assertEquals(Double.POSITIVE_INFINITY, tensor.get(tensor.length() - 1));
        assertEquals(Double.NEGATIVE_INFINITY, tensor.get(17), "middle of the first channel's last row");
        Fills.placeSpecials(HostTensor.zeros(TensorShape.of(0, 3, 4)));
    }

    /** {@code terms * magnitude^2 + magnitude <= 2^24}, and as large as that allows, up to 32. */
    @Test
    void sumsOfTheExactRangeAreExact() {
        for (long terms = 1; terms < 1L << 30; terms = terms * 3 / 2 + 1) {
            ExactRange range = ExactRange.of(terms, 0x1p24);
            double nonZero = terms * range.density();
            double deviations = range.density() == 1 ? 0 : 8 * Math.sqrt(nonZero);
            assertTrue((nonZero + deviations) * range.magnitude() * range.magnitude() + range.magnitude() <= 0x1p24, terms + ": " + range);
            int next = range.magnitude() + 1;
            assertTrue(range.magnitude() == 32 || (double) terms * next * next + next > 0x1p24, terms + ": " + range);
        }
    }
}
