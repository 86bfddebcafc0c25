package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.cpu.simd.SimdProvider;

/**
 * The rows of a matrix product cut into as few tiles of {@link SimdProvider#panelTile} as can be, as even as can be in even numbers of
 * rows: the first ones have two rows more than the others. Of an odd number of rows, or of fewer than
 * {@value SimdProvider#LOW_TILE_ROWS}, the last tile has rows to spare.
 *
 * <p>A packed left factor holds one tile after the other, each column by column: element (i, k) of a tile of h rows lies
 * {@code first * depth + k * h + i} from its beginning.
 *
 * @param high tiles with two rows more
 * @param low  rows of the others
 */
record RowTiles(int rows, int tiles, int high, int low) {

    static RowTiles of(int rows, SimdProvider simd) {
        int pairs = Math.max((rows + 1) / 2, rows == 0 ? 0 : SimdProvider.LOW_TILE_ROWS / 2);
        int tiles = ceilDiv(2 * pairs, simd.panelTileRows());
        return tiles == 0 ? new RowTiles(0, 0, 0, 0) : new RowTiles(rows, tiles, pairs % tiles, pairs / tiles * 2);
    }

    /** The first row of a tile; that of the tile behind the last is the number of rows with those to spare. */
    int first(int tile) {
        return tile * low + 2 * Math.min(tile, high);
    }

    /** Rows of a tile with those to spare. */
    int height(int tile) {
        return tile < high ? low + 2 : low;
    }

    /** Rows of the highest tile. */
    int highest() {
        return height(0);
    }

    /** Rows of a tile that there are. */
    int valid(int tile) {
        return Math.min(height(tile), rows - first(tile));
    }

    /** Rows with those to spare. */
    int padded() {
        return first(tiles);
    }
}
