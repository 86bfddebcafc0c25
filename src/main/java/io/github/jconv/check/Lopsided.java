package io.github.jconv.check;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Small relatives of a problem in which no two sizes are the same: exchanged axes, strides or paddings, which a square problem
 * hides, show.
 */
final class Lopsided {

    private static final long MOST_CHANNELS_PER_GROUP = 3;
    private static final long MOST_GROUPS = 3;
    private static final long LARGEST_FILTER = 3;
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
        for (SpatialAxis axis : problem.axes()) {
            axes.add(different(reduced(axis), axes, otherFilters, otherSteps));
        }
        return new ConvProblem(2, groups * channels, groups * filters, groups, axes);
    }

    private static SpatialAxis reduced(SpatialAxis axis) {
        long filter = Math.min(axis.filter(), LARGEST_FILTER);
        long stride = Math.min(axis.stride(), LARGEST_STRIDE);
        long dilation = Math.min(axis.dilation(), LARGEST_DILATION);
        long padBegin = Math.min(axis.padBegin(), LARGEST_PADDING);
        long padEnd = Math.max(-1, Math.min(axis.padEnd(), LARGEST_PADDING));
        return withRoom(filter, stride, padBegin, padEnd, dilation);
    }

    /** The axis with what may be changed so that it is like none of the axes before it. */
    private static SpatialAxis different(SpatialAxis axis, List<SpatialAxis> before, boolean otherFilters, boolean otherSteps) {
        long filter = otherFilters ? different(axis.filter(), before, SpatialAxis::filter) : axis.filter();
        long stride = otherSteps ? different(axis.stride(), before, SpatialAxis::stride) : axis.stride();
        long dilation = otherSteps ? different(axis.dilation(), before, SpatialAxis::dilation) : axis.dilation();
        long padBegin = otherSteps ? different(axis.padBegin(), before, SpatialAxis::padBegin) : axis.padBegin();
        SpatialAxis changed = withRoom(filter, stride, padBegin, axis.padEnd(), dilation);
        long input = different(changed.input(), before, SpatialAxis::input);
        return new SpatialAxis(input, filter, stride, padBegin, axis.padEnd(), dilation);
    }

    private static long different(long value, List<SpatialAxis> before, ToLongFunction<SpatialAxis> of) {
        long candidate = value;
        while (hasValue(before, of, candidate)) {
            candidate++;
        }
        return candidate;
    }

    private static boolean hasValue(List<SpatialAxis> axes, ToLongFunction<SpatialAxis> of, long value) {
        return axes.stream().anyMatch(axis -> of.applyAsLong(axis) == value);
    }

    /** With three outputs, or more where the padding alone is wider than the filter. */
    private static SpatialAxis withRoom(long filter, long stride, long padBegin, long padEnd, long dilation) {
        long extent = dilation * (filter - 1) + 1;
        return new SpatialAxis(Math.max(1, extent - padBegin - padEnd) + 2 * stride, filter, stride, padBegin, padEnd, dilation);
    }
}
