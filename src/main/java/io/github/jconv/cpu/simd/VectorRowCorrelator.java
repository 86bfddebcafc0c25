package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Correlations of rows with the Vector API in one width; defined like {@link VectorProvider}, and written like it. Several rows of
 * outputs are summed up side by side, so that each row of x is loaded once for the three taps of a triple. Two loops one after the other
 * and not one in the other: the JIT compiler keeps vectors in registers that one loop carries on, but not those of nested loops.
 */
final class VectorRowCorrelator implements RowCorrelator {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

    /** Lanes 0, 2, 4, ... in both halves. */
    private static final VectorShuffle<Float> EVERY_OTHER = VectorShuffle.fromArray(SPECIES, VectorProviders.everyOther(LANES, 0), 0);
    private static final VectorMask<Float> UPPER_HALF = VectorMask.fromLong(SPECIES, (1L << LANES) - (1L << LANES / 2));

    VectorRowCorrelator() {
    }

    @Override
    public void correlate(RowCorrelation c, float[] weights, int weightsOffset, float[] x, int xOffset, float[] y, int yOffset) {
        boolean pairs = c.columnStep() == 2 && c.columns() > LANES;
        for (int row = 0; row < c.rows(); row += RowCorrelation.ROWS_AT_ONCE) {
            // The last rows are computed again, or others behind them, to fill up.
            int from = Math.max(0, Math.min(row, c.rows() - RowCorrelation.ROWS_AT_ONCE));
            int xAt = xOffset + from * c.xStep();
            int yAt = yOffset + from * c.yStep();
            if (pairs) {
                everyOtherColumn(c, weights, weightsOffset, x, xAt, y, yAt);
            } else {
                columns(c, weights, weightsOffset, x, xAt, y, yAt);
            }
        }
    }

    /** From the right to the left: what a vector writes behind its row is the beginning of the next, which comes last. */
    private static void columns(RowCorrelation c, float[] weights, int w, float[] x, int x0, float[] y, int y0) {
        boolean everyOther = c.columnStep() == 2;
        for (int i = (c.columns() - 1) / LANES * LANES; i >= 0; i -= LANES) {
            rows4(c.triples(), c.singles(), c.weightStep(), c.xStep(), weights, w, x, x0 + i, y, y0 + i, c.yStep(), everyOther);
        }
    }

    /** The same two vectors at a time, which give one vector of outputs; the sums between them are dropped. */
    private static void everyOtherColumn(RowCorrelation c, float[] weights, int w, float[] x, int x0, float[] y, int y0) {
        for (int i = (c.outputs() - 1) / LANES * LANES; i >= 0; i -= LANES) {
            pairs4(c.triples(), c.singles(), c.weightStep(), c.xStep(), weights, w, x, x0 + 2 * i, y, y0 + i, c.yStep());
        }
    }

    private static void rows4(int[] triples, int[] singles, int weightStep, int xStep, float[] weights, int w, float[] x, int x0,
                              float[] y, int y0, int yStep, boolean everyOther) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        for (int i = 0; i < triples.length; i += 2) {
            int weight = w + triples[i];
            int at = x0 + triples[i + 1];
            FloatVector w0 = FloatVector.broadcast(SPECIES, weights[weight]);
            FloatVector w1 = FloatVector.broadcast(SPECIES, weights[weight + weightStep]);
            FloatVector w2 = FloatVector.broadcast(SPECIES, weights[weight + 2 * weightStep]);
            FloatVector v0 = FloatVector.fromArray(SPECIES, x, at);
            s0 = w0.fma(v0, s0);
            at += xStep;
            FloatVector v1 = FloatVector.fromArray(SPECIES, x, at);
            s1 = w0.fma(v1, s1);
            s0 = w1.fma(v1, s0);
            at += xStep;
            FloatVector v2 = FloatVector.fromArray(SPECIES, x, at);
            s2 = w0.fma(v2, s2);
            s1 = w1.fma(v2, s1);
            s0 = w2.fma(v2, s0);
            at += xStep;
            FloatVector v3 = FloatVector.fromArray(SPECIES, x, at);
            s3 = w0.fma(v3, s3);
            s2 = w1.fma(v3, s2);
            s1 = w2.fma(v3, s1);
            at += xStep;
            FloatVector v4 = FloatVector.fromArray(SPECIES, x, at);
            s3 = w1.fma(v4, s3);
            s2 = w2.fma(v4, s2);
            at += xStep;
            FloatVector v5 = FloatVector.fromArray(SPECIES, x, at);
            s3 = w2.fma(v5, s3);
        }
        for (int i = 0; i < singles.length; i += 2) {
            FloatVector w0 = FloatVector.broadcast(SPECIES, weights[w + singles[i]]);
            int at = x0 + singles[i + 1];
            s0 = w0.fma(FloatVector.fromArray(SPECIES, x, at), s0);
            at += xStep;
            s1 = w0.fma(FloatVector.fromArray(SPECIES, x, at), s1);
            at += xStep;
            s2 = w0.fma(FloatVector.fromArray(SPECIES, x, at), s2);
            at += xStep;
            s3 = w0.fma(FloatVector.fromArray(SPECIES, x, at), s3);
        }
        if (everyOther) {
            s0.rearrange(EVERY_OTHER).intoArray(y, y0);
            s1.rearrange(EVERY_OTHER).intoArray(y, y0 + yStep);
            s2.rearrange(EVERY_OTHER).intoArray(y, y0 + 2 * yStep);
            s3.rearrange(EVERY_OTHER).intoArray(y, y0 + 3 * yStep);
        } else {
            s0.intoArray(y, y0);
            s1.intoArray(y, y0 + yStep);
            s2.intoArray(y, y0 + 2 * yStep);
            s3.intoArray(y, y0 + 3 * yStep);
        }
    }

    private static void pairs4(int[] triples, int[] singles, int weightStep, int xStep, float[] weights, int w, float[] x, int x0,
                               float[] y, int y0, int yStep) {
        FloatVector s0a = FloatVector.zero(SPECIES);
        FloatVector s0b = FloatVector.zero(SPECIES);
        FloatVector s1a = FloatVector.zero(SPECIES);
        FloatVector s1b = FloatVector.zero(SPECIES);
        FloatVector s2a = FloatVector.zero(SPECIES);
        FloatVector s2b = FloatVector.zero(SPECIES);
        FloatVector s3a = FloatVector.zero(SPECIES);
        FloatVector s3b = FloatVector.zero(SPECIES);
        for (int i = 0; i < triples.length; i += 2) {
            int weight = w + triples[i];
            int at = x0 + triples[i + 1];
            FloatVector w0 = FloatVector.broadcast(SPECIES, weights[weight]);
            FloatVector w1 = FloatVector.broadcast(SPECIES, weights[weight + weightStep]);
            FloatVector w2 = FloatVector.broadcast(SPECIES, weights[weight + 2 * weightStep]);
            FloatVector v0a = FloatVector.fromArray(SPECIES, x, at);
            FloatVector v0b = FloatVector.fromArray(SPECIES, x, at + LANES);
            s0a = w0.fma(v0a, s0a);
            s0b = w0.fma(v0b, s0b);
            at += xStep;
            FloatVector v1a = FloatVector.fromArray(SPECIES, x, at);
            FloatVector v1b = FloatVector.fromArray(SPECIES, x, at + LANES);
            s1a = w0.fma(v1a, s1a);
            s1b = w0.fma(v1b, s1b);
            s0a = w1.fma(v1a, s0a);
            s0b = w1.fma(v1b, s0b);
            at += xStep;
            FloatVector v2a = FloatVector.fromArray(SPECIES, x, at);
            FloatVector v2b = FloatVector.fromArray(SPECIES, x, at + LANES);
            s2a = w0.fma(v2a, s2a);
            s2b = w0.fma(v2b, s2b);
            s1a = w1.fma(v2a, s1a);
            s1b = w1.fma(v2b, s1b);
            s0a = w2.fma(v2a, s0a);
            s0b = w2.fma(v2b, s0b);
            at += xStep;
            FloatVector v3a = FloatVector.fromArray(SPECIES, x, at);
            FloatVector v3b = FloatVector.fromArray(SPECIES, x, at + LANES);
            s3a = w0.fma(v3a, s3a);
            s3b = w0.fma(v3b, s3b);
            s2a = w1.fma(v3a, s2a);
            s2b = w1.fma(v3b, s2b);
            s1a = w2.fma(v3a, s1a);
            s1b = w2.fma(v3b, s1b);
            at += xStep;
            FloatVector v4a = FloatVector.fromArray(SPECIES, x, at);
            FloatVector v4b = FloatVector.fromArray(SPECIES, x, at + LANES);
            s3a = w1.fma(v4a, s3a);
            s3b = w1.fma(v4b, s3b);
            s2a = w2.fma(v4a, s2a);
            s2b = w2.fma(v4b, s2b);
            at += xStep;
            FloatVector v5a = FloatVector.fromArray(SPECIES, x, at);
            FloatVector v5b = FloatVector.fromArray(SPECIES, x, at + LANES);
            s3a = w2.fma(v5a, s3a);
            s3b = w2.fma(v5b, s3b);
        }
        for (int i = 0; i < singles.length; i += 2) {
            FloatVector w0 = FloatVector.broadcast(SPECIES, weights[w + singles[i]]);
            int at = x0 + singles[i + 1];
            s0a = w0.fma(FloatVector.fromArray(SPECIES, x, at), s0a);
            s0b = w0.fma(FloatVector.fromArray(SPECIES, x, at + LANES), s0b);
            at += xStep;
            s1a = w0.fma(FloatVector.fromArray(SPECIES, x, at), s1a);
            s1b = w0.fma(FloatVector.fromArray(SPECIES, x, at + LANES), s1b);
            at += xStep;
            s2a = w0.fma(FloatVector.fromArray(SPECIES, x, at), s2a);
            s2b = w0.fma(FloatVector.fromArray(SPECIES, x, at + LANES), s2b);
            at += xStep;
            s3a = w0.fma(FloatVector.fromArray(SPECIES, x, at), s3a);
            s3b = w0.fma(FloatVector.fromArray(SPECIES, x, at + LANES), s3b);
        }
        s0a.rearrange(EVERY_OTHER).blend(s0b.rearrange(EVERY_OTHER), UPPER_HALF).intoArray(y, y0);
        s1a.rearrange(EVERY_OTHER).blend(s1b.rearrange(EVERY_OTHER), UPPER_HALF).intoArray(y, y0 + yStep);
        s2a.rearrange(EVERY_OTHER).blend(s2b.rearrange(EVERY_OTHER), UPPER_HALF).intoArray(y, y0 + 2 * yStep);
        s3a.rearrange(EVERY_OTHER).blend(s3b.rearrange(EVERY_OTHER), UPPER_HALF).intoArray(y, y0 + 3 * yStep);
    }
}
