package io.github.jconv.cuda;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.Optional;
import java.util.stream.Stream;

/** The filters, with their stride along both axes, for which {@code kernels/depthwise_strips.cu} has kernels. */
enum DepthwiseStrips {
    OF_3X3(3, 1, KernelName.DEPTHWISE_3X3, KernelName.DEPTHWISE_3X3, KernelName.DEPTHWISE_FILTER_3X3),
    OF_3X3_STRIDE_2(3, 2, KernelName.DEPTHWISE_3X3_S2, KernelName.DEPTHWISE_DATA_3X3_S2, KernelName.DEPTHWISE_FILTER_3X3_S2),
    OF_5X5(5, 1, KernelName.DEPTHWISE_5X5, KernelName.DEPTHWISE_5X5, KernelName.DEPTHWISE_FILTER_5X5),
    OF_5X5_STRIDE_2(5, 2, KernelName.DEPTHWISE_5X5_S2, KernelName.DEPTHWISE_DATA_5X5_S2, KernelName.DEPTHWISE_FILTER_5X5_S2),
    OF_7X7(7, 1, KernelName.DEPTHWISE_7X7, KernelName.DEPTHWISE_7X7, KernelName.DEPTHWISE_FILTER_7X7);

    /** Pairs of rows in a strip of data gradients with stride 2. */
    private static final int PAIRS = 4;

    private final int filter;
    private final int stride;
    private final KernelName forward;
    private final KernelName backwardData;
    private final KernelName backwardFilter;

    DepthwiseStrips(int filter, int stride, KernelName forward, KernelName backwardData, KernelName backwardFilter) {
        this.filter = filter;
        this.stride = stride;
        this.forward = forward;
        this.backwardData = backwardData;
        this.backwardFilter = backwardFilter;
    }

    /** Those of the problem's filter, if it has two axes, or three whose first is a single plane. */
    static Optional<DepthwiseStrips> of(ConvProblem problem) {
        SpatialAxis depth = problem.axis3(0);
        boolean flat = depth.input() == 1 && depth.filter() == 1 && depth.padBegin() == 0 && depth.output() == 1;
        return Stream.of(values()).filter(strips -> flat && strips.fits(problem.axis3(1)) && strips.fits(problem.axis3(2))).findFirst();
    }

    private boolean fits(SpatialAxis axis) {
        return axis.filter() == filter && axis.stride() == stride && axis.dilation() == 1;
    }

    int taps() {
        return filter * filter;
    }

    /** With stride 1 the data gradient is a convolution with the filter read backwards. */
    boolean readsBackwards() {
        return stride == 1;
    }

    KernelName forward() {
        return forward;
    }

    KernelName backwardData() {
        return backwardData;
    }

    KernelName backwardFilter() {
        return backwardFilter;
    }

    /** Strips of a column of so many outputs: {@code rowsOfStrip} of the kernels in each. */
    long strips(long outputs) {
        int rows = filter * stride <= 6 ? 7 : 4;
        return (outputs + rows - 1) / rows;
    }

    /** Strips of pairs of rows of a map of dx, in pairs of columns, for a stride of 2. */
    static long pairedStrips(long height, long padHeight, long width, long padWidth) {
        return (pairs(height, padHeight) + PAIRS - 1) / PAIRS * pairs(width, padWidth);
    }

    private static long pairs(long size, long padBegin) {
        return Math.floorDiv(size - 1 + padBegin, 2) - Math.floorDiv(padBegin, 2) + 1;
    }
}
