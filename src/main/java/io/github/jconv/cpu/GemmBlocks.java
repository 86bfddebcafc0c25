package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.evenBlock;
import static io.github.jconv.cpu.Cuts.partOf;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.cpu.simd.SimdProvider;

/**
 * How a batch of equal matrix products, {@code units} times m rows by n columns by k, is cut: into tiles of C for the threads,
 * and along k into blocks that fit a cache. The cut changes no result.
 *
 * @param rowBlock    rows of a tile, but for the last
 * @param columnBlock columns of a tile, but for the last
 * @param depthBlock  length of a block along k, but for the last
 */
record GemmBlocks(int units, int rows, int columns, int depth, int rowBlock, int columnBlock, int depthBlock) {

    /** A panel of this depth fits the first-level cache beside the rows of A. */
    private static final int MAX_DEPTH = 256;

    /** The same for rows of 64 columns that lie apart. */
    private static final int MAX_DEPTH_IN_PLACE = 128;

    /** With the depth above, the packed columns take half of a second-level cache of 1 MiB. */
    private static final int MAX_COLUMNS = 512;

    /** Packing a column costs as much as multiplying it by this many rows. */
    private static final int PACKING_IN_ROWS = 8;

    /** More blocks than necessary may share the work more evenly; beyond this many it no longer pays. */
    private static final int MORE_BLOCKS = 4;

    static GemmBlocks of(long units, long rows, long columns, long depth, CpuRuntime runtime) {
        return of(units, rows, columns, depth, Integer.MAX_VALUE, runtime);
    }

    /** @param maxRows rows of a tile, at most, rounded up to whole tiles of the inner loop */
    static GemmBlocks of(long units, long rows, long columns, long depth, int maxRows, CpuRuntime runtime) {
        int panel = SimdProvider.TILE_VECTORS * runtime.simd().lanes();
        int n = (int) columns;
        int m = (int) rows;
        int depthBlock = evenBlock((int) depth, MAX_DEPTH);
        int fewest = Math.max(1, ceilDiv(n, Math.max(panel, MAX_COLUMNS / panel * panel)));
        int fewestRows = Math.max(1, ceilDiv(m, maxRows));
        int bestRows = m;
        int bestColumns = n;
        double bestTime = Double.MAX_VALUE;
        for (int columnBlocks = fewest; columnBlocks <= fewest + MORE_BLOCKS; columnBlocks++) {
            for (int rowBlocks = fewestRows; rowBlocks <= fewestRows + runtime.threads() * MORE_BLOCKS; rowBlocks++) {
                int columnBlock = wholes(partOf(n, columnBlocks), panel);
                int rowBlock = wholes(partOf(m, rowBlocks), SimdProvider.TILE_ROWS);
                int packings = ceilDiv(m, rowBlock);
                long tiles = Math.max(1, units * ceilDiv(n, columnBlock) * packings);
                long rounds = ceilDiv(tiles, runtime.threads());
                double time = (double) rounds / tiles * (m + (double) packings * PACKING_IN_ROWS);
                if (time < bestTime) {
                    bestTime = time;
                    bestRows = rowBlock;
                    bestColumns = columnBlock;
                }
            }
        }
        return new GemmBlocks((int) units, m, n, (int) depth, bestRows, bestColumns, depthBlock);
    }

    /** The same cut with blocks along k for a B that is not packed: with 64 columns they fit a first-level cache. */
    GemmBlocks inPlace() {
        return new GemmBlocks(units, rows, columns, depth, rowBlock, columnBlock,
                evenBlock(depth, MAX_DEPTH_IN_PLACE));
    }

    /** Rows of the smallest tile. */
    int smallestRows() {
        return rows - (rowBlocks() - 1) * rowBlock;
    }

    /** Columns of the smallest tile. */
    int smallestColumns() {
        return columns - (columnBlocks() - 1) * columnBlock;
    }

    int tiles() {
        return units * rowBlocks() * columnBlocks();
    }

    int unit(int tile) {
        return tile / (rowBlocks() * columnBlocks());
    }

    int firstRow(int tile) {
        return tile % rowBlocks() * rowBlock;
    }

    int rowsOf(int tile) {
        return Math.min(rowBlock, rows - firstRow(tile));
    }

    int firstColumn(int tile) {
        return tile / rowBlocks() % columnBlocks() * columnBlock;
    }

    int columnsOf(int tile) {
        return Math.min(columnBlock, columns - firstColumn(tile));
    }

    int depthAt(int k) {
        return Math.min(depthBlock, depth - k);
    }

    private int rowBlocks() {
        return ceilDiv(rows, rowBlock);
    }

    private int columnBlocks() {
        return ceilDiv(columns, columnBlock);
    }
}
