package io.github.jconv.cpu;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.List;
import java.util.function.Function;

/**
 * The strided valid correlation of one channel with one filter plane, in up to three dimensions, on every residue class of its
 * {@link AxisWalk}s. It serves FORWARD, BACKWARD_DATA in gather form, BACKWARD_FILTER with dy as the filter, and the stride-1
 * convolution over a zero-inserted map: only the walks differ.
 *
 * <p>Every output element is the sum of its products in the order of the taps. Nothing outside the input is read, so padding
 * contributes nothing whatever the weights are.
 */
final class StridedCorrelation implements PlaneCorrelation {

    private final AxisWalk[] depth;
    private final AxisWalk[] height;
    private final RowSegments[] rows;
    private final int inHeight;
    private final int inWidth;
    private final int filterHeight;
    private final int filterWidth;
    private final int outHeight;
    private final int outWidth;

    /** Whether the first tap along the width, and no other, meets whole rows. */
    private final boolean gapless;

    private StridedCorrelation(ConvProblem problem, Function<SpatialAxis, List<AxisWalk>> walks, Function<SpatialAxis, Long> in,
                               Function<SpatialAxis, Long> filter, Function<SpatialAxis, Long> out) {
        depth = walks.apply(problem.axis3(0)).toArray(AxisWalk[]::new);
        height = walks.apply(problem.axis3(1)).toArray(AxisWalk[]::new);
        rows = walks.apply(problem.axis3(2)).stream().map(RowSegments::new).toArray(RowSegments[]::new);
        inHeight = Math.toIntExact(in.apply(problem.axis3(1)));
        inWidth = Math.toIntExact(in.apply(problem.axis3(2)));
        filterHeight = Math.toIntExact(filter.apply(problem.axis3(1)));
        filterWidth = Math.toIntExact(filter.apply(problem.axis3(2)));
        outHeight = Math.toIntExact(out.apply(problem.axis3(1)));
        outWidth = Math.toIntExact(out.apply(problem.axis3(2)));
        gapless = rows.length == 1 && inWidth == outWidth && rows[0].isFirstTapOf(outWidth);
    }

    /** y over x. */
    static StridedCorrelation forward(ConvProblem problem) {
        return new StridedCorrelation(problem, axis -> List.of(AxisWalk.forward(axis)),
                SpatialAxis::input, SpatialAxis::filter, SpatialAxis::output);
    }

    /** dx over dy. */
    static StridedCorrelation backwardData(ConvProblem problem) {
        return new StridedCorrelation(problem, AxisWalk::backwardData,
                SpatialAxis::output, SpatialAxis::filter, SpatialAxis::input);
    }

    /** dw over x, with dy in the part of the filter. */
    static StridedCorrelation filterGradient(ConvProblem problem) {
        return new StridedCorrelation(problem, axis -> List.of(AxisWalk.filterGradient(axis)),
                SpatialAxis::input, SpatialAxis::output, SpatialAxis::filter);
    }

    /** dx over the zero-inserted and padded dy, with the rotated filter. */
    static StridedCorrelation overZeroInserted(ConvProblem problem) {
        return new StridedCorrelation(problem,
                axis -> List.of(AxisWalk.valid(axis.input(), axis.filter(), axis.dilation())),
                ZeroInsertPlan::mapSize, SpatialAxis::filter, SpatialAxis::input);
    }

    @Override
    public void add(float[] in, int inBase, float[] filter, int filterBase, float[] out, int outBase, int fromRow, int toRow) {
        for (AxisWalk walk : depth) {
            for (int z = 0; z < walk.count; z++) {
                for (int t = 0; t < walk.taps; t++) {
                    if (walk.inside(z, t)) {
                        addPlane(in, inBase + walk.in(z, t) * inHeight * inWidth,
                                filter, filterBase + walk.filter(t) * filterHeight * filterWidth,
                                out, outBase + walk.out(z) * outHeight * outWidth, fromRow, toRow);
                    }
                }
            }
        }
    }

    private void addPlane(float[] in, int inPlane, float[] filter, int filterPlane, float[] out, int outPlane,
                          int fromRow, int toRow) {
        for (AxisWalk walk : height) {
            int begin = walk.atOrAfter(fromRow);
            int end = walk.atOrAfter(toRow);
            if (gapless && walk.inStep == 1 && walk.outStep == 1) {
                addRows(walk, begin, end, in, inPlane, filter, filterPlane, out, outPlane);
                continue;
            }
            for (int p = begin; p < end; p++) {
                for (int r = 0; r < walk.taps; r++) {
                    if (walk.inside(p, r)) {
                        addRow(in, inPlane + walk.in(p, r) * inWidth, filter, filterPlane + walk.filter(r) * filterWidth,
                                out, outPlane + walk.out(p) * outWidth);
                    }
                }
            }
        }
    }

    /** Rows that follow one another without a gap, as one for each tap. */
    private void addRows(AxisWalk walk, int begin, int end, float[] in, int inPlane, float[] filter, int filterPlane,
                         float[] out, int outPlane) {
        for (int r = 0; r < walk.taps; r++) {
            int p = Math.max(begin, walk.first(r));
            int count = Math.min(end, walk.end(r)) - p;
            if (count > 0) {
                RowKernels.add(in, inPlane + walk.in(p, r) * inWidth, filter[filterPlane + walk.filter(r) * filterWidth],
                        out, outPlane + walk.out(p) * outWidth, count * outWidth);
            }
        }
    }

    private void addRow(float[] in, int inRow, float[] filter, int filterRow, float[] out, int outRow) {
        for (RowSegments row : rows) {
            RowKernels.correlate(row, in, inRow, filter, filterRow, out, outRow);
        }
    }
}
