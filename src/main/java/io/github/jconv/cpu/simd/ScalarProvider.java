package io.github.jconv.cpu.simd;

import java.util.Arrays;

/** Plain Java, in loops that the JIT compiler turns into vector code where it can. Complete, and available everywhere. */
final class ScalarProvider implements SimdProvider {

    /** The JIT compiler vectorises long loops only: a tile is this many columns wide, and twice that. */
    private static final int LANES = 64;

    private final WinogradTransforms winograd = new ScalarWinograd();
    private final ChannelLoops channelLoops = new ScalarChannelLoops(LANES);
    private final DepthwiseLoops depthwiseLoops = new ScalarDepthwiseLoops();
    private final ElementwiseLoops elementwise = new ScalarElementwise();
    private final DoubleSums doubleSums = new ScalarDoubleSums();
    private final FourierTransforms fourier = new ScalarFourier();

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public String description() {
        return "scalar code";
    }

    @Override
    public boolean isScalar() {
        return true;
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public ChannelLoops channelLoops() {
        return channelLoops;
    }

    @Override
    public DepthwiseLoops depthwiseLoops() {
        return depthwiseLoops;
    }

    @Override
    public WinogradTransforms winograd() {
        return winograd;
    }

    @Override
    public ElementwiseLoops elementwise() {
        return elementwise;
    }

    @Override
    public DoubleSums doubleSums() {
        return doubleSums;
    }

    @Override
    public FourierTransforms fourier() {
        return fourier;
    }

    @Override
    public void multiplyAdd(float a, float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = FusedArithmetic.multiplyAdd(a, x[xOffset + i], y[yOffset + i]);
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] += x[xOffset + i];
        }
    }

    @Override
    public void gemmTile(int vectors, int depth, float[] a, int aOffset, int aRowStride, int aDepthStride, float[] b, int bOffset,
                         float[] c, int cOffset, int cRowStride) {
        int columns = vectors * LANES;
        int k = 0;
        for (; k + 4 <= depth; k += 4) {
            int bRow = bOffset + k * columns;
            for (int i = 0; i < TILE_ROWS; i++) {
                int at = aOffset + i * aRowStride + k * aDepthStride;
                addFour(a[at], a[at + aDepthStride], a[at + 2 * aDepthStride], a[at + 3 * aDepthStride], b, bRow, columns, columns,
                        c, cOffset + i * cRowStride);
            }
        }
        for (; k < depth; k++) {
            for (int i = 0; i < TILE_ROWS; i++) {
                multiplyAdd(a[aOffset + i * aRowStride + k * aDepthStride], b, bOffset + k * columns, c, cOffset + i * cRowStride,
                        columns);
            }
        }
    }

    /** Four rows of b at once: the row of c is read and written a quarter as often. */
    private static void addFour(float a0, float a1, float a2, float a3, float[] b, int bRow, int bStride, int columns,
                                float[] c, int cRow) {
        int row1 = bRow + bStride;
        int row2 = row1 + bStride;
        int row3 = row2 + bStride;
        for (int j = 0; j < columns; j++) {
            float sum = FusedArithmetic.multiplyAdd(a0, b[bRow + j], c[cRow + j]);
            sum = FusedArithmetic.multiplyAdd(a1, b[row1 + j], sum);
            sum = FusedArithmetic.multiplyAdd(a2, b[row2 + j], sum);
            c[cRow + j] = FusedArithmetic.multiplyAdd(a3, b[row3 + j], sum);
        }
    }

    @Override
    public void packedTile(int rows, int vectors, int depth, float[] a, int aOffset, int aRow, int aDepth, float[] b, int bOffset,
                           float[] start, int startOffset, int startRow, float[] c, int cOffset, int cRow) {
        int columns = vectors * LANES;
        for (int i = 0; i < rows; i++) {
            if (start != c || startOffset != cOffset) {
                System.arraycopy(start, startOffset + i * startRow, c, cOffset + i * cRow, columns);
            }
            int k = 0;
            for (; k + 4 <= depth; k += 4) {
                int at = aOffset + i * aRow + k * aDepth;
                addFour(a[at], a[at + aDepth], a[at + 2 * aDepth], a[at + 3 * aDepth], b, bOffset + k * columns, columns, columns,
                        c, cOffset + i * cRow);
            }
            for (; k < depth; k++) {
                multiplyAdd(a[aOffset + i * aRow + k * aDepth], b, bOffset + k * columns, c, cOffset + i * cRow, columns);
            }
        }
    }

    @Override
    public int widestShiftedTile() {
        return 1;
    }

    @Override
    public int shiftedTileVectors() {
        return 1;
    }

    @Override
    public void shiftedTile(int vectors, int depth, float[] a, int aOffset, int aRowStride, int[] aShifts, float[] b, int bOffset,
                            int[] bShifts, float[] c, int cOffset, int cRowStride) {
        for (int i = 0; i < TILE_ROWS; i++) {
            int aRow = aOffset + i * aRowStride;
            int cRow = cOffset + i * cRowStride;
            int k = 0;
            for (; k + 4 <= depth; k += 4) {
                addFourShifted(a[aRow + shift(aShifts, k)], a[aRow + shift(aShifts, k + 1)], a[aRow + shift(aShifts, k + 2)],
                        a[aRow + shift(aShifts, k + 3)], b, bOffset + bShifts[k], bOffset + bShifts[k + 1], bOffset + bShifts[k + 2],
                        bOffset + bShifts[k + 3], c, cRow, vectors * LANES);
            }
            for (; k < depth; k++) {
                multiplyAdd(a[aRow + shift(aShifts, k)], b, bOffset + bShifts[k], c, cRow, vectors * LANES);
            }
        }
    }

    @Override
    public void tapDots(int pieces, int length, float[] a, int aOffset, int aRowStride, int aStep, float[] b, int bOffset, int bStep,
                        float[] sums, int sumsOffset, int sumsRowStride) {
        addTapDots(pieces, length, a, aOffset, aRowStride, aStep, b, bOffset, bStep, sums, sumsOffset, sumsRowStride);
    }

    static void addTapDots(int pieces, int length, float[] a, int aOffset, int aRowStride, int aStep, float[] b, int bOffset, int bStep,
                           float[] sums, int sumsOffset, int sumsRowStride) {
        for (int i = 0; i < TILE_ROWS; i++) {
            for (int k = 0; k < pieces; k++) {
                int at = aOffset + i * aRowStride + k * aStep;
                for (int l = 0; l < length; l++) {
                    int sum = sumsOffset + i * sumsRowStride + l;
                    sums[sum] = FusedArithmetic.multiplyAdd(a[at + l], b[bOffset + k * bStep + l], sums[sum]);
                }
            }
        }
    }

    private static int shift(int[] shifts, int k) {
        return shifts == null ? k : shifts[k];
    }

    @Override
    public void tapTile(int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int[] bShifts, float[] start,
                        int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride) {
        for (int i = 0; i < TAP_ROWS; i++) {
            for (int j = 0; j < vectors * LANES; j++) {
                float sum = start[startOffset + i * startRowStride + j];
                for (int k = 0; k < depth; k++) {
                    sum = FusedArithmetic.multiplyAdd(a[aOffset + k * TAP_ROWS + i], b[bOffset + bShifts[k] + j], sum);
                }
                c[cOffset + i * cRowStride + j] = sum;
            }
        }
    }

    @Override
    public void interleavedTile(int rows, int vectors, int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset,
                                int[] bShifts, float[] c, int cOffset, int cRowStride) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors * LANES; j += 4) {
                addFourSums(depth, a, aOffset + i, aShifts, b, bOffset + j, bShifts, c, cOffset + i * cRowStride + j);
            }
        }
    }

    private static void addFourSums(int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset, int[] bShifts, float[] c,
                                    int at) {
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        for (int k = 0; k < depth; k++) {
            float factor = a[aOffset + aShifts[k]];
            int row = bOffset + bShifts[k];
            sum0 = FusedArithmetic.multiplyAdd(factor, b[row], sum0);
            sum1 = FusedArithmetic.multiplyAdd(factor, b[row + 1], sum1);
            sum2 = FusedArithmetic.multiplyAdd(factor, b[row + 2], sum2);
            sum3 = FusedArithmetic.multiplyAdd(factor, b[row + 3], sum3);
        }
        c[at] += sum0;
        c[at + 1] += sum1;
        c[at + 2] += sum2;
        c[at + 3] += sum3;
    }

    @Override
    public void transpose(float[] src, int srcOffset, int srcStep, int rows, int columns, float[] dst, int dstOffset, int dstStep) {
        transposeElements(src, srcOffset, srcStep, rows, columns, dst, dstOffset, dstStep);
    }

    @Override
    public void copyColumns(float[] src, int srcOffset, int srcStep, int[] from, int[] to, int piece, int end, float[] dst, int dstOffset,
                            int dstStep, int rows) {
        copyPieces(lanes(), src, srcOffset, srcStep, from, to, piece, end, dst, dstOffset, dstStep, rows);
    }

    /** Pieces of {@code length} elements, or as many as {@code src} has. */
    static void copyPieces(int length, float[] src, int srcOffset, int srcStep, int[] from, int[] to, int piece, int end, float[] dst,
                           int dstOffset, int dstStep, int rows) {
        for (int row = 0; row < rows; row++) {
            for (int p = piece; p < end; p++) {
                int at = srcOffset + row * srcStep + from[p];
                System.arraycopy(src, at, dst, dstOffset + row * dstStep + to[p], Math.min(length, src.length - at));
            }
        }
    }

    @Override
    public void copyShifted(float[] src, int srcOffset, int[] shifts, int first, int[] from, float[] dst, int dstOffset, int dstStep,
                            int[] to, int rows) {
        for (int k = 0; k < rows; k++) {
            for (int piece = 0; piece < from.length; piece++) {
                System.arraycopy(src, srcOffset + shifts[first + k] + from[piece], dst, dstOffset + k * dstStep + to[piece], lanes());
            }
        }
    }

    @Override
    public void copyKept(int vectors, boolean merge, float[] src, int srcOffset, int srcStep, int[] kept, int kept0, int kept1, float[] dst,
                         int dstOffset, int dstStep, int rows) {
        copyKeptElements(lanes(), merge, src, srcOffset, srcStep, kept, kept0, dst, dstOffset, dstStep, rows);
        if (vectors == 2) {
            copyKeptElements(lanes(), merge, src, srcOffset + lanes(), srcStep, kept, kept1, dst, dstOffset + lanes(), dstStep, rows);
        }
    }

    static void copyKeptElements(int lanes, boolean merge, float[] src, int srcOffset, int srcStep, int[] kept, int keptAt, float[] dst,
                                 int dstOffset, int dstStep, int rows) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < lanes; i++) {
                if (kept[keptAt + i] != 0) {
                    dst[dstOffset + row * dstStep + i] = src[srcOffset + row * srcStep + i];
                } else if (!merge) {
                    dst[dstOffset + row * dstStep + i] = 0;
                }
            }
        }
    }

    @Override
    public void gatherRows(float[] src, int srcOffset, int srcStep, int[] map, int mapOffset, float[] dst, int dstOffset, int dstStep,
                           int length, int rows) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < length; i++) {
                dst[dstOffset + row * dstStep + i] = src[srcOffset + row * srcStep + map[mapOffset + i]];
            }
        }
    }

    static void transposeElements(float[] src, int srcOffset, int srcStep, int rows, int columns, float[] dst, int dstOffset,
                                  int dstStep) {
        if (rows == 1 && dstStep == 1) {
            System.arraycopy(src, srcOffset, dst, dstOffset, columns);
            return;
        }
        for (int j = 0; j < columns; j++) {
            for (int i = 0; i < rows; i++) {
                dst[dstOffset + j * dstStep + i] = src[srcOffset + i * srcStep + j];
            }
        }
    }

    @Override
    public int panelTileRows() {
        return TILE_ROWS;
    }

    @Override
    public void panelTile(int rows, int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int bRowStride,
                          float[] start, int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride) {
        tile(rows, vectors, depth, a, aOffset, 1, rows, b, bOffset, bRowStride, start, startOffset, startRowStride, c, cOffset, cRowStride);
    }

    @Override
    public void rowTile(int rows, int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int bRowStride,
                        float[] start, int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride) {
        tile(rows, vectors, depth, a, aOffset, ROW_STEP, 1, b, bOffset, bRowStride, start, startOffset, startRowStride, c, cOffset,
                cRowStride);
    }

    private void tile(int rows, int vectors, int depth, float[] a, int aOffset, int aRow, int aDepth, float[] b, int bOffset,
                             int bRowStride, float[] start, int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride) {
        int columns = vectors * LANES;
        for (int i = 0; i < rows; i++) {
            int cRow = cOffset + i * cRowStride;
            if (start != c || startOffset != cOffset) {
                System.arraycopy(start, startOffset + i * startRowStride, c, cRow, columns);
            }
            int k = 0;
            for (; k + 4 <= depth; k += 4) {
                int at = aOffset + k * aDepth + i * aRow;
                addFour(a[at], a[at + aDepth], a[at + 2 * aDepth], a[at + 3 * aDepth], b, bOffset + k * bRowStride, bRowStride, columns, c,
                        cRow);
            }
            for (; k < depth; k++) {
                multiplyAdd(a[aOffset + k * aDepth + i * aRow], b, bOffset + k * bRowStride, c, cRow, columns);
            }
        }
    }

    @Override
    public void copyRuns(float[] src, int srcOffset, int srcStep, float[] dst, int dstOffset, int dstStep, int length, int runs) {
        for (int run = 0; run < runs; run++) {
            System.arraycopy(src, srcOffset + run * srcStep, dst, dstOffset + run * dstStep, length);
        }
    }

    @Override
    public void copyRows(float[] src, int srcOffset, int srcStep, int step, float[] dst, int dstOffset, int dstStep, int length,
                         int rows) {
        for (int row = 0; row < rows; row++) {
            int from = srcOffset + row * srcStep;
            int to = dstOffset + row * dstStep;
            if (step == 1) {
                System.arraycopy(src, from, dst, to, length);
            } else {
                for (int i = 0; i < length; i++) {
                    dst[to + i] = src[from + i * step];
                }
            }
        }
    }

    @Override
    public void partRows(float[] src, int srcOffset, int srcStep, float[] dst, int evenOffset, int oddOffset, int dstStep, int evens,
                         int odds, int rows) {
        copyRows(src, srcOffset, srcStep, 2, dst, evenOffset, dstStep, evens, rows);
        copyRows(src, srcOffset + 1, srcStep, 2, dst, oddOffset, dstStep, odds, rows);
    }

    @Override
    public void correlateRows(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset, int xStep,
                              float[] y, int yOffset, int yStep, int length, int rows) {
        for (int row = 0; row < rows; row++) {
            int to = yOffset + row * yStep;
            Arrays.fill(y, to, to + length, 0);
            addShifted(weights, weightsOffset, shifts, taps, x, xOffset + row * xStep, y, to, length);
        }
    }

    @Override
    public void correlate(RowCorrelation c, float[] weights, int weightsOffset, float[] x, int xOffset, float[] y, int yOffset) {
        for (int row = 0; row < c.rows(); row++) {
            int from = xOffset + row * c.xStep();
            int to = yOffset + row * c.yStep();
            Arrays.fill(y, to, to + c.outputs(), 0);
            for (int i = 0; i < c.triples().length; i += 2) {
                for (int t = 0; t < 3; t++) {
                    addEvery(c, weights[weightsOffset + c.triples()[i] + t * c.weightStep()], x, from + c.triples()[i + 1] + t * c.xStep(),
                            y, to);
                }
            }
            for (int i = 0; i < c.singles().length; i += 2) {
                addEvery(c, weights[weightsOffset + c.singles()[i]], x, from + c.singles()[i + 1], y, to);
            }
        }
    }

    private void addEvery(RowCorrelation c, float w, float[] x, int from, float[] y, int to) {
        if (c.columnStep() == 1) {
            multiplyAdd(w, x, from, y, to, c.outputs());
            return;
        }
        for (int i = 0; i < c.outputs(); i++) {
            y[to + i] = FusedArithmetic.multiplyAdd(w, x[from + i * c.columnStep()], y[to + i]);
        }
    }

    @Override
    public void addShifted(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset, float[] y, int yOffset,
                           int length) {
        int t = 0;
        for (; t + 4 <= taps; t += 4) {
            int at = weightsOffset + t;
            addFourShifted(weights[at], weights[at + 1], weights[at + 2], weights[at + 3], x, xOffset + shifts[t],
                    xOffset + shifts[t + 1], xOffset + shifts[t + 2], xOffset + shifts[t + 3], y, yOffset, length);
        }
        for (; t < taps; t++) {
            multiplyAdd(weights[weightsOffset + t], x, xOffset + shifts[t], y, yOffset, length);
        }
    }

    private static void addFourShifted(float w0, float w1, float w2, float w3, float[] x, int x0, int x1, int x2, int x3,
                                       float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            float sum = FusedArithmetic.multiplyAdd(w0, x[x0 + i], y[yOffset + i]);
            sum = FusedArithmetic.multiplyAdd(w1, x[x1 + i], sum);
            sum = FusedArithmetic.multiplyAdd(w2, x[x2 + i], sum);
            y[yOffset + i] = FusedArithmetic.multiplyAdd(w3, x[x3 + i], sum);
        }
    }

    @Override
    public void dotShifted(float[] x, int xOffset, int[] shifts, int taps, float[] y, int yOffset, int length, float[] sums,
                           int sumsOffset) {
        for (int t = 0; t < taps; t++) {
            int at = xOffset + shifts[t];
            int sum = sumsOffset + t * PARTIAL_SUMS;
            for (int i = 0; i < length; i += PARTIAL_SUMS) {
                for (int lane = 0; lane < PARTIAL_SUMS; lane++) {
                    sums[sum + lane] = FusedArithmetic.multiplyAdd(x[at + i + lane], y[yOffset + i + lane], sums[sum + lane]);
                }
            }
        }
    }

    @Override
    public void placeRows(boolean add, float[] x, int xOffset, int xStep, int first, int[] inside, float[] y, int yOffset, int yStep,
                          int columns, int rows) {
        int begin = Math.min(columns, Math.max(0, -first));
        int end = Math.max(begin, Math.min(columns, inside.length - 2 * PARTIAL_SUMS - first));
        for (int row = 0; row < rows; row++) {
            int from = xOffset + row * xStep + first;
            int to = yOffset + row * yStep;
            if (add) {
                add(x, from + begin, y, to + begin, end - begin);
            } else {
                Arrays.fill(y, to, to + begin, 0);
                if (begin < end) {
                    System.arraycopy(x, from + begin, y, to + begin, end - begin);
                }
                Arrays.fill(y, to + end, to + columns, 0);
            }
        }
    }

    @Override
    public void mergeRows(float[] x, int evenOffset, int oddOffset, int xStep, float[] y, int yOffset, int yStep, int length, int rows) {
        for (int row = 0; row < rows; row++) {
            int to = yOffset + row * yStep;
            for (int i = 0; i < length / 2; i++) {
                y[to + 2 * i] = x[evenOffset + row * xStep + i];
                y[to + 2 * i + 1] = x[oddOffset + row * xStep + i];
            }
            if (length % 2 == 1) {
                y[to + length - 1] = x[evenOffset + row * xStep + length / 2];
            }
        }
    }

    @Override
    public long burst(int rounds, float[] values) {
        for (int round = 0; round < rounds; round++) {
            multiplyAdd(values[0], values, 0, values, LANES, LANES);
        }
        return (long) rounds * LANES;
    }
}
