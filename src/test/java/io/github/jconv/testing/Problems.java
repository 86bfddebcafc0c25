package io.github.jconv.testing;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * Random small problems for property tests: one to three dimensions, batch 0 to 3, every kind of groups, strides 1 to 4 (also
 * larger than the filter), dilations 1 to 3, padding none, symmetric, asymmetric and larger than the filter, negative end padding
 * (crop), and filters as large as their input. The spatial sizes of the axes of one problem differ, so that exchanged axes show.
 */
public final class Problems {

    /** Multiply-accumulates of the largest problem: the reference takes a few milliseconds for it. */
    private static final long MAX_MACS = 300_000;
    private static final int LARGEST_GROUPS = 4;

    /** Channels of a problem. */
    private record Channels(long input, long output, long groups) {
    }

    private enum PaddingKind { NONE, SYMMETRIC, ASYMMETRIC, LARGER_THAN_FILTER, CROPPED_END }

    private Problems() {
    }

    /** Problems of one to three dimensions. */
    public static Arbitrary<ConvProblem> any() {
        return Arbitraries.oneOf(ofDimensions(1), ofDimensions(2), ofDimensions(3), threeByThree());
    }

    /**
     * Problems with 3x3 filters, stride 1 and six to nine channels on either side, which dense networks consist of and which
     * algorithms treat apart; also as a slice of a third dimension.
     */
    public static Arbitrary<ConvProblem> threeByThree() {
        Arbitrary<Integer> many = Arbitraries.integers().between(6, 9);
        Arbitrary<SpatialAxis> axis = Combinators.combine(Arbitraries.of(PaddingKind.class), Arbitraries.integers().between(1, 3),
                Arbitraries.integers().between(0, 9)).as((kind, amount, surplus) -> axis(3, 1, 1, kind, amount, surplus));
        return Combinators.combine(Arbitraries.longs().between(0, 3), many, many, Arbitraries.integers().between(1, 2),
                        axis.list().ofSize(2).map(Problems::withDifferentSizes), Arbitraries.of(false, false, false, true))
                .as((batch, c, k, groups, axes, slice) -> new ConvProblem(batch, (long) groups * c, (long) groups * k, groups,
                        slice && axes.stream().allMatch(a -> a.input() > 1) ? List.of(SpatialAxis.unit(), axes.get(0), axes.get(1)) : axes))
                .filter(problem -> problem.withBatch(3).macs() <= MAX_MACS)
                .withoutEdgeCases();
    }

    /** Problems of the given number of spatial dimensions. */
    public static Arbitrary<ConvProblem> ofDimensions(int dimensions) {
        return Combinators.combine(Arbitraries.longs().between(0, 3), channels(), axes(dimensions))
                .as((batch, channels, axes) -> new ConvProblem(batch, channels.input, channels.output, channels.groups, axes))
                .filter(problem -> problem.withBatch(3).macs() <= MAX_MACS)
                .withoutEdgeCases();
    }

    private static Arbitrary<Channels> channels() {
        Arbitrary<Integer> few = Arbitraries.integers().between(1, 4);
        Arbitrary<Channels> plain = Combinators.combine(few, few).as((c, k) -> new Channels(c, k, 1));
        Arbitrary<Channels> grouped = Combinators.combine(Arbitraries.integers().between(2, LARGEST_GROUPS), few, few)
                .as((g, c, k) -> new Channels((long) g * c, (long) g * k, g));
        Arbitrary<Channels> depthwise = Combinators.combine(Arbitraries.integers().between(2, 6), Arbitraries.integers().between(1, 3))
                .as((c, multiplier) -> new Channels(c, (long) c * multiplier, c));
        return Arbitraries.oneOf(plain, grouped, depthwise);
    }

    /** Mostly anything; some problems are pointwise or have a filter as large as their input, which algorithms treat apart. */
    private static Arbitrary<List<SpatialAxis>> axes(int dimensions) {
        Arbitrary<Long> size = Arbitraries.longs().between(1, dimensions == 1 ? 14 : 6);
        Arbitrary<SpatialAxis> pointwise = size.map(input -> new SpatialAxis(input, 1, 1, 0, 0, 1));
        Arbitrary<SpatialAxis> fullSize = size.map(input -> new SpatialAxis(input, input, 1, 0, 0, 1));
        return Arbitraries.frequencyOf(
                Tuple.of(10, axis(dimensions).list().ofSize(dimensions).map(Problems::withDifferentSizes)),
                Tuple.of(1, pointwise.list().ofSize(dimensions).map(Problems::withDifferentSizes)),
                Tuple.of(1, fullSize.list().ofSize(dimensions).uniqueElements()));
    }

    /** One axis; with more dimensions the sizes are smaller. */
    private static Arbitrary<SpatialAxis> axis(int dimensions) {
        Arbitrary<Integer> filter = Arbitraries.integers().between(1, dimensions == 1 ? 7 : 4);
        Arbitrary<Integer> stride = Arbitraries.integers().between(1, 4);
        Arbitrary<Integer> dilation = Arbitraries.integers().between(1, 3);
        Arbitrary<PaddingKind> kind = Arbitraries.of(PaddingKind.class);
        Arbitrary<Integer> amount = Arbitraries.integers().between(1, 3);
        // A surplus of 0 over the smallest input makes the filter as large as the (padded) input.
        Arbitrary<Integer> surplus = Arbitraries.integers().between(0, 14 / dimensions);
        return Combinators.combine(filter, stride, dilation, kind, amount, surplus).as(Problems::axis);
    }

    private static SpatialAxis axis(int filter, int stride, int dilation, PaddingKind kind, int amount, int surplus) {
        long extent = (long) dilation * (filter - 1) + 1;
        long begin = switch (kind) {
            case NONE, CROPPED_END -> 0;
            case SYMMETRIC, ASYMMETRIC -> Math.min(amount, extent);
            case LARGER_THAN_FILTER -> filter + amount;
        };
        long end = switch (kind) {
            case NONE -> 0;
            case SYMMETRIC -> begin;
            case ASYMMETRIC -> amount == 1 ? 0 : begin + amount;
            case LARGER_THAN_FILTER -> filter + 4 - amount;
            case CROPPED_END -> -amount;
        };
        long smallestInput = Math.max(1, extent - begin - end);
        return new SpatialAxis(smallestInput + surplus, filter, stride, begin, end, dilation);
    }

    /** Lengthens inputs until all differ. */
    private static List<SpatialAxis> withDifferentSizes(List<SpatialAxis> axes) {
        List<SpatialAxis> different = new ArrayList<>();
        for (SpatialAxis axis : axes) {
            SpatialAxis candidate = axis;
            while (hasInput(different, candidate.input())) {
                candidate = new SpatialAxis(candidate.input() + 1, axis.filter(), axis.stride(), axis.padBegin(), axis.padEnd(),
                        axis.dilation());
            }
            different.add(candidate);
        }
        return different;
    }

    private static boolean hasInput(List<SpatialAxis> axes, long input) {
        return axes.stream().anyMatch(axis -> axis.input() == input);
    }
}
