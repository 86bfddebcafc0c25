package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.cpu.simd.FourierTransforms;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;

/**
 * What a convolution by Fourier transforms costs, as measured on one core with 512-bit vectors: from it the lengths of transforms are
 * chosen, and whether it pays at all. {@link FourierTransforms#LANES} signals are transformed at once, whether there are as many or not.
 */
final class FourierCost {

    private static final int LANES = FourierTransforms.LANES;

    /** Nanoseconds to bring a point of all lanes in place or back, and of a pass of radix 4 over a complex point of all lanes. */
    private static final double MOVE = 18;
    private static final double PASS = 8;
    /** Nanoseconds for each row along the width, and for each along another axis, however short. */
    private static final double ROW = 200;
    private static final double COLUMN = 60;
    /** Of a step of a product of complex numbers in all lanes, and of writing its result. */
    private static final double MULTIPLY = 1;
    private static final double RESULT = 4;

    private FourierCost() {
    }

    static double nanoseconds(ConvRequest request, FourierAxis depth, FourierAxis height, FourierAxis width) {
        ConvProblem p = request.problem();
        double blocks = (double) p.batch() * depth.tiles * height.tiles * width.tiles;
        double x = p.inputChannels() * blocks;
        double y = p.outputChannels() * blocks;
        double w = (double) p.outputChannels() * p.channelsPerGroup();
        double taps = share(p.axis3(0).filter(), depth) * share(p.axis3(1).filter(), height);
        double ofX = transforms(x, share(p.axis3(0).input(), depth) * share(p.axis3(1).input(), height), depth, height, width);
        double ofY = transforms(y, share(p.axis3(0).output(), depth) * share(p.axis3(1).output(), height), depth, height, width);
        double ofW = request.filters() == FilterUse.CONSTANT ? 0 : transforms(w, taps, depth, height, width);
        return ofX + ofY + ofW + products(request, blocks) * (width.length / 2 + 1) * height.length * depth.length;
    }

    /** The rows that are not all zero. */
    private static double share(long elements, FourierAxis axis) {
        return Math.min(1, (double) elements / axis.length);
    }

    private static double transforms(double signals, double share, FourierAxis depth, FourierAxis height, FourierAxis width) {
        double rows = (double) depth.length * height.length;
        double complex = width.length / 2 + 1;
        double alongWidth = share * rows * (ROW + width.length * MOVE + complex * PASS * (1 + FourierLength.work(width.length / 2)));
        double alongOthers = complex * (alongAxis(height, depth.length) + alongAxis(depth, height.length));
        return Math.ceil(signals / LANES) * (alongWidth + alongOthers);
    }

    /** So many transforms of complex numbers. */
    private static double alongAxis(FourierAxis axis, int transforms) {
        return axis.length == 1 ? 0 : transforms * (COLUMN + axis.length * PASS * FourierLength.work(axis.length));
    }

    /** Nanoseconds for each frequency. */
    private static double products(ConvRequest request, double blocks) {
        ConvProblem p = request.problem();
        double pairs = p.channelsPerGroup() * p.filtersPerGroup();
        boolean gradient = request.operation() == ConvOperation.BACKWARD_FILTER;
        double results = gradient ? pairs
                : (request.operation() == ConvOperation.FORWARD ? p.filtersPerGroup() : p.channelsPerGroup()) * blocks;
        double steps = pairs * blocks;
        double columns = FourierPlan.groupsSideBySide(p) ? p.groups() : gradient ? p.channelsPerGroup() : blocks;
        double useful = columns / (Math.ceil(columns / LANES) * LANES);
        return p.groups() * (steps * MULTIPLY + results * RESULT) / LANES / useful;
    }
}
