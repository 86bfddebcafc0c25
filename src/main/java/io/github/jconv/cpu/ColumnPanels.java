package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.cpu.simd.SimdProvider;

/**
 * The columns of a matrix product cut into panels of {@value SimdProvider#TILE_VECTORS} vectors, and one of a vector less if so many are
 * left over. The last vector may have columns to spare.
 *
 * @param wide panels with one vector more than the others; they come first
 */
record ColumnPanels(int columns, int lanes, int panels, int vectors, int wide) {

    static ColumnPanels of(int columns, SimdProvider simd) {
        int lanes = simd.lanes();
        int all = ceilDiv(columns, lanes);
        int panels = Math.max(1, ceilDiv(all, SimdProvider.TILE_VECTORS));
        return new ColumnPanels(columns, lanes, panels, all / panels, all % panels);
    }

    /** The first column of a panel; that of the panel behind the last is the number of columns with those to spare. */
    int first(int panel) {
        return (panel * vectors + Math.min(panel, wide)) * lanes;
    }

    /** Columns of a panel with those to spare. */
    int width(int panel) {
        return (panel < wide ? vectors + 1 : vectors) * lanes;
    }

    /** Columns of a panel that there are. */
    int valid(int panel) {
        return Math.min(width(panel), columns - first(panel));
    }

    /** Columns of the widest panel. */
    int widest() {
        return width(0);
    }

    /** Columns with those to spare. */
    int padded() {
        return first(panels);
    }
}
