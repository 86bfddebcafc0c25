package io.github.jconv.tensor;

import java.util.Locale;

/**
 * The type of a tensor's elements. The two of 16 bits are for storage: they hold operands and results, while products and sums are
 * formed in fp32 (or wider) and rounded to the nearest, ties to even, when they are stored.
 */
public enum DataType {
    FLOAT32(4),
    FLOAT64(8),

    /** IEEE 754 binary16: 11 significant bits, up to 65504; see {@link Float16}. */
    FLOAT16(2),

    /** The upper half of an fp32 number: 8 significant bits, the range of fp32; see {@link BFloat16}. */
    BFLOAT16(2);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    public int bytes() {
        return bytes;
    }

    /** Whether it is one of the two with 16 bits. */
    public boolean isNarrow() {
        return this == FLOAT16 || this == BFLOAT16;
    }

    /** The type in which products and sums of tensors of this type are formed: fp32 for those with 16 bits, otherwise the type itself. */
    public DataType computedIn() {
        return isNarrow() ? FLOAT32 : this;
    }

    /** The nearest number of this type, ties to even; infinite where that is beyond the largest. */
    public double round(double value) {
        return switch (this) {
            case FLOAT32 -> (float) value;
            case FLOAT64 -> value;
            case FLOAT16 -> Float16.toFloat(Float16.bits(value));
            case BFLOAT16 -> BFloat16.toFloat(BFloat16.bits(value));
        };
    }

    /** The name used on command lines and in reports: {@code float32}, {@code float64}, {@code float16}, {@code bfloat16}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
