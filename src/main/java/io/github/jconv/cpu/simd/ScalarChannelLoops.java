package io.github.jconv.cpu.simd;

/** Loops over channels side by side in plain Java. */
record ScalarChannelLoops(int lanes) implements ChannelLoops {

    @Override
    public void correlate(int[] taps, int first, int end, float[] weights, int weightsOffset, float[] x, int xOffset, int xStep,
                          float[] y, int yOffset, int yStep, int count) {
        for (int j = 0; j < count; j++) {
            for (int lane = 0; lane < lanes; lane++) {
                float sum = 0;
                for (int i = first; i < end; i++) {
                    sum = FusedArithmetic.multiplyAdd(weights[weightsOffset + taps[2 * i] + lane],
                            x[xOffset + taps[2 * i + 1] + j * xStep + lane], sum);
                }
                y[yOffset + j * yStep + lane] = sum;
            }
        }
    }

    @Override
    public void addProducts(int[] shifts, float[] x, int xOffset, int xStep, float[] y, int yOffset, int count, float[] sums,
                            int sumsOffset) {
        for (int t = 0; t < shifts.length; t++) {
            for (int lane = 0; lane < lanes; lane++) {
                float sum = sums[sumsOffset + t * lanes + lane];
                for (int j = 0; j < count; j++) {
                    sum = FusedArithmetic.multiplyAdd(x[xOffset + shifts[t] + j * xStep + lane], y[yOffset + j * lanes + lane], sum);
                }
                sums[sumsOffset + t * lanes + lane] = sum;
            }
        }
    }
}
