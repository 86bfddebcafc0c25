package io.github.jconv.cpu.simd;

/** {@link SimdProvider#correlate}, in one width of vectors. */
interface RowCorrelator {

    /** See {@link SimdProvider#correlate}. */
    void correlate(RowCorrelation rows, float[] weights, int weightsOffset, float[] x, int xOffset, float[] y, int yOffset);
}
