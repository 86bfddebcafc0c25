package io.github.jconv.cpu.simd;

/**
 * The one-dimensional transforms of Winograd's minimal filtering F(m, 3) for m = 2 and m = 4, applied to many columns at once. A
 * two-dimensional transform is two of them, one for each axis.
 *
 * <pre>
 *   y = A^T [(G g) * (B^T d)]        d: m + 2 inputs, g: 3 taps, y: m outputs of the correlation, * elementwise
 *
 *   m = 2, points 0, 1, -1, infinity:
 *     B^T =  1  0 -1  0     G =  1    0    0      A^T =  1  1  1  0
 *            0  1  1  0         1/2  1/2  1/2            0  1 -1 -1
 *            0 -1  1  0         1/2 -1/2  1/2
 *            0  1  0 -1          0    0    1
 *
 *   m = 4, points 0, 1, -1, 2, -2, infinity:
 *     B^T =  4  0 -5  0  1  0     G =   1/4    0    0      A^T =  1  1  1  1  1  0
 *            0 -4 -4  1  1  0          -1/6 -1/6 -1/6             0  1 -1  2 -2  0
 *            0  4 -4 -1  1  0          -1/6  1/6 -1/6             0  1  1  4  4  0
 *            0 -2 -1  2  1  0          1/24 1/12  1/6             0  1 -1  8 -8  1
 *            0  2 -1 -2  1  0          1/24 -1/12 1/6
 *            0  4  0 -5  0  1            0    0    1
 * </pre>
 *
 * <p>The derivatives of the same sum by its filter, {@code dg = G^T [(B^T d) * (A dy)]}, take {@link #outputGradient} A and
 * {@link #filterGradient} G^T, for m = 4.
 *
 * <p>Reference: A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, arXiv:1509.09308. Every provider does the same
 * operations in the same order. On the way from an element to a result lie at most this many roundings, a fused multiply-add counted
 * as two because a host may lack it, but products by powers of two not at all:
 *
 * <pre>
 *           input   filter   output   outputGradient   filterGradient
 *   m = 2     1       2        2
 *   m = 4     3       4        3            2                5          (filter's with the rounding of the constant 1/6)
 * </pre>
 *
 * <p>No term enters a result by two ways that cancel, so that each is off by these roundings of itself only. Elements are whole columns:
 * row i of an operand lies at {@code offset + i * step}. Each call transforms several such operands, whose offsets are {@code fromNext}
 * and {@code toNext} apart. Up to {@code lanes() - 1} columns behind {@code length} are read and take arbitrary values; they must exist.
 */
public interface WinogradTransforms {

    /** {@code B^T d}: m + 2 rows to m + 2 rows. */
    void input(int m, int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep, int length);

    /** {@code G g}: 3 rows to m + 2 rows. */
    void filter(int m, int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep, int length);

    /** {@code A^T y}: m + 2 rows to m rows. */
    void output(int m, int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep, int length);

    /** {@code A dy} for m = 4: 4 rows to 6 rows. */
    void outputGradient(int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep, int length);

    /** {@code G^T u} for m = 4: 6 rows to 3 rows. */
    void filterGradient(int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep, int length);
}
