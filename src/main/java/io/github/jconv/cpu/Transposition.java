package io.github.jconv.cpu;

/** Transposes matrices, writing nothing else, in plain Java: {@link io.github.jconv.cpu.simd.SimdProvider#transpose} may write into gaps. */
final class Transposition {

    /** Rows that are read at once: what is written of them lies side by side. */
    private static final int ROWS = 8;

    private Transposition() {
    }

    /** {@code dst[dstOffset + j * dstStep + i] = src[srcOffset + i * srcStep + j]} for i in [0, rows), j in [0, columns). */
    static void transpose(int rows, int columns, float[] src, int srcOffset, int srcStep, float[] dst, int dstOffset, int dstStep) {
        int i = 0;
        for (; i + ROWS <= rows; i += ROWS) {
            eightRows(columns, src, srcOffset + i * srcStep, srcStep, dst, dstOffset + i, dstStep);
        }
        for (; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                dst[dstOffset + j * dstStep + i] = src[srcOffset + i * srcStep + j];
            }
        }
    }

    private static void eightRows(int columns, float[] src, int row0, int srcStep, float[] dst, int dstOffset, int dstStep) {
        int row1 = row0 + srcStep;
        int row2 = row1 + srcStep;
        int row3 = row2 + srcStep;
        int row4 = row3 + srcStep;
        int row5 = row4 + srcStep;
        int row6 = row5 + srcStep;
        int row7 = row6 + srcStep;
        for (int j = 0; j < columns; j++) {
            int to = dstOffset + j * dstStep;
            dst[to] = src[row0 + j];
            dst[to + 1] = src[row1 + j];
            dst[to + 2] = src[row2 + j];
            dst[to + 3] = src[row3 + j];
            dst[to + 4] = src[row4 + j];
            dst[to + 5] = src[row5 + j];
            dst[to + 6] = src[row6 + j];
            dst[to + 7] = src[row7 + j];
        }
    }
}
