package io.github.jconv.cpu;

import io.github.jconv.problem.ConvProblem;

/**
 * The filter gradient of one channel with one channel of dy, as sums over rows of dy that are kept in registers. Neighbouring
 * elements of dy meet points of x that lie a stride apart; these are read where they are.
 */
final class FilterGradientSums implements PlaneCorrelation {

    private final AxisWalk depth;
    private final AxisWalk height;
    private final RowSegments row;
    private final int inHeight;
    private final int inWidth;
    private final int outWidth;
    private final int filterWidth;

    /** Whether the first tap along the width, and no other, meets whole rows, which follow one another without a gap. */
    private final boolean gapless;

    FilterGradientSums(ConvProblem problem) {
        depth = AxisWalk.forward(problem.axis3(0));
        height = AxisWalk.forward(problem.axis3(1));
        row = new RowSegments(AxisWalk.forward(problem.axis3(2)));
        inHeight = (int) problem.axis3(1).input();
        inWidth = (int) problem.axis3(2).input();
        outWidth = (int) problem.axis3(2).output();
        filterWidth = (int) problem.axis3(2).filter();
        gapless = height.inStep == 1 && inWidth == outWidth && row.isFirstTapOf(outWidth);
    }

    @Override
    public void add(float[] x, int xBase, float[] dy, int dyBase, float[] dw, int dwBase, int fromRow, int toRow) {
        for (int t = 0; t < depth.taps; t++) {
            for (int z = depth.first(t); z < depth.end(t); z++) {
                addPlane(x, xBase + depth.in(z, t) * inHeight * inWidth, dy, dyBase + z * height.count * outWidth,
                        dw, dwBase + t * height.taps * filterWidth, fromRow, toRow);
            }
        }
    }

    private void addPlane(float[] x, int xPlane, float[] dy, int dyPlane, float[] dw, int dwPlane, int fromRow, int toRow) {
        for (int r = fromRow; r < toRow; r++) {
            if (gapless && height.first(r) < height.end(r)) {
                int p = height.first(r);
                RowKernels.addDot(x, xPlane + height.in(p, r) * inWidth, dy, dyPlane + p * outWidth, dw, dwPlane + r * filterWidth,
                        (height.end(r) - p) * outWidth);
                continue;
            }
            for (int p = height.first(r); p < height.end(r); p++) {
                RowKernels.filterGradient(row, x, xPlane + height.in(p, r) * inWidth, dy, dyPlane + p * outWidth,
                        dw, dwPlane + r * filterWidth);
            }
        }
    }
}
