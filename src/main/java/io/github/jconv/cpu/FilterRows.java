package io.github.jconv.cpu;

import io.github.jconv.cpu.simd.SimdProvider;

/**
 * How the filters of a matrix product lie in w, whose columns are the taps of one input channel after the other: as its rows, or, for
 * BACKWARD_DATA, as runs of taps that change places. Copied in rows {@link SimdProvider#ROW_STEP} elements apart they need no turning
 * around.
 *
 * @param taps    where each tap of the product lies in a filter plane
 * @param runs    for each tap how many from it on follow one another there
 * @param inStep  elements of w from one input channel to the next
 * @param rowStep and from one row of the product to the next
 */
record FilterRows(int[] taps, int[] runs, int inStep, int rowStep) {

    /** Rows that are copied at a time: where they are read from and written to stays in a first-level cache. */
    private static final int COPIED_ROWS = 96;

    /**
     * @param plane   taps of a filter
     * @param forward whether the filters are rows of the product, or columns
     */
    static FilterRows of(int[] taps, int plane, boolean forward, int rows, int ins) {
        int[] runs = new int[taps.length];
        for (int tap = taps.length - 1; tap >= 0; tap--) {
            runs[tap] = tap + 1 < taps.length && taps[tap + 1] == taps[tap] + 1 ? runs[tap + 1] + 1 : 1;
        }
        return new FilterRows(taps, runs, forward ? plane : rows * plane, forward ? ins * plane : plane);
    }

    /**
     * Copies columns {@code [k, end)} of some rows, at most {@link SimdProvider#ROW_DEPTH} of them, counted from those of input channel
     * {@code firstIn} on. What lies behind the last in a row takes arbitrary values.
     *
     * @param group where the filters of the product begin
     */
    void copy(SimdProvider simd, float[] w, int group, int firstIn, int k, int end, int firstRow, int rows, float[] copies, int copiesAt) {
        boolean together = runs[0] == inStep;
        for (int row = 0; row < rows; row += COPIED_ROWS) {
            int from = group + firstIn * inStep + (firstRow + row) * rowStep;
            int length;
            for (int column = k; column < end; column += length) {
                // Vectors may write behind a run, which the next one overwrites.
                length = together ? end - column : Math.min(runs[column % taps.length], end - column);
                simd.copyRuns(w, from + column / taps.length * inStep + taps[column % taps.length], rowStep, copies,
                        copiesAt + row * SimdProvider.ROW_STEP + column - k, SimdProvider.ROW_STEP, length,
                        Math.min(COPIED_ROWS, rows - row));
            }
        }
    }
}
