package io.github.jconv.check.random;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Small random problems, the same for the same number and seed; more of them begin with the fewer.
 *
 * <p>They come in rounds. In each, and for each type of tensors, every two of these circumstances come together at least once: one to
 * three dimensions; batches of 1, 2 and 3; no groups, several, depthwise, and depthwise with a multiplier; few, prime, and
 * tile-sized channels and one less and more; and on one axis filters of 1 to 7 taps; strides of 1, 2, 3 and beyond the filter;
 * dilations of 1 to 3; padding none, symmetric, asymmetric, wider than the filter, and cropping the end; none, one and all of
 * the output paddings that the stride allows; few, prime, tile-sized, one less, one more, and many outputs beside narrow axes; the
 * layouts, where there are several. A
 * round ends with three problems that algorithms treat apart: an empty batch, a pointwise filter, and one as large as its input.
 *
 * @param name of the suite that they make
 * @param list the problems, in order
 */
public record RandomProblems(String name, List<RandomProblem> list) {

    public RandomProblems {
        list = List.copyOf(list);
    }

    /**
     * Problems in every type and layout of tensors.
     *
     * @param count how many, 1 and up
     * @param seed  which ones
     */
    public static RandomProblems of(int count, long seed) {
        return of(count, seed, List.of(DataType.values()), List.of(Layout.values()));
    }

    /** The same in these types only, NCHW. */
    public static RandomProblems of(int count, long seed, List<DataType> types) {
        return of(count, seed, types, List.of(Layout.NCHW));
    }

    /** The same in these types and layouts only; each type gets rounds of its own, one after the other. */
    public static RandomProblems of(int count, long seed, List<DataType> types, List<Layout> layouts) {
        if (count < 1) {
            throw new IllegalArgumentException("the number of random problems is " + count + "; allowed: 1 and up");
        }
        SplittableRandom random = new SplittableRandom(seed);
        Set<RandomProblem> problems = new LinkedHashSet<>();
        while (problems.size() < count) {
            for (DataType type : types) {
                problems.addAll(round(type, layouts, random));
            }
        }
        return new RandomProblems("random", problems.stream().limit(count).toList());
    }

    private static List<RandomProblem> round(DataType type, List<Layout> layouts, SplittableRandom random) {
        List<RandomProblem> round = new ArrayList<>();
        List<int[]> rows = new CoveringDesign(levels(layouts), ProblemDraw::isForbidden).rows(random);
        for (int[] row : rows) {
            Layout layout = layouts.size() == 1 ? layouts.get(0) : layouts.get(row[row.length - 1]);
            round.add(new RandomProblem(ProblemDraw.of(row).draw(random), type, layout));
        }
        ProblemDraw any = ProblemDraw.of(rows.get(random.nextInt(rows.size())));
        round.add(new RandomProblem(any.draw(random).withBatch(0), type, any(layouts, random)));
        round.add(new RandomProblem(any.withAxes(ProblemDraw.Axes.POINTWISE).draw(random), type, any(layouts, random)));
        round.add(new RandomProblem(any.withAxes(ProblemDraw.Axes.FULL_SIZE).draw(random), type, any(layouts, random)));
        for (Levels.Channels channels : List.of(Levels.Channels.TILE_LESS_ONE, Levels.Channels.TILE, Levels.Channels.TILE_AND_ONE)) {
            ProblemDraw other = ProblemDraw.of(rows.get(random.nextInt(rows.size())));
            round.add(new RandomProblem(other.threeByThree(channels).draw(random), type, any(layouts, random)));
        }
        return round;
    }

    /** Layouts are a factor like others where there is a choice. */
    private static int[] levels(List<Layout> layouts) {
        int[] levels = ProblemDraw.levels();
        if (layouts.size() == 1) {
            return levels;
        }
        int[] withLayouts = Arrays.copyOf(levels, levels.length + 1);
        withLayouts[levels.length] = layouts.size();
        return withLayouts;
    }

    private static Layout any(List<Layout> layouts, SplittableRandom random) {
        return layouts.size() == 1 ? layouts.get(0) : layouts.get(random.nextInt(layouts.size()));
    }
}
