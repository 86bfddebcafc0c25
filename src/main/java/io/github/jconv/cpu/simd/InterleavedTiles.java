package io.github.jconv.cpu.simd;

/** The tiles of {@link SimdProvider#interleavedTile}, in one width of vectors. */
interface InterleavedTiles {

    /** See {@link SimdProvider#interleavedTile}. */
    void multiply(int rows, int vectors, int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                  float[] c, int cOffset, int cRowStride);
}
