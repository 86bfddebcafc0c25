package io.github.jconv.cpu.simd;

/**
 * Loops over tensors whose vectors run over channels: element {@code lane} of a position belongs to channel {@code lane} of as many as
 * {@link SimdProvider#lanes()}. No channel meets another, and all of them have the same taps at the same places.
 */
public interface ChannelLoops {

    /**
     * A row of a correlation of each channel, summed up in the order of the taps, from 0 on:
     *
     * <pre>
     *   y[yOffset + j * yStep + lane] = sum over i in [first, end):
     *       weights[weightsOffset + taps[2 * i] + lane] * x[xOffset + taps[2 * i + 1] + j * xStep + lane]      for j in [0, count)
     * </pre>
     */
    void correlate(int[] taps, int first, int end, float[] weights, int weightsOffset, float[] x, int xOffset, int xStep,
                   float[] y, int yOffset, int yStep, int count);

    /**
     * Two rows at once that both do as in {@link #correlate}, the second with other taps from other inputs to other outputs. Each
     * element that tap number {@code i} of the first row meets, from {@code secondFirst + apart} on, is one that tap {@code i - apart} of
     * the second row meets, and is read once for both.
     *
     * @param secondFirst the first tap of the second row: {@code first <= secondFirst + apart <= end}
     * @param secondEnd   one more than its last, {@code end - apart} or more
     */
    default void correlatePair(int[] taps, int first, int end, int secondFirst, int secondEnd, int apart, float[] weights,
                               int weightsOffset, float[] x, int xOffset, int secondX, int xStep, float[] y, int yOffset, int secondY,
                               int yStep, int count) {
        correlate(taps, first, end, weights, weightsOffset, x, xOffset, xStep, y, yOffset, yStep, count);
        correlate(taps, secondFirst, secondEnd, weights, weightsOffset, x, secondX, xStep, y, secondY, yStep, count);
    }

    /** Taps that {@link #addProducts} adds up at a time. */
    int TAPS_AT_ONCE = 5;

    /**
     * What a row of y adds to the filter gradient of each channel, in ascending order of j:
     *
     * <pre>
     *   sums[sumsOffset + t * lanes + lane] += sum over j in [0, count):
     *       x[xOffset + shifts[t] + j * xStep + lane] * y[yOffset + j * lanes + lane]      for each t
     * </pre>
     *
     * @param shifts a multiple of {@value #TAPS_AT_ONCE} of them
     */
    void addProducts(int[] shifts, float[] x, int xOffset, int xStep, float[] y, int yOffset, int count, float[] sums, int sumsOffset);
}
