package io.github.jconv.cpu.simd;

/** The tiles of {@link SimdProvider#panelTile}, in one width of vectors. */
interface PanelTiles {

    /** See {@link SimdProvider#panelTile}. */
    void multiply(int rows, int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                  float[] start, int startOffset, int startRow, float[] c, int cOffset, int cRow);
}
