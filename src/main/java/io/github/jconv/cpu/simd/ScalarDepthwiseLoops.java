package io.github.jconv.cpu.simd;

import static io.github.jconv.cpu.simd.FusedArithmetic.multiplyAdd;

/** Loops over the maps of single channels in plain Java. */
final class ScalarDepthwiseLoops implements DepthwiseLoops {

    @Override
    public void correlate(ThreeRows g, boolean turned, int maps, float[] weights, int weightsOffset, float[] x, int xOffset, int xMap,
                          float[] y, int yOffset, int yMap) {
        for (int map = 0; map < maps; map++) {
            int filter = weightsOffset + map * TAPS;
            for (int o = 0; o < g.rows(); o++) {
                for (int i = 0; i < g.columns(); i += g.apart()) {
                    float sum = 0;
                    for (int t = 0; t < TAPS; t++) {
                        sum = multiplyAdd(weights[turned ? filter + TAPS - 1 - t : filter + t], met(g, x, xOffset + map * xMap, o, t, i), sum);
                    }
                    y[yOffset + map * yMap + o * g.yRow() + i / g.apart()] = sum;
                }
            }
        }
    }

    /** What tap t of sum i of row o meets. */
    private static float met(ThreeRows g, float[] x, int xOffset, int o, int t, int i) {
        int m = o * g.step() + t / ThreeRows.TAPS;
        int s = t % ThreeRows.TAPS;
        return (g.kept()[s * g.keptRow() + i] & g.rowsKept()[g.kindOf(m) + i]) == 0 ? 0 : x[xOffset + m * g.xRow() + s + i];
    }

    @Override
    public void spread(SpreadRows g, int maps, float[] weights, int weightsOffset, float[] dy, int dyOffset, int dyMap, float[] dx,
                       int dxOffset, int dxMap) {
        for (int map = 0; map < maps; map++) {
            int w = weightsOffset + map * TAPS;
            int from = dyOffset + map * dyMap;
            for (int i = 0; i < g.rows(); i++) {
                int to = dxOffset + map * dxMap + 2 * i * g.columns();
                boolean second = !g.odd() || i + 1 < g.rows();
                for (int j = 0; 2 * j < g.columns(); j++) {
                    float d0 = met(g, dy, from, i, 0, j);
                    float d1 = met(g, dy, from, i, 1, j);
                    float e0 = met(g, dy, from, i + 1, 0, j);
                    float e1 = met(g, dy, from, i + 1, 1, j);
                    dx[to + 2 * j] = multiplyAdd(weights[w + 4], d0, 0);
                    boolean more = 2 * j + 1 < g.columns();
                    if (more) {
                        dx[to + 2 * j + 1] = multiplyAdd(weights[w + 5], d0, multiplyAdd(weights[w + 3], d1, 0));
                    }
                    if (second) {
                        dx[to + g.columns() + 2 * j] = multiplyAdd(weights[w + 7], d0, multiplyAdd(weights[w + 1], e0, 0));
                    }
                    if (second && more) {
                        dx[to + g.columns() + 2 * j + 1] = multiplyAdd(weights[w + 8], d0, multiplyAdd(weights[w + 6], d1,
                                multiplyAdd(weights[w + 2], e0, multiplyAdd(weights[w], e1, 0))));
                    }
                }
            }
        }
    }

    private static float met(SpreadRows g, float[] dy, int dyOffset, int m, int s, int j) {
        return m == g.rows() || g.kept()[s * g.keptRow() + j] == 0 ? 0 : dy[dyOffset + m * g.dyRow() + s + j];
    }

    @Override
    public void addProducts(ThreeRows g, float[] x, int xOffset, float[] dy, int dyOffset, float[] sums, int sumsOffset) {
        for (int i = 0; i < g.columns(); i += g.apart()) {
            for (int o = 0; o < g.rows(); o++) {
                int outs = o == g.rows() - 1 ? g.keptRow() : 0;
                if (g.outs()[outs + i] == 0) {
                    continue;
                }
                float gradient = dy[dyOffset + o * g.yRow() + i / g.apart()];
                for (int t = 0; t < TAPS; t++) {
                    int sum = sumsOffset + t * SimdProvider.PARTIAL_SUMS + i % SimdProvider.PARTIAL_SUMS;
                    sums[sum] = multiplyAdd(met(g, x, xOffset, o, t, i), gradient, sums[sum]);
                }
            }
        }
    }
}
