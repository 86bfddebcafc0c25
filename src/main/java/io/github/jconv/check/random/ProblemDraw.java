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
    enum Axes { ANY, POINTWISE, FULL_SIZE }

    /** Multiply-adds of a problem, if levels and luck allow: the definition takes milliseconds for it. */
    private static final long DESIRED_MACS = 150_000;
    private static final int ATTEMPTS = 200;
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

    /** A problem with these levels: the first of the desired size, or the smallest of many. */
    ConvProblem draw(SplittableRandom random) {
        ConvProblem smallest = null;
        for (int i = 0; i < ATTEMPTS && (smallest == null || smallest.macs() > DESIRED_MACS); i++) {
            ConvProblem candidate = attempt(random);
            if (candidate != null && (smallest == null || candidate.macs() < smallest.macs())) {
                smallest = candidate;
            }
        }
        if (smallest == null) {
            throw new IllegalStateException("no problem found with " + this);
        }
        return smallest;
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
            SpatialAxis drawn = switch (kind) {
                case ANY -> i == main ? axis.draw(random) : axis.neighbour(random).draw(random, narrowSize(random));
                case POINTWISE -> new SpatialAxis(1 + random.nextInt(3 * SMALL), 1, 1, 0, 0, 1);
                case FULL_SIZE -> fullSize(1 + random.nextInt(2 * SMALL));
            };
            if (drawn == null || axes.stream().anyMatch(before -> before.input() == drawn.input())) {
                return null;
            }
            axes.add(drawn);
        }
        return axes;
    }

    private long narrowSize(SplittableRandom random) {
        return 1 + random.nextInt(axis.outputs() == Levels.Outputs.LONG ? NARROW : SMALL);
    }

    private static SpatialAxis fullSize(long size) {
        return new SpatialAxis(size, size, 1, 0, 0, 1);
    }
}
