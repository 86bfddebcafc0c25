package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Vector API in one width. The width must be a compile-time constant for the JIT compiler, so {@link VectorProviders} defines this
 * class once per width as a hidden class with the number of bits as its class data; the class itself is never initialised.
 *
 * <p>What keeps these loops fast on every JDK since 17: sums are local variables, one per register, and loads and stores are
 * written out in place. A helper method around them may be left uncalled-for by the inliner, and then every vector becomes an
 * object; and a larger kernel can exhaust the fast compiler's virtual registers, after which it is interpreted for ever.
 */
final class VectorProvider implements SimdProvider {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int BITS = SPECIES.vectorBitSize();
    private static final int LANES = SPECIES.length();
    private static final VectorSpecies<Integer> INTEGERS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    /** From lane to lane all bits, then none: read from LANES - n on, it keeps n lanes of what it is anded with. */
    private static final int[] KEPT = kept();

    /** Lanes 0, 2, 4, ... in both halves. */
    private static final VectorShuffle<Float> EVERY_OTHER = VectorShuffle.fromArray(SPECIES, VectorProviders.everyOther(LANES, 0), 0);
    /** Lanes 1, 3, 5, ... in both halves. */
    private static final VectorShuffle<Float> THE_OTHERS = VectorShuffle.fromArray(SPECIES, VectorProviders.everyOther(LANES, 1), 0);
    private static final VectorMask<Float> UPPER_HALF = VectorMask.fromLong(SPECIES, (1L << LANES) - (1L << LANES / 2));

    /** Lanes 0, 0, 1, 1, 2, 2, ... */
    private static final VectorShuffle<Float> TWICE = VectorShuffle.fromArray(SPECIES, VectorProviders.twice(LANES), 0);
    private static final VectorMask<Float> ODD_LANES = VectorMask.fromLong(SPECIES, 0xAAAAAAAAL & (1L << LANES) - 1);

    private final VectorParts parts;
    private volatile int shiftedTileVectors = 2;

    VectorProvider(VectorParts parts) {
        this.parts = parts;
    }

    @Override
    public String name() {
        return Integer.toString(BITS);
    }

    @Override
    public String description() {
        return BITS + "-bit vectors";
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public WinogradTransforms winograd() {
        return parts.winograd();
    }

    @Override
    public ChannelLoops channelLoops() {
        return parts.channelLoops();
    }

    @Override
    public DepthwiseLoops depthwiseLoops() {
        return parts.depthwiseLoops();
    }

    @Override
    public ElementwiseLoops elementwise() {
        return parts.elementwise();
    }

    @Override
    public DoubleSums doubleSums() {
        return parts.doubleSums();
    }

    @Override
    public FourierTransforms fourier() {
        return parts.fourier();
    }

    @Override
    public void multiplyAdd(float a, float[] x, int xOffset, float[] y, int yOffset, int length) {
        int bound = SPECIES.loopBound(length);
        FloatVector factor = FloatVector.broadcast(SPECIES, a);
        for (int i = 0; i < bound; i += LANES) {
            factor.fma(FloatVector.fromArray(SPECIES, x, xOffset + i), FloatVector.fromArray(SPECIES, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (int i = bound; i < length; i++) {
            y[yOffset + i] = Math.fma(a, x[xOffset + i], y[yOffset + i]);
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int bound = SPECIES.loopBound(length);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xOffset + i).add(FloatVector.fromArray(SPECIES, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (int i = bound; i < length; i++) {
            y[yOffset + i] += x[xOffset + i];
        }
    }

    @Override
    public void gemmTile(int vectors, int depth, float[] a, int aOffset, int aRowStride, int aDepthStride, float[] b, int bOffset,
                         float[] c, int cOffset, int cRowStride) {
        if (vectors == 1) {
            tile1(depth, a, aOffset, aRowStride, aDepthStride, b, bOffset, c, cOffset, cRowStride);
        } else {
            tile2(depth, a, aOffset, aRowStride, aDepthStride, b, bOffset, c, cOffset, cRowStride);
        }
    }

    private static void tile1(int depth, float[] a, int a0, int aRow, int aDepth, float[] b, int bOffset,
                              float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s0 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s1 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s2 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s3 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s4 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s5 = FloatVector.fromArray(SPECIES, c, c5);
        for (int k = 0; k < depth; k++) {
            int at = k * aDepth;
            FloatVector v = FloatVector.fromArray(SPECIES, b, bOffset + k * LANES);
            s0 = FloatVector.broadcast(SPECIES, a[a0 + at]).fma(v, s0);
            s1 = FloatVector.broadcast(SPECIES, a[a1 + at]).fma(v, s1);
            s2 = FloatVector.broadcast(SPECIES, a[a2 + at]).fma(v, s2);
            s3 = FloatVector.broadcast(SPECIES, a[a3 + at]).fma(v, s3);
            s4 = FloatVector.broadcast(SPECIES, a[a4 + at]).fma(v, s4);
            s5 = FloatVector.broadcast(SPECIES, a[a5 + at]).fma(v, s5);
        }
        s0.intoArray(c, c0);
        s1.intoArray(c, c1);
        s2.intoArray(c, c2);
        s3.intoArray(c, c3);
        s4.intoArray(c, c4);
        s5.intoArray(c, c5);
    }

    private static void tile2(int depth, float[] a, int a0, int aRow, int aDepth, float[] b, int bOffset,
                              float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
        for (int k = 0; k < depth; k++) {
            int at = k * aDepth;
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES));
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES) + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s40 = x4.fma(v0, s40);
            s41 = x4.fma(v1, s41);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + at]);
            s50 = x5.fma(v0, s50);
            s51 = x5.fma(v1, s51);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
        s40.intoArray(c, c4);
        s41.intoArray(c, c4 + LANES);
        s50.intoArray(c, c5);
        s51.intoArray(c, c5 + LANES);
    }

    @Override
    public int widestShiftedTile() {
        return parts.shiftedTiles().widest();
    }

    @Override
    public int shiftedTileVectors() {
        return shiftedTileVectors;
    }

    @Override
    public void widenShiftedTile() {
        shiftedTileVectors = widestShiftedTile();
    }

    @Override
    public void shiftedTile(int vectors, int depth, float[] a, int aOffset, int aRowStride, int[] aShifts, float[] b, int bOffset,
                            int[] bShifts, float[] c, int cOffset, int cRowStride) {
        parts.shiftedTiles().multiply(vectors, depth, a, aOffset, aRowStride, aShifts, b, bOffset, bShifts, c, cOffset, cRowStride);
    }

    @Override
    public void tapDots(int pieces, int length, float[] a, int aOffset, int aRowStride, int aStep, float[] b, int bOffset, int bStep,
                        float[] sums, int sumsOffset, int sumsRowStride) {
        for (int first = 0; first < length; first += LANES) {
            int own = Math.min(LANES, length - first);
            int from = aOffset + first;
            // What vectors would read behind the array is left to loops.
            long last = a.length - (from + (TILE_ROWS - 1) * (long) aRowStride + LANES);
            int inside = last < 0 ? 0 : (int) Math.min(pieces, last / aStep + 1);
            parts.shiftedTiles().tapDots(inside, own, a, from, aRowStride, aStep, b, bOffset + first, bStep, sums, sumsOffset + first,
                    sumsRowStride);
            ScalarProvider.addTapDots(pieces - inside, own, a, from + inside * aStep, aRowStride, aStep, b, bOffset + first + inside * bStep,
                    bStep, sums, sumsOffset + first, sumsRowStride);
        }
    }

    @Override
    public void tapTile(int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int[] bShifts, float[] start,
                        int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride) {
        parts.tapTiles().multiply(vectors, depth, a, aOffset, b, bOffset, bShifts, start, startOffset, startRowStride, c, cOffset,
                cRowStride);
    }

    @Override
    public void interleavedTile(int rows, int vectors, int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset,
                                int[] bShifts, float[] c, int cOffset, int cRowStride) {
        parts.interleavedTiles().multiply(rows, vectors, depth, a, aOffset, aShifts, b, bOffset, bShifts, c, cOffset, cRowStride);
    }

    @Override
    public void transpose(float[] src, int srcOffset, int srcStep, int rows, int columns, float[] dst, int dstOffset, int dstStep) {
        parts.transposes().transpose(src, srcOffset, srcStep, rows, columns, dst, dstOffset, dstStep);
    }

    @Override
    public int panelTileRows() {
        return BITS == 512 ? 12 : 6;
    }

    @Override
    public void panelTile(int rows, int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int bRowStride,
                          float[] start, int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride) {
        parts.panelTiles().multiply(rows, vectors, depth, a, aOffset, b, bOffset, bRowStride, start, startOffset, startRowStride, c,
                cOffset, cRowStride);
    }

    @Override
    public void rowTile(int rows, int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int bRowStride,
                        float[] start, int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride) {
        parts.rowTiles().multiply(rows, vectors, depth, a, aOffset, b, bOffset, bRowStride, start, startOffset, startRowStride, c,
                cOffset, cRowStride);
    }

    @Override
    public void packedTile(int rows, int vectors, int depth, float[] a, int aOffset, int aRow, int aDepth, float[] b, int bOffset,
                           float[] start, int startOffset, int startRow, float[] c, int cOffset, int cRow) {
        parts.packedTiles().multiply(rows, vectors, depth, a, aOffset, aRow, aDepth, b, bOffset, start, startOffset, startRow,
                c, cOffset, cRow);
    }

    @Override
    public void copyRuns(float[] src, int srcOffset, int srcStep, float[] dst, int dstOffset, int dstStep, int length, int runs) {
        // Of the last runs, whole vectors may reach behind an array.
        int whole = length == 0 || length > 2 * LANES ? 0 : runs;
        int reach = length > LANES ? 2 * LANES : LANES;
        while (whole > 0 && (srcOffset + (whole - 1) * srcStep + reach > src.length
                || dstOffset + (whole - 1) * dstStep + reach > dst.length)) {
            whole--;
        }
        if (reach == LANES) {
            copyVectors(src, srcOffset, srcStep, dst, dstOffset, dstStep, whole);
        } else {
            copyPairs(src, srcOffset, srcStep, dst, dstOffset, dstStep, whole);
        }
        copyAnyRuns(src, srcOffset + whole * srcStep, srcStep, dst, dstOffset + whole * dstStep, dstStep, length, runs - whole);
    }

    private static void copyVectors(float[] src, int srcOffset, int srcStep, float[] dst, int dstOffset, int dstStep, int runs) {
        for (int run = 0; run < runs; run++) {
            FloatVector.fromArray(SPECIES, src, srcOffset + run * srcStep).intoArray(dst, dstOffset + run * dstStep);
        }
    }

    private static void copyPairs(float[] src, int srcOffset, int srcStep, float[] dst, int dstOffset, int dstStep, int runs) {
        for (int run = 0; run < runs; run++) {
            int from = srcOffset + run * srcStep;
            int to = dstOffset + run * dstStep;
            FloatVector.fromArray(SPECIES, src, from).intoArray(dst, to);
            FloatVector.fromArray(SPECIES, src, from + LANES).intoArray(dst, to + LANES);
        }
    }

    private static void copyAnyRuns(float[] src, int srcOffset, int srcStep, float[] dst, int dstOffset, int dstStep, int length,
                                    int runs) {
        int bound = SPECIES.loopBound(length);
        for (int run = 0; run < runs; run++) {
            int from = srcOffset + run * srcStep;
            int to = dstOffset + run * dstStep;
            for (int i = 0; i < bound; i += LANES) {
                FloatVector.fromArray(SPECIES, src, from + i).intoArray(dst, to + i);
            }
            if (bound < length) {
                if (from + bound + LANES <= src.length && to + bound + LANES <= dst.length) {
                    FloatVector.fromArray(SPECIES, src, from + bound).intoArray(dst, to + bound);
                } else {
                    System.arraycopy(src, from + bound, dst, to + bound, length - bound);
                }
            }
        }
    }

    @Override
    public void copyRows(float[] src, int srcOffset, int srcStep, int step, float[] dst, int dstOffset, int dstStep, int length,
                         int rows) {
        switch (step) {
            case 1 -> copyWholeRows(src, srcOffset, srcStep, dst, dstOffset, dstStep, length, rows);
            case 2 -> copyEveryOther(src, srcOffset, srcStep, dst, dstOffset, dstStep, length, rows);
            default -> {
                for (int row = 0; row < rows; row++) {
                    copyElements(src, srcOffset + row * srcStep, step, dst, dstOffset + row * dstStep, length);
                }
            }
        }
    }

    @Override
    public void copyShifted(float[] src, int srcOffset, int[] shifts, int first, int[] from, float[] dst, int dstOffset, int dstStep,
                            int[] to, int rows) {
        switch (from.length) {
            case 1 -> copyShifted1(src, srcOffset + from[0], shifts, first, dst, dstOffset + to[0], dstStep, rows);
            case 2 -> copyShifted2(src, srcOffset + from[0], srcOffset + from[1], shifts, first, dst, dstOffset + to[0], dstOffset + to[1],
                    dstStep, rows);
            case 3 -> copyShifted3(src, srcOffset + from[0], srcOffset + from[1], srcOffset + from[2], shifts, first, dst,
                    dstOffset + to[0], dstOffset + to[1], dstOffset + to[2], dstStep, rows);
            default -> copyShiftedPieces(src, srcOffset, shifts, first, from, dst, dstOffset, dstStep, to, rows);
        }
    }

    private static void copyShifted1(float[] src, int from, int[] shifts, int first, float[] dst, int to, int dstStep, int rows) {
        for (int k = 0; k < rows; k++) {
            FloatVector.fromArray(SPECIES, src, from + shifts[first + k]).intoArray(dst, to + k * dstStep);
        }
    }

    private static void copyShifted2(float[] src, int from0, int from1, int[] shifts, int first, float[] dst, int to0, int to1, int dstStep,
                                     int rows) {
        for (int k = 0; k < rows; k++) {
            int shift = shifts[first + k];
            int row = k * dstStep;
            FloatVector.fromArray(SPECIES, src, from0 + shift).intoArray(dst, to0 + row);
            FloatVector.fromArray(SPECIES, src, from1 + shift).intoArray(dst, to1 + row);
        }
    }

    private static void copyShifted3(float[] src, int from0, int from1, int from2, int[] shifts, int first, float[] dst, int to0, int to1,
                                     int to2, int dstStep, int rows) {
        for (int k = 0; k < rows; k++) {
            int shift = shifts[first + k];
            int row = k * dstStep;
            FloatVector.fromArray(SPECIES, src, from0 + shift).intoArray(dst, to0 + row);
            FloatVector.fromArray(SPECIES, src, from1 + shift).intoArray(dst, to1 + row);
            FloatVector.fromArray(SPECIES, src, from2 + shift).intoArray(dst, to2 + row);
        }
    }

    private static void copyShiftedPieces(float[] src, int srcOffset, int[] shifts, int first, int[] from, float[] dst, int dstOffset,
                                          int dstStep, int[] to, int rows) {
        for (int k = 0; k < rows; k++) {
            int shift = srcOffset + shifts[first + k];
            int row = dstOffset + k * dstStep;
            for (int piece = 0; piece < from.length; piece++) {
                FloatVector.fromArray(SPECIES, src, shift + from[piece]).intoArray(dst, row + to[piece]);
            }
        }
    }

    @Override
    public void copyColumns(float[] src, int srcOffset, int srcStep, int[] from, int[] to, int piece, int end, float[] dst, int dstOffset,
                            int dstStep, int rows) {
        // The last rows may reach behind an array: their last pieces lie furthest.
        int whole = piece == end ? 0 : rows;
        while (whole > 0 && srcOffset + (whole - 1) * srcStep + from[end - 1] + LANES > src.length) {
            whole--;
        }
        for (int row = 0; row < whole; row++) {
            int source = srcOffset + row * srcStep;
            int target = dstOffset + row * dstStep;
            for (int p = piece; p < end; p++) {
                FloatVector.fromArray(SPECIES, src, source + from[p]).intoArray(dst, target + to[p]);
            }
        }
        ScalarProvider.copyPieces(LANES, src, srcOffset + whole * srcStep, srcStep, from, to, piece, end, dst, dstOffset + whole * dstStep,
                dstStep, rows - whole);
    }

    @Override
    public void copyKept(int vectors, boolean merge, float[] src, int srcOffset, int srcStep, int[] kept, int kept0, int kept1, float[] dst,
                         int dstOffset, int dstStep, int rows) {
        boolean outside = srcOffset < 0 || (long) srcOffset + (rows - 1) * (long) srcStep + vectors * LANES > src.length;
        if (outside) {
            ScalarProvider.copyKeptElements(LANES, merge, src, srcOffset, srcStep, kept, kept0, dst, dstOffset, dstStep, rows);
            if (vectors == 2) {
                ScalarProvider.copyKeptElements(LANES, merge, src, srcOffset + LANES, srcStep, kept, kept1, dst, dstOffset + LANES, dstStep,
                        rows);
            }
        } else if (merge) {
            for (int v = 0; v < vectors; v++) {
                mergeKept(src, srcOffset + v * LANES, srcStep, kept, v == 0 ? kept0 : kept1, dst, dstOffset + v * LANES, dstStep, rows);
            }
        } else if (vectors == 2) {
            copyKept2(src, srcOffset, srcStep, kept, kept0, kept1, dst, dstOffset, dstStep, rows);
        } else {
            copyKept1(src, srcOffset, srcStep, kept, kept0, dst, dstOffset, dstStep, rows);
        }
    }

    private static void mergeKept(float[] src, int srcOffset, int srcStep, int[] kept, int keptAt, float[] dst, int dstOffset, int dstStep,
                                  int rows) {
        IntVector mask = IntVector.fromArray(INTEGERS, kept, keptAt);
        for (int row = 0; row < rows; row++) {
            int to = dstOffset + row * dstStep;
            IntVector there = FloatVector.fromArray(SPECIES, dst, to).reinterpretAsInts();
            FloatVector.fromArray(SPECIES, src, srcOffset + row * srcStep).reinterpretAsInts().and(mask).or(there).reinterpretAsFloats()
                    .intoArray(dst, to);
        }
    }

    private static void copyKept1(float[] src, int srcOffset, int srcStep, int[] kept, int keptAt, float[] dst, int dstOffset, int dstStep,
                                  int rows) {
        IntVector mask = IntVector.fromArray(INTEGERS, kept, keptAt);
        for (int row = 0; row < rows; row++) {
            FloatVector.fromArray(SPECIES, src, srcOffset + row * srcStep).reinterpretAsInts().and(mask).reinterpretAsFloats()
                    .intoArray(dst, dstOffset + row * dstStep);
        }
    }

    private static void copyKept2(float[] src, int srcOffset, int srcStep, int[] kept, int kept0, int kept1, float[] dst, int dstOffset,
                                  int dstStep, int rows) {
        IntVector mask0 = IntVector.fromArray(INTEGERS, kept, kept0);
        IntVector mask1 = IntVector.fromArray(INTEGERS, kept, kept1);
        for (int row = 0; row < rows; row++) {
            int from = srcOffset + row * srcStep;
            int to = dstOffset + row * dstStep;
            FloatVector.fromArray(SPECIES, src, from).reinterpretAsInts().and(mask0).reinterpretAsFloats().intoArray(dst, to);
            FloatVector.fromArray(SPECIES, src, from + LANES).reinterpretAsInts().and(mask1).reinterpretAsFloats().intoArray(dst, to + LANES);
        }
    }

    @Override
    public void gatherRows(float[] src, int srcOffset, int srcStep, int[] map, int mapOffset, float[] dst, int dstOffset, int dstStep,
                           int length, int rows) {
        for (int i = 0; i < length; i += LANES) {
            for (int row = 0; row < rows; row++) {
                FloatVector.fromArray(SPECIES, src, srcOffset + row * srcStep, map, mapOffset + i)
                        .intoArray(dst, dstOffset + row * dstStep + i);
            }
        }
    }

    private static void copyWholeRows(float[] src, int srcOffset, int srcStep, float[] dst, int dstOffset, int dstStep, int length,
                                      int rows) {
        int bound = SPECIES.loopBound(length);
        int kept = LANES - (length - bound);
        int loose = rows;
        while (bound < length && loose > 0 && (srcOffset + (loose - 1) * srcStep + bound + LANES > src.length
                || dstOffset + (loose - 1) * dstStep + bound + LANES > dst.length)) {
            loose--;
        }
        if (bound == 0 && length > 0) {
            copyKept1(src, srcOffset, srcStep, KEPT, kept, dst, dstOffset, dstStep, loose);
        } else {
            copyVectors(src, srcOffset, srcStep, kept, dst, dstOffset, dstStep, bound, bound < length, loose);
        }
        for (int row = loose; row < rows; row++) {
            System.arraycopy(src, srcOffset + row * srcStep, dst, dstOffset + row * dstStep, length);
        }
    }

    private static void copyVectors(float[] src, int srcOffset, int srcStep, int keptAt, float[] dst, int dstOffset, int dstStep, int bound,
                                    boolean more, int rows) {
        IntVector kept = IntVector.fromArray(INTEGERS, KEPT, keptAt);
        for (int row = 0; row < rows; row++) {
            int from = srcOffset + row * srcStep;
            int to = dstOffset + row * dstStep;
            for (int i = 0; i < bound; i += LANES) {
                FloatVector.fromArray(SPECIES, src, from + i).intoArray(dst, to + i);
            }
            if (more) {
                FloatVector.fromArray(SPECIES, src, from + bound).reinterpretAsInts().and(kept).reinterpretAsFloats()
                        .intoArray(dst, to + bound);
            }
        }
    }

    private static void copyEveryOther(float[] src, int srcOffset, int srcStep, float[] dst, int dstOffset, int dstStep, int length,
                                       int rows) {
        int bound = SPECIES.loopBound(length);
        IntVector kept = IntVector.fromArray(INTEGERS, KEPT, LANES - (length - bound));
        for (int row = 0; row < rows; row++) {
            int from = srcOffset + row * srcStep;
            int to = dstOffset + row * dstStep;
            if (from + 2 * (bound + LANES) > src.length || to + bound + LANES > dst.length) {
                copyElements(src, from, 2, dst, to, length);
                continue;
            }
            for (int i = 0; i < bound; i += LANES) {
                FloatVector.fromArray(SPECIES, src, from + 2 * i).rearrange(EVERY_OTHER)
                        .blend(FloatVector.fromArray(SPECIES, src, from + 2 * i + LANES).rearrange(EVERY_OTHER), UPPER_HALF)
                        .intoArray(dst, to + i);
            }
            if (bound < length) {
                FloatVector.fromArray(SPECIES, src, from + 2 * bound).rearrange(EVERY_OTHER)
                        .blend(FloatVector.fromArray(SPECIES, src, from + 2 * bound + LANES).rearrange(EVERY_OTHER), UPPER_HALF)
                        .reinterpretAsInts().and(kept).reinterpretAsFloats()
                        .intoArray(dst, to + bound);
            }
        }
    }

    private static void copyElements(float[] src, int from, int step, float[] dst, int to, int length) {
        for (int i = 0; i < length; i++) {
            dst[to + i] = src[from + i * step];
        }
    }

    @Override
    public void partRows(float[] src, int srcOffset, int srcStep, float[] dst, int evenOffset, int oddOffset, int dstStep, int evens,
                         int odds, int rows) {
        int bound = SPECIES.loopBound(odds);
        IntVector keptEvens = IntVector.fromArray(INTEGERS, KEPT, Math.max(0, LANES - (evens - bound)));
        IntVector keptOdds = IntVector.fromArray(INTEGERS, KEPT, LANES - (odds - bound));
        for (int row = 0; row < rows; row++) {
            int from = srcOffset + row * srcStep;
            int even = evenOffset + row * dstStep;
            int odd = oddOffset + row * dstStep;
            if (from + 2 * (bound + LANES) > src.length || Math.max(even, odd) + bound + LANES > dst.length) {
                copyElements(src, from, 2, dst, even, evens);
                copyElements(src, from + 1, 2, dst, odd, odds);
                continue;
            }
            for (int i = 0; i < bound; i += LANES) {
                FloatVector first = FloatVector.fromArray(SPECIES, src, from + 2 * i);
                FloatVector second = FloatVector.fromArray(SPECIES, src, from + 2 * i + LANES);
                first.rearrange(EVERY_OTHER).blend(second.rearrange(EVERY_OTHER), UPPER_HALF).intoArray(dst, even + i);
                first.rearrange(THE_OTHERS).blend(second.rearrange(THE_OTHERS), UPPER_HALF).intoArray(dst, odd + i);
            }
            if (bound < evens) {
                FloatVector first = FloatVector.fromArray(SPECIES, src, from + 2 * bound);
                FloatVector second = FloatVector.fromArray(SPECIES, src, from + 2 * bound + LANES);
                first.rearrange(EVERY_OTHER).blend(second.rearrange(EVERY_OTHER), UPPER_HALF)
                        .reinterpretAsInts().and(keptEvens).reinterpretAsFloats().intoArray(dst, even + bound);
                first.rearrange(THE_OTHERS).blend(second.rearrange(THE_OTHERS), UPPER_HALF)
                        .reinterpretAsInts().and(keptOdds).reinterpretAsFloats().intoArray(dst, odd + bound);
            }
        }
    }

    @Override
    public void correlateRows(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset, int xStep,
                              float[] y, int yOffset, int yStep, int length, int rows) {
        for (int next = 0; next < rows; next += CORRELATED_ROWS) {
            int row = Math.min(next, rows - CORRELATED_ROWS);
            int from = xOffset + row * xStep;
            int to = yOffset + row * yStep;
            // From the right to the left: what a vector writes behind its row is the beginning of the next, which comes last.
            for (int i = (length - 1) / (2 * LANES) * 2 * LANES; i >= 0; i -= 2 * LANES) {
                if (length - i > LANES) {
                    correlate4x2(weights, weightsOffset, shifts, taps, x, from + i, xStep, y, to + i, yStep);
                } else {
                    correlate4x1(weights, weightsOffset, shifts, taps, x, from + i, xStep, y, to + i, yStep);
                }
            }
        }
    }

    private static void correlate4x1(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset, int xStep,
                                     float[] y, int yOffset, int yStep) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        for (int t = 0; t < taps; t++) {
            FloatVector w = FloatVector.broadcast(SPECIES, weights[weightsOffset + t]);
            int at = xOffset + shifts[t];
            s0 = w.fma(FloatVector.fromArray(SPECIES, x, at), s0);
            s1 = w.fma(FloatVector.fromArray(SPECIES, x, at + xStep), s1);
            s2 = w.fma(FloatVector.fromArray(SPECIES, x, at + 2 * xStep), s2);
            s3 = w.fma(FloatVector.fromArray(SPECIES, x, at + 3 * xStep), s3);
        }
        s0.intoArray(y, yOffset);
        s1.intoArray(y, yOffset + yStep);
        s2.intoArray(y, yOffset + 2 * yStep);
        s3.intoArray(y, yOffset + 3 * yStep);
    }

    private static void correlate4x2(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset, int xStep,
                                     float[] y, int yOffset, int yStep) {
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        for (int t = 0; t < taps; t++) {
            FloatVector w = FloatVector.broadcast(SPECIES, weights[weightsOffset + t]);
            int at = xOffset + shifts[t];
            s00 = w.fma(FloatVector.fromArray(SPECIES, x, at), s00);
            s01 = w.fma(FloatVector.fromArray(SPECIES, x, at + LANES), s01);
            s10 = w.fma(FloatVector.fromArray(SPECIES, x, at + xStep), s10);
            s11 = w.fma(FloatVector.fromArray(SPECIES, x, at + xStep + LANES), s11);
            s20 = w.fma(FloatVector.fromArray(SPECIES, x, at + 2 * xStep), s20);
            s21 = w.fma(FloatVector.fromArray(SPECIES, x, at + 2 * xStep + LANES), s21);
            s30 = w.fma(FloatVector.fromArray(SPECIES, x, at + 3 * xStep), s30);
            s31 = w.fma(FloatVector.fromArray(SPECIES, x, at + 3 * xStep + LANES), s31);
        }
        s00.intoArray(y, yOffset);
        s01.intoArray(y, yOffset + LANES);
        s10.intoArray(y, yOffset + yStep);
        s11.intoArray(y, yOffset + yStep + LANES);
        s20.intoArray(y, yOffset + 2 * yStep);
        s21.intoArray(y, yOffset + 2 * yStep + LANES);
        s30.intoArray(y, yOffset + 3 * yStep);
        s31.intoArray(y, yOffset + 3 * yStep + LANES);
    }

    @Override
    public void correlate(RowCorrelation rows, float[] weights, int weightsOffset, float[] x, int xOffset, float[] y, int yOffset) {
        parts.rowCorrelator().correlate(rows, weights, weightsOffset, x, xOffset, y, yOffset);
    }

    @Override
    public void addShifted(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset, float[] y, int yOffset,
                           int length) {
        for (int i = 0; i < length; i += 8 * LANES) {
            if (length - i > 4 * LANES) {
                addShifted8(weights, weightsOffset, shifts, taps, x, xOffset + i, y, yOffset + i);
            } else {
                addShifted4(weights, weightsOffset, shifts, taps, x, xOffset + i, y, yOffset + i);
            }
        }
    }

    private static void addShifted4(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset,
                                    float[] y, int yOffset) {
        FloatVector s0 = FloatVector.fromArray(SPECIES, y, yOffset);
        FloatVector s1 = FloatVector.fromArray(SPECIES, y, yOffset + LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, y, yOffset + 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, y, yOffset + 3 * LANES);
        for (int t = 0; t < taps; t++) {
            FloatVector w = FloatVector.broadcast(SPECIES, weights[weightsOffset + t]);
            int at = xOffset + shifts[t];
            s0 = w.fma(FloatVector.fromArray(SPECIES, x, at), s0);
            s1 = w.fma(FloatVector.fromArray(SPECIES, x, at + LANES), s1);
            s2 = w.fma(FloatVector.fromArray(SPECIES, x, at + 2 * LANES), s2);
            s3 = w.fma(FloatVector.fromArray(SPECIES, x, at + 3 * LANES), s3);
        }
        s0.intoArray(y, yOffset);
        s1.intoArray(y, yOffset + LANES);
        s2.intoArray(y, yOffset + 2 * LANES);
        s3.intoArray(y, yOffset + 3 * LANES);
    }

    private static void addShifted8(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset,
                                    float[] y, int yOffset) {
        FloatVector s0 = FloatVector.fromArray(SPECIES, y, yOffset);
        FloatVector s1 = FloatVector.fromArray(SPECIES, y, yOffset + LANES);
        FloatVector s2 = FloatVector.fromArray(SPECIES, y, yOffset + 2 * LANES);
        FloatVector s3 = FloatVector.fromArray(SPECIES, y, yOffset + 3 * LANES);
        FloatVector s4 = FloatVector.fromArray(SPECIES, y, yOffset + 4 * LANES);
        FloatVector s5 = FloatVector.fromArray(SPECIES, y, yOffset + 5 * LANES);
        FloatVector s6 = FloatVector.fromArray(SPECIES, y, yOffset + 6 * LANES);
        FloatVector s7 = FloatVector.fromArray(SPECIES, y, yOffset + 7 * LANES);
        for (int t = 0; t < taps; t++) {
            FloatVector w = FloatVector.broadcast(SPECIES, weights[weightsOffset + t]);
            int at = xOffset + shifts[t];
            s0 = w.fma(FloatVector.fromArray(SPECIES, x, at), s0);
            s1 = w.fma(FloatVector.fromArray(SPECIES, x, at + LANES), s1);
            s2 = w.fma(FloatVector.fromArray(SPECIES, x, at + 2 * LANES), s2);
            s3 = w.fma(FloatVector.fromArray(SPECIES, x, at + 3 * LANES), s3);
            s4 = w.fma(FloatVector.fromArray(SPECIES, x, at + 4 * LANES), s4);
            s5 = w.fma(FloatVector.fromArray(SPECIES, x, at + 5 * LANES), s5);
            s6 = w.fma(FloatVector.fromArray(SPECIES, x, at + 6 * LANES), s6);
            s7 = w.fma(FloatVector.fromArray(SPECIES, x, at + 7 * LANES), s7);
        }
        s0.intoArray(y, yOffset);
        s1.intoArray(y, yOffset + LANES);
        s2.intoArray(y, yOffset + 2 * LANES);
        s3.intoArray(y, yOffset + 3 * LANES);
        s4.intoArray(y, yOffset + 4 * LANES);
        s5.intoArray(y, yOffset + 5 * LANES);
        s6.intoArray(y, yOffset + 6 * LANES);
        s7.intoArray(y, yOffset + 7 * LANES);
    }

    @Override
    public void dotShifted(float[] x, int xOffset, int[] shifts, int taps, float[] y, int yOffset, int length, float[] sums,
                           int sumsOffset) {
        for (int lane = 0; lane < PARTIAL_SUMS; lane += LANES) {
            int t = 0;
            for (; t + 4 <= taps; t += 4) {
                dotShifted4(x, xOffset + lane, shifts, t, y, yOffset + lane, length, sums, sumsOffset + lane);
            }
            for (; t < taps; t++) {
                int at = sumsOffset + t * PARTIAL_SUMS + lane;
                int x0 = xOffset + shifts[t] + lane;
                FloatVector s = FloatVector.fromArray(SPECIES, sums, at);
                for (int i = 0; i < length; i += PARTIAL_SUMS) {
                    s = FloatVector.fromArray(SPECIES, x, x0 + i).fma(FloatVector.fromArray(SPECIES, y, yOffset + lane + i), s);
                }
                s.intoArray(sums, at);
            }
        }
    }

    /** Four shifts at once: each vector of y is loaded a quarter as often, and the four chains hide each other's latency. */
    private static void dotShifted4(float[] x, int xOffset, int[] shifts, int t, float[] y, int yOffset, int length, float[] sums,
                                    int sumsOffset) {
        int at = sumsOffset + t * PARTIAL_SUMS;
        int x0 = xOffset + shifts[t];
        int x1 = xOffset + shifts[t + 1];
        int x2 = xOffset + shifts[t + 2];
        int x3 = xOffset + shifts[t + 3];
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, at);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, at + PARTIAL_SUMS);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, at + 2 * PARTIAL_SUMS);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, at + 3 * PARTIAL_SUMS);
        for (int i = 0; i < length; i += PARTIAL_SUMS) {
            FloatVector v = FloatVector.fromArray(SPECIES, y, yOffset + i);
            s0 = FloatVector.fromArray(SPECIES, x, x0 + i).fma(v, s0);
            s1 = FloatVector.fromArray(SPECIES, x, x1 + i).fma(v, s1);
            s2 = FloatVector.fromArray(SPECIES, x, x2 + i).fma(v, s2);
            s3 = FloatVector.fromArray(SPECIES, x, x3 + i).fma(v, s3);
        }
        s0.intoArray(sums, at);
        s1.intoArray(sums, at + PARTIAL_SUMS);
        s2.intoArray(sums, at + 2 * PARTIAL_SUMS);
        s3.intoArray(sums, at + 3 * PARTIAL_SUMS);
    }

    @Override
    public void placeRows(boolean add, float[] x, int xOffset, int xStep, int first, int[] inside, float[] y, int yOffset, int yStep,
                          int columns, int rows) {
        for (int row = 0; row < rows; row++) {
            if (add) {
                addPlaced(x, xOffset + row * xStep, first, inside, y, yOffset + row * yStep, columns);
            } else {
                place(x, xOffset + row * xStep, first, inside, y, yOffset + row * yStep, columns);
            }
        }
    }

    /** A vector that lies beside the row is read next to it, and all of it masked. */
    private static void place(float[] x, int xOffset, int first, int[] inside, float[] y, int yOffset, int columns) {
        int length = inside.length - 2 * PARTIAL_SUMS;
        for (int i = 0; i < columns; i += LANES) {
            int j = Math.max(-LANES, Math.min(length, first + i));
            FloatVector.fromArray(SPECIES, x, xOffset + j).reinterpretAsInts()
                    .and(IntVector.fromArray(INTEGERS, inside, PARTIAL_SUMS + j)).reinterpretAsFloats().intoArray(y, yOffset + i);
        }
    }

    private static void addPlaced(float[] x, int xOffset, int first, int[] inside, float[] y, int yOffset, int columns) {
        int length = inside.length - 2 * PARTIAL_SUMS;
        for (int i = 0; i < columns; i += LANES) {
            int j = Math.max(-LANES, Math.min(length, first + i));
            FloatVector.fromArray(SPECIES, x, xOffset + j).reinterpretAsInts()
                    .and(IntVector.fromArray(INTEGERS, inside, PARTIAL_SUMS + j)).reinterpretAsFloats()
                    .add(FloatVector.fromArray(SPECIES, y, yOffset + i)).intoArray(y, yOffset + i);
        }
    }

    @Override
    public void mergeRows(float[] x, int evenOffset, int oddOffset, int xStep, float[] y, int yOffset, int yStep, int length, int rows) {
        int last = length / 2 - LANES / 2;
        for (int row = 0; row < rows; row++) {
            int even = evenOffset + row * xStep;
            int odd = oddOffset + row * xStep;
            int to = yOffset + row * yStep;
            int done = 0;
            // The last vector ends where the row does, and writes some elements of the one before it again.
            for (int i = 0; last >= 0 && done < length / 2 && Math.max(even, odd) + Math.min(i, last) + LANES <= x.length; i += LANES / 2) {
                int from = Math.min(i, last);
                FloatVector.fromArray(SPECIES, x, even + from).rearrange(TWICE)
                        .blend(FloatVector.fromArray(SPECIES, x, odd + from).rearrange(TWICE), ODD_LANES)
                        .intoArray(y, to + 2 * from);
                done = from + LANES / 2;
            }
            for (int i = 2 * done; i < length; i++) {
                y[to + i] = x[(i % 2 == 0 ? even : odd) + i / 2];
            }
        }
    }

    /** Twelve chains: more than latency times throughput of the fused multiply-add units of today's processors. */
    @Override
    public long burst(int rounds, float[] values) {
        FloatVector factor = FloatVector.fromArray(SPECIES, values, 0);
        FloatVector s0 = factor;
        FloatVector s1 = factor;
        FloatVector s2 = factor;
        FloatVector s3 = factor;
        FloatVector s4 = factor;
        FloatVector s5 = factor;
        FloatVector s6 = factor;
        FloatVector s7 = factor;
        FloatVector s8 = factor;
        FloatVector s9 = factor;
        FloatVector s10 = factor;
        FloatVector s11 = factor;
        for (int i = 0; i < rounds; i++) {
            s0 = factor.fma(factor, s0);
            s1 = factor.fma(factor, s1);
            s2 = factor.fma(factor, s2);
            s3 = factor.fma(factor, s3);
            s4 = factor.fma(factor, s4);
            s5 = factor.fma(factor, s5);
            s6 = factor.fma(factor, s6);
            s7 = factor.fma(factor, s7);
            s8 = factor.fma(factor, s8);
            s9 = factor.fma(factor, s9);
            s10 = factor.fma(factor, s10);
            s11 = factor.fma(factor, s11);
        }
        s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).add(s8).add(s9).add(s10).add(s11).intoArray(values, LANES);
        return 12L * LANES * rounds;
    }

    private static int[] kept() {
        int[] bits = new int[2 * LANES];
        Arrays.fill(bits, 0, LANES, -1);
        return bits;
    }
}
