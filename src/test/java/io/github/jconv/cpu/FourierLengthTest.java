package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.cpu.simd.FourierTransforms;
import io.github.jconv.cpu.simd.SimdProvider;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transforms against their definition in double, within their derived bound; the same bits from every provider. */
class FourierLengthTest {

    private static final int LANES = FourierTransforms.LANES;
    private static final double UNIT = 0x1p-24;
    private static final double PER_BIT = 10;

    static int[] lengths() {
        return IntStream.concat(IntStream.rangeClosed(1, 50).filter(n -> FourierLength.atLeast(n) == n),
                IntStream.of(60, 64, 72, 75, 81, 125, 128, 240, 400, 625)).toArray();
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void theTransformIsThatOfTheDefinitionAndItsInverse(int n) {
        float[] values = random(2 * n * LANES, n);
        float[] bits = null;
        for (SimdProvider simd : SimdProvider.all()) {
            float[] there = transform(simd, n, values, false);
            assertIsTransform(n, values, there, -1);
            assertIsTransform(n, values, transform(simd, n, values, true), 1);
            bits = bits == null ? there : bits;
            assertArrayEquals(bits, there, simd.name());
        }
    }

    /** In place, and from and to places with gaps. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 6, 60})
    void sourceAndTargetMayBeOneAndHaveGaps(int n) {
        FourierTransforms loops = SimdProvider.all().get(0).fourier();
        float[] values = random(2 * n * LANES, 7);
        float[] expected = transform(SimdProvider.all().get(0), n, values, false);
        for (int step : new int[] {LANES, 3 * LANES}) {
            float[] spread = new float[2 * n * step];
            for (int i = 0; i < 2 * n; i++) {
                System.arraycopy(values, i * LANES, spread, i * step, LANES);
            }
            FourierLength length = new FourierLength(n);
            length.transform(loops, spread, 0, n * step, step, spread, 0, n * step, step, new float[length.temporaryLength()], 0);
            for (int i = 0; i < 2 * n * LANES; i++) {
                assertEquals(expected[i], spread[i / LANES * step + i % LANES], "element " + i);
            }
        }
    }

    /** Half a transform, taken apart, is that of twice as many real numbers, times 2; put together again it is 2 times what it was. */
    @ParameterizedTest
    @MethodSource("lengths")
    void realNumbersAreTransformedAsHalfAsManyComplexOnes(int n) {
        float[] real = random(2 * n * LANES, 3);
        float[] bits = null;
        for (SimdProvider simd : SimdProvider.all()) {
            FourierTransforms loops = simd.fourier();
            float[] rows = new float[2 * n * LANES];
            for (int i = 0; i < 2 * n; i++) {
                for (int l = 0; l < LANES; l++) {
                    rows[l * 2 * n + i] = real[i * LANES + l];
                }
            }
            float[] sideBySide = new float[2 * n * LANES];
            loops.interleave(n, rows, 0, 2 * n, sideBySide, 0, n * LANES);
            float[] transformed = transform(simd, n, sideBySide, false);
            float[] apart = new float[2 * (n + 1) * LANES];
            float[] factors = FourierLength.untangling(2 * n);
            loops.untangle(n, transformed, 0, n * LANES, LANES, apart, 0, (n + 1) * LANES, LANES, factors, 0);
            assertIsHalfOfTransform(n, real, apart);
            float[] together = new float[2 * n * LANES];
            loops.tangle(n, apart, 0, (n + 1) * LANES, LANES, together, 0, n * LANES, LANES, factors, 0);
            float[] back = new float[2 * n * LANES];
            loops.separate(n, 1f / (4 * n), transform(simd, n, together, true), 0, n * LANES, back, 0, 2 * n);
            assertClose(rows, back, 3 * PER_BIT * (Math.log(2 * n) / Math.log(2) + 1) * UNIT * Math.sqrt(2 * n) * 4);
            bits = bits == null ? apart : bits;
            assertArrayEquals(bits, apart, simd.name());
        }
    }

    @Test
    void lengthsAreProductsOfTwoThreeAndFive() {
        assertEquals(72, FourierLength.atLeast(71));
        assertEquals(1, FourierLength.atLeast(0));
        var error = assertThrows(IllegalArgumentException.class, () -> new FourierLength(14));
        assertEquals("the length is 14; allowed: products of 2, 3 and 5", error.getMessage());
    }

    /** All numbers of rows, depths and columns around those of vectors and tiles; nothing but the product is written. */
    @Test
    void productsAreThoseOfTheDefinitionAndTouchNothingElse() {
        for (int columns : new int[] {1, 3, 4, 5, 8, 15, 16, 17, 31, 33}) {
            for (int rows = 1; rows <= 9; rows++) {
                for (int depth : new int[] {0, 1, 3}) {
                    for (int mode = 0; mode < 4; mode++) {
                        assertIsProduct(rows, depth, columns, mode % 2 == 0, mode / 2 == 0);
                    }
                }
            }
        }
    }

    private static void assertIsProduct(int rows, int depth, int columns, boolean conjugate, boolean accumulate) {
        float[] a = random(2 * rows * 4 * (columns + LANES), 1);
        float[] b = random(2 * 4 * (columns + LANES), 2);
        int half = rows * (columns + 3) + 5;
        float[] start = random(2 * half + FourierTransforms.SPARE, 3);
        float[] expected = start.clone();
        float[] expectedOfLanes = start.clone();
        int aIm = a.length / 2;
        int bIm = b.length / 2;
        int bRow = columns + 1;
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                sum(depth, conjugate, accumulate, a, i * 4, aIm + i * 4, 1, b, j, bIm + j, bRow, expected, 2 + i * (columns + 3) + j, half);
            }
        }
        for (int j = 0; j < columns; j++) {
            sum(depth, conjugate, accumulate, a, j, aIm + j, bRow, b, j, bIm + j, bRow, expectedOfLanes, 2 + j, half);
        }
        for (SimdProvider simd : SimdProvider.all()) {
            String what = simd.name() + " " + rows + "x" + depth + "x" + columns;
            float[] actual = start.clone();
            simd.fourier().multiply(rows, depth, columns, conjugate, a, 0, aIm, 4, 1, b, 0, bIm, bRow, actual, 2, 2 + half, columns + 3,
                    accumulate, 2 * half);
            assertArrayEquals(Arrays.copyOf(expected, 2 * half), Arrays.copyOf(actual, 2 * half), what);
            actual = start.clone();
            simd.fourier().multiplyLanes(depth, columns, conjugate, a, 0, aIm, bRow, b, 0, bIm, bRow, actual, 2, 2 + half, accumulate,
                    2 * half);
            assertArrayEquals(Arrays.copyOf(expectedOfLanes, 2 * half), Arrays.copyOf(actual, 2 * half), what);
        }
    }

    private static void sum(int depth, boolean conjugate, boolean accumulate, float[] a, int aRe, int aIm, int aDepth, float[] b, int bRe,
                            int bIm, int bDepth, float[] c, int cRe, int half) {
        float real = accumulate ? c[cRe] : 0;
        float imaginary = accumulate ? c[cRe + half] : 0;
        for (int d = 0; d < depth; d++) {
            float aI = conjugate ? -a[aIm + d * aDepth] : a[aIm + d * aDepth];
            real = Math.fma(-aI, b[bIm + d * bDepth], Math.fma(a[aRe + d * aDepth], b[bRe + d * bDepth], real));
            imaginary = Math.fma(aI, b[bRe + d * bDepth], Math.fma(a[aRe + d * aDepth], b[bIm + d * bDepth], imaginary));
        }
        c[cRe] = real;
        c[cRe + half] = imaginary;
    }

    private static float[] transform(SimdProvider simd, int n, float[] values, boolean inverse) {
        FourierLength length = new FourierLength(n);
        float[] result = new float[2 * n * LANES];
        int re = inverse ? n * LANES : 0;
        int im = n * LANES - re;
        float[] memory = new float[length.temporaryLength()];
        Arrays.fill(memory, Float.NaN);
        length.transform(simd.fourier(), values, re, im, LANES, result, re, im, LANES, memory, 0);
        return result;
    }

    private static void assertIsTransform(int n, float[] values, float[] transformed, int sign) {
        for (int l = 0; l < LANES; l++) {
            double error = 0;
            double norm = 0;
            for (int f = 0; f < n; f++) {
                double re = 0;
                double im = 0;
                for (int i = 0; i < n; i++) {
                    double angle = sign * 2 * Math.PI * f * i / n;
                    double r = values[i * LANES + l];
                    double q = values[(n + i) * LANES + l];
                    re += r * Math.cos(angle) - q * Math.sin(angle);
                    im += r * Math.sin(angle) + q * Math.cos(angle);
                }
                error += square(re - transformed[f * LANES + l]) + square(im - transformed[(n + f) * LANES + l]);
                norm += re * re + im * im;
            }
            double bound = (PER_BIT * Math.log(n) / Math.log(2) * UNIT + 1e-13) * Math.sqrt(norm);
            assertTrue(Math.sqrt(error) <= bound, "length " + n + ": " + Math.sqrt(error) + " exceeds " + bound);
        }
    }

    private static void assertIsHalfOfTransform(int n, float[] real, float[] apart) {
        double bound = PER_BIT * (Math.log(2 * n) / Math.log(2) + 1) * UNIT * 2 * 2 * n;
        for (int k = 0; k <= n; k++) {
            for (int l = 0; l < LANES; l++) {
                double re = 0;
                double im = 0;
                for (int i = 0; i < 2 * n; i++) {
                    re += 2 * real[i * LANES + l] * Math.cos(Math.PI * k * i / n);
                    im -= 2 * real[i * LANES + l] * Math.sin(Math.PI * k * i / n);
                }
                assertEquals(re, apart[k * LANES + l], bound);
                assertEquals(im, apart[(n + 1 + k) * LANES + l], bound);
            }
        }
    }

    private static void assertClose(float[] expected, float[] actual, double bound) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], bound, "element " + i);
        }
    }

    private static double square(double a) {
        return a * a;
    }

    /** Between -1 and 1. */
    private static float[] random(int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (2 * random.nextDouble() - 1);
        }
        return values;
    }
}
