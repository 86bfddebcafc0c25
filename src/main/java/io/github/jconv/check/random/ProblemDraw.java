package io.github.jconv.check.random;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The levels of one problem, from which problems are drawn. Those of the axis hold for one of its axes.
 *
 * @param kind what all axes are like
 */
record ProblemDraw(Levels.Dimensions dimensions, Levels.Batch batch, Levels.Grouping grouping, Levels.Channels channels,
                   AxisDraw axis, Axes kind) {

    /** Axes as drawn, or of a shape that every axis of a problem must have for algorithms to treat it apart. */
    enum Axes { ANY, POINTWISE, FULL_SIZE, THREE_BY_THREE }

    /** Multiply-adds and elements of a problem, if levels and luck allow: the definition takes a millisecond for it. */
    private static final long DESIRED_COST = 40_000;
    private static final int ATTEMPTS = 100;
    private static final int NARROW = 2;
    private static final int SMALL = 4;

    /** How many levels each factor has, in the order of the components. */
    static int[] levels() {
        return new int[] {Levels.Dimensions.values().length, Levels.Batch.values().length, Levels.Grouping.values().length,
            Levels.Channels.values().length, Levels.Filter.values().length, Levels.Stride.values().length,
            Levels.Dilation.values().length, Levels.Padding.values().length, Levels.OutputPadding.values().length,
            Levels.Outputs.values().length};
    }

    /** What cannot come together: groups of a single channel in all, and an output padding that the stride leaves no room for. */
    static boolean isForbidden(int factor, int level, int otherFactor, int otherLevel) {
        if (factor == 2 && otherFactor == 3) {
            return Levels.Grouping.values()[level] != Levels.Grouping.NONE
                    && Levels.Channels.values()[otherLevel] == Levels.Channels.SINGLE;
        }
        return factor == 5 && otherFactor == 8
                && !Levels.OutputPadding.values()[otherLevel].isPossible(Levels.Stride.values()[level]);
    }

    static ProblemDraw of(int[] row) {
        return new ProblemDraw(Levels.Dimensions.values()[row[0]], Levels.Batch.values()[row[1]], Levels.Grouping.values()[row[2]],
                Levels.Channels.values()[row[3]], new AxisDraw(Levels.Filter.values()[row[4]], Levels.Stride.values()[row[5]],
                Levels.Dilation.values()[row[6]], Levels.Padding.values()[row[7]], Levels.OutputPadding.values()[row[8]],
                Levels.Outputs.values()[row[9]]), Axes.ANY);
    }

    /** The same with all axes of a kind, whatever the level of the one says. */
    ProblemDraw withAxes(Axes wanted) {
        return new ProblemDraw(dimensions, batch, grouping, channels, axis, wanted);
    }

    /** The same as a layer of most networks: two axes with 3 taps, stride 1 and dilation 1, and channels enough for whole tiles. */
    ProblemDraw threeByThree(Levels.Channels wanted) {
        Levels.Grouping dense = grouping == Levels.Grouping.SEVERAL ? grouping : Levels.Grouping.NONE;
        return new ProblemDraw(Levels.Dimensions.TWO, batch, dense, wanted, axis, Axes.THREE_BY_THREE);
    }

    /** A problem with these levels: the first of the desired size, or the smallest of many. */
    ConvProblem draw(SplittableRandom random) {
        ConvProblem smallest = null;
        for (int i = 0; i < ATTEMPTS && (smallest == null || cost(smallest) > DESIRED_COST); i++) {
            ConvProblem candidate = attempt(random);
            if (candidate != null && (smallest == null || cost(candidate) < cost(smallest))) {
                smallest = candidate;
            }
        }
        if (smallest == null) {
            throw new IllegalStateException("no problem found with " + this);
        }
        return smallest;
    }

    private static long cost(ConvProblem problem) {
        return problem.macs() + problem.xShape().elements() + problem.wShape().elements() + problem.yShape().elements();
    }

    private ConvProblem attempt(SplittableRandom random) {
        List<SpatialAxis> axes = axes(random);
        if (axes == null) {
            return null;
        }
        long size = channels.draw(random);
        long other = channels.draw(random);
        long multiplier = 2 + random.nextInt(2);
        long groups = 2 + random.nextInt(2);
        return switch (grouping) {
            case NONE -> new ConvProblem(batch.size(), size, other, 1, axes);
            case SEVERAL -> new ConvProblem(batch.size(), groups * size, groups * other, groups, axes);
            case DEPTHWISE -> new ConvProblem(batch.size(), size, size, size, axes);
            case MULTIPLIER -> new ConvProblem(batch.size(), size, multiplier * size, size, axes);
        };
    }

    /** Axes with different inputs, so that exchanged ones show; null when the numbers drawn do not fit together. */
    private List<SpatialAxis> axes(SplittableRandom random) {
        int main = random.nextInt(dimensions.ordinal() + 1);
        List<SpatialAxis> axes = new ArrayList<>();
        for (int i = 0; i <= dimensions.ordinal(); i++) {
            SpatialAxis drawn = null;
            for (int attempt = 0; attempt < ATTEMPTS && !fits(drawn, axes); attempt++) {
                drawn = axis(random, i == main);
            }
            if (!fits(drawn, axes)) {
                return null;
            }
            axes.add(drawn);
        }
        return axes;
    }

    private static boolean fits(SpatialAxis drawn, List<SpatialAxis> before) {
        return drawn != null && before.stream().noneMatch(axis -> axis.input() == drawn.input());
    }

    /** One axis, or null when the numbers drawn leave no input. */
    private SpatialAxis axis(SplittableRandom random, boolean main) {
        return switch (kind) {
            case ANY -> main ? axis.draw(random) : axis.neighbour(random).draw(random, narrowSize(random));
            case POINTWISE -> new SpatialAxis(1 + random.nextInt(3 * SMALL), 1, 1, 0, 0, 1);
            case FULL_SIZE -> fullSize(1 + random.nextInt(2 * SMALL));
            case THREE_BY_THREE -> axis.threeTaps().draw(random, 1 + random.nextInt(3 * SMALL));
        };
    }

    private long narrowSize(SplittableRandom random) {
        return 1 + random.nextInt(axis.outputs() == Levels.Outputs.LONG ? NARROW : SMALL);
    }

    private static SpatialAxis fullSize(long size) {
        return new SpatialAxis(size, size, 1, 0, 0, 1);
    }
}
