package io.github.jconv.cpu.simd;

/** The tiles of {@link SimdProvider#shiftedTile}, in one width of vectors. */
interface ShiftedTiles {

    /** See {@link SimdProvider#widestShiftedTile}. */
    int widest();

    /** See {@link SimdProvider#shiftedTile}. */
    void multiply(int vectors, int depth, float[] a, int aOffset, int aRowStride, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                  float[] c, int cOffset, int cRowStride);

    /** See {@link SimdProvider#tapDots}: of a vector of each piece, of which {@code length} elements belong to it, and none behind the array. */
    void tapDots(int pieces, int length, float[] a, int aOffset, int aRowStride, int aStep, float[] b, int bOffset, int bStep, float[] sums,
                 int sumsOffset, int sumsRowStride);
}
