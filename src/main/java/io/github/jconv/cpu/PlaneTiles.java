package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import java.util.Arrays;

/**
 * How the planes of an output (one channel of one image, or one filter plane) are shared among threads: several small planes to a
 * tile, or several tiles to a large plane, each a block of its rows. Tiles write disjoint outputs and the sum of an element does
 * not depend on its tile, so neither do results.
 */
record PlaneTiles(int planes, int planesPerTile, int rows, int blocks) {

    /** Enough that a thread which finishes early finds more to do. */
    private static final int TILES_PER_THREAD = 8;

    /** Below this many multiply-accumulates, about ten microseconds, taking a tile would cost more than it gains. */
    private static final long MACS_PER_TILE = 1 << 15;

    /**
     * @param planes       how many there are, 0 and up
     * @param rows         rows of one plane (of each depth)
     * @param macsPerPlane work on one plane
     */
    static PlaneTiles of(long planes, long rows, long macsPerPlane, int threads) {
        if (planes == 0) {
            return new PlaneTiles(0, 1, (int) rows, 1);
        }
        long wanted = threads == 1 ? 1 : (long) threads * TILES_PER_THREAD;
        if (planes >= wanted) {
            long worthwhile = Math.max(1, MACS_PER_TILE / Math.max(1, macsPerPlane));
            return new PlaneTiles((int) planes, (int) Math.min(worthwhile, planes / wanted), (int) rows, 1);
        }
        long mostBlocks = Math.max(1, macsPerPlane / MACS_PER_TILE);
        long blocks = Math.min(Math.min(rows, mostBlocks), ceilDiv(wanted, planes));
        return new PlaneTiles((int) planes, 1, (int) rows, (int) blocks);
    }

    int count() {
        return ceilDiv(planes, planesPerTile) * blocks;
    }

    int firstPlane(int tile) {
        return tile / blocks * planesPerTile;
    }

    /** One more than the tile's last plane. */
    int endPlane(int tile) {
        return Math.min(planes, firstPlane(tile) + planesPerTile);
    }

    int firstRow(int tile) {
        return (int) ((long) rows * (tile % blocks) / blocks);
    }

    /** One more than the tile's last row. */
    int endRow(int tile) {
        return (int) ((long) rows * (tile % blocks + 1) / blocks);
    }

    /** Sets the tile's rows of one plane to zero, at every depth. */
    void clear(int tile, float[] out, int planeBegin, int depth, int rowLength) {
        for (int z = 0; z < depth; z++) {
            int begin = planeBegin + z * rows * rowLength;
            Arrays.fill(out, begin + firstRow(tile) * rowLength, begin + endRow(tile) * rowLength, 0);
        }
    }
}
