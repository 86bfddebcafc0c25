package io.github.jconv.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums in double: every width adds the same numbers in the same order, and the numbers of the runs alone. */
class DoubleSumsTest {

    private static final int[] LENGTHS = {0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 49, 64, 65, 196};

    static List<SimdProvider> providers() {
        return SimdProvider.all();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void everyWidthComputesTheSameBits(SimdProvider simd) {
        for (int length : LENGTHS) {
            for (int runs = 0; runs <= 3; runs++) {
                int step = length + runs;
                float[] x = values(3 * step + length + 2, 1);
                float[] y = values(3 * step + length + 5, 2);
                double[] expected = sums();
                double[] actual = sums();
                addAll(SimdProvider.named("scalar").doubleSums(), x, y, step, length, runs, expected);
                addAll(simd.doubleSums(), x, y, step, length, runs, actual);
                assertArrayEquals(expected, actual, runs + " runs of " + length);
            }
        }
    }

    /** Runs end where the arrays do. */
    @ParameterizedTest
    @MethodSource("providers")
    void wholeNumbersAddUpExactly(SimdProvider simd) {
        for (int length : LENGTHS) {
            int runs = 3;
            int step = length + 5;
            float[] x = new float[runs * step - 5];
            float[] y = new float[x.length + 2];
            double sum = 0;
            double squares = 0;
            double products = 0;
            for (int i = 0; i < x.length; i++) {
                x[i] = i % step < length ? i % 13 - 5 : Float.NaN;
                y[i + 2] = i % step < length ? i % 7 - 2 : Float.NaN;
                if (i % step < length) {
                    sum += x[i];
                    squares += (x[i] - 3.5) * (x[i] - 3.5);
                    products += y[i + 2] * (x[i] + 0.25);
                }
            }
            double[] sums = sums();
            simd.doubleSums().add(x, 0, step, length, runs, sums);
            assertEquals(sum, DoubleSums.total(sums, 0), "sum of runs of " + length);
            sums = sums();
            simd.doubleSums().addCentredSquares(3.5, x, 0, step, length, runs, sums);
            assertEquals(squares, DoubleSums.total(sums, 0), "squares of runs of " + length);
            sums = sums();
            simd.doubleSums().addWithCentredProducts(-0.25, x, 0, y, 2, step, length, runs, sums);
            assertEquals(products, DoubleSums.total(sums, DoubleSums.LENGTH), "products of runs of " + length);
        }
    }

    /** A number that fp32 sums would lose. */
    @Test
    void sumsAreInDouble() {
        float[] x = new float[33];
        x[0] = 0x1p30f;
        x[16] = 1;
        x[32] = 2;
        double[] sums = sums();
        SimdProvider.chosen().doubleSums().add(x, 0, 0, x.length, 1, sums);
        assertEquals(0x1p30 + 3, DoubleSums.total(sums, 0));
        assertEquals(0x1p30 + 1, sums[0]);
        assertEquals(2, sums[DoubleSums.PARTS]);
    }

    private static void addAll(DoubleSums on, float[] x, float[] y, int step, int length, int runs, double[] sums) {
        on.add(x, 2, step, length, runs, sums);
        on.addCentredSquares(0.3, x, 2, step, length, runs, sums);
        on.addWithCentredProducts(-0.7, x, 2, y, 5, step, length, runs, sums);
    }

    private static double[] sums() {
        return new double[2 * DoubleSums.LENGTH];
    }

    private static float[] values(int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (random.nextDouble(-1, 1) * Math.pow(2, random.nextInt(-8, 8)));
        }
        return values;
    }
}
