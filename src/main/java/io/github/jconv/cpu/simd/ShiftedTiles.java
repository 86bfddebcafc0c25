package io.github.jconv.cpu.simd;

/** The tiles of {@link SimdProvider#shiftedTile}, in one width of vectors. */
interface ShiftedTiles {

    /** See {@link SimdProvider#widestShiftedTile}. */
    int widest();

    /** See {@link SimdProvider#shiftedTile}. */
    void multiply(int vectors, int depth, float[] a, int aOffset, int aRowStride, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                  float[] c, int cOffset, int cRowStride);
}
