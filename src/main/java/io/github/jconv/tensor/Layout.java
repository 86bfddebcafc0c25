package io.github.jconv.tensor;

import java.util.Locale;

/**
 * The order in which the elements of a tensor {@code [N, C, positions...]}, or of a filter {@code [K, C/groups, taps...]}, lie in
 * memory. Shapes, and the numbers of elements, are the same in both; images, or filters, come one after another in both. A tensor of
 * fewer than three axes has one order only, and is NCHW.
 */
public enum Layout {

    /** Channel by channel, the positions of a channel one after another: the order of the shape itself. */
    NCHW,

    /** Channels last: position by position, the channels of a position one after another. In any number of dimensions. */
    NHWC;

    private static final int LEAST_AXES = 3;

    /** The name used on command lines and in reports: {@code nchw}, {@code nhwc}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Type and layout of tensors in words, as {@code float16 nhwc}; the layout is left out where it is NCHW. */
    public String text(DataType type) {
        return type.text() + (this == NCHW ? "" : " " + text());
    }

    /** This layout, or NCHW where a tensor of that shape has no other. */
    public Layout of(TensorShape shape) {
        return shape.rank() < LEAST_AXES ? NCHW : this;
    }

    /** Elements from one position of a channel to the next. */
    long stepOfPositions(TensorShape shape) {
        return this == NCHW ? 1 : shape.size(1);
    }

    /**
     * Where the element with a number lies, counted from the first element.
     *
     * @param channels  of a tensor that fits an array
     * @param positions of one channel
     * @param index     the element's number in row-major order of the shape
     */
    int place(int channels, int positions, int index) {
        if (this == NCHW) {
            return index;
        }
        int plane = index / positions;
        return (plane / channels * positions + index % positions) * channels + plane % channels;
    }
}
