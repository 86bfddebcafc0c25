package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of Fourier transforms with the Vector API, defined once per width by {@link VectorProviders}. Factors are multiplied in
 * kernels of their own: those of a pass whose p is 0 are all 1.
 */
final class VectorFourier implements FourierTransforms {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int WIDTH = SPECIES.length();

    @Override
    public void pass(int radix, int m, int s, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep,
                     float[] twiddles, int at) {
        int apart = s * m * step;
        int next = s * dstStep;
        switch (radix) {
            case 2 -> first2(s, src, re, im, step, apart, dst, dstRe, dstIm, dstStep, next);
            case 3 -> first3(s, src, re, im, step, apart, dst, dstRe, dstIm, dstStep, next);
            case 4 -> first4(s, src, re, im, step, apart, dst, dstRe, dstIm, dstStep, next);
            default -> first5(s, src, re, im, step, apart, dst, dstRe, dstIm, dstStep, next);
        }
        int second = s * step;
        int toSecond = s * radix * dstStep;
        switch (radix) {
            case 2 -> turned2(m, s, src, re + second, im + second, step, apart, dst, dstRe + toSecond, dstIm + toSecond, dstStep, next,
                    twiddles, at);
            case 3 -> turned3(m, s, src, re + second, im + second, step, apart, dst, dstRe + toSecond, dstIm + toSecond, dstStep, next,
                    twiddles, at);
            case 4 -> turned4(m, s, src, re + second, im + second, step, apart, dst, dstRe + toSecond, dstIm + toSecond, dstStep, next,
                    twiddles, at);
            default -> turned5(m, s, src, re + second, im + second, step, apart, dst, dstRe + toSecond, dstIm + toSecond, dstStep, next,
                    twiddles, at);
        }
    }

    private static void first2(int s, float[] src, int re, int im, int step, int apart, float[] dst, int dstRe,
                                int dstIm, int dstStep, int next) {
        for (int q = 0; q < s; q++) {
            for (int l = 0; l < LANES; l += WIDTH) {
                int from = q * step + l;
                int to = q * dstStep + l;
                FloatVector r0 = FloatVector.fromArray(SPECIES, src, re + from);
                FloatVector i0 = FloatVector.fromArray(SPECIES, src, im + from);
                FloatVector r1 = FloatVector.fromArray(SPECIES, src, re + from + apart);
                FloatVector i1 = FloatVector.fromArray(SPECIES, src, im + from + apart);
                r0.add(r1).intoArray(dst, dstRe + to);
                i0.add(i1).intoArray(dst, dstIm + to);
                r0.sub(r1).intoArray(dst, dstRe + to + next);
                i0.sub(i1).intoArray(dst, dstIm + to + next);
            }
        }
    }

    private static void first3(int s, float[] src, int re, int im, int step, int apart, float[] dst, int dstRe,
                                int dstIm, int dstStep, int next) {
        FloatVector half = FloatVector.broadcast(SPECIES, -0.5f);
        FloatVector turn = FloatVector.broadcast(SPECIES, ScalarFourier.HALF_SQRT_3);
        FloatVector back = FloatVector.broadcast(SPECIES, -ScalarFourier.HALF_SQRT_3);
        for (int q = 0; q < s; q++) {
            for (int l = 0; l < LANES; l += WIDTH) {
                int from = q * step + l;
                int to = q * dstStep + l;
                FloatVector r0 = FloatVector.fromArray(SPECIES, src, re + from);
                FloatVector i0 = FloatVector.fromArray(SPECIES, src, im + from);
                FloatVector r1 = FloatVector.fromArray(SPECIES, src, re + from + apart);
                FloatVector i1 = FloatVector.fromArray(SPECIES, src, im + from + apart);
                FloatVector r2 = FloatVector.fromArray(SPECIES, src, re + from + 2 * apart);
                FloatVector i2 = FloatVector.fromArray(SPECIES, src, im + from + 2 * apart);
                FloatVector sumR = r1.add(r2);
                FloatVector sumI = i1.add(i2);
                FloatVector differenceR = r1.sub(r2);
                FloatVector differenceI = i1.sub(i2);
                FloatVector restR = half.fma(sumR, r0);
                FloatVector restI = half.fma(sumI, i0);
                r0.add(sumR).intoArray(dst, dstRe + to);
                i0.add(sumI).intoArray(dst, dstIm + to);
                turn.fma(differenceI, restR).intoArray(dst, dstRe + to + next);
                back.fma(differenceR, restI).intoArray(dst, dstIm + to + next);
                back.fma(differenceI, restR).intoArray(dst, dstRe + to + 2 * next);
                turn.fma(differenceR, restI).intoArray(dst, dstIm + to + 2 * next);
            }
        }
    }

    private static void first4(int s, float[] src, int re, int im, int step, int apart, float[] dst, int dstRe,
                                int dstIm, int dstStep, int next) {
        for (int q = 0; q < s; q++) {
            for (int l = 0; l < LANES; l += WIDTH) {
                int from = q * step + l;
                int to = q * dstStep + l;
                FloatVector r0 = FloatVector.fromArray(SPECIES, src, re + from);
                FloatVector i0 = FloatVector.fromArray(SPECIES, src, im + from);
                FloatVector r1 = FloatVector.fromArray(SPECIES, src, re + from + apart);
                FloatVector i1 = FloatVector.fromArray(SPECIES, src, im + from + apart);
                FloatVector r2 = FloatVector.fromArray(SPECIES, src, re + from + 2 * apart);
                FloatVector i2 = FloatVector.fromArray(SPECIES, src, im + from + 2 * apart);
                FloatVector r3 = FloatVector.fromArray(SPECIES, src, re + from + 3 * apart);
                FloatVector i3 = FloatVector.fromArray(SPECIES, src, im + from + 3 * apart);
                FloatVector evenR = r0.add(r2);
                FloatVector evenI = i0.add(i2);
                FloatVector oddR = r1.add(r3);
                FloatVector oddI = i1.add(i3);
                FloatVector leftR = r0.sub(r2);
                FloatVector leftI = i0.sub(i2);
                FloatVector rightR = r1.sub(r3);
                FloatVector rightI = i1.sub(i3);
                evenR.add(oddR).intoArray(dst, dstRe + to);
                evenI.add(oddI).intoArray(dst, dstIm + to);
                leftR.add(rightI).intoArray(dst, dstRe + to + next);
                leftI.sub(rightR).intoArray(dst, dstIm + to + next);
                evenR.sub(oddR).intoArray(dst, dstRe + to + 2 * next);
                evenI.sub(oddI).intoArray(dst, dstIm + to + 2 * next);
                leftR.sub(rightI).intoArray(dst, dstRe + to + 3 * next);
                leftI.add(rightR).intoArray(dst, dstIm + to + 3 * next);
            }
        }
    }

    private static void first5(int s, float[] src, int re, int im, int step, int apart, float[] dst, int dstRe,
                                int dstIm, int dstStep, int next) {
        FloatVector cos1 = FloatVector.broadcast(SPECIES, ScalarFourier.COS_72);
        FloatVector cos2 = FloatVector.broadcast(SPECIES, ScalarFourier.COS_144);
        FloatVector sin1 = FloatVector.broadcast(SPECIES, ScalarFourier.SIN_72);
        FloatVector sin2 = FloatVector.broadcast(SPECIES, ScalarFourier.SIN_144);
        FloatVector minus1 = FloatVector.broadcast(SPECIES, -ScalarFourier.SIN_72);
        for (int q = 0; q < s; q++) {
            for (int l = 0; l < LANES; l += WIDTH) {
                int from = q * step + l;
                int to = q * dstStep + l;
                FloatVector r0 = FloatVector.fromArray(SPECIES, src, re + from);
                FloatVector i0 = FloatVector.fromArray(SPECIES, src, im + from);
                FloatVector r1 = FloatVector.fromArray(SPECIES, src, re + from + apart);
                FloatVector i1 = FloatVector.fromArray(SPECIES, src, im + from + apart);
                FloatVector r2 = FloatVector.fromArray(SPECIES, src, re + from + 2 * apart);
                FloatVector i2 = FloatVector.fromArray(SPECIES, src, im + from + 2 * apart);
                FloatVector r3 = FloatVector.fromArray(SPECIES, src, re + from + 3 * apart);
                FloatVector i3 = FloatVector.fromArray(SPECIES, src, im + from + 3 * apart);
                FloatVector r4 = FloatVector.fromArray(SPECIES, src, re + from + 4 * apart);
                FloatVector i4 = FloatVector.fromArray(SPECIES, src, im + from + 4 * apart);
                FloatVector sum1R = r1.add(r4);
                FloatVector sum1I = i1.add(i4);
                FloatVector sum2R = r2.add(r3);
                FloatVector sum2I = i2.add(i3);
                FloatVector odd1R = r1.sub(r4);
                FloatVector odd1I = i1.sub(i4);
                FloatVector odd2R = r2.sub(r3);
                FloatVector odd2I = i2.sub(i3);
                FloatVector nearR = cos2.fma(sum2R, cos1.fma(sum1R, r0));
                FloatVector nearI = cos2.fma(sum2I, cos1.fma(sum1I, i0));
                FloatVector farR = cos1.fma(sum2R, cos2.fma(sum1R, r0));
                FloatVector farI = cos1.fma(sum2I, cos2.fma(sum1I, i0));
                FloatVector turnedR = sin2.fma(odd2R, sin1.mul(odd1R));
                FloatVector turnedI = sin2.fma(odd2I, sin1.mul(odd1I));
                FloatVector twiceR = minus1.fma(odd2R, sin2.mul(odd1R));
                FloatVector twiceI = minus1.fma(odd2I, sin2.mul(odd1I));
                r0.add(sum1R.add(sum2R)).intoArray(dst, dstRe + to);
                i0.add(sum1I.add(sum2I)).intoArray(dst, dstIm + to);
                nearR.add(turnedI).intoArray(dst, dstRe + to + next);
                nearI.sub(turnedR).intoArray(dst, dstIm + to + next);
                farR.add(twiceI).intoArray(dst, dstRe + to + 2 * next);
                farI.sub(twiceR).intoArray(dst, dstIm + to + 2 * next);
                farR.sub(twiceI).intoArray(dst, dstRe + to + 3 * next);
                farI.add(twiceR).intoArray(dst, dstIm + to + 3 * next);
                nearR.sub(turnedI).intoArray(dst, dstRe + to + 4 * next);
                nearI.add(turnedR).intoArray(dst, dstIm + to + 4 * next);
            }
        }
    }

    private static void turned2(int m, int s, float[] src, int re, int im, int step, int apart, float[] dst, int dstRe,
                                int dstIm, int dstStep, int next, float[] twiddles, int at) {
        for (int p = 0; p < m - 1; p++) {
            int factor = at + p * 3;
            FloatVector c1 = FloatVector.broadcast(SPECIES, twiddles[factor]);
            FloatVector s1 = FloatVector.broadcast(SPECIES, twiddles[factor + 1]);
            FloatVector m1 = FloatVector.broadcast(SPECIES, twiddles[factor + 2]);
            for (int q = 0; q < s; q++) {
                for (int l = 0; l < LANES; l += WIDTH) {
                    int from = (p * s + q) * step + l;
                    int to = (2 * p * s + q) * dstStep + l;
                    FloatVector r0 = FloatVector.fromArray(SPECIES, src, re + from);
                    FloatVector i0 = FloatVector.fromArray(SPECIES, src, im + from);
                    FloatVector r1 = FloatVector.fromArray(SPECIES, src, re + from + apart);
                    FloatVector i1 = FloatVector.fromArray(SPECIES, src, im + from + apart);
                    r0.add(r1).intoArray(dst, dstRe + to);
                    i0.add(i1).intoArray(dst, dstIm + to);
                    FloatVector x1 = r0.sub(r1);
                    FloatVector y1 = i0.sub(i1);
                    x1.fma(c1, y1.mul(m1)).intoArray(dst, dstRe + to + next);
                    x1.fma(s1, y1.mul(c1)).intoArray(dst, dstIm + to + next);
                }
            }
        }
    }

    private static void turned3(int m, int s, float[] src, int re, int im, int step, int apart, float[] dst, int dstRe,
                                int dstIm, int dstStep, int next, float[] twiddles, int at) {
        FloatVector half = FloatVector.broadcast(SPECIES, -0.5f);
        FloatVector turn = FloatVector.broadcast(SPECIES, ScalarFourier.HALF_SQRT_3);
        FloatVector back = FloatVector.broadcast(SPECIES, -ScalarFourier.HALF_SQRT_3);
        for (int p = 0; p < m - 1; p++) {
            int factor = at + p * 6;
            FloatVector c1 = FloatVector.broadcast(SPECIES, twiddles[factor]);
            FloatVector s1 = FloatVector.broadcast(SPECIES, twiddles[factor + 1]);
            FloatVector m1 = FloatVector.broadcast(SPECIES, twiddles[factor + 2]);
            FloatVector c2 = FloatVector.broadcast(SPECIES, twiddles[factor + 3]);
            FloatVector s2 = FloatVector.broadcast(SPECIES, twiddles[factor + 4]);
            FloatVector m2 = FloatVector.broadcast(SPECIES, twiddles[factor + 5]);
            for (int q = 0; q < s; q++) {
                for (int l = 0; l < LANES; l += WIDTH) {
                    int from = (p * s + q) * step + l;
                    int to = (3 * p * s + q) * dstStep + l;
                    FloatVector r0 = FloatVector.fromArray(SPECIES, src, re + from);
                    FloatVector i0 = FloatVector.fromArray(SPECIES, src, im + from);
                    FloatVector r1 = FloatVector.fromArray(SPECIES, src, re + from + apart);
                    FloatVector i1 = FloatVector.fromArray(SPECIES, src, im + from + apart);
                    FloatVector r2 = FloatVector.fromArray(SPECIES, src, re + from + 2 * apart);
                    FloatVector i2 = FloatVector.fromArray(SPECIES, src, im + from + 2 * apart);
                    FloatVector sumR = r1.add(r2);
                    FloatVector sumI = i1.add(i2);
                    FloatVector differenceR = r1.sub(r2);
                    FloatVector differenceI = i1.sub(i2);
                    FloatVector restR = half.fma(sumR, r0);
                    FloatVector restI = half.fma(sumI, i0);
                    r0.add(sumR).intoArray(dst, dstRe + to);
                    i0.add(sumI).intoArray(dst, dstIm + to);
                    FloatVector x1 = turn.fma(differenceI, restR);
                    FloatVector y1 = back.fma(differenceR, restI);
                    x1.fma(c1, y1.mul(m1)).intoArray(dst, dstRe + to + next);
                    x1.fma(s1, y1.mul(c1)).intoArray(dst, dstIm + to + next);
                    FloatVector x2 = back.fma(differenceI, restR);
                    FloatVector y2 = turn.fma(differenceR, restI);
                    x2.fma(c2, y2.mul(m2)).intoArray(dst, dstRe + to + 2 * next);
                    x2.fma(s2, y2.mul(c2)).intoArray(dst, dstIm + to + 2 * next);
                }
            }
        }
    }

    private static void turned4(int m, int s, float[] src, int re, int im, int step, int apart, float[] dst, int dstRe,
                                int dstIm, int dstStep, int next, float[] twiddles, int at) {
        for (int p = 0; p < m - 1; p++) {
            int factor = at + p * 9;
            FloatVector c1 = FloatVector.broadcast(SPECIES, twiddles[factor]);
            FloatVector s1 = FloatVector.broadcast(SPECIES, twiddles[factor + 1]);
            FloatVector m1 = FloatVector.broadcast(SPECIES, twiddles[factor + 2]);
            FloatVector c2 = FloatVector.broadcast(SPECIES, twiddles[factor + 3]);
            FloatVector s2 = FloatVector.broadcast(SPECIES, twiddles[factor + 4]);
            FloatVector m2 = FloatVector.broadcast(SPECIES, twiddles[factor + 5]);
            FloatVector c3 = FloatVector.broadcast(SPECIES, twiddles[factor + 6]);
            FloatVector s3 = FloatVector.broadcast(SPECIES, twiddles[factor + 7]);
            FloatVector m3 = FloatVector.broadcast(SPECIES, twiddles[factor + 8]);
            for (int q = 0; q < s; q++) {
                for (int l = 0; l < LANES; l += WIDTH) {
                    int from = (p * s + q) * step + l;
                    int to = (4 * p * s + q) * dstStep + l;
                    FloatVector r0 = FloatVector.fromArray(SPECIES, src, re + from);
                    FloatVector i0 = FloatVector.fromArray(SPECIES, src, im + from);
                    FloatVector r1 = FloatVector.fromArray(SPECIES, src, re + from + apart);
                    FloatVector i1 = FloatVector.fromArray(SPECIES, src, im + from + apart);
                    FloatVector r2 = FloatVector.fromArray(SPECIES, src, re + from + 2 * apart);
                    FloatVector i2 = FloatVector.fromArray(SPECIES, src, im + from + 2 * apart);
                    FloatVector r3 = FloatVector.fromArray(SPECIES, src, re + from + 3 * apart);
                    FloatVector i3 = FloatVector.fromArray(SPECIES, src, im + from + 3 * apart);
                    FloatVector evenR = r0.add(r2);
                    FloatVector evenI = i0.add(i2);
                    FloatVector oddR = r1.add(r3);
                    FloatVector oddI = i1.add(i3);
                    FloatVector leftR = r0.sub(r2);
                    FloatVector leftI = i0.sub(i2);
                    FloatVector rightR = r1.sub(r3);
                    FloatVector rightI = i1.sub(i3);
                    evenR.add(oddR).intoArray(dst, dstRe + to);
                    evenI.add(oddI).intoArray(dst, dstIm + to);
                    FloatVector x1 = leftR.add(rightI);
                    FloatVector y1 = leftI.sub(rightR);
                    x1.fma(c1, y1.mul(m1)).intoArray(dst, dstRe + to + next);
                    x1.fma(s1, y1.mul(c1)).intoArray(dst, dstIm + to + next);
                    FloatVector x2 = evenR.sub(oddR);
                    FloatVector y2 = evenI.sub(oddI);
                    x2.fma(c2, y2.mul(m2)).intoArray(dst, dstRe + to + 2 * next);
                    x2.fma(s2, y2.mul(c2)).intoArray(dst, dstIm + to + 2 * next);
                    FloatVector x3 = leftR.sub(rightI);
                    FloatVector y3 = leftI.add(rightR);
                    x3.fma(c3, y3.mul(m3)).intoArray(dst, dstRe + to + 3 * next);
                    x3.fma(s3, y3.mul(c3)).intoArray(dst, dstIm + to + 3 * next);
                }
            }
        }
    }

    /** In two steps: with all constants and factors at once, compiled code would keep some of them on the heap in some JVMs. */
    private static void turned5(int m, int s, float[] src, int re, int im, int step, int apart, float[] dst, int dstRe,
                                int dstIm, int dstStep, int next, float[] twiddles, int at) {
        for (int p = 0; p < m - 1; p++) {
            int from = p * s * step;
            int to = 5 * p * s * dstStep;
            first5(s, src, re + from, im + from, step, apart, dst, dstRe + to, dstIm + to, dstStep, next);
            for (int j = 1; j < 5; j++) {
                turn(s, dst, dstRe + to + j * next, dstIm + to + j * next, dstStep, twiddles, at + 12 * p + 3 * (j - 1));
            }
        }
    }

    private static void turn(int s, float[] dst, int re, int im, int step, float[] twiddles, int factor) {
        FloatVector cosine = FloatVector.broadcast(SPECIES, twiddles[factor]);
        FloatVector sine = FloatVector.broadcast(SPECIES, twiddles[factor + 1]);
        FloatVector minusSine = FloatVector.broadcast(SPECIES, twiddles[factor + 2]);
        for (int q = 0; q < s; q++) {
            for (int l = 0; l < LANES; l += WIDTH) {
                int place = q * step + l;
                FloatVector x = FloatVector.fromArray(SPECIES, dst, re + place);
                FloatVector y = FloatVector.fromArray(SPECIES, dst, im + place);
                x.fma(cosine, y.mul(minusSine)).intoArray(dst, re + place);
                x.fma(sine, y.mul(cosine)).intoArray(dst, im + place);
            }
        }
    }

    @Override
    public void untangle(int n, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep, float[] twiddles,
                         int at) {
        for (int l = 0; l < LANES; l += WIDTH) {
            FloatVector real = FloatVector.fromArray(SPECIES, src, re + l);
            FloatVector imaginary = FloatVector.fromArray(SPECIES, src, im + l);
            real.add(imaginary).mul(2).intoArray(dst, dstRe + l);
            FloatVector.zero(SPECIES).intoArray(dst, dstIm + l);
            real.sub(imaginary).mul(2).intoArray(dst, dstRe + n * dstStep + l);
            FloatVector.zero(SPECIES).intoArray(dst, dstIm + n * dstStep + l);
        }
        for (int k = 1; k <= n / 2; k++) {
            FloatVector c = FloatVector.broadcast(SPECIES, twiddles[at + k * TWIDDLE]);
            FloatVector s = FloatVector.broadcast(SPECIES, twiddles[at + k * TWIDDLE + 1]);
            FloatVector minusS = FloatVector.broadcast(SPECIES, twiddles[at + k * TWIDDLE + 2]);
            int toLow = k * dstStep;
            int toHigh = (n - k) * dstStep;
            for (int l = 0; l < LANES; l += WIDTH) {
                FloatVector lowR = FloatVector.fromArray(SPECIES, src, re + k * step + l);
                FloatVector lowI = FloatVector.fromArray(SPECIES, src, im + k * step + l);
                FloatVector highR = FloatVector.fromArray(SPECIES, src, re + (n - k) * step + l);
                FloatVector highI = FloatVector.fromArray(SPECIES, src, im + (n - k) * step + l);
                FloatVector evenR = lowR.add(highR);
                FloatVector evenI = lowI.sub(highI);
                FloatVector oddR = lowI.add(highI);
                FloatVector oddI = highR.sub(lowR);
                FloatVector turnedR = oddR.fma(c, oddI.mul(minusS));
                FloatVector turnedI = oddR.fma(s, oddI.mul(c));
                evenR.sub(turnedR).intoArray(dst, dstRe + toHigh + l);
                turnedI.sub(evenI).intoArray(dst, dstIm + toHigh + l);
                evenR.add(turnedR).intoArray(dst, dstRe + toLow + l);
                evenI.add(turnedI).intoArray(dst, dstIm + toLow + l);
            }
        }
    }

    @Override
    public void tangle(int n, float[] src, int re, int im, int step, float[] dst, int dstRe, int dstIm, int dstStep, float[] twiddles,
                       int at) {
        for (int l = 0; l < LANES; l += WIDTH) {
            FloatVector first = FloatVector.fromArray(SPECIES, src, re + l);
            FloatVector last = FloatVector.fromArray(SPECIES, src, re + n * step + l);
            first.add(last).intoArray(dst, dstRe + l);
            first.sub(last).intoArray(dst, dstIm + l);
        }
        for (int k = 1; k <= n / 2; k++) {
            FloatVector c = FloatVector.broadcast(SPECIES, twiddles[at + k * TWIDDLE]);
            FloatVector s = FloatVector.broadcast(SPECIES, twiddles[at + k * TWIDDLE + 1]);
            FloatVector minusS = FloatVector.broadcast(SPECIES, twiddles[at + k * TWIDDLE + 2]);
            int toLow = k * dstStep;
            int toHigh = (n - k) * dstStep;
            for (int l = 0; l < LANES; l += WIDTH) {
                FloatVector lowR = FloatVector.fromArray(SPECIES, src, re + k * step + l);
                FloatVector lowI = FloatVector.fromArray(SPECIES, src, im + k * step + l);
                FloatVector highR = FloatVector.fromArray(SPECIES, src, re + (n - k) * step + l);
                FloatVector highI = FloatVector.fromArray(SPECIES, src, im + (n - k) * step + l);
                FloatVector evenR = lowR.add(highR);
                FloatVector evenI = lowI.sub(highI);
                FloatVector differenceR = lowR.sub(highR);
                FloatVector differenceI = lowI.add(highI);
                FloatVector oddR = differenceR.fma(c, differenceI.mul(s));
                FloatVector oddI = differenceR.fma(minusS, differenceI.mul(c));
                evenR.add(oddI).intoArray(dst, dstRe + toHigh + l);
                oddR.sub(evenI).intoArray(dst, dstIm + toHigh + l);
                evenR.sub(oddI).intoArray(dst, dstRe + toLow + l);
                evenI.add(oddR).intoArray(dst, dstIm + toLow + l);
            }
        }
    }

    @Override
    public void multiply(int rows, int depth, int columns, boolean conjugate, float[] a, int aRe, int aIm, int aRow, int aDepth, float[] b,
                         int bRe, int bIm, int bDepth, float[] c, int cRe, int cIm, int cRow, boolean accumulate, int spare) {
        float sign = conjugate ? -1 : 1;
        int whole = SPECIES.loopBound(columns);
        int rest = columns - whole;
        for (int i = 0; i < rows; ) {
            int height = rows - i < 4 ? 1 : 4;
            int re = aRe + i * aRow;
            int im = aIm + i * aRow;
            int toRe = cRe + i * cRow;
            int toIm = cIm + i * cRow;
            rows(height, depth, whole, sign, a, re, im, aRow, aDepth, b, bRe, bIm, bDepth, c, toRe, toIm, cRow, accumulate);
            if (rest > 0) {
                int spareIm = spare + 4 * WIDTH;
                copyRows(accumulate ? height : 0, rest, c, toRe + whole, toIm + whole, cRow, spare, spareIm, WIDTH);
                rows(height, depth, WIDTH, sign, a, re, im, aRow, aDepth, b, bRe + whole, bIm + whole, bDepth, c, spare, spareIm, WIDTH,
                        accumulate);
                copyRows(height, rest, c, spare, spareIm, WIDTH, toRe + whole, toIm + whole, cRow);
            }
            i += height;
        }
    }

    private static void copyRows(int rows, int length, float[] values, int re, int im, int row, int toRe, int toIm, int toRow) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < length; j++) {
                values[toRe + i * toRow + j] = values[re + i * row + j];
                values[toIm + i * toRow + j] = values[im + i * row + j];
            }
        }
    }

    private static void rows(int height, int depth, int columns, float sign, float[] a, int aRe, int aIm, int aRow, int aDepth, float[] b,
                             int bRe, int bIm, int bDepth, float[] c, int cRe, int cIm, int cRow, boolean accumulate) {
        if (height == 4) {
            multiply4(depth, columns, sign, a, aRe, aIm, aRow, aDepth, b, bRe, bIm, bDepth, c, cRe, cIm, cRow, accumulate);
        } else {
            multiply1(depth, columns, sign, a, aRe, aIm, aDepth, b, bRe, bIm, bDepth, c, cRe, cIm, accumulate);
        }
    }

    private static void multiply4(int depth, int columns, float sign, float[] a, int aRe, int aIm, int aRow, int aDepth, float[] b, int bRe,
                                  int bIm, int bDepth, float[] c, int cRe, int cIm, int cRow, boolean accumulate) {
        for (int j = 0; j < columns; j += WIDTH) {
            int cR = cRe + j;
            int cI = cIm + j;
            if (!accumulate) {
                clear4(c, cR, cRow);
                clear4(c, cI, cRow);
            }
            FloatVector r0 = FloatVector.fromArray(SPECIES, c, cR);
            FloatVector r1 = FloatVector.fromArray(SPECIES, c, cR + cRow);
            FloatVector r2 = FloatVector.fromArray(SPECIES, c, cR + 2 * cRow);
            FloatVector r3 = FloatVector.fromArray(SPECIES, c, cR + 3 * cRow);
            FloatVector i0 = FloatVector.fromArray(SPECIES, c, cI);
            FloatVector i1 = FloatVector.fromArray(SPECIES, c, cI + cRow);
            FloatVector i2 = FloatVector.fromArray(SPECIES, c, cI + 2 * cRow);
            FloatVector i3 = FloatVector.fromArray(SPECIES, c, cI + 3 * cRow);
            for (int d = 0; d < depth; d++) {
                FloatVector bR = FloatVector.fromArray(SPECIES, b, bRe + d * bDepth + j);
                FloatVector bI = FloatVector.fromArray(SPECIES, b, bIm + d * bDepth + j);
                int at = aRe + d * aDepth;
                r0 = FloatVector.broadcast(SPECIES, a[at]).fma(bR, r0);
                i0 = FloatVector.broadcast(SPECIES, a[at]).fma(bI, i0);
                r1 = FloatVector.broadcast(SPECIES, a[at + aRow]).fma(bR, r1);
                i1 = FloatVector.broadcast(SPECIES, a[at + aRow]).fma(bI, i1);
                r2 = FloatVector.broadcast(SPECIES, a[at + 2 * aRow]).fma(bR, r2);
                i2 = FloatVector.broadcast(SPECIES, a[at + 2 * aRow]).fma(bI, i2);
                r3 = FloatVector.broadcast(SPECIES, a[at + 3 * aRow]).fma(bR, r3);
                i3 = FloatVector.broadcast(SPECIES, a[at + 3 * aRow]).fma(bI, i3);
                at = aIm + d * aDepth;
                FloatVector signedR = bR.mul(sign);
                FloatVector signedI = bI.mul(-sign);
                r0 = FloatVector.broadcast(SPECIES, a[at]).fma(signedI, r0);
                i0 = FloatVector.broadcast(SPECIES, a[at]).fma(signedR, i0);
                r1 = FloatVector.broadcast(SPECIES, a[at + aRow]).fma(signedI, r1);
                i1 = FloatVector.broadcast(SPECIES, a[at + aRow]).fma(signedR, i1);
                r2 = FloatVector.broadcast(SPECIES, a[at + 2 * aRow]).fma(signedI, r2);
                i2 = FloatVector.broadcast(SPECIES, a[at + 2 * aRow]).fma(signedR, i2);
                r3 = FloatVector.broadcast(SPECIES, a[at + 3 * aRow]).fma(signedI, r3);
                i3 = FloatVector.broadcast(SPECIES, a[at + 3 * aRow]).fma(signedR, i3);
            }
            r0.intoArray(c, cR);
            r1.intoArray(c, cR + cRow);
            r2.intoArray(c, cR + 2 * cRow);
            r3.intoArray(c, cR + 3 * cRow);
            i0.intoArray(c, cI);
            i1.intoArray(c, cI + cRow);
            i2.intoArray(c, cI + 2 * cRow);
            i3.intoArray(c, cI + 3 * cRow);
        }
    }

    private static void clear4(float[] c, int at, int row) {
        FloatVector zero = FloatVector.zero(SPECIES);
        zero.intoArray(c, at);
        zero.intoArray(c, at + row);
        zero.intoArray(c, at + 2 * row);
        zero.intoArray(c, at + 3 * row);
    }

    private static void multiply1(int depth, int columns, float sign, float[] a, int aRe, int aIm, int aDepth, float[] b, int bRe, int bIm,
                                  int bDepth, float[] c, int cRe, int cIm, boolean accumulate) {
        for (int j = 0; j < columns; j += WIDTH) {
            FloatVector real = FloatVector.zero(SPECIES);
            FloatVector imaginary = FloatVector.zero(SPECIES);
            if (accumulate) {
                real = FloatVector.fromArray(SPECIES, c, cRe + j);
                imaginary = FloatVector.fromArray(SPECIES, c, cIm + j);
            }
            for (int d = 0; d < depth; d++) {
                FloatVector bR = FloatVector.fromArray(SPECIES, b, bRe + d * bDepth + j);
                FloatVector bI = FloatVector.fromArray(SPECIES, b, bIm + d * bDepth + j);
                FloatVector aR = FloatVector.broadcast(SPECIES, a[aRe + d * aDepth]);
                FloatVector aI = FloatVector.broadcast(SPECIES, a[aIm + d * aDepth]);
                real = aI.fma(bI.mul(-sign), aR.fma(bR, real));
                imaginary = aI.fma(bR.mul(sign), aR.fma(bI, imaginary));
            }
            real.intoArray(c, cRe + j);
            imaginary.intoArray(c, cIm + j);
        }
    }

    @Override
    public void multiplyLanes(int depth, int columns, boolean conjugate, float[] a, int aRe, int aIm, int aDepth, float[] b, int bRe,
                              int bIm, int bDepth, float[] c, int cRe, int cIm, boolean accumulate, int spare) {
        float sign = conjugate ? -1 : 1;
        int whole = SPECIES.loopBound(columns);
        lanes(depth, whole, sign, a, aRe, aIm, aDepth, b, bRe, bIm, bDepth, c, cRe, cIm, accumulate);
        int rest = columns - whole;
        if (rest > 0) {
            copyRows(accumulate ? 1 : 0, rest, c, cRe + whole, cIm + whole, 0, spare, spare + WIDTH, 0);
            lanes(depth, WIDTH, sign, a, aRe + whole, aIm + whole, aDepth, b, bRe + whole, bIm + whole, bDepth, c, spare, spare + WIDTH,
                    accumulate);
            copyRows(1, rest, c, spare, spare + WIDTH, 0, cRe + whole, cIm + whole, 0);
        }
    }

    private static void lanes(int depth, int columns, float sign, float[] a, int aRe, int aIm, int aDepth, float[] b, int bRe, int bIm,
                              int bDepth, float[] c, int cRe, int cIm, boolean accumulate) {
        for (int j = 0; j < columns; j += WIDTH) {
            FloatVector real = FloatVector.zero(SPECIES);
            FloatVector imaginary = FloatVector.zero(SPECIES);
            if (accumulate) {
                real = FloatVector.fromArray(SPECIES, c, cRe + j);
                imaginary = FloatVector.fromArray(SPECIES, c, cIm + j);
            }
            for (int d = 0; d < depth; d++) {
                FloatVector aR = FloatVector.fromArray(SPECIES, a, aRe + d * aDepth + j);
                FloatVector aI = FloatVector.fromArray(SPECIES, a, aIm + d * aDepth + j);
                FloatVector bR = FloatVector.fromArray(SPECIES, b, bRe + d * bDepth + j);
                FloatVector bI = FloatVector.fromArray(SPECIES, b, bIm + d * bDepth + j);
                real = aI.fma(bI.mul(-sign), aR.fma(bR, real));
                imaginary = aI.fma(bR.mul(sign), aR.fma(bI, imaginary));
            }
            real.intoArray(c, cRe + j);
            imaginary.intoArray(c, cIm + j);
        }
    }
}
