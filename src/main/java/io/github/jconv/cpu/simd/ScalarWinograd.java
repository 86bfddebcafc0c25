package io.github.jconv.cpu.simd;

/** The transforms in plain Java, one column after the other. */
final class ScalarWinograd implements WinogradTransforms {

    private static final float SIXTH = 1f / 6;

    @Override
    public void input(int m, int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep,
                      int length) {
        for (int run = 0; run < runs; run++) {
            if (m == 2) {
                input2(src, from + run * fromNext, step, dst, to + run * toNext, toStep, length);
            } else {
                input4(src, from + run * fromNext, step, dst, to + run * toNext, toStep, length);
            }
        }
    }

    private static void input2(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i++) {
            float d1 = src[from + step + i];
            float d2 = src[from + 2 * step + i];
            dst[to + i] = src[from + i] - d2;
            dst[to + toStep + i] = d1 + d2;
            dst[to + 2 * toStep + i] = d2 - d1;
            dst[to + 3 * toStep + i] = d1 - src[from + 3 * step + i];
        }
    }

    private static void input4(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i++) {
            float d1 = src[from + step + i];
            float d2 = src[from + 2 * step + i];
            float d3 = src[from + 3 * step + i];
            float d4 = src[from + 4 * step + i];
            float even = fma(-4, d2, d4);
            float odd = fma(-4, d1, d3);
            float difference = d4 - d2;
            float doubled = d3 - d1;
            dst[to + i] = fma(4, src[from + i], fma(-5, d2, d4));
            dst[to + toStep + i] = even + odd;
            dst[to + 2 * toStep + i] = even - odd;
            dst[to + 3 * toStep + i] = fma(2, doubled, difference);
            dst[to + 4 * toStep + i] = fma(-2, doubled, difference);
            dst[to + 5 * toStep + i] = fma(4, d1, fma(-5, d3, src[from + 5 * step + i]));
        }
    }

    @Override
    public void filter(int m, int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep,
                       int length) {
        for (int run = 0; run < runs; run++) {
            if (m == 2) {
                filter2(src, from + run * fromNext, step, dst, to + run * toNext, toStep, length);
            } else {
                filter4(src, from + run * fromNext, step, dst, to + run * toNext, toStep, length);
            }
        }
    }

    private static void filter2(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i++) {
            float g0 = src[from + i];
            float g1 = src[from + step + i];
            float g2 = src[from + 2 * step + i];
            float ends = g0 + g2;
            dst[to + i] = g0;
            dst[to + toStep + i] = 0.5f * (ends + g1);
            dst[to + 2 * toStep + i] = 0.5f * (ends - g1);
            dst[to + 3 * toStep + i] = g2;
        }
    }

    private static void filter4(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i++) {
            float g0 = src[from + i];
            float g1 = src[from + step + i];
            float g2 = src[from + 2 * step + i];
            float ends = g0 + g2;
            float weighted = fma(0.25f, g0, g2);
            dst[to + i] = 0.25f * g0;
            dst[to + toStep + i] = -SIXTH * (ends + g1);
            dst[to + 2 * toStep + i] = -SIXTH * (ends - g1);
            dst[to + 3 * toStep + i] = SIXTH * fma(0.5f, g1, weighted);
            dst[to + 4 * toStep + i] = SIXTH * fma(-0.5f, g1, weighted);
            dst[to + 5 * toStep + i] = g2;
        }
    }

    @Override
    public void output(int m, int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep,
                       int length) {
        for (int run = 0; run < runs; run++) {
            if (m == 2) {
                output2(src, from + run * fromNext, step, dst, to + run * toNext, toStep, length);
            } else {
                output4(src, from + run * fromNext, step, dst, to + run * toNext, toStep, length);
            }
        }
    }

    private static void output2(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i++) {
            float m1 = src[from + step + i];
            float m2 = src[from + 2 * step + i];
            dst[to + i] = src[from + i] + (m1 + m2);
            dst[to + toStep + i] = m1 - m2 - src[from + 3 * step + i];
        }
    }

    private static void output4(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i++) {
            float m1 = src[from + step + i];
            float m2 = src[from + 2 * step + i];
            float m3 = src[from + 3 * step + i];
            float m4 = src[from + 4 * step + i];
            float sum1 = m1 + m2;
            float difference1 = m1 - m2;
            float sum2 = m3 + m4;
            float difference2 = m3 - m4;
            dst[to + i] = src[from + i] + sum1 + sum2;
            dst[to + toStep + i] = fma(2, difference2, difference1);
            dst[to + 2 * toStep + i] = fma(4, sum2, sum1);
            dst[to + 3 * toStep + i] = fma(8, difference2, difference1) + src[from + 5 * step + i];
        }
    }

    @Override
    public void outputGradient(int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep,
                               int length) {
        for (int run = 0; run < runs; run++) {
            int at = from + run * fromNext;
            int out = to + run * toNext;
            for (int i = 0; i < length; i++) {
                float y0 = src[at + i];
                float y1 = src[at + step + i];
                float y2 = src[at + 2 * step + i];
                float y3 = src[at + 3 * step + i];
                float even = y0 + y2;
                float odd = y1 + y3;
                float evenOfTwo = fma(4, y2, y0);
                float oddOfTwo = fma(4, y3, y1);
                dst[out + i] = y0;
                dst[out + toStep + i] = even + odd;
                dst[out + 2 * toStep + i] = even - odd;
                dst[out + 3 * toStep + i] = fma(2, oddOfTwo, evenOfTwo);
                dst[out + 4 * toStep + i] = fma(-2, oddOfTwo, evenOfTwo);
                dst[out + 5 * toStep + i] = y3;
            }
        }
    }

    @Override
    public void filterGradient(int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep,
                               int length) {
        for (int run = 0; run < runs; run++) {
            int at = from + run * fromNext;
            int out = to + run * toNext;
            for (int i = 0; i < length; i++) {
                float u1 = src[at + step + i];
                float u2 = src[at + 2 * step + i];
                float u3 = src[at + 3 * step + i];
                float u4 = src[at + 4 * step + i];
                float sum1 = u1 + u2;
                float difference1 = u1 - u2;
                float sum2 = u3 + u4;
                float difference2 = u3 - u4;
                dst[out + i] = fma(0.25f, src[at + i], -SIXTH * fma(-0.25f, sum2, sum1));
                dst[out + toStep + i] = -SIXTH * fma(-0.5f, difference2, difference1);
                dst[out + 2 * toStep + i] = fma(SIXTH, sum2 - sum1, src[at + 5 * step + i]);
            }
        }
    }

    private static float fma(float a, float b, float c) {
        return FusedArithmetic.multiplyAdd(a, b, c);
    }
}
