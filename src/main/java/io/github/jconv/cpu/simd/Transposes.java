package io.github.jconv.cpu.simd;

/** {@link SimdProvider#transpose}, in one width of vectors. */
interface Transposes {

    /** See {@link SimdProvider#transpose}. */
    void transpose(float[] src, int srcOffset, int srcStep, int rows, int columns, float[] dst, int dstOffset, int dstStep);
}
