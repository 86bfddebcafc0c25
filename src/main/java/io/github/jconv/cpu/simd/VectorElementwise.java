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
import jdk.incubator.vector.VectorSpecies;

/** The loops with the Vector API in one width; defined and kept fast like {@link VectorProvider}. */
final class VectorElementwise implements ElementwiseLoops {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

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

    @Override
    public void maxOfFour(float[] x, int a, int b, int c, int d, float[] y, int yAt, int length) {
        int bound = SPECIES.loopBound(length);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, x, a + i).max(FloatVector.fromArray(SPECIES, x, b + i))
                    .max(FloatVector.fromArray(SPECIES, x, c + i).max(FloatVector.fromArray(SPECIES, x, d + i))).intoArray(y, yAt + i);
        }
        rest.maxOfFour(x, a + bound, b + bound, c + bound, d + bound, y, yAt + bound, length - bound);
    }

    /** What the first largest took is taken away from the gradient that is left to those behind it. */
    @Override
    public void maxOfFourBackward(float[] x, int a, int b, int c, int d, float[] dy, int dyAt, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector first = FloatVector.fromArray(SPECIES, x, a + i);
            FloatVector second = FloatVector.fromArray(SPECIES, x, b + i);
            FloatVector third = FloatVector.fromArray(SPECIES, x, c + i);
            FloatVector largest = first.max(second).max(third.max(FloatVector.fromArray(SPECIES, x, d + i)));
            FloatVector left = FloatVector.fromArray(SPECIES, dy, dyAt + i);
            VectorMask<Float> is = first.compare(VectorOperators.EQ, largest).or(first.compare(VectorOperators.NE, first));
            zero.blend(left, is).intoArray(x, a + i);
            left = left.blend(zero, is);
            is = second.compare(VectorOperators.EQ, largest).or(second.compare(VectorOperators.NE, second));
            zero.blend(left, is).intoArray(x, b + i);
            left = left.blend(zero, is);
            is = third.compare(VectorOperators.EQ, largest).or(third.compare(VectorOperators.NE, third));
            zero.blend(left, is).intoArray(x, c + i);
            left.blend(zero, is).intoArray(x, d + i);
        }
        rest.maxOfFourBackward(x, a + bound, b + bound, c + bound, d + bound, dy, dyAt + bound, length - bound);
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
        for (int i = 0; i < bound; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, w, wAt + i);
            FloatVector g = FloatVector.fromArray(SPECIES, dw, dwAt + i).add(weight.mul(decay));
            FloatVector first = FloatVector.fromArray(SPECIES, m, mAt + i).mul(beta1).add(g.mul(rest1));
            FloatVector second = FloatVector.fromArray(SPECIES, v, vAt + i).mul(beta2).add(g.mul(g).mul(rest2));
            first.intoArray(m, mAt + i);
            second.intoArray(v, vAt + i);
            weight.sub(first.mul(rate).div(second.div(correction).sqrt().add(epsilon))).intoArray(w, wAt + i);
        }
        rest.adamStep(rule, w, wAt + bound, dw, dwAt + bound, m, mAt + bound, v, vAt + bound, length - bound);
    }
}
