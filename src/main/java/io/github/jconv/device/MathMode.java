package io.github.jconv.device;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The arithmetic of the matrix products of fp32 tensors on a context, fixed when it is opened. */
public enum MathMode {
    /** fp32 operands, products and sums. */
    FP32,
    /** Operands rounded to TF32 (11 significant bits), products and sums in fp32; only on request. */
    TF32,
    /**
     * fp32 operands and results, and sums about as exact as in fp32, of three products in TF32 each (Ootomo and Yokota, IJHPCA 36(4), 2022; what
     * other libraries call 3xTF32): the cuda backend's kernels on tensor cores; what they do not serve, and other backends, compute in
     * FP32. Only on request.
     */
    TF32X3,
    /**
     * Operands rounded to fp16 (11 significant bits, up to 65504), products and sums in fp32; only on request. The cuda backend leaves
     * results in fp32, the cudnn backend rounds them to fp16, too, before they are added to anything.
     */
    FP16,
    /** The same with bfloat16 (8 significant bits). */
    BF16;

    /** The property that says it where the program does not: fp32, tf32, tf32x3, fp16 or bf16. */
    public static final String PROPERTY = "jconv.math";

    /** What the property {@link #PROPERTY} says; FP32 when it is not set. */
    public static MathMode ofProperty() {
        String text = System.getProperty(PROPERTY);
        return text == null || text.isBlank() ? FP32 : parse(text.strip());
    }

    /** Reads {@code fp32}, {@code tf32}, {@code tf32x3}, {@code fp16} or {@code bf16}. */
    public static MathMode parse(String text) {
        return Arrays.stream(values()).filter(mode -> mode.text().equals(text)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("math mode is '" + text + "'; allowed: "
                        + Arrays.stream(values()).map(MathMode::text).collect(Collectors.joining(", "))));
    }

    /** As it is written for {@link #parse}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether operands are rounded to 16 bits. */
    public boolean isNarrow() {
        return this == FP16 || this == BF16;
    }
}
