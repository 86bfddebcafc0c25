package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.wholes;
import static io.github.jconv.cpu.simd.SimdProvider.LOW_TILE_ROWS;
import static io.github.jconv.cpu.simd.SimdProvider.TILE_ROWS;

import io.github.jconv.cpu.simd.SimdProvider;

/**
 * The matrix product {@code C += A * B} on an A and a B that are both packed in the order in which the inner loop reads them, for
 * blocks that fit the caches.
 *
 * <pre>
 *   A  strips of {@value SimdProvider#TILE_ROWS} rows, of which the last ones may have {@value SimdProvider#LOW_TILE_ROWS}, each column
 *      after column, in blocks of up to {@link #DEPTH} columns
 *   B  panels of as many columns as the widest tile has, then of half as many and so on for what is left, each row after row
 *   C  row-major, whole strips of rows and whole vectors of columns
 * </pre>
 *
 * <p>Each element of C is one chain of fused multiply-adds in ascending k that starts at its present value: its bits depend neither on
 * the blocking nor on the provider.
 */
final class PackedProduct {

    /** The row that sums of tiles begin with, unless they add to an output: as long as the widest tile is wide, or longer. */
    static final float[] ZEROS = new float[256];

    /** Columns of A of a block: the rows of a panel that belong to it stay in a first-level cache beside a strip. */
    static final int DEPTH = 128;

    /** Columns of A that are packed at a time. */
    private static final int COLUMNS = 16;

    /** Rows of strips, whole ones, that stay in a second-level cache while they meet one panel after the other. */
    private static final int ROWS = 32 * TILE_ROWS;

    private PackedProduct() {
    }

    /** Rows of whole strips: an even number, from that of a low tile on. */
    static int stripRows(int rows) {
        return rows == 0 ? 0 : Math.max(LOW_TILE_ROWS, (rows + 1) / 2 * 2);
    }

    /** Rows of the next strip, of so many that whole strips have: two low ones make up for what one high strip would leave. */
    private static int stripHeight(int rows) {
        return rows == LOW_TILE_ROWS || rows == 2 * LOW_TILE_ROWS ? LOW_TILE_ROWS : TILE_ROWS;
    }

    /** Columns of whole vectors. */
    static int wholeColumns(SimdProvider simd, int columns) {
        return wholes(columns, simd.lanes());
    }

    /**
     * Packs a block of A of up to {@link #DEPTH} columns, whose element (i, k) lies at {@code aAt + i + k * aColumn}; rows of the last
     * strip that there are not take arbitrary values.
     */
    static void packColumns(SimdProvider simd, float[] a, int aAt, int aColumn, int rows, int depth, float[] strips, int stripsAt) {
        // Vectors write behind what they copy: not at the end of a strip, where the next one lies already.
        int loose = Math.max(0, depth - (simd.lanes() + LOW_TILE_ROWS - 2) / LOW_TILE_ROWS);
        int whole = stripRows(rows);
        int height;
        // A few columns at a time: each piece of them serves several strips while it is in a first-level cache.
        for (int k = 0; k < loose; k += COLUMNS) {
            int columns = Math.min(COLUMNS, loose - k);
            for (int i = 0; i < rows; i += height) {
                height = stripHeight(whole - i);
                simd.copyRuns(a, aAt + i + k * aColumn, aColumn, strips, stripsAt + i * depth + k * height, height,
                        Math.min(height, rows - i), columns);
            }
        }
        for (int i = 0; i < rows; i += height) {
            height = stripHeight(whole - i);
            for (int k = loose; k < depth; k++) {
                System.arraycopy(a, aAt + i + k * aColumn, strips, stripsAt + i * depth + k * height, Math.min(height, rows - i));
            }
        }
    }

    /** Packs row k of a B of {@code depth} rows; what follows it in the panels takes arbitrary values. */
    static void packRow(SimdProvider simd, int vectors, float[] row, int rowAt, int columns, float[] panels, int panelsAt, int k,
                        int depth) {
        int wide = vectors * simd.lanes();
        int full = columns / wide;
        simd.copyRuns(row, rowAt, wide, panels, panelsAt + k * wide, wide * depth, wide, full);
        int width;
        for (int j = full * wide; j < columns; j += width) {
            width = tileVectors(simd, vectors, columns - j) * simd.lanes();
            simd.copyRuns(row, rowAt + j, 0, panels, panelsAt + j * depth + k * width, 0, Math.min(width, columns - j), 1);
        }
    }

    /** The widest tile that the columns left over fill, or the narrowest that covers them. */
    private static int tileVectors(SimdProvider simd, int widest, int columnsLeft) {
        int vectors = widest;
        while (vectors > 1 && columnsLeft <= (vectors - 1) * simd.lanes()) {
            vectors /= 2;
        }
        return vectors;
    }

    /**
     * {@code c[i][j] += sum over k: a[i][k] * b[k][j]} for a block of A.
     *
     * @param widest      vectors of the widest tile, as when B was packed
     * @param panelsDepth rows of the packed B, of which those from {@code firstDepth} on meet the columns of A
     */
    static void multiply(SimdProvider simd, int widest, int rows, int columns, int depth, float[] strips, int stripsAt,
                         float[] panels, int panelsAt, int panelsDepth, int firstDepth, float[] c, int cAt, int cRow) {
        int whole = stripRows(rows);
        for (int first = 0; first < whole; first += ROWS) {
            int vectors;
            for (int j = 0; j < columns; j += vectors * simd.lanes()) {
                vectors = tileVectors(simd, widest, columns - j);
                int panel = panelsAt + j * panelsDepth + firstDepth * vectors * simd.lanes();
                multiplyStrips(simd, vectors, firstStrip(whole, first), firstStrip(whole, first + ROWS), whole, depth, strips, stripsAt,
                        panels, panel, c, cAt + j, cRow);
            }
        }
    }

    /** The row at which the first strip begins that does so at {@code row} or behind it. */
    private static int firstStrip(int whole, int row) {
        return whole - row < LOW_TILE_ROWS ? whole : row;
    }

    /** The strips that begin in {@code [from, to)} by one panel. */
    private static void multiplyStrips(SimdProvider simd, int vectors, int from, int to, int whole, int depth, float[] strips, int stripsAt,
                                       float[] panels, int panel, float[] c, int cAt, int cRow) {
        int height;
        for (int i = from; i < to; i += height) {
            height = stripHeight(whole - i);
            simd.packedTile(height, vectors, depth, strips, stripsAt + i * depth, 1, height, panels, panel, c, cAt + i * cRow, cRow);
        }
    }
}
