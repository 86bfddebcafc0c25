package io.github.jconv.cpu.simd;

/** The loops in plain Java. */
final class ScalarFourier implements FourierTransforms {

    static final float HALF_SQRT_3 = (float) Math.sqrt(0.75);
    static final float COS_72 = (float) Math.cos(2 * Math.PI / 5);
    static final float COS_144 = (float) Math.cos(4 * Math.PI / 5);
    static final float SIN_72 = (float) Math.sin(2 * Math.PI / 5);
    static final float SIN_144 = (float) Math.sin(4 * Math.PI / 5);

    @Override
    public void pass(int radix, int m, int s, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep,
                     float[] twiddles, int at) {
        int apart = s * m * step;
        int toNext = s * dstStep;
        for (int p = 0; p < m; p++) {
            for (int q = 0; q < s; q++) {
                int from = (q + s * p) * step;
                int to = (q + s * radix * p) * dstStep;
                switch (radix) {
                    case 2 -> radix2(src, re + from, im + from, apart, dst, dstRe + to, dstIm + to, toNext);
                    case 3 -> radix3(src, re + from, im + from, apart, dst, dstRe + to, dstIm + to, toNext);
                    case 4 -> radix4(src, re + from, im + from, apart, dst, dstRe + to, dstIm + to, toNext);
                    default -> radix5(src, re + from, im + from, apart, dst, dstRe + to, dstIm + to, toNext);
                }
                for (int j = 1; p > 0 && j < radix; j++) {
                    twist(twiddles, at + ((p - 1) * (radix - 1) + j - 1) * TWIDDLE, dst, dstRe + to + j * toNext, dstIm + to + j * toNext);
                }
            }
        }
    }

    /** Multiplies a point by a factor. */
    private static void twist(float[] twiddles, int at, float[] values, int re, int im) {
        float c = twiddles[at];
        float s = twiddles[at + 1];
        float minusS = twiddles[at + 2];
        for (int l = 0; l < LANES; l++) {
            float r = values[re + l];
            float i = values[im + l];
            values[re + l] = fma(r, c, i * minusS);
            values[im + l] = fma(r, s, i * c);
        }
    }

    private static void radix2(float[] src, int re, int im, int apart, float[] dst, int toRe, int toIm, int next) {
        for (int l = 0; l < LANES; l++) {
            float r0 = src[re + l];
            float i0 = src[im + l];
            float r1 = src[re + apart + l];
            float i1 = src[im + apart + l];
            dst[toRe + l] = r0 + r1;
            dst[toIm + l] = i0 + i1;
            dst[toRe + next + l] = r0 - r1;
            dst[toIm + next + l] = i0 - i1;
        }
    }

    private static void radix3(float[] src, int re, int im, int apart, float[] dst, int toRe, int toIm, int next) {
        for (int l = 0; l < LANES; l++) {
            float r0 = src[re + l];
            float i0 = src[im + l];
            float r1 = src[re + apart + l];
            float i1 = src[im + apart + l];
            float r2 = src[re + 2 * apart + l];
            float i2 = src[im + 2 * apart + l];
            float sumR = r1 + r2;
            float sumI = i1 + i2;
            float differenceR = r1 - r2;
            float differenceI = i1 - i2;
            float restR = fma(-0.5f, sumR, r0);
            float restI = fma(-0.5f, sumI, i0);
            dst[toRe + l] = r0 + sumR;
            dst[toIm + l] = i0 + sumI;
            dst[toRe + next + l] = fma(HALF_SQRT_3, differenceI, restR);
            dst[toIm + next + l] = fma(-HALF_SQRT_3, differenceR, restI);
            dst[toRe + 2 * next + l] = fma(-HALF_SQRT_3, differenceI, restR);
            dst[toIm + 2 * next + l] = fma(HALF_SQRT_3, differenceR, restI);
        }
    }

    private static void radix4(float[] src, int re, int im, int apart, float[] dst, int toRe, int toIm, int next) {
        for (int l = 0; l < LANES; l++) {
            float r0 = src[re + l];
            float i0 = src[im + l];
            float r1 = src[re + apart + l];
            float i1 = src[im + apart + l];
            float r2 = src[re + 2 * apart + l];
            float i2 = src[im + 2 * apart + l];
            float r3 = src[re + 3 * apart + l];
            float i3 = src[im + 3 * apart + l];
            float evenR = r0 + r2;
            float evenI = i0 + i2;
            float oddR = r1 + r3;
            float oddI = i1 + i3;
            float leftR = r0 - r2;
            float leftI = i0 - i2;
            float rightR = r1 - r3;
            float rightI = i1 - i3;
            dst[toRe + l] = evenR + oddR;
            dst[toIm + l] = evenI + oddI;
            dst[toRe + next + l] = leftR + rightI;
            dst[toIm + next + l] = leftI - rightR;
            dst[toRe + 2 * next + l] = evenR - oddR;
            dst[toIm + 2 * next + l] = evenI - oddI;
            dst[toRe + 3 * next + l] = leftR - rightI;
            dst[toIm + 3 * next + l] = leftI + rightR;
        }
    }

    private static void radix5(float[] src, int re, int im, int apart, float[] dst, int toRe, int toIm, int next) {
        for (int l = 0; l < LANES; l++) {
            float r0 = src[re + l];
            float i0 = src[im + l];
            float r1 = src[re + apart + l] + src[re + 4 * apart + l];
            float i1 = src[im + apart + l] + src[im + 4 * apart + l];
            float r2 = src[re + 2 * apart + l] + src[re + 3 * apart + l];
            float i2 = src[im + 2 * apart + l] + src[im + 3 * apart + l];
            float r3 = src[re + 2 * apart + l] - src[re + 3 * apart + l];
            float i3 = src[im + 2 * apart + l] - src[im + 3 * apart + l];
            float r4 = src[re + apart + l] - src[re + 4 * apart + l];
            float i4 = src[im + apart + l] - src[im + 4 * apart + l];
            float nearR = fma(COS_144, r2, fma(COS_72, r1, r0));
            float nearI = fma(COS_144, i2, fma(COS_72, i1, i0));
            float farR = fma(COS_72, r2, fma(COS_144, r1, r0));
            float farI = fma(COS_72, i2, fma(COS_144, i1, i0));
            float turnedR = fma(SIN_144, r3, SIN_72 * r4);
            float turnedI = fma(SIN_144, i3, SIN_72 * i4);
            float twiceR = fma(-SIN_72, r3, SIN_144 * r4);
            float twiceI = fma(-SIN_72, i3, SIN_144 * i4);
            dst[toRe + l] = r0 + (r1 + r2);
            dst[toIm + l] = i0 + (i1 + i2);
            dst[toRe + next + l] = nearR + turnedI;
            dst[toIm + next + l] = nearI - turnedR;
            dst[toRe + 2 * next + l] = farR + twiceI;
            dst[toIm + 2 * next + l] = farI - twiceR;
            dst[toRe + 3 * next + l] = farR - twiceI;
            dst[toIm + 3 * next + l] = farI + twiceR;
            dst[toRe + 4 * next + l] = nearR - turnedI;
            dst[toIm + 4 * next + l] = nearI + turnedR;
        }
    }

    @Override
    public void untangle(int n, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep, float[] twiddles,
                         int at) {
        for (int l = 0; l < LANES; l++) {
            float real = src[re + l];
            float imaginary = src[im + l];
            dst[dstRe + l] = 2 * (real + imaginary);
            dst[dstIm + l] = 0;
            dst[dstRe + n * dstStep + l] = 2 * (real - imaginary);
            dst[dstIm + n * dstStep + l] = 0;
        }
        for (int k = 1; k <= n / 2; k++) {
            float c = twiddles[at + k * TWIDDLE];
            float s = twiddles[at + k * TWIDDLE + 1];
            float minusS = twiddles[at + k * TWIDDLE + 2];
            int low = k * step;
            int high = (n - k) * step;
            int toLow = k * dstStep;
            int toHigh = (n - k) * dstStep;
            for (int l = 0; l < LANES; l++) {
                float lowR = src[re + low + l];
                float lowI = src[im + low + l];
                float highR = src[re + high + l];
                float highI = src[im + high + l];
                float evenR = lowR + highR;
                float evenI = lowI - highI;
                float oddR = lowI + highI;
                float oddI = highR - lowR;
                float turnedR = fma(oddR, c, oddI * minusS);
                float turnedI = fma(oddR, s, oddI * c);
                dst[dstRe + toHigh + l] = evenR - turnedR;
                dst[dstIm + toHigh + l] = turnedI - evenI;
                dst[dstRe + toLow + l] = evenR + turnedR;
                dst[dstIm + toLow + l] = evenI + turnedI;
            }
        }
    }

    @Override
    public void tangle(int n, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep, float[] twiddles,
                       int at) {
        for (int l = 0; l < LANES; l++) {
            float first = src[re + l];
            float last = src[re + n * step + l];
            dst[dstRe + l] = first + last;
            dst[dstIm + l] = first - last;
        }
        for (int k = 1; k <= n / 2; k++) {
            float c = twiddles[at + k * TWIDDLE];
            float s = twiddles[at + k * TWIDDLE + 1];
            float minusS = twiddles[at + k * TWIDDLE + 2];
            int low = k * step;
            int high = (n - k) * step;
            int toLow = k * dstStep;
            int toHigh = (n - k) * dstStep;
            for (int l = 0; l < LANES; l++) {
                float lowR = src[re + low + l];
                float lowI = src[im + low + l];
                float highR = src[re + high + l];
                float highI = src[im + high + l];
                float evenR = lowR + highR;
                float evenI = lowI - highI;
                float differenceR = lowR - highR;
                float differenceI = lowI + highI;
                float oddR = fma(differenceR, c, differenceI * s);
                float oddI = fma(differenceR, minusS, differenceI * c);
                dst[dstRe + toHigh + l] = evenR + oddI;
                dst[dstIm + toHigh + l] = oddR - evenI;
                dst[dstRe + toLow + l] = evenR - oddI;
                dst[dstIm + toLow + l] = evenI + oddR;
            }
        }
    }

    @Override
    public void multiply(int rows, int depth, int columns, boolean conjugate, float[] a, int aRe, int aIm, int aRow, int aDepth, float[] b,
                         int bRe, int bIm, int bDepth, float[] c, int cRe, int cIm, int cRow, boolean accumulate, int spare) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                multiplyElement(depth, conjugate, a, aRe + i * aRow, aIm + i * aRow, aDepth, b, bRe + j, bIm + j, bDepth, c,
                        cRe + i * cRow + j, cIm + i * cRow + j, accumulate);
            }
        }
    }

    @Override
    public void multiplyLanes(int depth, int columns, boolean conjugate, float[] a, int aRe, int aIm, int aDepth, float[] b, int bRe,
                              int bIm, int bDepth, float[] c, int cRe, int cIm, boolean accumulate, int spare) {
        for (int j = 0; j < columns; j++) {
            multiplyElement(depth, conjugate, a, aRe + j, aIm + j, aDepth, b, bRe + j, bIm + j, bDepth, c, cRe + j, cIm + j, accumulate);
        }
    }

    private static void multiplyElement(int depth, boolean conjugate, float[] a, int aRe, int aIm, int aDepth, float[] b, int bRe, int bIm,
                                        int bDepth, float[] c, int cRe, int cIm, boolean accumulate) {
        float sumR = accumulate ? c[cRe] : 0;
        float sumI = accumulate ? c[cIm] : 0;
        for (int d = 0; d < depth; d++) {
            float real = a[aRe + d * aDepth];
            float imaginary = conjugate ? -a[aIm + d * aDepth] : a[aIm + d * aDepth];
            float bR = b[bRe + d * bDepth];
            float bI = b[bIm + d * bDepth];
            sumR = fma(-imaginary, bI, fma(real, bR, sumR));
            sumI = fma(imaginary, bR, fma(real, bI, sumI));
        }
        c[cRe] = sumR;
        c[cIm] = sumI;
    }

    private static float fma(float a, float b, float c) {
        return FusedArithmetic.multiplyAdd(a, b, c);
    }
}
