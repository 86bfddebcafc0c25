package io.github.jconv.cpu;

import static io.github.jconv.cpu.simd.SimdProvider.INTERLEAVED_ROWS;
import static io.github.jconv.cpu.simd.SimdProvider.TILE_ROWS;
import static io.github.jconv.cpu.simd.SimdProvider.TILE_VECTORS;

import io.github.jconv.cpu.simd.SimdProvider;
import java.util.stream.IntStream;

/**
 * The matrix product {@code C += A * B} on an A and a B that are both packed in the order in which the inner loop reads them, for
 * blocks that fit the caches.
 *
 * <pre>
 *   A  strips of {@value SimdProvider#INTERLEAVED_ROWS} rows, the last one perhaps of {@value SimdProvider#TILE_ROWS}, each column
 *      after column, in blocks of up to {@link #DEPTH} columns
 *   B  panels of {@value SimdProvider#TILE_VECTORS} vectors of columns, the last one perhaps of one, each row after row
 *   C  row-major, whole strips of rows and whole vectors of columns
 * </pre>
 *
 * <p>Each element of C is the sum of what is there and of one chain of fused multiply-adds in ascending k for each block of A: with the
 * same blocks its bits do not depend on the provider.
 */
final class PackedProduct {

    /** Columns of A of a block: the rows of a panel that belong to it stay in a first-level cache beside a strip. */
    static final int DEPTH = 128;

    /** Columns of A that are packed at a time. */
    private static final int COLUMNS = 16;

    /** Where the columns of a strip lie, by its height, and the rows of a panel, by its width. */
    private static final int[] HIGH_STRIP = multiples(INTERLEAVED_ROWS);
    private static final int[] LOW_STRIP = multiples(TILE_ROWS);

    private final SimdProvider simd;
    private final int[] widePanel;
    private final int[] narrowPanel;

    PackedProduct(SimdProvider simd) {
        this.simd = simd;
        this.widePanel = multiples(TILE_VECTORS * simd.lanes());
        this.narrowPanel = multiples(simd.lanes());
    }

    private static int[] multiples(int step) {
        return IntStream.range(0, DEPTH).map(k -> k * step).toArray();
    }

    /** Rows of whole strips. */
    static int stripRows(int rows) {
        return (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
    }

    /** Columns of whole vectors. */
    static int wholeColumns(SimdProvider simd, int columns) {
        return (columns + simd.lanes() - 1) / simd.lanes() * simd.lanes();
    }

    private static int stripHeight(int rowsLeft) {
        return rowsLeft > TILE_ROWS ? INTERLEAVED_ROWS : TILE_ROWS;
    }

    /**
     * Packs a block of A of up to {@link #DEPTH} columns, whose element (i, k) lies at {@code aAt + i + k * aColumn}; rows of the last
     * strip that there are not take arbitrary values.
     */
    void packColumns(float[] a, int aAt, int aColumn, int rows, int depth, float[] strips, int stripsAt) {
        // Vectors write behind what they copy: not at the end of a strip, where the next one lies already.
        int loose = Math.max(0, depth - (simd.lanes() + TILE_ROWS - 2) / TILE_ROWS);
        // A few columns at a time: each piece of them serves several strips while it is in a first-level cache.
        for (int k = 0; k < loose; k += COLUMNS) {
            int columns = Math.min(COLUMNS, loose - k);
            for (int i = 0; i < rows; i += INTERLEAVED_ROWS) {
                int height = stripHeight(rows - i);
                simd.copyRuns(a, aAt + i + k * aColumn, aColumn, strips, stripsAt + i * depth + k * height, height,
                        Math.min(height, rows - i), columns);
            }
        }
        for (int i = 0; i < rows; i += INTERLEAVED_ROWS) {
            int height = stripHeight(rows - i);
            for (int k = loose; k < depth; k++) {
                System.arraycopy(a, aAt + i + k * aColumn, strips, stripsAt + i * depth + k * height, Math.min(height, rows - i));
            }
        }
    }

    /** Packs row k of a B of {@code depth} rows; what follows it in the panels takes arbitrary values. */
    void packRow(float[] row, int rowAt, int columns, float[] panels, int panelsAt, int k, int depth) {
        int wide = TILE_VECTORS * simd.lanes();
        int full = columns / wide;
        simd.copyRuns(row, rowAt, wide, panels, panelsAt + k * wide, wide * depth, wide, full);
        int left = columns - full * wide;
        if (left > 0) {
            simd.copyRuns(row, rowAt + full * wide, 0, panels, panelsAt + full * wide * depth + k * panelWidth(left), 0, left, 1);
        }
    }

    private int panelWidth(int columnsLeft) {
        return columnsLeft > simd.lanes() ? TILE_VECTORS * simd.lanes() : simd.lanes();
    }

    /**
     * {@code c[i][j] += sum over k: a[i][k] * b[k][j]} for a block of A.
     *
     * @param panelsDepth rows of the packed B, of which those from {@code firstDepth} on meet the columns of A
     */
    void multiply(int rows, int columns, int depth, float[] strips, int stripsAt, float[] panels, int panelsAt, int panelsDepth,
                  int firstDepth, float[] c, int cAt, int cRow) {
        int width;
        for (int j = 0; j < columns; j += width) {
            width = panelWidth(columns - j);
            int panel = panelsAt + j * panelsDepth + firstDepth * width;
            int[] panelRows = width == simd.lanes() ? narrowPanel : widePanel;
            for (int i = 0; i < rows; i += INTERLEAVED_ROWS) {
                int height = stripHeight(rows - i);
                simd.interleavedTile(height, width / simd.lanes(), depth, strips, stripsAt + i * depth,
                        height == TILE_ROWS ? LOW_STRIP : HIGH_STRIP, panels, panel, panelRows, c, cAt + i * cRow + j, cRow);
            }
        }
    }
}
