package io.github.jconv.problem;

/**
 * Padding rules by name. Each is a function that returns explicit numbers; a {@link ConvProblem} holds numbers only.
 *
 * <p>The SAME rules make {@code output = ceil(input / stride)} and add
 * {@code total = max(0, (ceil(input / stride) - 1) * stride + dilation * (filter - 1) + 1 - input)}. They differ in the end that
 * gets the larger half of an odd total.
 */
public enum PaddingRule {

    /** No padding. */
    VALID,
    /** ONNX SAME_UPPER: the larger half at the end. */
    SAME_UPPER,
    /** ONNX SAME_LOWER: the larger half at the begin. */
    SAME_LOWER,
    /**
     * TensorFlow's SAME, in TensorFlow's own words: {@code total = max(0, extent - stride)} when the stride divides the input,
     * otherwise {@code max(0, extent - input mod stride)}; the larger half at the end. The numbers are those of
     * {@link #SAME_UPPER}; a test holds the two formulas together.
     */
    TF_SAME;

    /** Zeros at the two ends of one axis. */
    public record Padding(long begin, long end) {
    }

    /** The padding that this rule gives to one axis of a convolution. */
    public Padding padding(long input, long filter, long stride, long dilation) {
        // The axis without padding may be too short for the filter, so each value is checked by itself.
        requireSizes(input, filter, stride, dilation);
        long extent = dilation * (filter - 1) + 1;
        return switch (this) {
            case VALID -> new Padding(0, 0);
            case SAME_UPPER -> upper(sameTotal(input, extent, stride));
            case SAME_LOWER -> {
                Padding upper = upper(sameTotal(input, extent, stride));
                yield new Padding(upper.end, upper.begin);
            }
            case TF_SAME -> upper(Math.max(0, extent - (input % stride == 0 ? stride : input % stride)));
        };
    }

    /**
     * The explicit numbers of an ONNX ConvTranspose with {@code output_shape}: the total
     * {@code stride * (input - 1) + outputPadding + extent - output} is split, the larger half at the end for SAME_UPPER, at the
     * begin otherwise; a negative total leaves the begin at zero and lengthens the end.
     */
    public Padding transposedPadding(long input, long filter, long stride, long dilation, long outputPadding, long output) {
        requireSizes(input, filter, stride, dilation);
        SpatialAxis.requireBetween("output padding", outputPadding, 0);
        SpatialAxis.requireBetween("output size", output, 1);
        long total = stride * (input - 1) + outputPadding + dilation * (filter - 1) + 1 - output;
        if (total <= 0) {
            return new Padding(0, total);
        }
        Padding upper = upper(total);
        return this == SAME_UPPER ? upper : new Padding(upper.end, upper.begin);
    }

    private static void requireSizes(long input, long filter, long stride, long dilation) {
        SpatialAxis.requireBetween("input", input, 1);
        SpatialAxis.requireBetween("filter", filter, 1);
        SpatialAxis.requireBetween("stride", stride, 1);
        SpatialAxis.requireBetween("dilation", dilation, 1);
    }

    private static long sameTotal(long input, long extent, long stride) {
        long output = (input + stride - 1) / stride;
        return Math.max(0, (output - 1) * stride + extent - input);
    }

    private static Padding upper(long total) {
        return new Padding(total / 2, total - total / 2);
    }
}
