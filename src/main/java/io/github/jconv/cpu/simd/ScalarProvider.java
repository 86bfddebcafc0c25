package io.github.jconv.cpu.simd;

/** Plain Java, in loops that the JIT compiler turns into vector code where it can. Complete, and available everywhere. */
final class ScalarProvider implements SimdProvider {

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public String description() {
        return "scalar code";
    }

    @Override
    public void multiplyAdd(float a, float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = FusedArithmetic.multiplyAdd(a, x[xOffset + i], y[yOffset + i]);
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] += x[xOffset + i];
        }
    }
}
