package io.github.jconv.tensor;

/** The type of a tensor's elements. */
public enum DataType {
    FLOAT32(4),
    FLOAT64(8);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    public int bytes() {
        return bytes;
    }

    /** The name used on command lines and in reports: {@code float32}, {@code float64}. */
    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
