package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over channels side by side with the Vector API in one width; defined like {@link VectorProvider}, and written like it. Inputs that
 * follow one another have loops of their own, with constants for their distance: half of the time would go into indices otherwise.
 */
final class VectorChannelLoops implements ChannelLoops {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

    /** Outputs that are summed up side by side: maps of 7, 14, 28, 56 and 112 are common. */
    private static final int AT_ONCE = 7;

    VectorChannelLoops() {
    }

    @Override
    public void correlate(int[] taps, int first, int end, float[] weights, int weightsOffset, float[] x, int xOffset, int xStep,
                          float[] y, int yOffset, int yStep, int count) {
        if (count < AT_ONCE) {
            for (int j = 0; j < count; j++) {
                correlate1(taps, first, end, weights, weightsOffset, x, xOffset + j * xStep, y, yOffset + j * yStep);
            }
            return;
        }
        for (int next = 0; next < count; next += AT_ONCE) {
            // The last outputs are computed once more where they fill no tile of their own.
            int j = Math.min(next, count - AT_ONCE);
            if (xStep == LANES) {
                correlate7(taps, first, end, weights, weightsOffset, x, xOffset + j * LANES, y, yOffset + j * yStep, yStep);
            } else {
                correlateApart7(taps, first, end, weights, weightsOffset, x, xOffset + j * xStep, xStep, y, yOffset + j * yStep, yStep);
            }
        }
    }

    private static void correlate1(int[] taps, int first, int end, float[] weights, int w, float[] x, int x0, float[] y, int y0) {
        FloatVector s = FloatVector.zero(SPECIES);
        for (int i = 2 * first; i < 2 * end; i += 2) {
            s = FloatVector.fromArray(SPECIES, weights, w + taps[i]).fma(FloatVector.fromArray(SPECIES, x, x0 + taps[i + 1]), s);
        }
        s.intoArray(y, y0);
    }

    private static void correlate7(int[] taps, int first, int end, float[] weights, int w, float[] x, int x0,
                                   float[] y, int y0, int yStep) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        for (int i = 2 * first; i < 2 * end; i += 2) {
            FloatVector weight = FloatVector.fromArray(SPECIES, weights, w + taps[i]);
            int at = x0 + taps[i + 1];
            s0 = weight.fma(FloatVector.fromArray(SPECIES, x, at), s0);
            s1 = weight.fma(FloatVector.fromArray(SPECIES, x, at + LANES), s1);
            s2 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 2 * LANES), s2);
            s3 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 3 * LANES), s3);
            s4 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 4 * LANES), s4);
            s5 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 5 * LANES), s5);
            s6 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 6 * LANES), s6);
        }
        s0.intoArray(y, y0);
        s1.intoArray(y, y0 + yStep);
        s2.intoArray(y, y0 + 2 * yStep);
        s3.intoArray(y, y0 + 3 * yStep);
        s4.intoArray(y, y0 + 4 * yStep);
        s5.intoArray(y, y0 + 5 * yStep);
        s6.intoArray(y, y0 + 6 * yStep);
    }

    /** The same of inputs that are further apart. */
    private static void correlateApart7(int[] taps, int first, int end, float[] weights, int w, float[] x, int x0, int xStep,
                                        float[] y, int y0, int yStep) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        for (int i = 2 * first; i < 2 * end; i += 2) {
            FloatVector weight = FloatVector.fromArray(SPECIES, weights, w + taps[i]);
            int at = x0 + taps[i + 1];
            s0 = weight.fma(FloatVector.fromArray(SPECIES, x, at), s0);
            at += xStep;
            s1 = weight.fma(FloatVector.fromArray(SPECIES, x, at), s1);
            at += xStep;
            s2 = weight.fma(FloatVector.fromArray(SPECIES, x, at), s2);
            at += xStep;
            s3 = weight.fma(FloatVector.fromArray(SPECIES, x, at), s3);
            at += xStep;
            s4 = weight.fma(FloatVector.fromArray(SPECIES, x, at), s4);
            at += xStep;
            s5 = weight.fma(FloatVector.fromArray(SPECIES, x, at), s5);
            at += xStep;
            s6 = weight.fma(FloatVector.fromArray(SPECIES, x, at), s6);
        }
        s0.intoArray(y, y0);
        s1.intoArray(y, y0 + yStep);
        s2.intoArray(y, y0 + 2 * yStep);
        s3.intoArray(y, y0 + 3 * yStep);
        s4.intoArray(y, y0 + 4 * yStep);
        s5.intoArray(y, y0 + 5 * yStep);
        s6.intoArray(y, y0 + 6 * yStep);
    }

    @Override
    public void correlatePair(int[] taps, int first, int end, int secondFirst, int secondEnd, int apart, float[] weights,
                              int weightsOffset, float[] x, int xOffset, int secondX, int xStep, float[] y, int yOffset, int secondY,
                              int yStep, int count) {
        if (count < AT_ONCE || xStep != LANES) {
            ChannelLoops.super.correlatePair(taps, first, end, secondFirst, secondEnd, apart, weights, weightsOffset, x, xOffset, secondX,
                    xStep, y, yOffset, secondY, yStep, count);
            return;
        }
        for (int next = 0; next < count; next += AT_ONCE) {
            int j = Math.min(next, count - AT_ONCE);
            correlate7x2(taps, first, end, secondFirst, secondEnd, apart, weights, weightsOffset, x, xOffset + j * LANES,
                    secondX + j * LANES, y, yOffset + j * yStep, secondY + j * yStep, yStep);
        }
    }

    /** Three loops one after the other: taps of the first row alone, of both, and of the second row alone. */
    private static void correlate7x2(int[] taps, int first, int end, int secondFirst, int secondEnd, int apart, float[] weights, int w,
                                     float[] x, int x0, int secondX, float[] y, int y0, int secondY, int yStep) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        FloatVector t2 = FloatVector.zero(SPECIES);
        FloatVector t3 = FloatVector.zero(SPECIES);
        FloatVector t4 = FloatVector.zero(SPECIES);
        FloatVector t5 = FloatVector.zero(SPECIES);
        FloatVector t6 = FloatVector.zero(SPECIES);
        int shared = secondFirst + apart;
        for (int i = first; i < shared; i++) {
            FloatVector weight = FloatVector.fromArray(SPECIES, weights, w + taps[2 * i]);
            int at = x0 + taps[2 * i + 1];
            s0 = weight.fma(FloatVector.fromArray(SPECIES, x, at), s0);
            s1 = weight.fma(FloatVector.fromArray(SPECIES, x, at + LANES), s1);
            s2 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 2 * LANES), s2);
            s3 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 3 * LANES), s3);
            s4 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 4 * LANES), s4);
            s5 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 5 * LANES), s5);
            s6 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 6 * LANES), s6);
        }
        for (int i = shared; i < end; i++) {
            FloatVector weight = FloatVector.fromArray(SPECIES, weights, w + taps[2 * i]);
            FloatVector other = FloatVector.fromArray(SPECIES, weights, w + taps[2 * (i - apart)]);
            int at = x0 + taps[2 * i + 1];
            FloatVector v0 = FloatVector.fromArray(SPECIES, x, at);
            s0 = weight.fma(v0, s0);
            t0 = other.fma(v0, t0);
            FloatVector v1 = FloatVector.fromArray(SPECIES, x, at + LANES);
            s1 = weight.fma(v1, s1);
            t1 = other.fma(v1, t1);
            FloatVector v2 = FloatVector.fromArray(SPECIES, x, at + 2 * LANES);
            s2 = weight.fma(v2, s2);
            t2 = other.fma(v2, t2);
            FloatVector v3 = FloatVector.fromArray(SPECIES, x, at + 3 * LANES);
            s3 = weight.fma(v3, s3);
            t3 = other.fma(v3, t3);
            FloatVector v4 = FloatVector.fromArray(SPECIES, x, at + 4 * LANES);
            s4 = weight.fma(v4, s4);
            t4 = other.fma(v4, t4);
            FloatVector v5 = FloatVector.fromArray(SPECIES, x, at + 5 * LANES);
            s5 = weight.fma(v5, s5);
            t5 = other.fma(v5, t5);
            FloatVector v6 = FloatVector.fromArray(SPECIES, x, at + 6 * LANES);
            s6 = weight.fma(v6, s6);
            t6 = other.fma(v6, t6);
        }
        for (int i = end - apart; i < secondEnd; i++) {
            FloatVector weight = FloatVector.fromArray(SPECIES, weights, w + taps[2 * i]);
            int at = secondX + taps[2 * i + 1];
            t0 = weight.fma(FloatVector.fromArray(SPECIES, x, at), t0);
            t1 = weight.fma(FloatVector.fromArray(SPECIES, x, at + LANES), t1);
            t2 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 2 * LANES), t2);
            t3 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 3 * LANES), t3);
            t4 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 4 * LANES), t4);
            t5 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 5 * LANES), t5);
            t6 = weight.fma(FloatVector.fromArray(SPECIES, x, at + 6 * LANES), t6);
        }
        s0.intoArray(y, y0);
        s1.intoArray(y, y0 + yStep);
        s2.intoArray(y, y0 + 2 * yStep);
        s3.intoArray(y, y0 + 3 * yStep);
        s4.intoArray(y, y0 + 4 * yStep);
        s5.intoArray(y, y0 + 5 * yStep);
        s6.intoArray(y, y0 + 6 * yStep);
        t0.intoArray(y, secondY);
        t1.intoArray(y, secondY + yStep);
        t2.intoArray(y, secondY + 2 * yStep);
        t3.intoArray(y, secondY + 3 * yStep);
        t4.intoArray(y, secondY + 4 * yStep);
        t5.intoArray(y, secondY + 5 * yStep);
        t6.intoArray(y, secondY + 6 * yStep);
    }

    @Override
    public void addProducts(int[] shifts, float[] x, int xOffset, int xStep, float[] y, int yOffset, int count, float[] sums,
                            int sumsOffset) {
        for (int t = 0; t < shifts.length; t += TAPS_AT_ONCE) {
            if (xStep == LANES) {
                addProducts5(shifts, t, x, xOffset, y, yOffset, count, sums, sumsOffset + t * LANES);
            } else {
                addProductsApart5(shifts, t, x, xOffset, xStep, y, yOffset, count, sums, sumsOffset + t * LANES);
            }
        }
    }

    private static void addProducts5(int[] shifts, int t, float[] x, int xOffset, float[] y, int yOffset, int count,
                                     float[] sums, int at) {
        int x0 = xOffset + shifts[t];
        int x1 = xOffset + shifts[t + 1];
        int x2 = xOffset + shifts[t + 2];
        int x3 = xOffset + shifts[t + 3];
        int x4 = xOffset + shifts[t + 4];
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, at);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, at + LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, at + 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, at + 3 * LANES);
        FloatVector s4 = FloatVector.fromArray(SPECIES, sums, at + 4 * LANES);
        for (int i = 0; i < count * LANES; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, y, yOffset + i);
            s0 = FloatVector.fromArray(SPECIES, x, x0 + i).fma(v, s0);
            s1 = FloatVector.fromArray(SPECIES, x, x1 + i).fma(v, s1);
            s2 = FloatVector.fromArray(SPECIES, x, x2 + i).fma(v, s2);
            s3 = FloatVector.fromArray(SPECIES, x, x3 + i).fma(v, s3);
            s4 = FloatVector.fromArray(SPECIES, x, x4 + i).fma(v, s4);
        }
        s0.intoArray(sums, at);
        s1.intoArray(sums, at + LANES);
        s2.intoArray(sums, at + 2 * LANES);
        s3.intoArray(sums, at + 3 * LANES);
        s4.intoArray(sums, at + 4 * LANES);
    }

    /** The same of inputs that are further apart. */
    private static void addProductsApart5(int[] shifts, int t, float[] x, int xOffset, int xStep, float[] y, int yOffset, int count,
                                     float[] sums, int at) {
        int x0 = xOffset + shifts[t];
        int x1 = xOffset + shifts[t + 1];
        int x2 = xOffset + shifts[t + 2];
        int x3 = xOffset + shifts[t + 3];
        int x4 = xOffset + shifts[t + 4];
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, at);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, at + LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, at + 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, at + 3 * LANES);
        FloatVector s4 = FloatVector.fromArray(SPECIES, sums, at + 4 * LANES);
        for (int j = 0; j < count; j++) {
            FloatVector v = FloatVector.fromArray(SPECIES, y, yOffset + j * LANES);
            int next = j * xStep;
            s0 = FloatVector.fromArray(SPECIES, x, x0 + next).fma(v, s0);
            s1 = FloatVector.fromArray(SPECIES, x, x1 + next).fma(v, s1);
            s2 = FloatVector.fromArray(SPECIES, x, x2 + next).fma(v, s2);
            s3 = FloatVector.fromArray(SPECIES, x, x3 + next).fma(v, s3);
            s4 = FloatVector.fromArray(SPECIES, x, x4 + next).fma(v, s4);
        }
        s0.intoArray(sums, at);
        s1.intoArray(sums, at + LANES);
        s2.intoArray(sums, at + 2 * LANES);
        s3.intoArray(sums, at + 3 * LANES);
        s4.intoArray(sums, at + 4 * LANES);
    }
}
