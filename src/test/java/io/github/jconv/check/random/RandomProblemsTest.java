package io.github.jconv.check.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/** What the problems cover is read off the problems, not off the design that they were drawn from. */
class RandomProblemsTest {

    private static final int ENOUGH_FOR_ALL_PAIRS = 250;
    private static final int MANY = 10_000;
    private static final long MOST_MACS = 3_000_000;

    /** A level of a factor: whether a problem shows it on one of its axes. */
    private record Circumstance(String factor, String level, BiPredicate<ConvProblem, SpatialAxis> shows) {

        @Override
        public String toString() {
            return factor + " " + level;
        }
    }

    private static final List<Circumstance> CIRCUMSTANCES = List.of(
            new Circumstance("dimensions", "1", (p, a) -> p.dimensions() == 1),
            new Circumstance("dimensions", "2", (p, a) -> p.dimensions() == 2),
            new Circumstance("dimensions", "3", (p, a) -> p.dimensions() == 3),
            new Circumstance("batch", "1", (p, a) -> p.batch() == 1),
            new Circumstance("batch", "even", (p, a) -> p.batch() == 2),
            new Circumstance("batch", "odd", (p, a) -> p.batch() == 3),
            new Circumstance("groups", "none", (p, a) -> p.groups() == 1),
            new Circumstance("groups", "several", (p, a) -> p.groups() > 1 && p.channelsPerGroup() > 1),
            new Circumstance("groups", "depthwise", (p, a) -> p.isDepthwise() && p.filtersPerGroup() == 1),
            new Circumstance("groups", "multiplier", (p, a) -> p.isDepthwise() && p.filtersPerGroup() > 1),
            new Circumstance("channels", "prime", (p, a) -> List.of(5L, 7L, 11L).contains(channels(p))),
            new Circumstance("channels", "tile - 1", (p, a) -> isTile(channels(p) + 1)),
            new Circumstance("channels", "tile", (p, a) -> isTile(channels(p))),
            new Circumstance("channels", "tile + 1", (p, a) -> isTile(channels(p) - 1)),
            new Circumstance("filter", "1", (p, a) -> a.filter() == 1),
            new Circumstance("filter", "even", (p, a) -> a.filter() % 2 == 0),
            new Circumstance("filter", "3", (p, a) -> a.filter() == 3),
            new Circumstance("filter", "long", (p, a) -> a.filter() >= 5),
            new Circumstance("stride", "1", (p, a) -> a.stride() == 1),
            new Circumstance("stride", "2", (p, a) -> a.stride() == 2),
            new Circumstance("stride", "3", (p, a) -> a.stride() == 3),
            new Circumstance("stride", "beyond the filter", (p, a) -> a.stride() > a.extent()),
            new Circumstance("dilation", "1", (p, a) -> a.dilation() == 1),
            new Circumstance("dilation", "2", (p, a) -> a.dilation() == 2),
            new Circumstance("dilation", "3", (p, a) -> a.dilation() == 3),
            new Circumstance("padding", "none", (p, a) -> a.padBegin() == 0 && a.padEnd() == 0),
            new Circumstance("padding", "symmetric", (p, a) -> a.padBegin() > 0 && a.padBegin() == a.padEnd()),
            new Circumstance("padding", "asymmetric", (p, a) -> a.padBegin() > 0 && a.padBegin() != a.padEnd() && a.padEnd() >= 0),
            new Circumstance("padding", "larger than the filter", (p, a) -> a.padBegin() > a.extent()),
            new Circumstance("padding", "cropped", (p, a) -> a.padEnd() < 0),
            new Circumstance("output padding", "0", (p, a) -> a.unreached() == 0),
            new Circumstance("output padding", "1", (p, a) -> a.unreached() == 1),
            new Circumstance("output padding", "most", (p, a) -> a.unreached() == a.stride() - 1 && a.unreached() > 1),
            new Circumstance("outputs", "few", (p, a) -> a.output() <= 4),
            new Circumstance("outputs", "prime", (p, a) -> List.of(5L, 11L, 13L).contains(a.output())),
            new Circumstance("outputs", "tile - 1", (p, a) -> isTile(a.output() + 1)),
            new Circumstance("outputs", "tile", (p, a) -> isTile(a.output())),
            new Circumstance("outputs", "tile + 1", (p, a) -> isTile(a.output() - 1)),
            new Circumstance("outputs", "long and narrow",
                    (p, a) -> a.output() >= 40 && p.axes().stream().allMatch(b -> b == a || b.output() <= 2)));

    /** Channels per group, or groups of a depthwise problem. */
    private static long channels(ConvProblem problem) {
        return problem.isDepthwise() ? problem.groups() : problem.channelsPerGroup();
    }

    private static boolean isTile(long size) {
        return List.of(8L, 16L, 32L).contains(size);
    }

    @Test
    void everyPairOfCircumstancesComesTogetherInEveryType() {
        List<RandomProblem> problems = RandomProblems.of(ENOUGH_FOR_ALL_PAIRS, 3).list();
        for (DataType type : DataType.values()) {
            Set<String> seen = new HashSet<>();
            problems.stream().filter(p -> p.dataType() == type && p.problem().batch() > 0).forEach(p -> collect(p, seen));
            List<String> missing = new ArrayList<>(allowedPairs());
            assertTrue(missing.size() > 700, missing.size() + " pairs");
            missing.removeAll(seen);
            assertEquals(List.of(), missing, type.text());
        }
    }

    private static void collect(RandomProblem random, Set<String> seen) {
        ConvProblem problem = random.problem();
        for (SpatialAxis axis : problem.axes()) {
            List<Circumstance> shown = CIRCUMSTANCES.stream().filter(c -> c.shows.test(problem, axis)).toList();
            shown.forEach(one -> shown.forEach(other -> seen.add(one + ", " + other)));
            shown.forEach(one -> seen.add(withLayout(one, random.layout())));
        }
    }

    private static String withLayout(Circumstance circumstance, Layout layout) {
        return circumstance + ", layout " + layout.text();
    }

    private static Set<String> allowedPairs() {
        Set<String> pairs = new HashSet<>();
        for (int i = 0; i < CIRCUMSTANCES.size(); i++) {
            Circumstance one = CIRCUMSTANCES.get(i);
            CIRCUMSTANCES.subList(i, CIRCUMSTANCES.size()).stream().filter(other -> !other.factor.equals(one.factor))
                    .forEach(other -> pairs.add(one + ", " + other));
            for (Layout layout : Layout.values()) {
                pairs.add(withLayout(one, layout));
            }
        }
        pairs.removeAll(Set.of("stride 1, output padding 1", "stride 1, output padding most", "stride 2, output padding most"));
        return pairs;
    }

    @Test
    void theSameSeedGivesTheSameAndAnotherOneOthers() {
        List<RandomProblem> problems = RandomProblems.of(120, 7).list();
        assertEquals(problems, RandomProblems.of(120, 7).list());
        assertEquals(problems.subList(0, 50), RandomProblems.of(50, 7).list());
        assertNotEquals(problems, RandomProblems.of(120, 8).list());
        assertTrue(RandomProblems.of(120, 7, List.of(DataType.FLOAT64)).list().stream().allMatch(p -> p.dataType() == DataType.FLOAT64));
        assertThrows(IllegalArgumentException.class, () -> RandomProblems.of(0, 1));
    }

    @Test
    void problemsAreSmallDifferentAndLopsided() {
        List<RandomProblem> problems = RandomProblems.of(MANY, 5).list();
        assertEquals(problems.size(), Set.copyOf(problems).size());
        assertTrue(problems.stream().anyMatch(p -> p.problem().batch() == 0));
        assertTrue(problems.stream().anyMatch(p -> p.problem().isPointwise() && p.problem().dimensions() == 3));
        assertTrue(problems.stream().anyMatch(p -> p.problem().isFullSize() && p.problem().filterTaps() > 4));
        assertTrue(problems.stream().anyMatch(p -> isDenseThreeByThree(p.problem()) && p.problem().batch() > 1));
        for (RandomProblem random : problems) {
            ConvProblem problem = random.problem();
            assertTrue(problem.macs() <= MOST_MACS, () -> problem + " has " + problem.macs());
            assertEquals(problem.dimensions(), problem.axes().stream().mapToLong(SpatialAxis::input).distinct().count(),
                    problem::toString);
        }
    }

    /** As most layers of networks, and as some algorithms serve only. */
    private static boolean isDenseThreeByThree(ConvProblem problem) {
        return problem.dimensions() == 2 && problem.channelsPerGroup() >= 7 && problem.filtersPerGroup() >= 7
                && problem.axes().stream().allMatch(axis -> axis.filter() == 3 && axis.stride() == 1 && axis.dilation() == 1);
    }

    @Test
    void aDesignNeedsFarFewerRowsThanThereArePairs() {
        List<int[]> rows = new CoveringDesign(new int[] {3, 3, 3, 3}, (f, l, g, m) -> false).rows(new SplittableRandom(1));
        assertTrue(rows.size() >= 9 && rows.size() <= 15, "9 is the least that can do for 54 pairs: " + rows.size());
    }

    @Test
    void forbiddenPairsDoNotOccur() {
        List<int[]> rows = new CoveringDesign(new int[] {4, 3, 5}, (f, l, g, m) -> f == 0 && g == 2 && l == 1 && m >= 2)
                .rows(new SplittableRandom(2));
        assertTrue(rows.stream().noneMatch(row -> row[0] == 1 && row[2] >= 2));
        assertEquals(17, rows.stream().map(row -> row[0] + " " + row[2]).distinct().count());
        assertThrows(IllegalStateException.class, () -> new CoveringDesign(new int[] {2, 2, 2}, (f, l, g, m) -> g == 2)
                .rows(new SplittableRandom(3)));
    }
}
