package io.github.jconv.check;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;

/**
 * Small relatives of a problem in which no two sizes are the same: exchanged axes, strides or paddings, which a square problem
 * hides, show.
 */
final class Lopsided {

    private static final long MOST_CHANNELS_PER_GROUP = 3;
    private static final long MOST_GROUPS = 3;
    private static final long LARGEST_FILTER = 5;
    private static final long LARGEST_STRIDE = 3;
    private static final long LARGEST_DILATION = 3;
    private static final long LARGEST_PADDING = 3;

    private Lopsided() {
    }

    /** From the most lopsided to the one most like the problem, for subjects that serve special cases only. */
    static List<ConvProblem> variants(ConvProblem problem) {
        return List.of(variant(problem, true, true), variant(problem, true, false), variant(problem, false, false));
    }

    private static ConvProblem variant(ConvProblem problem, boolean otherFilters, boolean otherSteps) {
        long groups = Math.min(problem.groups(), MOST_GROUPS);
        // One channel per group stays one, so that a depthwise problem stays depthwise.
        long channels = Math.min(problem.channelsPerGroup(), MOST_CHANNELS_PER_GROUP);
        long filters = Math.min(problem.filtersPerGroup(), MOST_CHANNELS_PER_GROUP + 1);
        List<SpatialAxis> axes = new ArrayList<>();
        for (int i = 0; i < problem.dimensions(); i++) {
            axes.add(axis(problem.axes().get(i), i, otherFilters, otherSteps));
        }
        return new ConvProblem(2, groups * channels, groups * filters, groups, axes);
    }

    private static SpatialAxis axis(SpatialAxis axis, int number, boolean otherFilters, boolean otherSteps) {
        int filterShift = otherFilters ? number : 0;
        int stepShift = otherSteps ? number : 0;
        long filter = Math.min(axis.filter(), LARGEST_FILTER - 2) + filterShift;
        long stride = Math.min(axis.stride(), LARGEST_STRIDE) + stepShift;
        long dilation = Math.min(axis.dilation(), LARGEST_DILATION) + stepShift;
        long padBegin = Math.min(axis.padBegin(), LARGEST_PADDING) + stepShift;
        long padEnd = Math.max(-1, Math.min(axis.padEnd(), LARGEST_PADDING)) + 2L * stepShift;
        long extent = dilation * (filter - 1) + 1;
        long input = Math.max(1, extent - padBegin - padEnd) + 2 * stride + 3L * number;
        return new SpatialAxis(input, filter, stride, padBegin, padEnd, dilation);
    }
}
