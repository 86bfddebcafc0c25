package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The transforms with the Vector API in one width; defined and kept fast like {@link VectorProvider}. */
final class VectorWinograd implements WinogradTransforms {

    private static final float SIXTH = 1f / 6;

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

    /** Every second, or fourth, element from the number in the name on, over and over. */
    private static final VectorShuffle<Float> SECOND0 = everyOther(2, 0);
    private static final VectorShuffle<Float> SECOND1 = everyOther(2, 1);
    private static final VectorShuffle<Float> FOURTH0 = everyOther(4, 0);
    private static final VectorShuffle<Float> FOURTH1 = everyOther(4, 1);
    private static final VectorShuffle<Float> FOURTH2 = everyOther(4, 2);
    private static final VectorShuffle<Float> FOURTH3 = everyOther(4, 3);

    /** Each of the first elements twice, or four times. */
    private static final VectorShuffle<Float> TWICE = repeated(2);
    private static final VectorShuffle<Float> FOUR_TIMES = repeated(4);

    private static final VectorMask<Float> ODD = lanes(2, 1);
    private static final VectorMask<Float> LANES1 = lanes(4, 1);
    private static final VectorMask<Float> LANES2 = lanes(4, 2);
    private static final VectorMask<Float> LANES3 = lanes(4, 3);

    private static final VectorMask<Float> HALF1 = part(2, 1);
    private static final VectorMask<Float> QUARTER1 = part(4, 1);
    private static final VectorMask<Float> QUARTER2 = part(4, 2);
    private static final VectorMask<Float> QUARTER3 = part(4, 3);

    VectorWinograd() {
    }

    /** No lambda: the JDK cannot make one in a hidden class that is being initialised. */
    private static VectorShuffle<Float> everyOther(int step, int first) {
        int[] sources = new int[LANES];
        for (int i = 0; i < LANES; i++) {
            sources[i] = (i * step + first) % LANES;
        }
        return VectorShuffle.fromArray(SPECIES, sources, 0);
    }

    private static VectorShuffle<Float> repeated(int times) {
        int[] sources = new int[LANES];
        for (int i = 0; i < LANES; i++) {
            sources[i] = i / times;
        }
        return VectorShuffle.fromArray(SPECIES, sources, 0);
    }

    private static VectorMask<Float> lanes(int step, int which) {
        boolean[] set = new boolean[LANES];
        for (int i = which; i < LANES; i += step) {
            set[i] = true;
        }
        return VectorMask.fromArray(SPECIES, set, 0);
    }

    private static VectorMask<Float> part(int parts, int which) {
        boolean[] set = new boolean[LANES];
        Arrays.fill(set, which * LANES / parts, (which + 1) * LANES / parts, true);
        return VectorMask.fromArray(SPECIES, set, 0);
    }

    @Override
    public void input(int m, int runs, float[] src, int from, int fromNext, int step, int carry, float[] dst, int to, int toNext,
                      int toStep, int length) {
        if (m == 4 && length <= LANES) {
            inputVectors4(runs, src, from, fromNext, step, carry, dst, to, toNext, toStep);
            return;
        }
        for (int run = 0; run < runs; run++) {
            if (m == 2) {
                input2(src, from + run * fromNext, step, carry, dst, to + run * toNext, toStep, length);
            } else {
                input4(src, from + run * fromNext, step, carry, dst, to + run * toNext, toStep, length);
            }
        }
    }

    /** Runs of a vector each, for which entering and leaving a loop would take longer than what is done in it. */
    private static void inputVectors4(int runs, float[] src, int from, int fromNext, int step, int carry, float[] dst, int to, int toNext,
                                      int toStep) {
        FloatVector four = FloatVector.broadcast(SPECIES, 4);
        FloatVector minusFour = FloatVector.broadcast(SPECIES, -4);
        FloatVector minusFive = FloatVector.broadcast(SPECIES, -5);
        FloatVector two = FloatVector.broadcast(SPECIES, 2);
        FloatVector minusTwo = FloatVector.broadcast(SPECIES, -2);
        for (int run = 0; run < runs; run++) {
            int at = from + run * fromNext;
            int out = to + run * toNext;
            FloatVector d0 = FloatVector.fromArray(SPECIES, src, at);
            FloatVector d1 = FloatVector.fromArray(SPECIES, src, at + step);
            FloatVector d2 = FloatVector.fromArray(SPECIES, src, at + 2 * step);
            FloatVector d3 = FloatVector.fromArray(SPECIES, src, at + 3 * step);
            FloatVector d4 = FloatVector.fromArray(SPECIES, src, at + carry);
            FloatVector d5 = FloatVector.fromArray(SPECIES, src, at + carry + step);
            FloatVector even = minusFour.fma(d2, d4);
            FloatVector odd = minusFour.fma(d1, d3);
            FloatVector difference = d4.sub(d2);
            FloatVector doubled = d3.sub(d1);
            four.fma(d0, minusFive.fma(d2, d4)).intoArray(dst, out);
            even.add(odd).intoArray(dst, out + toStep);
            even.sub(odd).intoArray(dst, out + 2 * toStep);
            two.fma(doubled, difference).intoArray(dst, out + 3 * toStep);
            minusTwo.fma(doubled, difference).intoArray(dst, out + 4 * toStep);
            four.fma(d1, minusFive.fma(d3, d5)).intoArray(dst, out + 5 * toStep);
        }
    }

    private static void input2(float[] src, int from, int step, int carry, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i += LANES) {
            FloatVector d0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector d1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector d2 = FloatVector.fromArray(SPECIES, src, from + carry + i);
            FloatVector d3 = FloatVector.fromArray(SPECIES, src, from + carry + step + i);
            d0.sub(d2).intoArray(dst, to + i);
            d1.add(d2).intoArray(dst, to + toStep + i);
            d2.sub(d1).intoArray(dst, to + 2 * toStep + i);
            d1.sub(d3).intoArray(dst, to + 3 * toStep + i);
        }
    }

    private static void input4(float[] src, int from, int step, int carry, float[] dst, int to, int toStep, int length) {
        FloatVector four = FloatVector.broadcast(SPECIES, 4);
        FloatVector minusFour = FloatVector.broadcast(SPECIES, -4);
        FloatVector minusFive = FloatVector.broadcast(SPECIES, -5);
        FloatVector two = FloatVector.broadcast(SPECIES, 2);
        FloatVector minusTwo = FloatVector.broadcast(SPECIES, -2);
        for (int i = 0; i < length; i += LANES) {
            FloatVector d0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector d1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector d2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector d3 = FloatVector.fromArray(SPECIES, src, from + 3 * step + i);
            FloatVector d4 = FloatVector.fromArray(SPECIES, src, from + carry + i);
            FloatVector d5 = FloatVector.fromArray(SPECIES, src, from + carry + step + i);
            FloatVector even = minusFour.fma(d2, d4);
            FloatVector odd = minusFour.fma(d1, d3);
            FloatVector difference = d4.sub(d2);
            FloatVector doubled = d3.sub(d1);
            four.fma(d0, minusFive.fma(d2, d4)).intoArray(dst, to + i);
            even.add(odd).intoArray(dst, to + toStep + i);
            even.sub(odd).intoArray(dst, to + 2 * toStep + i);
            two.fma(doubled, difference).intoArray(dst, to + 3 * toStep + i);
            minusTwo.fma(doubled, difference).intoArray(dst, to + 4 * toStep + i);
            four.fma(d1, minusFive.fma(d3, d5)).intoArray(dst, to + 5 * toStep + i);
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
        FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
        for (int i = 0; i < length; i += LANES) {
            FloatVector g0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector g1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector g2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector ends = g0.add(g2);
            g0.intoArray(dst, to + i);
            half.mul(ends.add(g1)).intoArray(dst, to + toStep + i);
            half.mul(ends.sub(g1)).intoArray(dst, to + 2 * toStep + i);
            g2.intoArray(dst, to + 3 * toStep + i);
        }
    }

    private static void filter4(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        FloatVector quarter = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector minusHalf = FloatVector.broadcast(SPECIES, -0.5f);
        FloatVector sixth = FloatVector.broadcast(SPECIES, SIXTH);
        FloatVector minusSixth = FloatVector.broadcast(SPECIES, -SIXTH);
        for (int i = 0; i < length; i += LANES) {
            FloatVector g0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector g1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector g2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector ends = g0.add(g2);
            FloatVector weighted = quarter.fma(g0, g2);
            quarter.mul(g0).intoArray(dst, to + i);
            minusSixth.mul(ends.add(g1)).intoArray(dst, to + toStep + i);
            minusSixth.mul(ends.sub(g1)).intoArray(dst, to + 2 * toStep + i);
            sixth.mul(half.fma(g1, weighted)).intoArray(dst, to + 3 * toStep + i);
            sixth.mul(minusHalf.fma(g1, weighted)).intoArray(dst, to + 4 * toStep + i);
            g2.intoArray(dst, to + 5 * toStep + i);
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
        for (int i = 0; i < length; i += LANES) {
            FloatVector m0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector m1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector m2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector m3 = FloatVector.fromArray(SPECIES, src, from + 3 * step + i);
            m0.add(m1.add(m2)).intoArray(dst, to + i);
            m1.sub(m2).sub(m3).intoArray(dst, to + toStep + i);
        }
    }

    private static void output4(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        FloatVector two = FloatVector.broadcast(SPECIES, 2);
        FloatVector four = FloatVector.broadcast(SPECIES, 4);
        FloatVector eight = FloatVector.broadcast(SPECIES, 8);
        for (int i = 0; i < length; i += LANES) {
            FloatVector m0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector m1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector m2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector m3 = FloatVector.fromArray(SPECIES, src, from + 3 * step + i);
            FloatVector m4 = FloatVector.fromArray(SPECIES, src, from + 4 * step + i);
            FloatVector m5 = FloatVector.fromArray(SPECIES, src, from + 5 * step + i);
            FloatVector sum1 = m1.add(m2);
            FloatVector difference1 = m1.sub(m2);
            FloatVector sum2 = m3.add(m4);
            FloatVector difference2 = m3.sub(m4);
            m0.add(sum1).add(sum2).intoArray(dst, to + i);
            two.fma(difference2, difference1).intoArray(dst, to + toStep + i);
            four.fma(sum2, sum1).intoArray(dst, to + 2 * toStep + i);
            eight.fma(difference2, difference1).add(m5).intoArray(dst, to + 3 * toStep + i);
        }
    }

    @Override
    public void split(int m, int runs, float[] src, int from, int fromNext, float[] dst, int to, int toNext, int toStep, int length) {
        if (m == 4 && length <= LANES / 2) {
            splitHalfVectors4(runs, src, from, fromNext, dst, to, toNext, toStep);
            return;
        }
        if (m == 4 && length <= LANES) {
            splitVectors4(runs, src, from, fromNext, dst, to, toNext, toStep);
            return;
        }
        for (int run = 0; run < runs; run++) {
            if (m == 2) {
                split2(src, from + run * fromNext, dst, to + run * toNext, toStep, length);
            } else {
                split4(src, from + run * fromNext, dst, to + run * toNext, toStep, length);
            }
        }
    }

    @Override
    public int splitReads(int m, int length) {
        return (length + LANES - 1) / LANES * LANES * m;
    }

    /** Rows that two vectors hold, a part of each of the four pieces. */
    private static void splitHalfVectors4(int runs, float[] src, int from, int fromNext, float[] dst, int to, int toNext, int toStep) {
        for (int run = 0; run < runs; run++) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, src, from + run * fromNext);
            FloatVector v1 = FloatVector.fromArray(SPECIES, src, from + run * fromNext + LANES);
            int out = to + run * toNext;
            v0.rearrange(FOURTH0).blend(v1.rearrange(FOURTH0), QUARTER1).intoArray(dst, out);
            v0.rearrange(FOURTH1).blend(v1.rearrange(FOURTH1), QUARTER1).intoArray(dst, out + toStep);
            v0.rearrange(FOURTH2).blend(v1.rearrange(FOURTH2), QUARTER1).intoArray(dst, out + 2 * toStep);
            v0.rearrange(FOURTH3).blend(v1.rearrange(FOURTH3), QUARTER1).intoArray(dst, out + 3 * toStep);
        }
    }

    /** Rows that four vectors hold. */
    private static void splitVectors4(int runs, float[] src, int from, int fromNext, float[] dst, int to, int toNext, int toStep) {
        for (int run = 0; run < runs; run++) {
            int at = from + run * fromNext;
            FloatVector v0 = FloatVector.fromArray(SPECIES, src, at);
            FloatVector v1 = FloatVector.fromArray(SPECIES, src, at + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, src, at + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(SPECIES, src, at + 3 * LANES);
            int out = to + run * toNext;
            v0.rearrange(FOURTH0).blend(v1.rearrange(FOURTH0), QUARTER1).blend(v2.rearrange(FOURTH0), QUARTER2)
                    .blend(v3.rearrange(FOURTH0), QUARTER3).intoArray(dst, out);
            v0.rearrange(FOURTH1).blend(v1.rearrange(FOURTH1), QUARTER1).blend(v2.rearrange(FOURTH1), QUARTER2)
                    .blend(v3.rearrange(FOURTH1), QUARTER3).intoArray(dst, out + toStep);
            v0.rearrange(FOURTH2).blend(v1.rearrange(FOURTH2), QUARTER1).blend(v2.rearrange(FOURTH2), QUARTER2)
                    .blend(v3.rearrange(FOURTH2), QUARTER3).intoArray(dst, out + 2 * toStep);
            v0.rearrange(FOURTH3).blend(v1.rearrange(FOURTH3), QUARTER1).blend(v2.rearrange(FOURTH3), QUARTER2)
                    .blend(v3.rearrange(FOURTH3), QUARTER3).intoArray(dst, out + 3 * toStep);
        }
    }

    private static void split2(float[] src, int from, float[] dst, int to, int toStep, int length) {
        for (int j = 0; j < length; j += LANES) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, src, from + 2 * j);
            FloatVector v1 = FloatVector.fromArray(SPECIES, src, from + 2 * j + LANES);
            v0.rearrange(SECOND0).blend(v1.rearrange(SECOND0), HALF1).intoArray(dst, to + j);
            v0.rearrange(SECOND1).blend(v1.rearrange(SECOND1), HALF1).intoArray(dst, to + toStep + j);
        }
    }

    private static void split4(float[] src, int from, float[] dst, int to, int toStep, int length) {
        for (int j = 0; j < length; j += LANES) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, src, from + 4 * j);
            FloatVector v1 = FloatVector.fromArray(SPECIES, src, from + 4 * j + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, src, from + 4 * j + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(SPECIES, src, from + 4 * j + 3 * LANES);
            v0.rearrange(FOURTH0).blend(v1.rearrange(FOURTH0), QUARTER1).blend(v2.rearrange(FOURTH0), QUARTER2)
                    .blend(v3.rearrange(FOURTH0), QUARTER3).intoArray(dst, to + j);
            v0.rearrange(FOURTH1).blend(v1.rearrange(FOURTH1), QUARTER1).blend(v2.rearrange(FOURTH1), QUARTER2)
                    .blend(v3.rearrange(FOURTH1), QUARTER3).intoArray(dst, to + toStep + j);
            v0.rearrange(FOURTH2).blend(v1.rearrange(FOURTH2), QUARTER1).blend(v2.rearrange(FOURTH2), QUARTER2)
                    .blend(v3.rearrange(FOURTH2), QUARTER3).intoArray(dst, to + 2 * toStep + j);
            v0.rearrange(FOURTH3).blend(v1.rearrange(FOURTH3), QUARTER1).blend(v2.rearrange(FOURTH3), QUARTER2)
                    .blend(v3.rearrange(FOURTH3), QUARTER3).intoArray(dst, to + 3 * toStep + j);
        }
    }

    @Override
    public void join(int m, float[] src, int from, int step, float[] dst, int to, int length) {
        if (m == 2) {
            join2(src, from, step, dst, to, length);
        } else {
            join4(src, from, step, dst, to, length);
        }
    }

    private static void join2(float[] src, int from, int step, float[] dst, int to, int length) {
        for (int j = 0; j < length; j += LANES / 2) {
            FloatVector.fromArray(SPECIES, src, from + j).rearrange(TWICE)
                    .blend(FloatVector.fromArray(SPECIES, src, from + step + j).rearrange(TWICE), ODD)
                    .intoArray(dst, to + 2 * j);
        }
    }

    private static void join4(float[] src, int from, int step, float[] dst, int to, int length) {
        for (int j = 0; j < length; j += LANES / 4) {
            FloatVector.fromArray(SPECIES, src, from + j).rearrange(FOUR_TIMES)
                    .blend(FloatVector.fromArray(SPECIES, src, from + step + j).rearrange(FOUR_TIMES), LANES1)
                    .blend(FloatVector.fromArray(SPECIES, src, from + 2 * step + j).rearrange(FOUR_TIMES), LANES2)
                    .blend(FloatVector.fromArray(SPECIES, src, from + 3 * step + j).rearrange(FOUR_TIMES), LANES3)
                    .intoArray(dst, to + 4 * j);
        }
    }
}
