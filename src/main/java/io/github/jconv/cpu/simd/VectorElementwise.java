package io.github.jconv.cpu.simd;

import static io.github.jconv.cpu.simd.ElementaryFunctions.BACK_BY_64;
import static io.github.jconv.cpu.simd.ElementaryFunctions.EXP0;
import static io.github.jconv.cpu.simd.ElementaryFunctions.EXP1;
import static io.github.jconv.cpu.simd.ElementaryFunctions.EXP2;
import static io.github.jconv.cpu.simd.ElementaryFunctions.EXP3;
import static io.github.jconv.cpu.simd.ElementaryFunctions.EXP4;
import static io.github.jconv.cpu.simd.ElementaryFunctions.EXPONENT_SHIFT;
import static io.github.jconv.cpu.simd.ElementaryFunctions.LN2_HIGH;
import static io.github.jconv.cpu.simd.ElementaryFunctions.LN2_LOW;
import static io.github.jconv.cpu.simd.ElementaryFunctions.LOG0;
import static io.github.jconv.cpu.simd.ElementaryFunctions.LOG1;
import static io.github.jconv.cpu.simd.ElementaryFunctions.LOG2;
import static io.github.jconv.cpu.simd.ElementaryFunctions.LOG2_E;
import static io.github.jconv.cpu.simd.ElementaryFunctions.LOG3;
import static io.github.jconv.cpu.simd.ElementaryFunctions.LOWEST;
import static io.github.jconv.cpu.simd.ElementaryFunctions.LOWEST_OF_TANH;
import static io.github.jconv.cpu.simd.ElementaryFunctions.ONE;
import static io.github.jconv.cpu.simd.ElementaryFunctions.SIGN;
import static io.github.jconv.cpu.simd.ElementaryFunctions.TO_WHOLE;
import static io.github.jconv.cpu.simd.ElementaryFunctions.TO_WHOLE_AND_64;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The loops with the Vector API in one width; defined and kept fast like {@link VectorProvider}. */
final class VectorElementwise implements ElementwiseLoops {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();
    private static final VectorSpecies<Integer> INTEGERS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    /** Lanes 0, 2, 4, ... in both halves. */
    private static final VectorShuffle<Float> EVERY_OTHER = VectorShuffle.fromArray(SPECIES, VectorProviders.everyOther(LANES, 0), 0);
    /** Lanes 1, 0, 3, 2, 5, 4, ... */
    private static final VectorShuffle<Float> NEIGHBOURS = VectorShuffle.fromArray(SPECIES, VectorProviders.neighbours(LANES), 0);
    /** Lanes 0, 0, 1, 1, 2, 2, ... */
    private static final VectorShuffle<Float> TWICE = VectorShuffle.fromArray(SPECIES, VectorProviders.twice(LANES), 0);
    /** All bits in lanes 0, 2, 4, ..., none in the others. */
    private static final int[] EVEN_LANES = evenLanes();

    private final ScalarElementwise rest = new ScalarElementwise();

    VectorElementwise() {
    }

    @Override
    public void max(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, a, aAt + i).max(FloatVector.fromArray(SPECIES, b, bAt + i)).intoArray(y, yAt + i);
        }
        rest.max(a, aAt + bound, b, bAt + bound, y, yAt + bound, length - bound);
    }

    /** Half of the lanes that are written are results; what is written behind a row is written again with the next one. */
    @Override
    public void maxOfFour(float[] x, int xAt, int below, int step, float[] y, int yAt, int windows, int rows) {
        int last = Math.max(2 * windows - LANES, 0);
        for (int row = 0; row < rows; row++) {
            int from = xAt + row * step;
            int to = yAt + row * windows;
            if (from + below + last + LANES > x.length || to + last / 2 + LANES > y.length) {
                ScalarElementwise.rowOfMaxOfFour(x, from, below, y, to, windows);
                continue;
            }
            for (int i = 0; i < 2 * windows; i += LANES) {
                int at = Math.min(i, last);
                FloatVector largest = FloatVector.fromArray(SPECIES, x, from + at).max(FloatVector.fromArray(SPECIES, x, from + below + at));
                largest.max(largest.rearrange(NEIGHBOURS)).rearrange(EVERY_OTHER).intoArray(y, to + at / 2);
            }
        }
    }

    /**
     * Values stay where they lie: a window is two neighbouring lanes of a vector of its upper row and two of one of its lower row. The last
     * vector of a row ends where the row does, and writes some elements of the one before it again. Where rows are shorter than a vector
     * and follow one another without gaps, what is written behind a row is written again with the next ones.
     */
    @Override
    public void maxOfFourBackward(float[] x, int xAt, int below, int step, float[] dy, int dyAt, float[] dx, int dxAt, int windows,
                                  int rows) {
        int width = 2 * windows;
        int last = Math.max(width - LANES, 0);
        // Of the last element of a vector, relative to the row's first: in dx, x and dy.
        int behind = below + last + LANES;
        int dyBehind = last / 2 + LANES;
        int end = width >= LANES ? dx.length : below == width && step == 2 * width ? dxAt + rows * step : 0;
        for (int row = 0; row < rows; row++) {
            int from = xAt + row * step;
            int to = dxAt + row * step;
            int gradient = dyAt + row * windows;
            if (to + behind > end || from + behind > x.length || gradient + dyBehind > dy.length) {
                ScalarElementwise.rowOfMaxOfFourBackward(x, from, below, dy, gradient, dx, to, windows);
                continue;
            }
            for (int i = 0; i < width; i += LANES) {
                int at = Math.min(i, last);
                vectorOfMaxOfFourBackward(x, from + at, below, dy, gradient + at / 2, dx, to + at);
            }
        }
    }

    /** The sign of a lane stands for yes. A value in an odd lane is not the first if its neighbour is, one below not if one above is. */
    private static void vectorOfMaxOfFourBackward(float[] x, int xAt, int below, float[] dy, int dyAt, float[] dx, int dxAt) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector yes = FloatVector.broadcast(SPECIES, -1);
        FloatVector upper = FloatVector.fromArray(SPECIES, x, xAt);
        FloatVector lower = FloatVector.fromArray(SPECIES, x, xAt + below);
        FloatVector largest = upper.max(lower);
        largest = largest.max(largest.rearrange(NEIGHBOURS));
        IntVector gradient = FloatVector.fromArray(SPECIES, dy, dyAt).rearrange(TWICE).reinterpretAsInts();
        IntVector even = IntVector.fromArray(INTEGERS, EVEN_LANES, 0);
        VectorMask<Float> is = upper.compare(VectorOperators.EQ, largest).or(upper.compare(VectorOperators.NE, upper));
        FloatVector not = yes.blend(zero, is);
        IntVector neighbourNot = not.rearrange(NEIGHBOURS).reinterpretAsInts();
        IntVector noneAbove = neighbourNot.and(not.reinterpretAsInts());
        zero.blend(yes, is).reinterpretAsInts().and(neighbourNot.or(even)).lanewise(VectorOperators.ASHR, 31).and(gradient)
                .reinterpretAsFloats().intoArray(dx, dxAt);
        is = lower.compare(VectorOperators.EQ, largest).or(lower.compare(VectorOperators.NE, lower));
        neighbourNot = yes.blend(zero, is).rearrange(NEIGHBOURS).reinterpretAsInts();
        zero.blend(yes, is).reinterpretAsInts().and(neighbourNot.or(even)).and(noneAbove)
                .lanewise(VectorOperators.ASHR, 31).and(gradient).reinterpretAsFloats().intoArray(dx, dxAt + below);
    }

    @Override
    public void relu(float[] x, int xAt, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i).max(zero).intoArray(y, yAt + i);
        }
        rest.relu(x, xAt + bound, y, yAt + bound, length - bound);
    }

    @Override
    public void reluBackward(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += LANES) {
            zero.blend(FloatVector.fromArray(SPECIES, dy, dyAt + i),
                    FloatVector.fromArray(SPECIES, y, yAt + i).compare(VectorOperators.GT, zero)).intoArray(dx, dxAt + i);
        }
        rest.reluBackward(y, yAt + bound, dy, dyAt + bound, dx, dxAt + bound, length - bound);
    }

    @Override
    public void leakyRelu(float slope, float[] x, int xAt, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector factor = FloatVector.broadcast(SPECIES, slope);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector value = FloatVector.fromArray(SPECIES, x, xAt + i);
            value.mul(factor).blend(value, value.compare(VectorOperators.GT, zero)).intoArray(y, yAt + i);
        }
        rest.leakyRelu(slope, x, xAt + bound, y, yAt + bound, length - bound);
    }

    @Override
    public void leakyReluBackward(float slope, float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector factor = FloatVector.broadcast(SPECIES, slope);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector gradient = FloatVector.fromArray(SPECIES, dy, dyAt + i);
            gradient.mul(factor).blend(gradient, FloatVector.fromArray(SPECIES, y, yAt + i).compare(VectorOperators.GT, zero))
                    .intoArray(dx, dxAt + i);
        }
        rest.leakyReluBackward(slope, y, yAt + bound, dy, dyAt + bound, dx, dxAt + bound, length - bound);
    }

    @Override
    public void expOfMinusAbsolute(float[] x, int xAt, float[] e, int eAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector toWhole = FloatVector.broadcast(SPECIES, TO_WHOLE_AND_64);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, xAt + i).reinterpretAsInts().or(SIGN).reinterpretAsFloats()
                    .max(FloatVector.broadcast(SPECIES, LOWEST));
            FloatVector t = a.fma(FloatVector.broadcast(SPECIES, LOG2_E), toWhole);
            FloatVector n = t.sub(toWhole);
            FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), a);
            r = n.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), r);
            FloatVector q = r.fma(FloatVector.broadcast(SPECIES, EXP4), FloatVector.broadcast(SPECIES, EXP3));
            q = q.fma(r, FloatVector.broadcast(SPECIES, EXP2));
            q = q.fma(r, FloatVector.broadcast(SPECIES, EXP1));
            q = q.fma(r, FloatVector.broadcast(SPECIES, EXP0));
            FloatVector p = r.mul(r).fma(q, r).add(1);
            FloatVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, EXPONENT_SHIFT).add(ONE).reinterpretAsFloats();
            p.mul(scale).mul(BACK_BY_64).intoArray(e, eAt + i);
        }
        rest.expOfMinusAbsolute(x, xAt + bound, e, eAt + bound, length - bound);
    }

    @Override
    public void sigmoid(float[] x, int xAt, float[] e, int eAt, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector one = FloatVector.broadcast(SPECIES, 1);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector exp = FloatVector.fromArray(SPECIES, e, eAt + i);
            // All bits where x is negative; e and 1 are exchanged there.
            IntVector negative = FloatVector.fromArray(SPECIES, x, xAt + i).reinterpretAsInts().lanewise(VectorOperators.ASHR, 31);
            exp.reinterpretAsInts().lanewise(VectorOperators.XOR, ONE).and(negative).lanewise(VectorOperators.XOR, ONE)
                    .reinterpretAsFloats().div(exp.add(one)).intoArray(y, yAt + i);
        }
        rest.sigmoid(x, xAt + bound, e, eAt + bound, y, yAt + bound, length - bound);
    }

    @Override
    public void sigmoidBackward(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector one = FloatVector.broadcast(SPECIES, 1);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector value = FloatVector.fromArray(SPECIES, y, yAt + i);
            FloatVector.fromArray(SPECIES, dy, dyAt + i).mul(value.mul(one.sub(value))).intoArray(dx, dxAt + i);
        }
        rest.sigmoidBackward(y, yAt + bound, dy, dyAt + bound, dx, dxAt + bound, length - bound);
    }

    @Override
    public void tanh(float[] x, int xAt, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector toWhole = FloatVector.broadcast(SPECIES, TO_WHOLE);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector value = FloatVector.fromArray(SPECIES, x, xAt + i);
            FloatVector a = value.add(value).reinterpretAsInts().or(SIGN).reinterpretAsFloats()
                    .max(FloatVector.broadcast(SPECIES, LOWEST_OF_TANH));
            FloatVector t = a.fma(FloatVector.broadcast(SPECIES, LOG2_E), toWhole);
            FloatVector n = t.sub(toWhole);
            FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), a);
            r = n.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), r);
            FloatVector q = r.fma(FloatVector.broadcast(SPECIES, EXP4), FloatVector.broadcast(SPECIES, EXP3));
            q = q.fma(r, FloatVector.broadcast(SPECIES, EXP2));
            q = q.fma(r, FloatVector.broadcast(SPECIES, EXP1));
            q = q.fma(r, FloatVector.broadcast(SPECIES, EXP0));
            FloatVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, EXPONENT_SHIFT).add(ONE).reinterpretAsFloats();
            FloatVector m = r.mul(r).fma(q, r).fma(scale, scale.sub(1));
            m.div(m.add(2)).reinterpretAsInts().and(~SIGN).or(value.reinterpretAsInts().and(SIGN)).reinterpretAsFloats()
                    .intoArray(y, yAt + i);
        }
        rest.tanh(x, xAt + bound, y, yAt + bound, length - bound);
    }

    @Override
    public void tanhBackward(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector one = FloatVector.broadcast(SPECIES, 1);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector value = FloatVector.fromArray(SPECIES, y, yAt + i);
            FloatVector.fromArray(SPECIES, dy, dyAt + i).mul(value.neg().fma(value, one)).intoArray(dx, dxAt + i);
        }
        rest.tanhBackward(y, yAt + bound, dy, dyAt + bound, dx, dxAt + bound, length - bound);
    }

    @Override
    public void sigmoidCrossEntropy(float[] x, int xAt, float[] targets, int targetsAt, float[] e, int eAt, float[] losses, int lossesAt,
                                    int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector exp = FloatVector.fromArray(SPECIES, e, eAt + i);
            FloatVector s = exp.div(exp.add(2));
            FloatVector z = s.mul(s);
            FloatVector q = z.fma(FloatVector.broadcast(SPECIES, LOG3), FloatVector.broadcast(SPECIES, LOG2));
            q = q.fma(z, FloatVector.broadcast(SPECIES, LOG1));
            q = q.fma(z, FloatVector.broadcast(SPECIES, LOG0));
            FloatVector twice = s.add(s);
            FloatVector log = twice.mul(z).fma(q, twice);
            FloatVector value = FloatVector.fromArray(SPECIES, x, xAt + i);
            value.neg().fma(FloatVector.fromArray(SPECIES, targets, targetsAt + i), value.max(zero)).add(log)
                    .intoArray(losses, lossesAt + i);
        }
        rest.sigmoidCrossEntropy(x, xAt + bound, targets, targetsAt + bound, e, eAt + bound, losses, lossesAt + bound, length - bound);
    }

    @Override
    public void scaledDifference(float factor, float[] x, int xAt, float[] t, int tAt, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector scale = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i).sub(FloatVector.fromArray(SPECIES, t, tAt + i)).mul(scale).intoArray(y, yAt + i);
        }
        rest.scaledDifference(factor, x, xAt + bound, t, tAt + bound, y, yAt + bound, length - bound);
    }

    @Override
    public void normalise(float centre, float centreRest, float factor, float shift, float[] x, int xAt, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector high = FloatVector.broadcast(SPECIES, centre);
        FloatVector low = FloatVector.broadcast(SPECIES, centreRest);
        FloatVector scale = FloatVector.broadcast(SPECIES, factor);
        FloatVector add = FloatVector.broadcast(SPECIES, shift);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i).sub(high).sub(low).fma(scale, add).intoArray(y, yAt + i);
        }
        rest.normalise(centre, centreRest, factor, shift, x, xAt + bound, y, yAt + bound, length - bound);
    }

    @Override
    public void normaliseBackward(float centre, float centreRest, float slope, float mean, float factor, float[] x, int xAt, float[] dy,
                                  int dyAt, float[] dx, int dxAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector high = FloatVector.broadcast(SPECIES, centre);
        FloatVector low = FloatVector.broadcast(SPECIES, centreRest);
        FloatVector down = FloatVector.broadcast(SPECIES, -slope);
        FloatVector average = FloatVector.broadcast(SPECIES, mean);
        FloatVector scale = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i).sub(high).sub(low)
                    .fma(down, FloatVector.fromArray(SPECIES, dy, dyAt + i).sub(average)).mul(scale).intoArray(dx, dxAt + i);
        }
        rest.normaliseBackward(centre, centreRest, slope, mean, factor, x, xAt + bound, dy, dyAt + bound, dx, dxAt + bound,
                length - bound);
    }

    @Override
    public void scale(float factor, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector by = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, y, yAt + i).mul(by).intoArray(y, yAt + i);
        }
        rest.scale(factor, y, yAt + bound, length - bound);
    }

    @Override
    public void addScaled(float factor, float[] x, int xAt, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector by = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i).mul(by).add(FloatVector.fromArray(SPECIES, y, yAt + i)).intoArray(y, yAt + i);
        }
        rest.addScaled(factor, x, xAt + bound, y, yAt + bound, length - bound);
    }

    @Override
    public void sgdStep(float rate, float momentum, float decay, float[] w, int wAt, float[] dw, int dwAt, float[] v, int vAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector down = FloatVector.broadcast(SPECIES, rate);
        FloatVector kept = FloatVector.broadcast(SPECIES, momentum);
        FloatVector back = FloatVector.broadcast(SPECIES, decay);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, w, wAt + i);
            FloatVector velocity = FloatVector.fromArray(SPECIES, v, vAt + i).mul(kept)
                    .add(FloatVector.fromArray(SPECIES, dw, dwAt + i).add(weight.mul(back)));
            velocity.intoArray(v, vAt + i);
            weight.sub(velocity.mul(down)).intoArray(w, wAt + i);
        }
        rest.sgdStep(rate, momentum, decay, w, wAt + bound, dw, dwAt + bound, v, vAt + bound, length - bound);
    }

    @Override
    public void nesterovStep(float rate, float momentum, float decay, float[] w, int wAt, float[] dw, int dwAt, float[] v, int vAt,
                             int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector down = FloatVector.broadcast(SPECIES, rate);
        FloatVector kept = FloatVector.broadcast(SPECIES, momentum);
        FloatVector back = FloatVector.broadcast(SPECIES, decay);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, w, wAt + i);
            FloatVector g = FloatVector.fromArray(SPECIES, dw, dwAt + i).add(weight.mul(back));
            FloatVector velocity = FloatVector.fromArray(SPECIES, v, vAt + i).mul(kept).add(g);
            velocity.intoArray(v, vAt + i);
            weight.sub(g.add(velocity.mul(kept)).mul(down)).intoArray(w, wAt + i);
        }
        rest.nesterovStep(rate, momentum, decay, w, wAt + bound, dw, dwAt + bound, v, vAt + bound, length - bound);
    }

    @Override
    public void adamStep(AdamRule rule, float[] w, int wAt, float[] dw, int dwAt, float[] m, int mAt, float[] v, int vAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector rate = FloatVector.broadcast(SPECIES, rule.rate);
        FloatVector beta1 = FloatVector.broadcast(SPECIES, rule.beta1);
        FloatVector rest1 = FloatVector.broadcast(SPECIES, rule.rest1);
        FloatVector beta2 = FloatVector.broadcast(SPECIES, rule.beta2);
        FloatVector rest2 = FloatVector.broadcast(SPECIES, rule.rest2);
        FloatVector correction = FloatVector.broadcast(SPECIES, rule.correction);
        FloatVector epsilon = FloatVector.broadcast(SPECIES, rule.epsilon);
        FloatVector decay = FloatVector.broadcast(SPECIES, rule.decay);
        FloatVector lost = FloatVector.broadcast(SPECIES, rule.lost);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, w, wAt + i);
            FloatVector g = FloatVector.fromArray(SPECIES, dw, dwAt + i).add(weight.mul(decay));
            FloatVector first = FloatVector.fromArray(SPECIES, m, mAt + i).mul(beta1).add(g.mul(rest1));
            FloatVector second = FloatVector.fromArray(SPECIES, v, vAt + i).mul(beta2).add(g.mul(g).mul(rest2));
            first.intoArray(m, mAt + i);
            second.intoArray(v, vAt + i);
            weight.sub(weight.mul(lost).add(first.mul(rate).div(second.div(correction).sqrt().add(epsilon)))).intoArray(w, wAt + i);
        }
        rest.adamStep(rule, w, wAt + bound, dw, dwAt + bound, m, mAt + bound, v, vAt + bound, length - bound);
    }

    private static int[] evenLanes() {
        int[] bits = new int[LANES];
        for (int lane = 0; lane < LANES; lane += 2) {
            bits[lane] = -1;
        }
        return bits;
    }
}
