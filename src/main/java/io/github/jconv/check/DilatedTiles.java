package io.github.jconv.check;

/**
 * An axis of outputs in tiles of m. Outputs that lie a dilation apart are tiled by themselves: as many tiles for each remainder as for the
 * first.
 */
record DilatedTiles(int dilation, int m) {

    /** How many tiles there are for so many outputs. */
    int count(int outputs) {
        int ofFirst = (outputs + dilation - 1) / dilation;
        return (ofFirst + m - 1) / m * dilation;
    }

    /** The tile of an output. */
    int tile(int output) {
        return output / dilation / m * dilation + output % dilation;
    }

    /** The number of an output in its tile. */
    int within(int output) {
        return output / dilation % m;
    }

    /** Output number {@code i} of a tile. */
    int output(int tile, int i) {
        return tile / dilation * m * dilation + tile % dilation + i * dilation;
    }
}
