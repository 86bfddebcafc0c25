package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transforms with the Vector API in one width; defined and kept fast like {@link VectorProvider}. Constants are written down within
 * the loops: of some that live longer compiled code makes objects in each call, in one JVM of many.
 */
final class VectorWinograd implements WinogradTransforms {

    private static final float SIXTH = 1f / 6;

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

    VectorWinograd() {
    }

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
        for (int i = 0; i < length; i += LANES) {
            FloatVector d0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector d1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector d2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector d3 = FloatVector.fromArray(SPECIES, src, from + 3 * step + i);
            d0.sub(d2).intoArray(dst, to + i);
            d1.add(d2).intoArray(dst, to + toStep + i);
            d2.sub(d1).intoArray(dst, to + 2 * toStep + i);
            d1.sub(d3).intoArray(dst, to + 3 * toStep + i);
        }
    }

    private static void input4(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i += LANES) {
            FloatVector four = FloatVector.broadcast(SPECIES, 4);
            FloatVector minusFour = FloatVector.broadcast(SPECIES, -4);
            FloatVector minusFive = FloatVector.broadcast(SPECIES, -5);
            FloatVector two = FloatVector.broadcast(SPECIES, 2);
            FloatVector minusTwo = FloatVector.broadcast(SPECIES, -2);
            FloatVector d0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector d1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector d2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector d3 = FloatVector.fromArray(SPECIES, src, from + 3 * step + i);
            FloatVector d4 = FloatVector.fromArray(SPECIES, src, from + 4 * step + i);
            FloatVector d5 = FloatVector.fromArray(SPECIES, src, from + 5 * step + i);
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
        for (int i = 0; i < length; i += LANES) {
            FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
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
        for (int i = 0; i < length; i += LANES) {
            FloatVector quarter = FloatVector.broadcast(SPECIES, 0.25f);
            FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
            FloatVector minusHalf = FloatVector.broadcast(SPECIES, -0.5f);
            FloatVector sixth = FloatVector.broadcast(SPECIES, SIXTH);
            FloatVector minusSixth = FloatVector.broadcast(SPECIES, -SIXTH);
            FloatVector g0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector g1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector g2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector ends = g0.add(g2);
            FloatVector weighted = g0.fma(quarter, g2);
            g0.mul(quarter).intoArray(dst, to + i);
            ends.add(g1).mul(minusSixth).intoArray(dst, to + toStep + i);
            ends.sub(g1).mul(minusSixth).intoArray(dst, to + 2 * toStep + i);
            g1.fma(half, weighted).mul(sixth).intoArray(dst, to + 3 * toStep + i);
            g1.fma(minusHalf, weighted).mul(sixth).intoArray(dst, to + 4 * toStep + i);
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
        for (int i = 0; i < length; i += LANES) {
            FloatVector two = FloatVector.broadcast(SPECIES, 2);
            FloatVector four = FloatVector.broadcast(SPECIES, 4);
            FloatVector eight = FloatVector.broadcast(SPECIES, 8);
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
    public void outputGradient(int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep,
                               int length) {
        for (int run = 0; run < runs; run++) {
            outputGradient(src, from + run * fromNext, step, dst, to + run * toNext, toStep, length);
        }
    }

    private static void outputGradient(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i += LANES) {
            FloatVector two = FloatVector.broadcast(SPECIES, 2);
            FloatVector minusTwo = FloatVector.broadcast(SPECIES, -2);
            FloatVector four = FloatVector.broadcast(SPECIES, 4);
            FloatVector y0 = FloatVector.fromArray(SPECIES, src, from + i);
            FloatVector y1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector y2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector y3 = FloatVector.fromArray(SPECIES, src, from + 3 * step + i);
            FloatVector even = y0.add(y2);
            FloatVector odd = y1.add(y3);
            FloatVector evenOfTwo = four.fma(y2, y0);
            FloatVector oddOfTwo = four.fma(y3, y1);
            y0.intoArray(dst, to + i);
            even.add(odd).intoArray(dst, to + toStep + i);
            even.sub(odd).intoArray(dst, to + 2 * toStep + i);
            two.fma(oddOfTwo, evenOfTwo).intoArray(dst, to + 3 * toStep + i);
            minusTwo.fma(oddOfTwo, evenOfTwo).intoArray(dst, to + 4 * toStep + i);
            y3.intoArray(dst, to + 5 * toStep + i);
        }
    }

    @Override
    public void filterGradient(int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep,
                               int length) {
        for (int run = 0; run < runs; run++) {
            filterGradient(src, from + run * fromNext, step, dst, to + run * toNext, toStep, length);
        }
    }

    private static void filterGradient(float[] src, int from, int step, float[] dst, int to, int toStep, int length) {
        for (int i = 0; i < length; i += LANES) {
            FloatVector quarter = FloatVector.broadcast(SPECIES, 0.25f);
            FloatVector minusQuarter = FloatVector.broadcast(SPECIES, -0.25f);
            FloatVector minusHalf = FloatVector.broadcast(SPECIES, -0.5f);
            FloatVector sixth = FloatVector.broadcast(SPECIES, SIXTH);
            FloatVector minusSixth = FloatVector.broadcast(SPECIES, -SIXTH);
            FloatVector u1 = FloatVector.fromArray(SPECIES, src, from + step + i);
            FloatVector u2 = FloatVector.fromArray(SPECIES, src, from + 2 * step + i);
            FloatVector u3 = FloatVector.fromArray(SPECIES, src, from + 3 * step + i);
            FloatVector u4 = FloatVector.fromArray(SPECIES, src, from + 4 * step + i);
            FloatVector sum1 = u1.add(u2);
            FloatVector difference1 = u1.sub(u2);
            FloatVector sum2 = u3.add(u4);
            FloatVector difference2 = u3.sub(u4);
            quarter.fma(FloatVector.fromArray(SPECIES, src, from + i), minusSixth.mul(minusQuarter.fma(sum2, sum1)))
                    .intoArray(dst, to + i);
            minusSixth.mul(minusHalf.fma(difference2, difference1)).intoArray(dst, to + toStep + i);
            sixth.fma(sum2.sub(sum1), FloatVector.fromArray(SPECIES, src, from + 5 * step + i)).intoArray(dst, to + 2 * toStep + i);
        }
    }
}
