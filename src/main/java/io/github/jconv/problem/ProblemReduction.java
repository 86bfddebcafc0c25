package io.github.jconv.problem;

import java.util.function.Predicate;

/**
 * A smaller problem with the same geometry: every spatial size, filter, stride, padding and dilation stays; batch, channels and
 * groups shrink, but what is grouped stays so, and what is depthwise too. For problems too large for a machine or a time.
 */
public final class ProblemReduction {

    private ProblemReduction() {
    }

    /**
     * The problem itself if it is small enough, otherwise the first that is among ever smaller ones: first the batch is halved down
     * to 2, then channels and filters per group down to 1, then the groups down to 2, last the batch to 1. When even the smallest
     * is not small enough, it is returned all the same.
     */
    public static ConvProblem until(Predicate<ConvProblem> smallEnough, ConvProblem problem) {
        ConvProblem reduced = problem;
        while (!smallEnough.test(reduced)) {
            ConvProblem next = next(reduced);
            if (next.equals(reduced)) {
                return reduced;
            }
            reduced = next;
        }
        return reduced;
    }

    /** At most so many multiply-adds per operation, as far as the geometry allows. */
    public static ConvProblem toMacs(long most, ConvProblem problem) {
        return until(candidate -> candidate.macs() <= most, problem);
    }

    private static ConvProblem next(ConvProblem problem) {
        long groups = problem.groups();
        long channels = problem.channelsPerGroup();
        long filters = problem.filtersPerGroup();
        if (problem.batch() > 2) {
            return problem.withBatch(half(problem.batch()));
        }
        if (channels > 1 || filters > 1) {
            return channels >= filters ? withChannels(problem, groups, half(channels), filters)
                    : withChannels(problem, groups, channels, half(filters));
        }
        if (groups > 2) {
            return withChannels(problem, half(groups), channels, filters);
        }
        return problem.withBatch(Math.min(problem.batch(), 1));
    }

    private static ConvProblem withChannels(ConvProblem problem, long groups, long channelsPerGroup, long filtersPerGroup) {
        return new ConvProblem(problem.batch(), groups * channelsPerGroup, groups * filtersPerGroup, groups, problem.axes());
    }

    /** Rounded up, so that what is odd does not all become a power of two. */
    private static long half(long value) {
        return (value + 1) / 2;
    }
}
