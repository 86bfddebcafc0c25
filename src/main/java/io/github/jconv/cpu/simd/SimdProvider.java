package io.github.jconv.cpu.simd;

import java.util.Arrays;
import java.util.List;

/**
 * The inner loops of the CPU algorithms, behind one narrow interface: plain Java ({@code scalar}) or the Vector API in a given
 * width. Safe for use from several threads.
 *
 * <p><b>Same bits everywhere.</b> Every method states the order of its additions, each provider keeps to it, and every product is
 * added with one rounding (fused); so the results of an algorithm do not depend on the provider. The only exception is a host
 * without a fused multiply-add instruction: it has the scalar provider alone, which there rounds products and sums apart.
 */
public interface SimdProvider {

    /** Rows of a tile of {@link #gemmTile}. With two vectors of columns its sums fit the registers of every vector unit. */
    int TILE_ROWS = 6;

    /** Rows of the larger tile of {@link #interleavedTile}; the smaller one has half of them. */
    int INTERLEAVED_ROWS = 12;

    /** Vectors of columns of the widest tile of {@link #gemmTile} and of {@link #interleavedTile}. */
    int TILE_VECTORS = 2;

    /** Partial sums of {@link #dotShifted}: the lanes of the widest vectors. */
    int PARTIAL_SUMS = 16;

    /** Rows that {@link #correlateRows} sums up at a time. */
    int CORRELATED_ROWS = 4;

    /** How far {@link #addShifted} reads and writes behind its arguments: eight of the widest vectors. */
    int SHIFT_SLACK = 128;

    /** The name by which the property {@code jconv.simd} selects it: {@code scalar}, {@code 128}, {@code 256} or {@code 512}. */
    String name();

    /** For messages: {@code scalar code}, {@code 512-bit vectors}. */
    String description();

    /** Whether the loops are plain Java, which the JVM turns into vectors in part at best. */
    default boolean isScalar() {
        return false;
    }

    /** Floats that the inner loops work on at once; columns of matrices are best a multiple of it. */
    int lanes();

    /** The transforms of Winograd convolutions, in the same width. */
    WinogradTransforms winograd();

    /** Loops over channels side by side, in the same width. */
    ChannelLoops channelLoops();

    /** Loops over the maps of single channels and filters of 3x3 taps, in the same width. */
    DepthwiseLoops depthwiseLoops();

    /** Loops over single elements that networks need besides convolutions, in the same width. */
    ElementwiseLoops elementwise();

    /** Sums in double of many numbers, in the same width. */
    DoubleSums doubleSums();

    /** The loops of convolutions by Fourier transforms, in the same width. */
    FourierTransforms fourier();

    /** {@code y[yOffset + i] += a * x[xOffset + i]} for i in {@code [0, length)}. */
    void multiplyAdd(float a, float[] x, int xOffset, float[] y, int yOffset, int length);

    /** {@code y[yOffset + i] += x[xOffset + i]} for i in {@code [0, length)}. */
    void add(float[] x, int xOffset, float[] y, int yOffset, int length);

    /**
     * A tile of a matrix product, m = {@value #TILE_ROWS} rows by n = {@code vectors * lanes()} columns:
     *
     * <pre>
     *   for k ascending:  c[i][j] = a[i][k] * b[k][j] + c[i][j]
     *
     *   a[i][k] at aOffset + i * aRowStride + k * aDepthStride
     *   b[k][j] at bOffset + k * n + j
     *   c[i][j] at cOffset + i * cRowStride + j
     * </pre>
     *
     * @param vectors 1 or {@value #TILE_VECTORS}
     */
    void gemmTile(int vectors, int depth, float[] a, int aOffset, int aRowStride, int aDepthStride, float[] b, int bOffset,
                  float[] c, int cOffset, int cRowStride);

    /** Vectors of columns of the widest tile of {@link #shiftedTile} that there is: 1, 2 or 4, as many as the registers hold sums of. */
    int widestShiftedTile();

    /**
     * The widest tile that is worth using now. It begins narrow: the JIT compiler has been seen to leave some sums of the widest tile
     * on the heap, one start of a JVM in ten, which costs more than the width gains. {@link WarmUp} watches for that, and widens it.
     */
    int shiftedTileVectors();

    /** Told when the wider tiles of {@link #shiftedTile} are known to be fast: from now on {@link #shiftedTileVectors()} is the widest. */
    default void widenShiftedTile() {
    }

    /**
     * A tile of a matrix product whose right factor is no matrix in memory: its rows are shifted pieces of one array, which may
     * overlap. With m = {@value #TILE_ROWS} rows and n = {@code vectors * lanes()} columns:
     *
     * <pre>
     *   for k ascending:  c[i][j] = a[i][k] * b[k][j] + c[i][j]
     *
     *   a[i][k] at aOffset + i * aRowStride + aShifts[k]
     *   b[k][j] at bOffset + bShifts[k] + j
     *   c[i][j] at cOffset + i * cRowStride + j
     * </pre>
     *
     * @param vectors 1 to {@link #widestShiftedTile()}
     * @param aShifts null stands for 0, 1, 2, ... and is faster
     */
    void shiftedTile(int vectors, int depth, float[] a, int aOffset, int aRowStride, int[] aShifts, float[] b, int bOffset,
                     int[] bShifts, float[] c, int cOffset, int cRowStride);

    /**
     * Partial sums of dot products of {@value #TILE_ROWS} rows with one column, whose factors lie side by side in pieces:
     *
     * <pre>
     *   for k ascending:  sums[i][l] = a[i][k][l] * b[k][l] + sums[i][l]      for i in [0, {@value #TILE_ROWS}), l in [0, length)
     *
     *   a[i][k][l] at aOffset + i * aRowStride + k * aStep + l
     *   b[k][l]    at bOffset + k * bStep + l
     *   sums[i][l] at sumsOffset + i * sumsRowStride + l
     * </pre>
     *
     * There are {@value #PARTIAL_SUMS} of them for each row, in vectors of any width. The pieces of {@code b} are as long; behind
     * {@code length} they must be zeros.
     *
     * @param pieces how many there are
     * @param length elements of a piece, up to {@value #PARTIAL_SUMS}
     */
    void tapDots(int pieces, int length, float[] a, int aOffset, int aRowStride, int aStep, float[] b, int bOffset, int bStep, float[] sums,
                 int sumsOffset, int sumsRowStride);

    /** Rows and vectors of the largest {@link #tapTile}. */
    int TAP_ROWS = 8;
    int TAP_VECTORS = 3;

    /**
     * A tile of a matrix product whose left factor is packed, columns of m = {@value #TAP_ROWS} elements one after the other, and whose
     * right factor is no matrix in memory, as that of {@link #shiftedTile}. With n = {@code vectors * lanes()} columns:
     *
     * <pre>
     *   for k ascending:  c[i][j] = a[i][k] * b[k][j] + ...              from start[i][j] on
     *
     *   a[i][k]     at aOffset + k * m + i
     *   b[k][j]     at bOffset + bShifts[k] + j
     *   start[i][j] at startOffset + i * startRowStride + j
     *   c[i][j]     at cOffset + i * cRowStride + j
     * </pre>
     *
     * Sums may begin with c itself, or with one row of zeros for all of them with a stride of 0.
     *
     * @param vectors 1 to {@value #TAP_VECTORS}
     */
    void tapTile(int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int[] bShifts, float[] start, int startOffset,
                 int startRowStride, float[] c, int cOffset, int cRowStride);

    /** Rows of the lower tile of {@link #packedTile}: with it, any even number of rows from 4 on is some tiles of 6 and up to two of 4. */
    int LOW_TILE_ROWS = 4;

    /**
     * A tile of a matrix product, {@value #TILE_ROWS} or {@value #LOW_TILE_ROWS} rows by n = {@code vectors * lanes()} columns, whose left
     * factor is consecutive in one direction:
     *
     * <pre>
     *   for k ascending:  c[i][j] = a[i][k] * b[k][j] + ...                                    from start[i][j] on
     *
     *   a[i][k]     at aOffset + i * aRow + k * aDepth
     *   b[k][j]     at bOffset + k * n + j
     *   start[i][j] at startOffset + i * startRow + j
     *   c[i][j]     at cOffset + i * cRow + j
     * </pre>
     *
     * Sums may begin with c itself, or with one row of zeros for all of them with a stride of 0.
     *
     * @param vectors 1, 2 or 4, at most {@link #widestShiftedTile()}
     * @param aRow    1 unless {@code aDepth} is
     */
    void packedTile(int rows, int vectors, int depth, float[] a, int aOffset, int aRow, int aDepth, float[] b, int bOffset,
                    float[] start, int startOffset, int startRow, float[] c, int cOffset, int cRow);

    /** The same, which begins with what {@code c} holds. */
    default void packedTile(int rows, int vectors, int depth, float[] a, int aOffset, int aRow, int aDepth, float[] b, int bOffset,
                            float[] c, int cOffset, int cRow) {
        packedTile(rows, vectors, depth, a, aOffset, aRow, aDepth, b, bOffset, c, cOffset, cRow, c, cOffset, cRow);
    }

    /**
     * A tile of a matrix product whose factors both lie with their rows, or columns, side by side: column k of the left factor and row k
     * of the right one are pieces of an array each, in any places. With n = {@code vectors * lanes()} columns:
     *
     * <pre>
     *   for k ascending:  sum[i][j] = a[i][k] * b[k][j] + sum[i][j]      from 0 on
     *                     c[i][j] = sum[i][j] + c[i][j]
     *
     *   a[i][k] at aOffset + aShifts[k] + i
     *   b[k][j] at bOffset + bShifts[k] + j
     *   c[i][j] at cOffset + i * cRowStride + j
     * </pre>
     *
     * @param rows    {@value #TILE_ROWS} or {@value #INTERLEAVED_ROWS}
     * @param vectors 1 or {@value #TILE_VECTORS}
     */
    void interleavedTile(int rows, int vectors, int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                         float[] c, int cOffset, int cRowStride);

    /**
     * Gathers the rows of a matrix, whose elements lie in each row of {@code src} where a map says:
     *
     * <pre>
     *   dst[dstOffset + r * dstStep + i] = src[srcOffset + r * srcStep + map[mapOffset + i]]     for r in [0, rows), i in [0, length)
     * </pre>
     *
     * @param length a multiple of {@link #lanes()}
     */
    void gatherRows(float[] src, int srcOffset, int srcStep, int[] map, int mapOffset, float[] dst, int dstOffset, int dstStep, int length,
                    int rows);

    /**
     * Gathers the rows of a matrix that exists in shifted pieces only, in order, each piece a vector long:
     *
     * <pre>
     *   dst[dstOffset + k * dstStep + to[p] + i] = src[srcOffset + shifts[first + k] + from[p] + i]
     *                                              for k in [0, rows), all pieces p, i in [0, lanes())
     * </pre>
     *
     * What a piece has more of than is wanted the next one overwrites, or the next row; behind the last row {@code lanes() - 1} elements take
     * arbitrary values. {@code src} and {@code dst} may be one array, in places apart.
     */
    void copyShifted(float[] src, int srcOffset, int[] shifts, int first, int[] from, float[] dst, int dstOffset, int dstStep, int[] to,
                     int rows);

    /**
     * Gathers columns of a matrix, of which those of each piece, up to {@code lanes()}, lie side by side in {@code src}, too:
     *
     * <pre>
     *   dst[dstOffset + r * dstStep + to[p] + i] = src[srcOffset + r * srcStep + from[p] + i]
     *                                              for r in [0, rows), p in [piece, end), i in [0, columns of the piece)
     * </pre>
     *
     * What a piece has more of than is wanted the next one overwrites, or the next row; behind the last row {@code lanes() - 1} elements take
     * arbitrary values. {@code src} and {@code dst} may be one array, in places apart.
     *
     * @param from not further in any piece than in the last
     * @param to   ascending
     */
    void copyColumns(float[] src, int srcOffset, int srcStep, int[] from, int[] to, int piece, int end, float[] dst, int dstOffset,
                     int dstStep, int rows);

    /**
     * Copies a vector, or two, of each of several rows, but for lanes that are not kept:
     *
     * <pre>
     *   dst[dstOffset + r * dstStep + i] = keep[i] ? src[srcOffset + r * srcStep + i] : 0      for r in [0, rows), i in [0, vectors * lanes())
     * </pre>
     *
     * or, to {@code merge}, leaves what is there where lanes are not kept; where they are, there must be zeros. Elements that are not kept may
     * lie outside of {@code src}.
     *
     * @param kept       -1 for a lane that is kept and 0 for another: those of the first vector from {@code kept0} on, of the second from
     *                   {@code kept1} on
     * @param srcStep    may be 0 or more
     */
    void copyKept(int vectors, boolean merge, float[] src, int srcOffset, int srcStep, int[] kept, int kept0, int kept1, float[] dst,
                  int dstOffset, int dstStep, int rows);

    /**
     * Transposes a matrix:
     *
     * <pre>
     *   dst[dstOffset + j * dstStep + i] = src[srcOffset + i * srcStep + j]      for i in [0, rows), j in [0, columns)
     * </pre>
     *
     * Where {@code dstStep} leaves gaps, up to {@code lanes() - 1} elements of them take arbitrary values, too. Fast when there are as many
     * rows as a vector has lanes, or gaps for them, and as many columns, or elements in the array behind them, which may be read.
     */
    void transpose(float[] src, int srcOffset, int srcStep, int rows, int columns, float[] dst, int dstOffset, int dstStep);

    /**
     * A tile of a matrix product whose left factor lies column after column of the tile. With n = {@code vectors * lanes()} columns:
     *
     * <pre>
     *   for k ascending:  c[i][j] = a[i][k] * b[k][j] + ...                                    from start[i][j] on
     *
     *   a[i][k]     at aOffset + k * rows + i
     *   b[k][j]     at bOffset + k * bRowStride + j
     *   start[i][j] at startOffset + i * startRowStride + j
     *   c[i][j]     at cOffset + i * cRowStride + j
     * </pre>
     *
     * Sums begin with {@code start}, which may be c itself, or one row of zeros for all of them with a stride of 0.
     *
     * @param rows    even, {@value #LOW_TILE_ROWS} to {@link #panelTileRows}
     * @param vectors 1 or {@value #TILE_VECTORS}
     */
    void panelTile(int rows, int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int bRowStride, float[] start,
                   int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride);

    /**
     * Elements from one row of the left factor of {@link #rowTile} to the next, and how many of them may take part in a product at most: with
     * an odd number of cache lines between them, rows do not share places of a cache.
     */
    int ROW_STEP = 272;
    int ROW_DEPTH = 256;

    /**
     * {@link #panelTile} with a left factor whose rows lie apart, as filters do of which each is copied as it is:
     *
     * <pre>
     *   a[i][k]     at aOffset + i * ROW_STEP + k
     * </pre>
     */
    void rowTile(int rows, int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int bRowStride, float[] start,
                 int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride);

    /** Rows of the highest tile of {@link #panelTile} and {@link #rowTile}: of as many the registers hold the sums. */
    int panelTileRows();

    /**
     * Copies {@code runs} runs of {@code length} elements, in order: run j from {@code srcOffset + j * srcStep} to
     * {@code dstOffset + j * dstStep}. Up to {@code lanes() - 1} elements behind a run, if they lie in {@code dst}, take arbitrary
     * values: what else belongs there is to be written afterwards.
     */
    void copyRuns(float[] src, int srcOffset, int srcStep, float[] dst, int dstOffset, int dstStep, int length, int runs);

    /**
     * Copies every {@code step}-th element of each of several rows, in order:
     *
     * <pre>
     *   dst[dstOffset + r * dstStep + i] = src[srcOffset + r * srcStep + i * step]      for r in [0, rows), i in [0, length)
     * </pre>
     *
     * Up to {@code lanes() - 1} elements behind a row, if they lie in {@code dst}, may become 0: so gaps of zeros between rows stay.
     */
    void copyRows(float[] src, int srcOffset, int srcStep, int step, float[] dst, int dstOffset, int dstStep, int length, int rows);

    /**
     * Parts the elements of each of several rows, in order: the first, third, fifth ... go to one place, the others to another.
     *
     * <pre>
     *   dst[evenOffset + r * dstStep + i] = src[srcOffset + r * srcStep + 2 * i]          for r in [0, rows), i in [0, evens)
     *   dst[oddOffset  + r * dstStep + i] = src[srcOffset + r * srcStep + 2 * i + 1]      for r in [0, rows), i in [0, odds)
     * </pre>
     *
     * Up to {@code lanes() - 1} elements behind a row, if they lie in {@code dst}, may become 0, as in {@link #copyRows}.
     *
     * @param odds {@code evens} or one less
     */
    void partRows(float[] src, int srcOffset, int srcStep, float[] dst, int evenOffset, int oddOffset, int dstStep, int evens, int odds,
                  int rows);

    /**
     * Rows of a correlation, each the sum of shifted rows of {@code x}, each times a weight:
     *
     * <pre>
     *   for t ascending:  y[yOffset + r * yStep + i] = weights[weightsOffset + t] * x[xOffset + shifts[t] + r * xStep + i] + ...
     *                                                                          for r in [0, rows), i in [0, length), from 0 on
     * </pre>
     *
     * Up to {@code lanes() - 1} elements behind a row are read from {@code x}, which must have them, and take arbitrary values in
     * {@code y}, which must have them; rows follow one another in ascending order or are computed again.
     *
     * @param rows {@value #CORRELATED_ROWS} or more
     */
    void correlateRows(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset, int xStep,
                       float[] y, int yOffset, int yStep, int length, int rows);

    /**
     * Rows of a correlation of padded planes, see {@link RowCorrelation}.
     *
     * <p>Rows of whole vectors, of {@code 2 * lanes()} elements for every other column, and up to {@link RowCorrelation#computedRows} rows
     * are read from {@code x}, which must have them, and up to {@code lanes() - 1} elements behind each of so many rows take arbitrary
     * values in {@code y} before what belongs there is written.
     */
    void correlate(RowCorrelation rows, float[] weights, int weightsOffset, float[] x, int xOffset, float[] y, int yOffset);

    /**
     * Adds shifted copies of {@code x}, each times a weight:
     *
     * <pre>
     *   for t ascending:  y[i] = weights[weightsOffset + t] * x[xOffset + shifts[t] + i] + y[i]      for i in [0, length)
     * </pre>
     *
     * Up to {@link #SHIFT_SLACK} elements behind are read from {@code x} and take arbitrary values in {@code y}; both must have them.
     */
    void addShifted(float[] weights, int weightsOffset, int[] shifts, int taps, float[] x, int xOffset, float[] y, int yOffset,
                    int length);

    /**
     * Products with shifted copies of {@code x}, summed in {@value #PARTIAL_SUMS} partial sums for each shift:
     *
     * <pre>
     *   for i ascending:  sums[sumsOffset + t * PARTIAL_SUMS + i mod PARTIAL_SUMS] += x[xOffset + shifts[t] + i] * y[yOffset + i]
     * </pre>
     *
     * @param length a multiple of {@value #PARTIAL_SUMS}
     */
    void dotShifted(float[] x, int xOffset, int[] shifts, int taps, float[] y, int yOffset, int length, float[] sums, int sumsOffset);

    /**
     * Places each of several rows at a distance within a row of zeros, or adds it to what is there:
     *
     * <pre>
     *   y[yOffset + r * yStep + i] = x[xOffset + r * xStep + first + i] if 0 &lt;= first + i &lt; length, otherwise 0
     *                                + y[yOffset + r * yStep + i] if add            for r in [0, rows), i in [0, columns)
     * </pre>
     *
     * Up to {@code lanes()} elements before and behind a row of x are read, which must be there; up to {@code lanes() - 1} behind a row
     * of y, which must have them, take arbitrary values; rows follow one another in ascending order.
     *
     * @param inside see {@link #inside}, of {@code length}
     */
    void placeRows(boolean add, float[] x, int xOffset, int xStep, int first, int[] inside, float[] y, int yOffset, int yStep, int columns,
                   int rows);

    /** All bits for each of {@code length} elements, between as many zeros as the widest vectors have lanes. */
    static int[] inside(int length) {
        int[] inside = new int[length + 2 * PARTIAL_SUMS];
        Arrays.fill(inside, PARTIAL_SUMS, PARTIAL_SUMS + length, -1);
        return inside;
    }

    /**
     * Merges two rows into one, for each of several rows, in order: the first, third, fifth ... of {@code length} elements come from one
     * place, the others from another. The inverse of {@link #partRows}.
     *
     * <pre>
     *   y[yOffset + r * yStep + i] = x[evenOffset + r * xStep + i / 2]   for even i in [0, length)
     *                                x[oddOffset  + r * xStep + i / 2]   for odd ones
     * </pre>
     */
    void mergeRows(float[] x, int evenOffset, int oddOffset, int xStep, float[] y, int yOffset, int yStep, int length, int rows);

    /** The total of {@value #PARTIAL_SUMS} partial sums, as a tree: sums 8 apart are added, then 4, 2 and 1 apart. */
    static float sum(float[] sums, int at) {
        float even = ((sums[at] + sums[at + 8]) + (sums[at + 4] + sums[at + 12]))
                + ((sums[at + 2] + sums[at + 10]) + (sums[at + 6] + sums[at + 14]));
        float odd = ((sums[at + 1] + sums[at + 9]) + (sums[at + 5] + sums[at + 13]))
                + ((sums[at + 3] + sums[at + 11]) + (sums[at + 7] + sums[at + 15]));
        return even + odd;
    }

    /**
     * Multiplies and adds in registers as fast as the processor can, to measure how fast that is.
     *
     * @param values at least {@code 2 * lanes()} elements, the first half read, the second half written
     * @return how many multiply-adds of single numbers were done
     */
    long burst(int rounds, float[] values);

    /**
     * The provider of this JVM, decided once: the property {@code jconv.simd} if set, otherwise the widest vectors that the
     * hardware has, otherwise scalar.
     *
     * @throws IllegalArgumentException when the property names something that does not exist or that this JVM cannot offer
     */
    static SimdProvider chosen() {
        return SimdChoice.chosen();
    }

    /**
     * The provider of that name, for tests and comparisons. Vectors wider than the hardware's are allowed and slow.
     *
     * @throws IllegalArgumentException when there is none in this JVM
     */
    static SimdProvider named(String name) {
        return SimdChoice.named(name);
    }

    /** Every provider of this JVM, scalar first. */
    static List<SimdProvider> all() {
        return SimdChoice.all();
    }
}
