package io.github.jconv.device;

/** The arithmetic of the matrix products of a context, fixed when it is opened. */
public enum MathMode {
    /** fp32 operands, products and sums. */
    FP32,
    /** Operands rounded to TF32 (11 significant bits), products and sums in fp32; only on request. */
    TF32
}
