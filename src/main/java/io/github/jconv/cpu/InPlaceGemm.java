package io.github.jconv.cpu;

import static io.github.jconv.cpu.simd.SimdProvider.TILE_ROWS;

import io.github.jconv.cpu.simd.SimdProvider;

/**
 * The matrix product {@code C += A * B} on three row-major matrices as they lie, none of them packed, for blocks that fit the caches.
 * Needs a tile of rows and a vector of columns at least. Each element of C is one chain of fused multiply-adds in ascending k that
 * starts at its present value.
 */
final class InPlaceGemm {

    /** Rows of B a multiple of this many bytes apart would share few sets of a first-level cache. */
    private static final int CACHE_STRIDE = 1024;

    /** Columns from which reading an A whose columns lie apart once more, for the narrow tiles at the edge, hardly counts. */
    private static final int COLUMNS_FOR_A_APART = 128;

    private InPlaceGemm() {
    }

    /**
     * Whether a product is best computed in place.
     *
     * @param aColumn elements from one column of A to the next, and so on
     */
    static boolean suits(SimdProvider simd, GemmBlocks blocks, int aColumn, int bRow, int bColumn, int cColumn) {
        return !simd.isScalar() && bColumn == 1 && cColumn == 1 && bRow * Float.BYTES % CACHE_STRIDE != 0
                && (aColumn == 1 || blocks.columns() >= COLUMNS_FOR_A_APART)
                && blocks.smallestRows() >= TILE_ROWS && blocks.smallestColumns() >= simd.lanes();
    }

    /** Floats of scratch memory that {@link #multiply} needs. */
    static int scratchLength(SimdProvider simd) {
        return TILE_ROWS * simd.widestShiftedTile() * simd.lanes();
    }

    /**
     * {@code c[i][j] += sum over k: a[i][k] * b[k][j]}.
     *
     * @param aShifts where column k of a lies, from its first; null if they follow one another
     * @param bShifts where row k of b lies, from its first
     */
    static void multiply(SimdProvider simd, int rows, int columns, int depth, float[] a, int aOffset, int aRow, int[] aShifts,
                         float[] b, int bOffset, int[] bShifts, float[] c, int cOffset, int cRow, float[] scratch, int scratchAt) {
        int vectors = simd.shiftedTileVectors();
        int j = 0;
        for (; columns - j >= simd.lanes(); j += vectors * simd.lanes()) {
            while (columns - j < vectors * simd.lanes()) {
                vectors /= 2;
            }
            int fullRows = rows / TILE_ROWS * TILE_ROWS;
            for (int i = 0; i < fullRows; i += TILE_ROWS) {
                simd.shiftedTile(vectors, depth, a, aOffset + i * aRow, aRow, aShifts, b, bOffset + j, bShifts,
                        c, cOffset + i * cRow + j, cRow);
            }
            if (fullRows < rows) {
                edge(simd, vectors, depth, a, aOffset + (rows - TILE_ROWS) * aRow, aRow, aShifts, b, bOffset + j, bShifts,
                        c, cOffset + (rows - TILE_ROWS) * cRow + j, cRow, fullRows - rows + TILE_ROWS, 0, scratch, scratchAt);
            }
        }
        if (j < columns) {
            int first = columns - simd.lanes();
            for (int i = 0; i < rows; i += TILE_ROWS) {
                int row = Math.min(i, rows - TILE_ROWS);
                edge(simd, 1, depth, a, aOffset + row * aRow, aRow, aShifts, b, bOffset + first, bShifts,
                        c, cOffset + row * cRow + first, cRow, i - row, j - first, scratch, scratchAt);
            }
        }
    }

    /**
     * A tile that overlaps its neighbours above or to the left, which have their sums already: computed in scratch memory, from which
     * rows and columns from the given ones on are taken.
     */
    private static void edge(SimdProvider simd, int vectors, int depth, float[] a, int aOffset, int aRow, int[] aShifts, float[] b,
                             int bOffset, int[] bShifts, float[] c, int cOffset, int cRow, int firstRow, int firstColumn,
                             float[] scratch, int scratchAt) {
        int width = vectors * simd.lanes();
        for (int i = 0; i < TILE_ROWS; i++) {
            System.arraycopy(c, cOffset + i * cRow, scratch, scratchAt + i * width, width);
        }
        simd.shiftedTile(vectors, depth, a, aOffset, aRow, aShifts, b, bOffset, bShifts, scratch, scratchAt, width);
        for (int i = firstRow; i < TILE_ROWS; i++) {
            System.arraycopy(scratch, scratchAt + i * width + firstColumn, c, cOffset + i * cRow + firstColumn, width - firstColumn);
        }
    }
}
