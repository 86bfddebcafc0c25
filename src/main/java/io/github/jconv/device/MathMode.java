package io.github.jconv.device;

/** The arithmetic of the matrix products of a context, fixed when it is opened. */
public enum MathMode {
    /** fp32 operands, products and sums. */
    FP32,
    /** Operands rounded to TF32 (11 significant bits), products and sums in fp32; only on request. */
    TF32,
    /** Operands and results rounded to fp16, products and sums in fp32; only on request, with the cuDNN backend. */
    FP16,
    /** The same with bfloat16. */
    BF16;

    /** Whether operands are stored in 16 bits. */
    public boolean isNarrow() {
        return this == FP16 || this == BF16;
    }
}
