package io.github.jconv.problem;

/**
 * One spatial axis of a convolution, and all its size arithmetic.
 *
 * <p>Output position {@code p} and filter tap {@code r} meet at input position {@code p * stride - padBegin + r * dilation};
 * positions outside {@code [0, input)} are padding and contribute nothing.
 *
 * <p>A negative padding crops: those inputs at that end are never read. It is legal because the equivalent convolution of a
 * transposed convolution with a large output padding has one.
 *
 * @param input    positions of the input, 1 and up
 * @param filter   taps of the filter, 1 and up
 * @param stride   step between two outputs, 1 and up
 * @param padBegin zeros in front of the first input, 0 and up
 * @param padEnd   zeros behind the last input; negative crops
 * @param dilation distance between two taps, 1 (dense) and up
 */
public record SpatialAxis(long input, long filter, long stride, long padBegin, long padEnd, long dilation) {

    /** The largest value of any one parameter: what a 32-bit index reaches. */
    public static final long MAX = Integer.MAX_VALUE;

    private static final SpatialAxis UNIT = new SpatialAxis(1, 1, 1, 0, 0, 1);

    public SpatialAxis {
        requireBetween("input", input, 1);
        requireBetween("filter", filter, 1);
        requireBetween("stride", stride, 1);
        requireBetween("dilation", dilation, 1);
        requireBetween("padBegin", padBegin, 0);
        requireBetween("padEnd", padEnd, -MAX);
        long extent = dilation * (filter - 1) + 1;
        long padded = input + padBegin + padEnd;
        if (padded < extent) {
            throw new InvalidProblemException("filter is " + filter + " with dilation " + dilation + ", which spans " + extent
                    + " positions, but the padded input has only " + padded + " (" + input + " + padding " + padBegin + " + "
                    + padEnd + "); allowed: a span of 1.." + Math.max(padded, 0));
        }
        if (extent > MAX || padded > MAX) {
            throw new InvalidProblemException("the padded input is " + padded + " positions and the dilated filter spans "
                    + extent + "; allowed: up to " + MAX + " each");
        }
    }

    /** The axis that is not there: one input, one tap, one output. A problem with fewer axes is one with unit axes in front. */
    public static SpatialAxis unit() {
        return UNIT;
    }

    /** {@code dilation * (filter - 1) + 1}: how many input positions the filter spans. */
    public long extent() {
        return dilation * (filter - 1) + 1;
    }

    /** {@code floor((input + padBegin + padEnd - dilation * (filter - 1) - 1) / stride) + 1}. */
    public long output() {
        return (input + padBegin + padEnd - extent()) / stride + 1;
    }

    /**
     * {@code (input + padBegin + padEnd - extent) mod stride}: the padded inputs at the end that no output reaches. It is the
     * {@code a} of Dumoulin and Visin (arXiv 1603.07285, Relationship 14), and the output padding that the transposed
     * convolution needs to restore {@code input}.
     */
    public long unreached() {
        return (input + padBegin + padEnd - extent()) % stride;
    }

    /** {@code stride - 1}: zeros between two neighbours of dy when backward-data is written as a convolution. */
    public long insertedZeros() {
        return stride - 1;
    }

    /** {@code (output - 1) * stride + 1}: length of dy after zeros were inserted. */
    public long zeroInsertedOutput() {
        return (output() - 1) * stride + 1;
    }

    /** {@code extent - 1 - padBegin}: begin padding of the stride-1 convolution over zero-inserted dy; negative crops. */
    public long transposedPadBegin() {
        return extent() - 1 - padBegin;
    }

    /**
     * {@code extent - 1 - padEnd + unreached}: end padding of the stride-1 convolution over zero-inserted dy that yields exactly
     * {@code input} positions; negative crops.
     */
    public long transposedPadEnd() {
        return extent() - 1 - padEnd + unreached();
    }

    /**
     * {@code stride / gcd(stride, dilation)}: the distance between two taps that meet the same input. Without dilation it is the
     * stride.
     */
    public long tapStep() {
        return stride / greatestCommonDivisor(stride, dilation);
    }

    /** {@code dilation / gcd(stride, dilation)}: the distance between the outputs where those two taps meet that input. */
    public long outputStep() {
        return dilation / greatestCommonDivisor(stride, dilation);
    }

    /** Whether filter, padding and stride leave the axis as it is: a 1-tap filter at every position. */
    public boolean isPointwise() {
        return filter == 1 && stride == 1 && padBegin == 0 && padEnd == 0;
    }

    /** Whether one output covers the whole unpadded input, tap by tap. */
    public boolean isFullSize() {
        return filter == input && padBegin == 0 && padEnd == 0 && (dilation == 1 || filter == 1);
    }

    private static long greatestCommonDivisor(long a, long b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** A parameter of a problem lies between its own least value and {@link #MAX}. */
    static void requireBetween(String parameter, long value, long min) {
        if (value < min || value > MAX) {
            throw new InvalidProblemException(parameter + " is " + value + "; allowed: " + min + ".." + MAX);
        }
    }
}
