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
}
