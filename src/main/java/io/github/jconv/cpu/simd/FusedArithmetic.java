package io.github.jconv.cpu.simd;

/** Multiply-add with one rounding where the hardware has it: without the instruction {@code Math.fma} is a thousand times slower. */
final class FusedArithmetic {

    /** A static constant, so that the JIT compiler drops the branch. */
    static final boolean HARDWARE = VmOption.isOn("UseFMA", true);

    private FusedArithmetic() {
    }

    /** {@code a * b + c}, rounded once where the hardware can. */
    static float multiplyAdd(float a, float b, float c) {
        return HARDWARE ? Math.fma(a, b, c) : a * b + c;
    }
}
