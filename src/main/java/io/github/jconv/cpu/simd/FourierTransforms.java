package io.github.jconv.cpu.simd;

/**
 * The inner loops of convolutions by Fourier transforms. What is transformed are signals of real numbers, {@value #LANES} at a time:
 * point i of all of them is a run of {@value #LANES} floats, so that every loop is one over such runs, and no lane ever meets another. A
 * complex number is a real and an imaginary part that lie apart. Every provider does the same operations in the same order.
 *
 * <p>Complex points have their parts at {@code re + i * step} and {@code im + i * step}. To exchange the two parts of source and target
 * makes the inverse transform of the transform (without its division by the length).
 */
public interface FourierTransforms {

    /** Signals side by side: the floats of the widest vectors. */
    int LANES = 16;

    /** Floats of one {@link #pass twiddle factor}: real part, imaginary part, and that negated. */
    int TWIDDLE = 3;

    /** What {@link #multiply} needs for itself: four rows of real and of imaginary parts. */
    int SPARE = 8 * LANES;

    /**
     * One pass of Stockham's transform, whose results come out in their natural order: for p in [0, m) and q in [0, s)
     *
     * <pre>
     *   a[k] = src[q + s * (p + m * k)]          b = the transform of a, b[j] = sum over k of a[k] * exp(-2 pi i j k / radix)
     *   dst[q + s * (radix * p + j)] = b[j] * exp(-2 pi i p j / (radix * m))                              for j, k in [0, radix)
     * </pre>
     *
     * Passes with s = 1, then the product of the radices before, and {@code radix * m * s} always the length, together are the
     * transform {@code X[f] = sum over n of x[n] * exp(-2 pi i f n / length)}. Reference: C. Van Loan, Computational Frameworks for the
     * Fast Fourier Transform, SIAM 1992, section 1.7.
     *
     * @param radix    2, 3, 4 or 5
     * @param twiddles for p from 1 on and j from 1 to radix - 1 the factors, {@value #TWIDDLE} floats each, from {@code at} on
     */
    void pass(int radix, int m, int s, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep,
              float[] twiddles, int at);

    /**
     * From the transform Z of length n of complex numbers {@code z[i] = x[2 i] + sqrt(-1) x[2 i + 1]} the first n + 1 values of the
     * transform X of length 2 n of the real x, times 2: with {@code Y = conjugate(Z[n - k])} (and Z[n] = Z[0])
     *
     * <pre>
     *   2 X[k] = (Z[k] + Y) - sqrt(-1) * exp(-2 pi i k / (2 n)) * (Z[k] - Y)
     * </pre>
     *
     * @param twiddles {@code exp(-2 pi i k / (2 n))} for k from 0 to n / 2, {@value #TWIDDLE} floats each, from {@code at} on
     */
    void untangle(int n, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep, float[] twiddles, int at);

    /** The reverse: from n + 1 values of X twice those of Z. The imaginary parts of X[0] and X[n], which are 0, are not read. */
    void tangle(int n, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep, float[] twiddles, int at);

    /**
     * Rows of signals side by side: {@code dst[re + i * LANES + l] = src[from + l * rowStep + 2 i]} and
     * {@code dst[im + i * LANES + l] = src[from + l * rowStep + 2 i + 1]} for i in [0, n).
     */
    default void interleave(int n, float[] src, int from, int rowStep, float[] dst, int re, int im) {
        for (int l = 0; l < LANES; l++) {
            int row = from + l * rowStep;
            for (int i = 0; i < n; i++) {
                dst[re + i * LANES + l] = src[row + 2 * i];
                dst[im + i * LANES + l] = src[row + 2 * i + 1];
            }
        }
    }

    /** The reverse, each value times a factor. */
    default void separate(int n, float factor, float[] src, int re, int im, float[] dst, int to, int rowStep) {
        for (int l = 0; l < LANES; l++) {
            int row = to + l * rowStep;
            for (int i = 0; i < n; i++) {
                dst[row + 2 * i] = factor * src[re + i * LANES + l];
                dst[row + 2 * i + 1] = factor * src[im + i * LANES + l];
            }
        }
    }

    /**
     * A product of complex matrices, for i in [0, rows) and j in [0, columns):
     *
     * <pre>
     *   for d ascending:  c[i][j] += a[i][d] * b[d][j]        or conjugate(a[i][d]) * b[d][j]
     *
     *   a[i][d] at aRe, aIm + i * aRow + d * aDepth        b[d][j] at bRe, bIm + d * bDepth + j        c[i][j] at cRe, cIm + i * cRow + j
     * </pre>
     *
     * Each step adds {@code re(a) re(b)}, then {@code im(a) im(b)} to the real part, and {@code re(a) im(b)}, then {@code im(a) re(b)} to
     * the imaginary part. Up to {@code LANES - 1} floats behind the rows of b are read; they must exist.
     *
     * @param conjugate  whether a is conjugated
     * @param accumulate whether c is added to; otherwise the sums begin at 0
     * @param spare      {@value #SPARE} floats of c's array for columns that fill no vector
     */
    void multiply(int rows, int depth, int columns, boolean conjugate, float[] a, int aRe, int aIm, int aRow, int aDepth, float[] b,
                  int bRe, int bIm, int bDepth, float[] c, int cRe, int cIm, int cRow, boolean accumulate, int spare);

    /**
     * The same element by element: {@code for d ascending: c[j] += a[d][j] * b[d][j]}, or with a conjugated, for j in [0, columns), where
     * {@code a[d][j]} is at {@code aRe, aIm + d * aDepth + j} and b alike. Up to {@code LANES - 1} floats behind a and b are read.
     */
    void multiplyLanes(int depth, int columns, boolean conjugate, float[] a, int aRe, int aIm, int aDepth, float[] b, int bRe, int bIm,
                       int bDepth, float[] c, int cRe, int cIm, boolean accumulate, int spare);
}
