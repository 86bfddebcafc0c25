package io.github.jconv.check.random;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Choices of one level for each of several factors, so few that they can all be tried, and such that every two levels of every two
 * factors come together in one of them at least: a mistake that takes two circumstances is met.
 *
 * <p>Built row by row: each begins with a pair that no row has yet, and every further factor gets the level that adds most such pairs
 * (D. M. Cohen et al., The AETG System, IEEE Transactions on Software Engineering 23(7), 1997).
 */
final class CoveringDesign {

    /** Pairs of levels that cannot come together. */
    interface Forbidden {
        boolean test(int factor, int level, int otherFactor, int otherLevel);
    }

    private record Pair(int factor, int level, int otherFactor, int otherLevel) {
    }

    private static final int UNSET = -1;

    private final int[] levels;
    private final Forbidden forbidden;

    /**
     * @param levels    how many levels each factor has
     * @param forbidden asked with the lower factor first; whatever two levels are chosen, each further factor must have one that
     *                  both allow
     */
    CoveringDesign(int[] levels, Forbidden forbidden) {
        this.levels = levels.clone();
        this.forbidden = forbidden;
    }

    /** The rows: the level of each factor. */
    List<int[]> rows(SplittableRandom random) {
        Set<Pair> missing = pairs(random);
        List<int[]> rows = new ArrayList<>();
        while (!missing.isEmpty()) {
            int[] row = row(missing.iterator().next(), missing, random);
            rows.add(row);
            for (int factor = 0; factor < row.length; factor++) {
                for (int other = factor + 1; other < row.length; other++) {
                    missing.remove(new Pair(factor, row[factor], other, row[other]));
                }
            }
        }
        return rows;
    }

    /** Every pair that is allowed, in a random order. */
    private Set<Pair> pairs(SplittableRandom random) {
        List<Pair> pairs = new ArrayList<>();
        for (int factor = 0; factor < levels.length; factor++) {
            for (int other = factor + 1; other < levels.length; other++) {
                for (int level = 0; level < levels[factor]; level++) {
                    for (int otherLevel = 0; otherLevel < levels[other]; otherLevel++) {
                        if (!forbidden.test(factor, level, other, otherLevel)) {
                            pairs.add(new Pair(factor, level, other, otherLevel));
                        }
                    }
                }
            }
        }
        return IntStream.of(shuffled(pairs.size(), random)).mapToObj(pairs::get).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private int[] row(Pair first, Set<Pair> missing, SplittableRandom random) {
        int[] row = new int[levels.length];
        Arrays.fill(row, UNSET);
        row[first.factor] = first.level;
        row[first.otherFactor] = first.otherLevel;
        for (int factor : shuffled(levels.length, random)) {
            if (row[factor] == UNSET) {
                row[factor] = best(row, factor, missing, random);
            }
        }
        return row;
    }

    /** The allowed level that brings most missing pairs, the first of a random order among equals. */
    private int best(int[] row, int factor, Set<Pair> missing, SplittableRandom random) {
        int best = UNSET;
        int most = -1;
        for (int level : shuffled(levels[factor], random)) {
            int gain = gain(row, factor, level, missing);
            if (gain > most) {
                most = gain;
                best = level;
            }
        }
        if (best == UNSET) {
            throw new IllegalStateException("no level of factor " + factor + " is allowed beside those chosen");
        }
        return best;
    }

    /** How many missing pairs a row would have with one more level; -1 when that is forbidden beside those that it has. */
    private int gain(int[] row, int factor, int level, Set<Pair> missing) {
        int gain = 0;
        for (int other = 0; other < row.length; other++) {
            if (row[other] != UNSET) {
                Pair pair = other < factor ? new Pair(other, row[other], factor, level) : new Pair(factor, level, other, row[other]);
                if (forbidden.test(pair.factor, pair.level, pair.otherFactor, pair.otherLevel)) {
                    return -1;
                }
                gain += missing.contains(pair) ? 1 : 0;
            }
        }
        return gain;
    }

    private static int[] shuffled(int size, SplittableRandom random) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
