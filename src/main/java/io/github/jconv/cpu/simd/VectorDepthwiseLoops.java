package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over the maps of single channels with the Vector API in one width; defined like {@link VectorProvider}, and written like it. A loop
 * runs down the rows of one vector of columns, so that each row is read once for all its taps. Columns are taken from the right to the left:
 * what a vector writes behind its row comes before what belongs there. What the last rows keep is loaded in the loop, too, as a copy of it
 * behind the loop would be more than the JIT compiler can be relied on to take in.
 */
final class VectorDepthwiseLoops implements DepthwiseLoops {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();
    private static final VectorSpecies<Integer> INTEGERS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    /** Lanes 0, 2, 4, ... in both halves. */
    private static final VectorShuffle<Float> EVERY_OTHER = VectorShuffle.fromArray(SPECIES, VectorProviders.everyOther(LANES, 0), 0);
    /** Lanes 1, 3, 5, ... in both halves. */
    private static final VectorShuffle<Float> THE_OTHERS = VectorShuffle.fromArray(SPECIES, VectorProviders.everyOther(LANES, 1), 0);
    private static final VectorMask<Float> UPPER_HALF = VectorMask.fromLong(SPECIES, (1L << LANES) - (1L << LANES / 2));
    /** Lanes 0, 0, 1, 1, 2, 2, ... */
    private static final VectorShuffle<Float> TWICE = VectorShuffle.fromArray(SPECIES, VectorProviders.twice(LANES), 0);
    private static final VectorMask<Float> ODD_LANES = VectorMask.fromLong(SPECIES, 0xAAAAAAAAL & (1L << LANES) - 1);

    private static final int PARTIAL = SimdProvider.PARTIAL_SUMS;

    VectorDepthwiseLoops() {
    }

    @Override
    public void correlate(ThreeRows g, boolean turned, int maps, float[] weights, int weightsOffset, float[] x, int xOffset, int xMap,
                          float[] y, int yOffset, int yMap) {
        int wStep = turned ? -1 : 1;
        boolean pairs = g.apart() == 2 && g.columns() > LANES;
        int vectors = pairs ? 2 : 1;
        int last = (g.columns() - 1) / (vectors * LANES) * vectors * LANES;
        for (int map = 0; map < maps; map++) {
            int w = weightsOffset + map * TAPS + (turned ? TAPS - 1 : 0);
            for (int i = last; i >= 0; i -= vectors * LANES) {
                int xAt = xOffset + map * xMap + i;
                int yAt = yOffset + map * yMap + i / g.apart();
                if (pairs) {
                    partedColumns(g, weights, w, wStep, x, xAt, i / 2, y, yAt);
                } else if (g.step() == 1) {
                    rows(g, weights, w, wStep, x, xAt, i, y, yAt);
                } else {
                    everyOtherRow(g, weights, w, wStep, x, xAt, i, y, yAt);
                }
            }
        }
    }

    /** A step of 1: of the three rows that an output meets, the next one meets two. */
    private static void rows(ThreeRows g, float[] weights, int w, int wStep, float[] x, int xOffset, int column, float[] y, int yOffset) {
        FloatVector w00 = FloatVector.broadcast(SPECIES, weights[w]);
        FloatVector w01 = FloatVector.broadcast(SPECIES, weights[w + wStep]);
        FloatVector w02 = FloatVector.broadcast(SPECIES, weights[w + 2 * wStep]);
        FloatVector w10 = FloatVector.broadcast(SPECIES, weights[w + 3 * wStep]);
        FloatVector w11 = FloatVector.broadcast(SPECIES, weights[w + 4 * wStep]);
        FloatVector w12 = FloatVector.broadcast(SPECIES, weights[w + 5 * wStep]);
        FloatVector w20 = FloatVector.broadcast(SPECIES, weights[w + 6 * wStep]);
        FloatVector w21 = FloatVector.broadcast(SPECIES, weights[w + 7 * wStep]);
        FloatVector w22 = FloatVector.broadcast(SPECIES, weights[w + 8 * wStep]);
        IntVector columns0 = IntVector.fromArray(INTEGERS, g.kept(), column);
        IntVector columns1 = IntVector.fromArray(INTEGERS, g.kept(), column + g.keptRow());
        IntVector columns2 = IntVector.fromArray(INTEGERS, g.kept(), column + 2 * g.keptRow());
        IntVector first = IntVector.fromArray(INTEGERS, g.rowsKept(), g.first() + column);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector a0 = FloatVector.fromArray(SPECIES, x, xOffset).reinterpretAsInts().and(columns0).and(first).reinterpretAsFloats();
        FloatVector a1 = FloatVector.fromArray(SPECIES, x, xOffset + 1).reinterpretAsInts().and(columns1).and(first).reinterpretAsFloats();
        FloatVector a2 = FloatVector.fromArray(SPECIES, x, xOffset + 2).reinterpretAsInts().and(columns2).and(first).reinterpretAsFloats();
        IntVector between = IntVector.fromArray(INTEGERS, g.rowsKept(), g.between() + column);
        int at = xOffset + g.xRow();
        FloatVector b0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(between).reinterpretAsFloats();
        FloatVector b1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(between).reinterpretAsFloats();
        FloatVector b2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(between).reinterpretAsFloats();
        int to = yOffset;
        int end = g.rows();
        for (int o = 0; o < end; o++) {
            at += g.xRow();
            IntVector last = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.last() : g.between()) + column);
            FloatVector c0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(last).reinterpretAsFloats();
            FloatVector c1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(last).reinterpretAsFloats();
            FloatVector c2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(last).reinterpretAsFloats();
            FloatVector sum = w00.fma(a0, zero);
            sum = w01.fma(a1, sum);
            sum = w02.fma(a2, sum);
            sum = w10.fma(b0, sum);
            sum = w11.fma(b1, sum);
            sum = w12.fma(b2, sum);
            sum = w20.fma(c0, sum);
            sum = w21.fma(c1, sum);
            sum = w22.fma(c2, sum);
            sum.intoArray(y, to);
            to += g.yRow();
            a0 = b0;
            a1 = b1;
            a2 = b2;
            b0 = c0;
            b1 = c1;
            b2 = c2;
        }
    }

    /** A step of 2: they share one row. Of columns that are 2 apart every other sum is an output. */
    private static void everyOtherRow(ThreeRows g, float[] weights, int w, int wStep, float[] x, int xOffset, int column, float[] y, int yOffset) {
        FloatVector w00 = FloatVector.broadcast(SPECIES, weights[w]);
        FloatVector w01 = FloatVector.broadcast(SPECIES, weights[w + wStep]);
        FloatVector w02 = FloatVector.broadcast(SPECIES, weights[w + 2 * wStep]);
        FloatVector w10 = FloatVector.broadcast(SPECIES, weights[w + 3 * wStep]);
        FloatVector w11 = FloatVector.broadcast(SPECIES, weights[w + 4 * wStep]);
        FloatVector w12 = FloatVector.broadcast(SPECIES, weights[w + 5 * wStep]);
        FloatVector w20 = FloatVector.broadcast(SPECIES, weights[w + 6 * wStep]);
        FloatVector w21 = FloatVector.broadcast(SPECIES, weights[w + 7 * wStep]);
        FloatVector w22 = FloatVector.broadcast(SPECIES, weights[w + 8 * wStep]);
        IntVector columns0 = IntVector.fromArray(INTEGERS, g.kept(), column);
        IntVector columns1 = IntVector.fromArray(INTEGERS, g.kept(), column + g.keptRow());
        IntVector columns2 = IntVector.fromArray(INTEGERS, g.kept(), column + 2 * g.keptRow());
        IntVector first = IntVector.fromArray(INTEGERS, g.rowsKept(), g.first() + column);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector a0 = FloatVector.fromArray(SPECIES, x, xOffset).reinterpretAsInts().and(columns0).and(first).reinterpretAsFloats();
        FloatVector a1 = FloatVector.fromArray(SPECIES, x, xOffset + 1).reinterpretAsInts().and(columns1).and(first).reinterpretAsFloats();
        FloatVector a2 = FloatVector.fromArray(SPECIES, x, xOffset + 2).reinterpretAsInts().and(columns2).and(first).reinterpretAsFloats();
        int at = xOffset;
        int to = yOffset;
        int end = g.rows();
        boolean everyOtherColumn = g.apart() == 2;
        for (int o = 0; o < end; o++) {
            at += g.xRow();
            IntVector lastButOne = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.lastButOne() : g.between()) + column);
            FloatVector b0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(lastButOne).reinterpretAsFloats();
            FloatVector b1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(lastButOne).reinterpretAsFloats();
            FloatVector b2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(lastButOne).reinterpretAsFloats();
            at += g.xRow();
            IntVector last = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.last() : g.between()) + column);
            FloatVector c0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(last).reinterpretAsFloats();
            FloatVector c1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(last).reinterpretAsFloats();
            FloatVector c2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(last).reinterpretAsFloats();
            FloatVector sum = w00.fma(a0, zero);
            sum = w01.fma(a1, sum);
            sum = w02.fma(a2, sum);
            sum = w10.fma(b0, sum);
            sum = w11.fma(b1, sum);
            sum = w12.fma(b2, sum);
            sum = w20.fma(c0, sum);
            sum = w21.fma(c1, sum);
            sum = w22.fma(c2, sum);
            if (everyOtherColumn) {
                sum.rearrange(EVERY_OTHER).intoArray(y, to);
            } else {
                sum.intoArray(y, to);
            }
            to += g.yRow();
            a0 = c0;
            a1 = c1;
            a2 = c2;
        }
    }

    /** The same with inputs taken apart, where they fill two vectors; {@code column} is one of the outputs. */
    private static void partedColumns(ThreeRows g, float[] weights, int w, int wStep, float[] x, int xOffset, int column, float[] y, int yOffset) {
        FloatVector w00 = FloatVector.broadcast(SPECIES, weights[w]);
        FloatVector w01 = FloatVector.broadcast(SPECIES, weights[w + wStep]);
        FloatVector w02 = FloatVector.broadcast(SPECIES, weights[w + 2 * wStep]);
        FloatVector w10 = FloatVector.broadcast(SPECIES, weights[w + 3 * wStep]);
        FloatVector w11 = FloatVector.broadcast(SPECIES, weights[w + 4 * wStep]);
        FloatVector w12 = FloatVector.broadcast(SPECIES, weights[w + 5 * wStep]);
        FloatVector w20 = FloatVector.broadcast(SPECIES, weights[w + 6 * wStep]);
        FloatVector w21 = FloatVector.broadcast(SPECIES, weights[w + 7 * wStep]);
        FloatVector w22 = FloatVector.broadcast(SPECIES, weights[w + 8 * wStep]);
        IntVector columns0 = IntVector.fromArray(INTEGERS, g.keptOfOuts(), column);
        IntVector columns1 = IntVector.fromArray(INTEGERS, g.keptOfOuts(), column + g.keptRow());
        IntVector columns2 = IntVector.fromArray(INTEGERS, g.keptOfOuts(), column + 2 * g.keptRow());
        IntVector first = IntVector.fromArray(INTEGERS, g.rowsKept(), g.first() + column);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector aLeft = FloatVector.fromArray(SPECIES, x, xOffset);
        FloatVector aRight = FloatVector.fromArray(SPECIES, x, xOffset + LANES);
        FloatVector a0 = aLeft.rearrange(EVERY_OTHER).blend(aRight.rearrange(EVERY_OTHER), UPPER_HALF)
                .reinterpretAsInts().and(columns0).and(first).reinterpretAsFloats();
        FloatVector a1 = aLeft.rearrange(THE_OTHERS).blend(aRight.rearrange(THE_OTHERS), UPPER_HALF)
                .reinterpretAsInts().and(columns1).and(first).reinterpretAsFloats();
        FloatVector a2 = FloatVector.fromArray(SPECIES, x, xOffset + 2).rearrange(EVERY_OTHER)
                .blend(FloatVector.fromArray(SPECIES, x, xOffset + 2 + LANES).rearrange(EVERY_OTHER), UPPER_HALF)
                .reinterpretAsInts().and(columns2).and(first).reinterpretAsFloats();
        int at = xOffset;
        int to = yOffset;
        int end = g.rows();
        for (int o = 0; o < end; o++) {
            at += g.xRow();
            IntVector lastButOne = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.lastButOne() : g.between()) + column);
            FloatVector bLeft = FloatVector.fromArray(SPECIES, x, at);
            FloatVector bRight = FloatVector.fromArray(SPECIES, x, at + LANES);
            FloatVector b0 = bLeft.rearrange(EVERY_OTHER).blend(bRight.rearrange(EVERY_OTHER), UPPER_HALF)
                    .reinterpretAsInts().and(columns0).and(lastButOne).reinterpretAsFloats();
            FloatVector b1 = bLeft.rearrange(THE_OTHERS).blend(bRight.rearrange(THE_OTHERS), UPPER_HALF)
                    .reinterpretAsInts().and(columns1).and(lastButOne).reinterpretAsFloats();
            FloatVector b2 = FloatVector.fromArray(SPECIES, x, at + 2).rearrange(EVERY_OTHER)
                    .blend(FloatVector.fromArray(SPECIES, x, at + 2 + LANES).rearrange(EVERY_OTHER), UPPER_HALF)
                    .reinterpretAsInts().and(columns2).and(lastButOne).reinterpretAsFloats();
            at += g.xRow();
            IntVector last = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.last() : g.between()) + column);
            FloatVector cLeft = FloatVector.fromArray(SPECIES, x, at);
            FloatVector cRight = FloatVector.fromArray(SPECIES, x, at + LANES);
            FloatVector c0 = cLeft.rearrange(EVERY_OTHER).blend(cRight.rearrange(EVERY_OTHER), UPPER_HALF)
                    .reinterpretAsInts().and(columns0).and(last).reinterpretAsFloats();
            FloatVector c1 = cLeft.rearrange(THE_OTHERS).blend(cRight.rearrange(THE_OTHERS), UPPER_HALF)
                    .reinterpretAsInts().and(columns1).and(last).reinterpretAsFloats();
            FloatVector c2 = FloatVector.fromArray(SPECIES, x, at + 2).rearrange(EVERY_OTHER)
                    .blend(FloatVector.fromArray(SPECIES, x, at + 2 + LANES).rearrange(EVERY_OTHER), UPPER_HALF)
                    .reinterpretAsInts().and(columns2).and(last).reinterpretAsFloats();
            FloatVector sum = w00.fma(a0, zero);
            sum = w01.fma(a1, sum);
            sum = w02.fma(a2, sum);
            sum = w10.fma(b0, sum);
            sum = w11.fma(b1, sum);
            sum = w12.fma(b2, sum);
            sum = w20.fma(c0, sum);
            sum = w21.fma(c1, sum);
            sum = w22.fma(c2, sum);
            sum.intoArray(y, to);
            to += g.yRow();
            a0 = c0;
            a1 = c1;
            a2 = c2;
        }
    }

    @Override
    public void spread(SpreadRows g, int maps, float[] weights, int weightsOffset, float[] dy, int dyOffset, int dyMap, float[] dx,
                       int dxOffset, int dxMap) {
        int last = (g.columns() - 1) / LANES * LANES;
        for (int map = 0; map < maps; map++) {
            for (int i = last; i >= 0; i -= LANES) {
                spread(g, weights, weightsOffset + map * TAPS, dy, dyOffset + map * dyMap + i / 2, i / 2, dx, dxOffset + map * dxMap + i);
            }
        }
    }

    /** Half a vector of columns of dy gives one of dx. */
    private static void spread(SpreadRows g, float[] weights, int w, float[] dy, int dyOffset, int column, float[] dx, int dxOffset) {
        FloatVector w00 = FloatVector.broadcast(SPECIES, weights[w]);
        FloatVector w01 = FloatVector.broadcast(SPECIES, weights[w + 1]);
        FloatVector w02 = FloatVector.broadcast(SPECIES, weights[w + 2]);
        FloatVector w10 = FloatVector.broadcast(SPECIES, weights[w + 3]);
        FloatVector w11 = FloatVector.broadcast(SPECIES, weights[w + 4]);
        FloatVector w12 = FloatVector.broadcast(SPECIES, weights[w + 5]);
        FloatVector w20 = FloatVector.broadcast(SPECIES, weights[w + 6]);
        FloatVector w21 = FloatVector.broadcast(SPECIES, weights[w + 7]);
        FloatVector w22 = FloatVector.broadcast(SPECIES, weights[w + 8]);
        IntVector kept0 = IntVector.fromArray(INTEGERS, g.kept(), column);
        IntVector kept1 = IntVector.fromArray(INTEGERS, g.kept(), column + g.keptRow());
        FloatVector zero = FloatVector.zero(SPECIES);
        int at = dyOffset;
        FloatVector d0 = FloatVector.fromArray(SPECIES, dy, at).reinterpretAsInts().and(kept0).reinterpretAsFloats();
        FloatVector d1 = FloatVector.fromArray(SPECIES, dy, at + 1).reinterpretAsInts().and(kept1).reinterpretAsFloats();
        int to = dxOffset;
        for (int i = 1; i < g.rows(); i++) {
            at += g.dyRow();
            FloatVector e0 = FloatVector.fromArray(SPECIES, dy, at).reinterpretAsInts().and(kept0).reinterpretAsFloats();
            FloatVector e1 = FloatVector.fromArray(SPECIES, dy, at + 1).reinterpretAsInts().and(kept1).reinterpretAsFloats();
            FloatVector even = w11.fma(d0, zero);
            FloatVector odd = w12.fma(d0, w10.fma(d1, zero));
            even.rearrange(TWICE).blend(odd.rearrange(TWICE), ODD_LANES).intoArray(dx, to);
            to += g.columns();
            FloatVector nextEven = w21.fma(d0, w01.fma(e0, zero));
            FloatVector nextOdd = w22.fma(d0, w20.fma(d1, w02.fma(e0, w00.fma(e1, zero))));
            nextEven.rearrange(TWICE).blend(nextOdd.rearrange(TWICE), ODD_LANES).intoArray(dx, to);
            to += g.columns();
            d0 = e0;
            d1 = e1;
        }
        FloatVector even = w11.fma(d0, zero);
        FloatVector odd = w12.fma(d0, w10.fma(d1, zero));
        even.rearrange(TWICE).blend(odd.rearrange(TWICE), ODD_LANES).intoArray(dx, to);
        if (!g.odd()) {
            to += g.columns();
            FloatVector nextEven = w21.fma(d0, w01.fma(zero, zero));
            FloatVector nextOdd = w22.fma(d0, w20.fma(d1, w02.fma(zero, w00.fma(zero, zero))));
            nextEven.rearrange(TWICE).blend(nextOdd.rearrange(TWICE), ODD_LANES).intoArray(dx, to);
        }
    }

    @Override
    public void addProducts(ThreeRows g, float[] x, int xOffset, float[] dy, int dyOffset, float[] sums, int sumsOffset) {
        for (int i = 0; i < g.columns(); i += LANES) {
            int at = sumsOffset + i % SimdProvider.PARTIAL_SUMS;
            if (g.step() == 1) {
                addRows(g, x, xOffset + i, i, dy, dyOffset + i, sums, at);
            } else if (g.apart() == 1) {
                addEveryOtherRow(g, x, xOffset + i, i, dy, dyOffset + i, sums, at);
            } else {
                addEveryOtherColumn(g, x, xOffset + i, i, dy, dyOffset + i / 2, sums, at);
            }
        }
    }

    /** A step of 1. */
    private static void addRows(ThreeRows g, float[] x, int xOffset, int column, float[] dy, int dyOffset, float[] sums, int sumsOffset) {
        IntVector columns0 = IntVector.fromArray(INTEGERS, g.kept(), column);
        IntVector columns1 = IntVector.fromArray(INTEGERS, g.kept(), column + g.keptRow());
        IntVector columns2 = IntVector.fromArray(INTEGERS, g.kept(), column + 2 * g.keptRow());
        IntVector first = IntVector.fromArray(INTEGERS, g.rowsKept(), g.first() + column);
        FloatVector s00 = FloatVector.fromArray(SPECIES, sums, sumsOffset);
        FloatVector s01 = FloatVector.fromArray(SPECIES, sums, sumsOffset + PARTIAL);
        FloatVector s02 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 2 * PARTIAL);
        FloatVector s10 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 3 * PARTIAL);
        FloatVector s11 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 4 * PARTIAL);
        FloatVector s12 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 5 * PARTIAL);
        FloatVector s20 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 6 * PARTIAL);
        FloatVector s21 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 7 * PARTIAL);
        FloatVector s22 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 8 * PARTIAL);
        FloatVector a0 = FloatVector.fromArray(SPECIES, x, xOffset).reinterpretAsInts().and(columns0).and(first).reinterpretAsFloats();
        FloatVector a1 = FloatVector.fromArray(SPECIES, x, xOffset + 1).reinterpretAsInts().and(columns1).and(first).reinterpretAsFloats();
        FloatVector a2 = FloatVector.fromArray(SPECIES, x, xOffset + 2).reinterpretAsInts().and(columns2).and(first).reinterpretAsFloats();
        IntVector between = IntVector.fromArray(INTEGERS, g.rowsKept(), g.between() + column);
        int at = xOffset + g.xRow();
        FloatVector b0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(between).reinterpretAsFloats();
        FloatVector b1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(between).reinterpretAsFloats();
        FloatVector b2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(between).reinterpretAsFloats();
        int from = dyOffset;
        int end = g.rows();
        for (int o = 0; o < end; o++) {
            at += g.xRow();
            IntVector last = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.last() : g.between()) + column);
            FloatVector c0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(last).reinterpretAsFloats();
            FloatVector c1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(last).reinterpretAsFloats();
            FloatVector c2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(last).reinterpretAsFloats();
            IntVector outs = IntVector.fromArray(INTEGERS, g.outs(), (o == end - 1 ? g.keptRow() : 0) + column);
            FloatVector d = FloatVector.fromArray(SPECIES, dy, from).reinterpretAsInts().and(outs).reinterpretAsFloats();
            s00 = a0.fma(d, s00);
            s01 = a1.fma(d, s01);
            s02 = a2.fma(d, s02);
            s10 = b0.fma(d, s10);
            s11 = b1.fma(d, s11);
            s12 = b2.fma(d, s12);
            s20 = c0.fma(d, s20);
            s21 = c1.fma(d, s21);
            s22 = c2.fma(d, s22);
            from += g.yRow();
            a0 = b0;
            a1 = b1;
            a2 = b2;
            b0 = c0;
            b1 = c1;
            b2 = c2;
        }
        s00.intoArray(sums, sumsOffset);
        s01.intoArray(sums, sumsOffset + PARTIAL);
        s02.intoArray(sums, sumsOffset + 2 * PARTIAL);
        s10.intoArray(sums, sumsOffset + 3 * PARTIAL);
        s11.intoArray(sums, sumsOffset + 4 * PARTIAL);
        s12.intoArray(sums, sumsOffset + 5 * PARTIAL);
        s20.intoArray(sums, sumsOffset + 6 * PARTIAL);
        s21.intoArray(sums, sumsOffset + 7 * PARTIAL);
        s22.intoArray(sums, sumsOffset + 8 * PARTIAL);
    }

    /** A step of 2, with outputs side by side; in the last row, what they do not meet is none of its sums. */
    private static void addEveryOtherRow(ThreeRows g, float[] x, int xOffset, int column, float[] dy, int dyOffset, float[] sums, int sumsOffset) {
        IntVector columns0 = IntVector.fromArray(INTEGERS, g.kept(), column);
        IntVector columns1 = IntVector.fromArray(INTEGERS, g.kept(), column + g.keptRow());
        IntVector columns2 = IntVector.fromArray(INTEGERS, g.kept(), column + 2 * g.keptRow());
        IntVector first = IntVector.fromArray(INTEGERS, g.rowsKept(), g.first() + column);
        FloatVector s00 = FloatVector.fromArray(SPECIES, sums, sumsOffset);
        FloatVector s01 = FloatVector.fromArray(SPECIES, sums, sumsOffset + PARTIAL);
        FloatVector s02 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 2 * PARTIAL);
        FloatVector s10 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 3 * PARTIAL);
        FloatVector s11 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 4 * PARTIAL);
        FloatVector s12 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 5 * PARTIAL);
        FloatVector s20 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 6 * PARTIAL);
        FloatVector s21 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 7 * PARTIAL);
        FloatVector s22 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 8 * PARTIAL);
        FloatVector a0 = FloatVector.fromArray(SPECIES, x, xOffset).reinterpretAsInts().and(columns0).and(first).reinterpretAsFloats();
        FloatVector a1 = FloatVector.fromArray(SPECIES, x, xOffset + 1).reinterpretAsInts().and(columns1).and(first).reinterpretAsFloats();
        FloatVector a2 = FloatVector.fromArray(SPECIES, x, xOffset + 2).reinterpretAsInts().and(columns2).and(first).reinterpretAsFloats();
        int at = xOffset;
        int from = dyOffset;
        int end = g.rows();
        for (int o = 0; o < end; o++) {
            at += g.xRow();
            IntVector lastButOne = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.lastButOne() : g.between()) + column);
            FloatVector b0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(lastButOne).reinterpretAsFloats();
            FloatVector b1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(lastButOne).reinterpretAsFloats();
            FloatVector b2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(lastButOne).reinterpretAsFloats();
            at += g.xRow();
            IntVector last = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.last() : g.between()) + column);
            FloatVector c0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(last).reinterpretAsFloats();
            FloatVector c1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(last).reinterpretAsFloats();
            FloatVector c2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(last).reinterpretAsFloats();
            IntVector outs = IntVector.fromArray(INTEGERS, g.outs(), (o == end - 1 ? g.keptRow() : 0) + column);
            FloatVector d = FloatVector.fromArray(SPECIES, dy, from).reinterpretAsInts().and(outs).reinterpretAsFloats();
            a0 = a0.reinterpretAsInts().and(outs).reinterpretAsFloats();
            a1 = a1.reinterpretAsInts().and(outs).reinterpretAsFloats();
            a2 = a2.reinterpretAsInts().and(outs).reinterpretAsFloats();
            s00 = a0.fma(d, s00);
            s01 = a1.fma(d, s01);
            s02 = a2.fma(d, s02);
            s10 = b0.fma(d, s10);
            s11 = b1.fma(d, s11);
            s12 = b2.fma(d, s12);
            s20 = c0.fma(d, s20);
            s21 = c1.fma(d, s21);
            s22 = c2.fma(d, s22);
            from += g.yRow();
            a0 = c0;
            a1 = c1;
            a2 = c2;
        }
        s00.intoArray(sums, sumsOffset);
        s01.intoArray(sums, sumsOffset + PARTIAL);
        s02.intoArray(sums, sumsOffset + 2 * PARTIAL);
        s10.intoArray(sums, sumsOffset + 3 * PARTIAL);
        s11.intoArray(sums, sumsOffset + 4 * PARTIAL);
        s12.intoArray(sums, sumsOffset + 5 * PARTIAL);
        s20.intoArray(sums, sumsOffset + 6 * PARTIAL);
        s21.intoArray(sums, sumsOffset + 7 * PARTIAL);
        s22.intoArray(sums, sumsOffset + 8 * PARTIAL);
    }

    /** A step of 2 along columns, too: each output stands at every other place, between zeros. */
    private static void addEveryOtherColumn(ThreeRows g, float[] x, int xOffset, int column, float[] dy, int dyOffset, float[] sums, int sumsOffset) {
        IntVector columns0 = IntVector.fromArray(INTEGERS, g.kept(), column);
        IntVector columns1 = IntVector.fromArray(INTEGERS, g.kept(), column + g.keptRow());
        IntVector columns2 = IntVector.fromArray(INTEGERS, g.kept(), column + 2 * g.keptRow());
        IntVector first = IntVector.fromArray(INTEGERS, g.rowsKept(), g.first() + column);
        FloatVector s00 = FloatVector.fromArray(SPECIES, sums, sumsOffset);
        FloatVector s01 = FloatVector.fromArray(SPECIES, sums, sumsOffset + PARTIAL);
        FloatVector s02 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 2 * PARTIAL);
        FloatVector s10 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 3 * PARTIAL);
        FloatVector s11 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 4 * PARTIAL);
        FloatVector s12 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 5 * PARTIAL);
        FloatVector s20 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 6 * PARTIAL);
        FloatVector s21 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 7 * PARTIAL);
        FloatVector s22 = FloatVector.fromArray(SPECIES, sums, sumsOffset + 8 * PARTIAL);
        FloatVector a0 = FloatVector.fromArray(SPECIES, x, xOffset).reinterpretAsInts().and(columns0).and(first).reinterpretAsFloats();
        FloatVector a1 = FloatVector.fromArray(SPECIES, x, xOffset + 1).reinterpretAsInts().and(columns1).and(first).reinterpretAsFloats();
        FloatVector a2 = FloatVector.fromArray(SPECIES, x, xOffset + 2).reinterpretAsInts().and(columns2).and(first).reinterpretAsFloats();
        int at = xOffset;
        int from = dyOffset;
        int end = g.rows();
        for (int o = 0; o < end; o++) {
            at += g.xRow();
            IntVector lastButOne = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.lastButOne() : g.between()) + column);
            FloatVector b0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(lastButOne).reinterpretAsFloats();
            FloatVector b1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(lastButOne).reinterpretAsFloats();
            FloatVector b2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(lastButOne).reinterpretAsFloats();
            at += g.xRow();
            IntVector last = IntVector.fromArray(INTEGERS, g.rowsKept(), (o == end - 1 ? g.last() : g.between()) + column);
            FloatVector c0 = FloatVector.fromArray(SPECIES, x, at).reinterpretAsInts().and(columns0).and(last).reinterpretAsFloats();
            FloatVector c1 = FloatVector.fromArray(SPECIES, x, at + 1).reinterpretAsInts().and(columns1).and(last).reinterpretAsFloats();
            FloatVector c2 = FloatVector.fromArray(SPECIES, x, at + 2).reinterpretAsInts().and(columns2).and(last).reinterpretAsFloats();
            IntVector outs = IntVector.fromArray(INTEGERS, g.outs(), (o == end - 1 ? g.keptRow() : 0) + column);
            FloatVector d = FloatVector.fromArray(SPECIES, dy, from).rearrange(TWICE).reinterpretAsInts().and(outs).reinterpretAsFloats();
            s00 = a0.fma(d, s00);
            s01 = a1.fma(d, s01);
            s02 = a2.fma(d, s02);
            s10 = b0.fma(d, s10);
            s11 = b1.fma(d, s11);
            s12 = b2.fma(d, s12);
            s20 = c0.fma(d, s20);
            s21 = c1.fma(d, s21);
            s22 = c2.fma(d, s22);
            from += g.yRow();
            a0 = c0;
            a1 = c1;
            a2 = c2;
        }
        s00.intoArray(sums, sumsOffset);
        s01.intoArray(sums, sumsOffset + PARTIAL);
        s02.intoArray(sums, sumsOffset + 2 * PARTIAL);
        s10.intoArray(sums, sumsOffset + 3 * PARTIAL);
        s11.intoArray(sums, sumsOffset + 4 * PARTIAL);
        s12.intoArray(sums, sumsOffset + 5 * PARTIAL);
        s20.intoArray(sums, sumsOffset + 6 * PARTIAL);
        s21.intoArray(sums, sumsOffset + 7 * PARTIAL);
        s22.intoArray(sums, sumsOffset + 8 * PARTIAL);
    }
}
