package io.github.jconv.cpu;

import io.github.jconv.cpu.simd.FourierTransforms;

/** The transform of complex numbers of one length, which has no prime factors but 2, 3 and 5: its passes and their factors. */
final class FourierLength {

    private static final int LANES = FourierTransforms.LANES;
    private static final int[] RADICES = {4, 2, 3, 5};
    private static final double[] WORK = {1, 0.7, 1.1, 1.5};

    final int length;
    private final int passes;
    private final int[] radix = new int[Integer.SIZE];
    /** Where the factors of each pass begin. */
    private final int[] at = new int[Integer.SIZE];
    private final float[] twiddles;

    FourierLength(int length) {
        this.length = length;
        int count = 0;
        int factors = 0;
        int rest = length;
        for (int r : RADICES) {
            for (; rest % r == 0; rest /= r) {
                radix[count] = r;
                at[count++] = factors;
                factors += (rest / r - 1) * (r - 1) * FourierTransforms.TWIDDLE;
            }
        }
        if (rest != 1) {
            throw new IllegalArgumentException("the length is " + length + "; allowed: products of 2, 3 and 5");
        }
        passes = count;
        twiddles = new float[factors];
        for (int pass = 0, m = length; pass < passes; pass++) {
            m /= radix[pass];
            fill(at[pass], radix[pass], m);
        }
    }

    private void fill(int from, int r, int m) {
        for (int p = 1; p < m; p++) {
            for (int j = 1; j < r; j++) {
                put(twiddles, from + ((p - 1) * (r - 1) + j - 1) * FourierTransforms.TWIDDLE, (long) p * j, r * m);
            }
        }
    }

    /** The factor {@code exp(-2 pi i k / n)}. */
    private static void put(float[] factors, int at, long k, int n) {
        double angle = 2 * Math.PI * k / n;
        factors[at] = (float) Math.cos(angle);
        factors[at + 1] = (float) -Math.sin(angle);
        factors[at + 2] = (float) Math.sin(angle);
    }

    /** The factors {@code exp(-2 pi i k / n)} for k from 0 to {@code n / 4}, which take apart two signals in one of half the length. */
    static float[] untangling(int n) {
        float[] factors = new float[(n / 4 + 1) * FourierTransforms.TWIDDLE];
        for (int k = 0; k <= n / 4; k++) {
            put(factors, k * FourierTransforms.TWIDDLE, k, n);
        }
        return factors;
    }

    /** The smallest length from n on. */
    static int atLeast(int n) {
        int length = Math.max(1, n);
        while (!isSmooth(length)) {
            length++;
        }
        return length;
    }

    private static boolean isSmooth(int n) {
        int rest = n;
        for (int prime : new int[]{2, 3, 5}) {
            while (rest % prime == 0) {
                rest /= prime;
            }
        }
        return rest == 1;
    }

    /** What the passes of a length cost for each of its points, with 1 for one of radix 4. */
    static double work(int length) {
        double work = 0;
        int rest = length;
        for (int i = 0; i < RADICES.length; i++) {
            for (; rest % RADICES[i] == 0; rest /= RADICES[i]) {
                work += WORK[i];
            }
        }
        return work;
    }

    /** Floats that {@link #transform} needs beside its operands. */
    int temporaryLength() {
        return 4 * length * LANES;
    }

    /** The operands of {@link FourierTransforms#pass}, which may be the same place; a length of 1 is copied. */
    void transform(FourierTransforms loops, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep,
                   float[] memory, int temporary) {
        if (passes == 0) {
            System.arraycopy(src, re, dst, dstRe, LANES);
            System.arraycopy(src, im, dst, dstIm, LANES);
            return;
        }
        float[] from = src;
        int fromRe = re;
        int fromIm = im;
        int fromStep = step;
        int s = 1;
        for (int pass = 0; pass < passes; pass++) {
            int r = radix[pass];
            boolean last = pass == passes - 1;
            int toRe = last ? dstRe : temporary + (pass & 1) * 2 * length * LANES;
            int toIm = last ? dstIm : toRe + length * LANES;
            int toStep = last ? dstStep : LANES;
            float[] to = last ? dst : memory;
            loops.pass(r, length / r / s, s, from, fromRe, fromIm, fromStep, to, toRe, toIm, toStep, twiddles, at[pass]);
            from = to;
            fromRe = toRe;
            fromIm = toIm;
            fromStep = toStep;
            s *= r;
        }
    }
}
