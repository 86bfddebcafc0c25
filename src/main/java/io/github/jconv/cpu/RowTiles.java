package io.github.jconv.cpu;

import static io.github.jconv.cpu.simd.SimdProvider.TILE_ROWS;

/**
 * The rows of a matrix product cut into the tiles of {@link io.github.jconv.cpu.simd.SimdProvider#panelTile}: first tiles of
 * {@value io.github.jconv.cpu.simd.SimdProvider#TILE_ROWS} rows, then tiles of one row less. From 20 rows on nothing is left over; of
 * fewer, the last tile may have rows to spare.
 *
 * <p>A packed left factor holds one tile after the other, each column by column: element (i, k) of a tile of h rows lies
 * {@code first * depth + k * h + i} from its beginning.
 */
record RowTiles(int rows, int tiles, int wholeTiles) {

    private static final int LESS = TILE_ROWS - 1;

    static RowTiles of(int rows) {
        int tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
        return new RowTiles(rows, tiles, tiles - Math.min(tiles, tiles * TILE_ROWS - rows));
    }

    /** The first row of a tile; that of the tile behind the last is the number of rows with those to spare. */
    int first(int tile) {
        return tile <= wholeTiles ? tile * TILE_ROWS : tile * LESS + wholeTiles;
    }

    /** Rows of a tile with those to spare. */
    int height(int tile) {
        return tile < wholeTiles ? TILE_ROWS : LESS;
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
