package io.github.jconv.cpu.simd;

/** The tiles of {@link SimdProvider#tapTile}, in one width of vectors. */
interface TapTiles {

    /** See {@link SimdProvider#tapTile}. */
    void multiply(int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int[] bShifts, float[] start, int startOffset,
                  int startRowStride, float[] c, int cOffset, int cRowStride);
}
