package io.github.jconv.cpu.simd;

/** {@link SimdProvider#packedTile} in one width of vectors. */
interface PackedTiles {

    void multiply(int rows, int vectors, int depth, float[] a, int aOffset, int aRow, int aDepth, float[] b, int bOffset,
                  float[] start, int startOffset, int startRow, float[] c, int cOffset, int cRow);
}
