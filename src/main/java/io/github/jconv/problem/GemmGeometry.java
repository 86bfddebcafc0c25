package io.github.jconv.problem;

import java.util.ArrayList;
import java.util.List;

/**
 * A convolution as a matrix product for each group, whose columns need not exist: as plain 32-bit numbers with exactly three spatial axes,
 * for kernels. With f one of the maps of the target in a group, c one of those of the source, i a position and j a tap,
 *
 * <pre>
 *   target[n, f, target(i)] = sum over c, j: w[f, c, tap(j)] * source[n, c, source(i, j)]
 * </pre>
 *
 * <p>Forward leads from x to y in one product; the data gradient from dy to dx in one for each class of inputs that the same taps meet, a
 * single one where all strides are 1. Between them they name every element of dx once.
 *
 * @param filters     maps of the target in a group: K/G forward, C/G backwards
 * @param channels    maps of the source in a group: C/G forward, K/G backwards
 * @param filterStep  how far apart the elements of w for neighbouring f lie, in taps of a filter; likewise channelStep for c
 */
public record GemmGeometry(int n, int groups, int filters, int channels, int filterStep, int channelStep, GemmAxis depth, GemmAxis height,
                           GemmAxis width) {

    public static GemmGeometry forward(ConvProblem problem) {
        int channels = (int) problem.channelsPerGroup();
        return new GemmGeometry((int) problem.batch(), (int) problem.groups(), (int) problem.filtersPerGroup(), channels, channels, 1,
                GemmAxis.forward(problem.axis3(0)), GemmAxis.forward(problem.axis3(1)), GemmAxis.forward(problem.axis3(2)));
    }

    /** One for each class, depth outermost; those without taps leave zeros. */
    public static List<GemmGeometry> backwardData(ConvProblem problem) {
        int channels = (int) problem.channelsPerGroup();
        List<GemmGeometry> classes = new ArrayList<>();
        for (GemmAxis depth : GemmAxis.backwardData(problem.axis3(0))) {
            for (GemmAxis height : GemmAxis.backwardData(problem.axis3(1))) {
                for (GemmAxis width : GemmAxis.backwardData(problem.axis3(2))) {
                    classes.add(new GemmGeometry((int) problem.batch(), (int) problem.groups(), channels, (int) problem.filtersPerGroup(), 1,
                            channels, depth, height, width));
                }
            }
        }
        return List.copyOf(classes);
    }

    /** How many classes {@link #backwardData} has: no more than there are inputs. */
    public static long classCount(ConvProblem problem) {
        return GemmAxis.classCount(problem.axis3(0)) * GemmAxis.classCount(problem.axis3(1)) * GemmAxis.classCount(problem.axis3(2));
    }

    /** Targets of an image's map. */
    public long positions() {
        return (long) depth.positions() * height.positions() * width.positions();
    }

    /** That meet each position. */
    public long taps() {
        return (long) depth.taps() * height.taps() * width.taps();
    }
}
