package io.github.jconv.check;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * Reduces a failing problem: makes one number at a time smaller, or leaves out a spatial axis, as long as it still fails, until
 * nothing can be made smaller.
 */
public final class Shrinker {

    /** Enough to get from a layer of a network to a handful of elements. */
    public static final int DEFAULT_ATTEMPTS = 400;

    private final Predicate<ConvProblem> stillFails;
    private int attemptsLeft;

    private Shrinker(Predicate<ConvProblem> stillFails, int attempts) {
        this.stillFails = stillFails;
        this.attemptsLeft = attempts;
    }

    /**
     * @param failing    a problem that fails
     * @param stillFails whether a smaller problem fails too
     * @param attempts   how often that may be asked
     * @return the smallest problem found that fails; the given one when no smaller one does
     */
    public static ConvProblem shrink(ConvProblem failing, Predicate<ConvProblem> stillFails, int attempts) {
        return new Shrinker(stillFails, attempts).shrink(failing);
    }

    private ConvProblem shrink(ConvProblem failing) {
        ConvProblem smallest = failing;
        ConvProblem smaller = failing;
        while (smaller != null) {
            smallest = smaller;
            smaller = firstThatFails(candidates(smallest));
        }
        return smallest;
    }

    private ConvProblem firstThatFails(List<ConvProblem> candidates) {
        for (ConvProblem candidate : candidates) {
            if (attemptsLeft-- <= 0) {
                return null;
            }
            if (stillFails.test(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /** Valid problems with one number smaller or one axis less, the greatest steps first. */
    private static List<ConvProblem> candidates(ConvProblem p) {
        List<ConvProblem> candidates = new ArrayList<>();
        for (int axis = 0; axis < p.dimensions() && p.dimensions() > 1; axis++) {
            List<SpatialAxis> fewer = new ArrayList<>(p.axes());
            fewer.remove(axis);
            candidates.add(new ConvProblem(p.batch(), p.inputChannels(), p.outputChannels(), p.groups(), fewer));
        }
        addSmaller(candidates, p.batch(), 1, p::withBatch);
        addSmaller(candidates, p.groups(), 1, g -> channels(p, g, p.channelsPerGroup(), p.filtersPerGroup()));
        addSmaller(candidates, p.channelsPerGroup(), 1, c -> channels(p, p.groups(), c, p.filtersPerGroup()));
        addSmaller(candidates, p.filtersPerGroup(), 1, k -> channels(p, p.groups(), p.channelsPerGroup(), k));
        for (int i = 0; i < p.dimensions(); i++) {
            addSmallerAxes(candidates, p, i, p.axes().get(i));
        }
        return candidates;
    }

    private static void addSmallerAxes(List<ConvProblem> candidates, ConvProblem p, int i, SpatialAxis a) {
        addSmaller(candidates, a.input(), 1, v -> withAxis(p, i,
                new SpatialAxis(v, a.filter(), a.stride(), a.padBegin(), a.padEnd(), a.dilation())));
        addSmaller(candidates, a.filter(), 1, v -> withAxis(p, i,
                new SpatialAxis(a.input(), v, a.stride(), a.padBegin(), a.padEnd(), a.dilation())));
        addSmaller(candidates, a.stride(), 1, v -> withAxis(p, i,
                new SpatialAxis(a.input(), a.filter(), v, a.padBegin(), a.padEnd(), a.dilation())));
        addSmaller(candidates, a.dilation(), 1, v -> withAxis(p, i,
                new SpatialAxis(a.input(), a.filter(), a.stride(), a.padBegin(), a.padEnd(), v)));
        addSmaller(candidates, a.padBegin(), 0, v -> withAxis(p, i,
                new SpatialAxis(a.input(), a.filter(), a.stride(), v, a.padEnd(), a.dilation())));
        addSmaller(candidates, Math.abs(a.padEnd()), 0, v -> withAxis(p, i,
                new SpatialAxis(a.input(), a.filter(), a.stride(), a.padBegin(), a.padEnd() < 0 ? -v : v, a.dilation())));
    }

    /** With the least value, the middle, and one less, where that is valid. */
    private static void addSmaller(List<ConvProblem> candidates, long value, long least, LongFunction<ConvProblem> with) {
        if (value <= least) {
            return;
        }
        Set<Long> values = new LinkedHashSet<>(Arrays.asList(least, (value + least) / 2, value - 1));
        for (long smaller : values) {
            try {
                candidates.add(with.apply(smaller));
            } catch (InvalidProblemException e) {
                // No such problem: the filter no longer fits its input, for example.
                continue;
            }
        }
    }

    private static ConvProblem channels(ConvProblem p, long groups, long channelsPerGroup, long filtersPerGroup) {
        return new ConvProblem(p.batch(), groups * channelsPerGroup, groups * filtersPerGroup, groups, p.axes());
    }

    private static ConvProblem withAxis(ConvProblem p, int index, SpatialAxis axis) {
        List<SpatialAxis> axes = new ArrayList<>(p.axes());
        axes.set(index, axis);
        return new ConvProblem(p.batch(), p.inputChannels(), p.outputChannels(), p.groups(), axes);
    }
}
