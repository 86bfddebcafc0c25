package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.cpu.simd.SimdProvider;

/**
 * The columns of a matrix product cut into panels as wide as the widest tile of {@link SimdProvider#packedTile}; the last one may be
 * half as wide, or a quarter, and have columns to spare.
 *
 * @param most vectors of a panel, but for the last
 */
record WidePanels(int columns, int lanes, int most) {

    static WidePanels of(int columns, SimdProvider simd) {
        return new WidePanels(columns, simd.lanes(), simd.widestShiftedTile());
    }

    /** Columns of a panel, but for the last. */
    int widest() {
        return most * lanes;
    }

    int count() {
        return ceilDiv(columns, widest());
    }

    /** Columns of a panel that there are. */
    int columnsOf(int panel) {
        return Math.min(widest(), columns - panel * widest());
    }

    /** Vectors of a panel: as many as the widest tile has, or of the last panel half of them and so on. */
    int vectorsOf(int panel) {
        int vectors = most;
        while (vectors > 1 && columnsOf(panel) <= vectors / 2 * lanes) {
            vectors /= 2;
        }
        return vectors;
    }

    /** Columns of a panel with those to spare. */
    int widthOf(int panel) {
        return vectorsOf(panel) * lanes;
    }
}
