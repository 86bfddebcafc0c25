package io.github.jconv.problem;

/**
 * One spatial axis of a transposed convolution, in the layer's own parameters: stride, padding and dilation are those of the
 * <em>equivalent convolution</em>, the one whose backward-data this layer is.
 *
 * <p>{@code output = (input - 1) * stride + dilation * (filter - 1) + 1 - padBegin - padEnd + outputPadding}. Padding is
 * removed from the output; output padding adds positions at its end, which the filter may or may not reach.
 *
 * @param input         positions of the layer's input, 1 and up
 * @param filter        taps, 1 and up
 * @param stride        1 and up
 * @param padBegin      positions removed at the begin, 0 and up
 * @param padEnd        positions removed at the end; a negative one adds
 * @param dilation      1 and up
 * @param outputPadding positions added at the end: {@code 0..max(stride, dilation) - 1}
 */
public record TransposedAxis(long input, long filter, long stride, long padBegin, long padEnd, long dilation,
                             long outputPadding) {

    public TransposedAxis {
        requireParameters(input, filter, stride, padBegin, padEnd, dilation);
        long limit = Math.max(stride, dilation) - 1;
        if (outputPadding < 0 || outputPadding > limit) {
            throw new InvalidProblemException("output padding is " + outputPadding + "; allowed: 0.." + limit
                    + " (below the stride " + stride + " or the dilation " + dilation + ")");
        }
        long output = smallestOutput(input, filter, stride, padBegin, padEnd, dilation) + outputPadding;
        if (output < 1 || output > SpatialAxis.MAX) {
            throw new InvalidProblemException("output is " + output + " = (" + input + " - 1) * " + stride + " + " + dilation
                    + " * (" + filter + " - 1) + 1 - " + padBegin + " - " + padEnd + " + " + outputPadding + "; allowed: 1.."
                    + SpatialAxis.MAX);
        }
    }

    /** The size of the layer's output: the formula above. */
    public long output() {
        return smallestOutput(input, filter, stride, padBegin, padEnd, dilation) + outputPadding;
    }

    /**
     * The same axis of the equivalent convolution: input and output exchanged. Its output must be this {@code input}; an output
     * padding of a stride or more would give it further outputs, so that many positions are taken from its end padding.
     */
    public SpatialAxis equivalent() {
        long wholeStrides = outputPadding - outputPadding % stride;
        return new SpatialAxis(output(), filter, stride, padBegin, padEnd - wholeStrides, dilation);
    }

    /**
     * The axis that yields the wanted output.
     *
     * @throws InvalidProblemException naming the sizes that are possible, when the wanted one is not among them
     */
    static TransposedAxis withOutput(long input, long filter, long stride, long padBegin, long padEnd, long dilation,
                                     long output) {
        requireParameters(input, filter, stride, padBegin, padEnd, dilation);
        long smallest = smallestOutput(input, filter, stride, padBegin, padEnd, dilation);
        long largest = smallest + Math.max(stride, dilation) - 1;
        if (output < Math.max(smallest, 1) || output > largest) {
            throw new InvalidProblemException("output size is " + output + "; allowed: "
                    + (largest < 1 ? "none" : Math.max(smallest, 1) + ".." + largest) + " for input " + input + ", filter " + filter
                    + ", stride " + stride + ", padding " + padBegin + " and " + padEnd + ", dilation " + dilation);
        }
        return new TransposedAxis(input, filter, stride, padBegin, padEnd, dilation, output - smallest);
    }

    /** The smallest output, without output padding. */
    public long smallestOutput() {
        return output() - outputPadding;
    }

    /** The largest output that an output padding gives: below one more stride, or below the dilation. */
    public long largestOutput() {
        return smallestOutput() + Math.max(stride, dilation) - 1;
    }

    private static void requireParameters(long input, long filter, long stride, long padBegin, long padEnd, long dilation) {
        SpatialAxis.requireBetween("input", input, 1);
        SpatialAxis.requireBetween("filter", filter, 1);
        SpatialAxis.requireBetween("stride", stride, 1);
        SpatialAxis.requireBetween("padBegin", padBegin, 0);
        SpatialAxis.requireBetween("padEnd", padEnd, -SpatialAxis.MAX);
        SpatialAxis.requireBetween("dilation", dilation, 1);
    }

    private static long smallestOutput(long input, long filter, long stride, long padBegin, long padEnd, long dilation) {
        return (input - 1) * stride + dilation * (filter - 1) + 1 - padBegin - padEnd;
    }
}
