package io.github.jconv.cpu.simd;

/** The transforms in plain Java, one column after the other. */
final class ScalarWinograd implements WinogradTransforms {

    private static final float SIXTH = 1f / 6;

    @Override
    public void input(int m, int runs, float[] src, int from, int fromNext, int step, int carry, float[] dst, int to, int toNext,
                      int toStep, int length) {
        for (int run = 0; run < runs; run++) {
            if (m == 2) {
                input2(src, from + run * fromNext, step, carry, dst, to + run * toNext, toStep, length);
            } else {
                input4(src, from + run * fromNext, step, carry, dst, to + run * toNext, toStep, length);
            }
        }
    }

    private static void input2(float[] src, int from, int step, int carry, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i++) {
            float d1 = src[from + step + i];
            float d2 = src[from + carry + i];
            dst[to + i] = src[from + i] - d2;
            dst[to + toStep + i] = d1 + d2;
            dst[to + 2 * toStep + i] = d2 - d1;
            dst[to + 3 * toStep + i] = d1 - src[from + carry + step + i];
        }
    }

    private static void input4(float[] src, int from, int step, int carry, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i++) {
            float d1 = src[from + step + i];
            float d2 = src[from + 2 * step + i];
            float d3 = src[from + 3 * step + i];
            float d4 = src[from + carry + i];
            float even = fma(-4, d2, d4);
            float odd = fma(-4, d1, d3);
            float difference = d4 - d2;
            float doubled = d3 - d1;
            dst[to + i] = fma(4, src[from + i], fma(-5, d2, d4));
            dst[to + toStep + i] = even + odd;
            dst[to + 2 * toStep + i] = even - odd;
            dst[to + 3 * toStep + i] = fma(2, doubled, difference);
            dst[to + 4 * toStep + i] = fma(-2, doubled, difference);
            dst[to + 5 * toStep + i] = fma(4, d1, fma(-5, d3, src[from + carry + step + i]));
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
    public void split(int m, int runs, float[] src, int from, int fromNext, float[] dst, int to, int toNext, int toStep, int length) {
        for (int run = 0; run < runs; run++) {
            for (int p = 0; p < m; p++) {
                int first = from + run * fromNext + p;
                int at = to + run * toNext + p * toStep;
                for (int j = 0; j < length; j++) {
                    dst[at + j] = src[first + j * m];
                }
            }
        }
    }

    @Override
    public int splitReads(int m, int length) {
        return m * length;
    }

    @Override
    public void join(int m, float[] src, int from, int step, float[] dst, int to, int length) {
        for (int p = 0; p < m; p++) {
            for (int j = 0; j < length; j++) {
                dst[to + j * m + p] = src[from + p * step + j];
            }
        }
    }

    private static float fma(float a, float b, float c) {
        return FusedArithmetic.multiplyAdd(a, b, c);
    }
}
