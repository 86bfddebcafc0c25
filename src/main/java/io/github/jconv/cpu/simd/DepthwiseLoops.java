package io.github.jconv.cpu.simd;

/**
 * Loops over the maps of single channels and filters of 3x3 taps, which read a map where it lies and keep three rows of it in registers
 * ({@link ThreeRows}, {@link SpreadRows}).
 */
public interface DepthwiseLoops {

    /** Taps of a filter. */
    int TAPS = ThreeRows.TAPS * ThreeRows.TAPS;

    /**
     * Sums of the products of each filter with what its taps meet, in the order of the taps, from 0 on:
     *
     * <pre>
     *   y[yOffset + p * yMap + o * yRow + i / apart] = sum over r, s:
     *       weights[weightsOffset + p * TAPS + t] * in[o * step + r][s][i] of map p      for p in [0, maps), o in [0, rows), i in [0, columns)
     *
     *   t = 3 * r + s, or TAPS - 1 - t if the filters are turned around
     * </pre>
     *
     * Behind each row of y up to {@code lanes() - 1} elements take arbitrary values before what belongs there is written, if that is one of
     * these maps; where the last row has sums that are none of the map's, so do the places of these.
     *
     * @param xMap elements from a map of x to the next
     * @param yMap the same of y
     */
    void correlate(ThreeRows rows, boolean turned, int maps, float[] weights, int weightsOffset, float[] x, int xOffset, int xMap, float[] y,
                   int yOffset, int yMap);

    /**
     * The data gradient of each map, as {@link SpreadRows} says, in the order of the formulas, from 0 on; row a of a map of dx begins at
     * {@code dxOffset + a * columns}. Behind each row up to {@code lanes() - 1} elements take arbitrary values, as in {@link #correlate}.
     */
    void spread(SpreadRows rows, int maps, float[] weights, int weightsOffset, float[] dy, int dyOffset, int dyMap, float[] dx, int dxOffset,
                int dxMap);

    /**
     * Products of a map of dy with what each tap meets, in partial sums:
     *
     * <pre>
     *   for columns i of the same remainder mod PARTIAL_SUMS ascending, for each of them o ascending:
     *     sums[sumsOffset + t * PARTIAL_SUMS + i mod PARTIAL_SUMS] += in[o * step + r][s][i] * dy[dyOffset + o * yRow + i / apart]
     * </pre>
     *
     * Sums that are no outputs meet 0.
     */
    void addProducts(ThreeRows rows, float[] x, int xOffset, float[] dy, int dyOffset, float[] sums, int sumsOffset);
}
