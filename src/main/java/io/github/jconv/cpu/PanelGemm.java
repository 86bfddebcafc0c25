package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.wholes;
import static io.github.jconv.cpu.simd.SimdProvider.TILE_ROWS;
import static io.github.jconv.cpu.simd.SimdProvider.TILE_VECTORS;

import io.github.jconv.cpu.simd.SimdProvider;
import java.util.Arrays;

/**
 * The matrix product {@code C += A * B} on a B that was packed into panels, for blocks that fit the caches.
 *
 * <p>A panel holds the columns of one tile: row after row of {@code 2 * lanes} columns, the last panel {@code lanes} if that is
 * enough. A is read where it lies, with any strides; C is row-major. Each element of C is one chain of fused multiply-adds in
 * ascending k that starts at its present value: its bits depend neither on the blocking nor on the provider.
 */
final class PanelGemm {

    private PanelGemm() {
    }

    /** Floats of a packed B. */
    static int panelsLength(SimdProvider simd, int depth, int columns) {
        int lanes = simd.lanes();
        return wholes(columns, lanes) * depth;
    }

    /** Floats of scratch memory that {@link #multiply} needs. */
    static int scratchLength(SimdProvider simd, int depth) {
        return TILE_ROWS * (TILE_VECTORS * simd.lanes() + depth);
    }

    /** Packs row k of B; {@code row} may lie anywhere, and what follows it in the panels takes arbitrary values. */
    static void packRow(SimdProvider simd, float[] row, int rowOffset, int columns, float[] panels, int panelsOffset, int k, int depth) {
        int wide = TILE_VECTORS * simd.lanes();
        int full = columns / wide;
        int rest = columns - full * wide;
        simd.copyRuns(row, rowOffset, wide, panels, panelsOffset + k * wide, wide * depth, wide, full);
        if (rest > 0) {
            int width = rest > simd.lanes() ? wide : simd.lanes();
            simd.copyRuns(row, rowOffset + full * wide, 0, panels, panelsOffset + full * wide * depth + k * width, 0, rest, 1);
        }
    }

    /** Packs column j of B, whose elements follow one another in {@code column}. */
    static void packColumn(SimdProvider simd, float[] column, int columnOffset, int depth, float[] panels, int panelsOffset, int j,
                           int columns) {
        int wide = TILE_VECTORS * simd.lanes();
        int first = j / wide * wide;
        int width = columns - first > simd.lanes() ? wide : simd.lanes();
        int at = panelsOffset + first * depth + j - first;
        for (int k = 0; k < depth; k++) {
            panels[at + k * width] = column[columnOffset + k];
        }
    }

    /**
     * {@code c[i][j] += sum over k: a[i][k] * b[k][j]} with {@code a[i][k]} at {@code aOffset + i * aRow + k * aDepth} and
     * {@code c[i][j]} at {@code cOffset + i * cRow + j}.
     */
    static void multiply(SimdProvider simd, int rows, int columns, int depth, float[] a, int aOffset, int aRow, int aDepth,
                         float[] panels, int panelsOffset, float[] c, int cOffset, int cRow, float[] scratch, int scratchOffset) {
        if (rows < TILE_ROWS) {
            int padded = scratchOffset + TILE_ROWS * TILE_VECTORS * simd.lanes();
            copyPadded(rows, depth, a, aOffset, aRow, aDepth, scratch, padded);
            multiplyPanels(simd, rows, columns, depth, scratch, padded, depth, 1, panels, panelsOffset, c, cOffset, cRow,
                    scratch, scratchOffset);
        } else {
            multiplyPanels(simd, rows, columns, depth, a, aOffset, aRow, aDepth, panels, panelsOffset, c, cOffset, cRow,
                    scratch, scratchOffset);
        }
    }

    private static void multiplyPanels(SimdProvider simd, int rows, int columns, int depth, float[] a, int aOffset, int aRow,
                                       int aDepth, float[] panels, int panelsOffset, float[] c, int cOffset, int cRow,
                                       float[] scratch, int scratchOffset) {
        int lanes = simd.lanes();
        for (int j = 0; j < columns; j += TILE_VECTORS * lanes) {
            int vectors = columns - j > lanes ? TILE_VECTORS : 1;
            int width = Math.min(columns - j, vectors * lanes);
            int panel = panelsOffset + j * depth;
            int fullRows = width == vectors * lanes ? rows / TILE_ROWS * TILE_ROWS : 0;
            for (int i = 0; i < fullRows; i += TILE_ROWS) {
                simd.gemmTile(vectors, depth, a, aOffset + i * aRow, aRow, aDepth, panels, panel, c, cOffset + i * cRow + j, cRow);
            }
            for (int i = fullRows; i < rows; i += TILE_ROWS) {
                edgeTile(simd, i, rows, width, vectors, depth, a, aOffset, aRow, aDepth, panels, panel, c, cOffset + j, cRow,
                        scratch, scratchOffset);
            }
        }
    }

    /** A tile that C does not fill: computed in scratch memory. At the lower edge it overlaps the tile above. */
    private static void edgeTile(SimdProvider simd, int row, int rows, int width, int vectors, int depth, float[] a, int aOffset,
                                 int aRow, int aDepth, float[] panels, int panel, float[] c, int cOffset, int cRow,
                                 float[] tile, int tileOffset) {
        int first = Math.max(0, Math.min(row, rows - TILE_ROWS));
        int end = Math.min(rows, row + TILE_ROWS);
        int tileRow = vectors * simd.lanes();
        Arrays.fill(tile, tileOffset, tileOffset + TILE_ROWS * tileRow, 0);
        for (int i = row; i < end; i++) {
            System.arraycopy(c, cOffset + i * cRow, tile, tileOffset + (i - first) * tileRow, width);
        }
        simd.gemmTile(vectors, depth, a, aOffset + first * aRow, aRow, aDepth, panels, panel, tile, tileOffset, tileRow);
        for (int i = row; i < end; i++) {
            System.arraycopy(tile, tileOffset + (i - first) * tileRow, c, cOffset + i * cRow, width);
        }
    }

    /** Fewer rows than a tile has: with rows of zeros below. */
    private static void copyPadded(int rows, int depth, float[] a, int aOffset, int aRow, int aDepth, float[] to, int toOffset) {
        for (int i = 0; i < rows; i++) {
            for (int k = 0; k < depth; k++) {
                to[toOffset + i * depth + k] = a[aOffset + i * aRow + k * aDepth];
            }
        }
        Arrays.fill(to, toOffset + rows * depth, toOffset + TILE_ROWS * depth, 0);
    }
}
