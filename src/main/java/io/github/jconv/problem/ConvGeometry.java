package io.github.jconv.problem;

/**
 * A problem as plain 32-bit numbers with exactly three spatial axes, for inner loops and kernels. Missing outer axes have size,
 * filter, stride and dilation 1 and no padding. Letters as in {@link AxisNames}; {@code cg} and {@code kg} are channels and filters
 * per group. Only the begin padding appears: the end is implied by the output sizes z, p, q. The steps are
 * {@link SpatialAxis#tapStep()}.
 */
public record ConvGeometry(int n, int c, int k, int groups, int cg, int kg,
                           int d, int h, int w, int t, int r, int s, int z, int p, int q,
                           int strideD, int strideH, int strideW, int padD, int padH, int padW,
                           int dilD, int dilH, int dilW, int stepD, int stepH, int stepW) {

    public static ConvGeometry of(ConvProblem problem) {
        SpatialAxis depth = problem.axis3(0);
        SpatialAxis height = problem.axis3(1);
        SpatialAxis width = problem.axis3(2);
        return new ConvGeometry((int) problem.batch(), (int) problem.inputChannels(), (int) problem.outputChannels(),
                (int) problem.groups(), (int) problem.channelsPerGroup(), (int) problem.filtersPerGroup(),
                (int) depth.input(), (int) height.input(), (int) width.input(),
                (int) depth.filter(), (int) height.filter(), (int) width.filter(),
                (int) depth.output(), (int) height.output(), (int) width.output(),
                (int) depth.stride(), (int) height.stride(), (int) width.stride(),
                (int) depth.padBegin(), (int) height.padBegin(), (int) width.padBegin(),
                (int) depth.dilation(), (int) height.dilation(), (int) width.dilation(),
                (int) depth.tapStep(), (int) height.tapStep(), (int) width.tapStep());
    }
}
