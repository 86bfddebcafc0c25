package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The harness's transforms compute correlations, exactly: in whole numbers, filters multiplied by the common divisor. */
class WinogradFormTest {

    private static final int TRIES = 200;
    private static final int LARGEST = 1000;

    @ParameterizedTest
    @EnumSource
    void inOneDimension(WinogradForm form) {
        SplittableRandom random = new SplittableRandom(1);
        for (int t = 0; t < TRIES; t++) {
            long[] d = integers(random, form.points());
            long[] g = integers(random, 3);
            long[] products = new long[form.points()];
            for (int i = 0; i < products.length; i++) {
                products[i] = row(form.filter[i], g) * row(form.input[i], d);
            }
            for (int p = 0; p < form.m(); p++) {
                long expected = d[p] * g[0] + d[p + 1] * g[1] + d[p + 2] * g[2];
                assertEquals(form.divisor * expected, row(form.output[p], products));
            }
        }
    }

    /** {@code A^T [(G g G^T) * (B^T d B)] A} is the correlation of a tile with a 3x3 filter. */
    @ParameterizedTest
    @EnumSource
    void inTwoDimensions(WinogradForm form) {
        SplittableRandom random = new SplittableRandom(2);
        int n = form.points();
        for (int t = 0; t < TRIES; t++) {
            long[][] d = matrix(random, n);
            long[][] g = matrix(random, 3);
            long[][] u = both(form.filter, g);
            long[][] v = both(form.input, d);
            long[][] products = new long[n][n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    products[i][j] = u[i][j] * v[i][j];
                }
            }
            long[][] y = both(form.output, products);
            for (int p = 0; p < form.m(); p++) {
                for (int q = 0; q < form.m(); q++) {
                    assertEquals((long) form.divisor * form.divisor * correlation(d, g, p, q), y[p][q]);
                }
            }
        }
    }

    /** {@code G^T [(B^T d B) * (A y A^T)] G} is what a tile contributes to the filter gradient: the correlation of d with y. */
    @ParameterizedTest
    @EnumSource
    void inTwoDimensionsDerivedByTheFilter(WinogradForm form) {
        SplittableRandom random = new SplittableRandom(3);
        int n = form.points();
        for (int t = 0; t < TRIES; t++) {
            long[][] d = matrix(random, n);
            long[][] y = matrix(random, form.m());
            long[][] v = both(form.input, d);
            long[][] w = both(WinogradForm.transposed(form.output), y);
            long[][] products = new long[n][n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    products[i][j] = v[i][j] * w[i][j];
                }
            }
            long[][] dg = both(WinogradForm.transposed(form.filter), products);
            for (int r = 0; r < 3; r++) {
                for (int s = 0; s < 3; s++) {
                    long expected = 0;
                    for (int p = 0; p < form.m(); p++) {
                        for (int q = 0; q < form.m(); q++) {
                            expected += d[p + r][q + s] * y[p][q];
                        }
                    }
                    assertEquals((long) form.divisor * form.divisor * expected, dg[r][s]);
                }
            }
        }
    }

    private static long correlation(long[][] d, long[][] g, int p, int q) {
        long sum = 0;
        for (int r = 0; r < 3; r++) {
            for (int s = 0; s < 3; s++) {
                sum += d[p + r][q + s] * g[r][s];
            }
        }
        return sum;
    }

    /** {@code T m T^T}. */
    private static long[][] both(int[][] transform, long[][] m) {
        long[][] half = new long[transform.length][m.length];
        for (int i = 0; i < transform.length; i++) {
            for (int j = 0; j < m.length; j++) {
                for (int k = 0; k < m.length; k++) {
                    half[i][j] += transform[i][k] * m[k][j];
                }
            }
        }
        long[][] whole = new long[transform.length][transform.length];
        for (int i = 0; i < transform.length; i++) {
            for (int j = 0; j < transform.length; j++) {
                whole[i][j] = row(transform[j], half[i]);
            }
        }
        return whole;
    }

    private static long row(int[] row, long[] values) {
        long sum = 0;
        for (int i = 0; i < row.length; i++) {
            sum += row[i] * values[i];
        }
        return sum;
    }

    private static long[][] matrix(SplittableRandom random, int size) {
        long[][] matrix = new long[size][];
        for (int i = 0; i < size; i++) {
            matrix[i] = integers(random, size);
        }
        return matrix;
    }

    private static long[] integers(SplittableRandom random, int count) {
        return random.longs(count, -LARGEST, LARGEST + 1).toArray();
    }
}
