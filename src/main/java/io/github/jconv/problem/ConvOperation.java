package io.github.jconv.problem;

import io.github.jconv.tensor.TensorShape;

/**
 * The three operations of a convolution. Each reads two of the tensors x, w, y and writes the third.
 *
 * <pre>
 *   operation         reads    writes
 *   FORWARD           x,  w    y
 *   BACKWARD_DATA     dy, w    dx   (the gradient with respect to x; also the forward of a transposed convolution)
 *   BACKWARD_FILTER   x,  dy   dw   (the gradient with respect to w)
 * </pre>
 */
public enum ConvOperation {
    FORWARD,
    BACKWARD_DATA,
    BACKWARD_FILTER;

    /** The one of the three things that belongs to the tensor that this operation writes. */
    public <T> T outputOf(T x, T w, T y) {
        return switch (this) {
            case FORWARD -> y;
            case BACKWARD_DATA -> x;
            case BACKWARD_FILTER -> w;
        };
    }

    /** The shape of the tensor that this operation writes. */
    public TensorShape outputShape(ConvProblem problem) {
        return switch (this) {
            case FORWARD -> problem.yShape();
            case BACKWARD_DATA -> problem.xShape();
            case BACKWARD_FILTER -> problem.wShape();
        };
    }

    /**
     * How many products are summed into one element of the output, at most:
     * {@code C/g * prod(filter)}, {@code K/g * prod(filter)}, {@code N * prod(output)}.
     */
    public long accumulationLength(ConvProblem problem) {
        return switch (this) {
            case FORWARD -> Counts.product(problem.channelsPerGroup(), problem.filterTaps());
            case BACKWARD_DATA -> Counts.product(problem.filtersPerGroup(), problem.filterTaps());
            case BACKWARD_FILTER -> Counts.product(problem.batch(), problem.outputPositions());
        };
    }

    /** The name used on command lines and in reports: {@code forward}, {@code backward_data}, {@code backward_filter}. */
    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
