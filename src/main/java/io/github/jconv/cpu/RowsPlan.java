package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.RowCorrelation;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;

/**
 * What {@link PaddedRowsAlgorithm} needs to know about a request.
 *
 * @param depths        the correlation of each depth of an output channel
 * @param units         pairs of image and group
 * @param unitsOfTile   units of a tile, but for the last
 * @param unitsAtOnce   units whose inputs are laid out before the first is computed
 * @param in            the tensor that is laid out, {@code ins} channels for each unit
 * @param out           the tensor that is written, {@code outs} channels of {@code outChannel} elements for each unit
 * @param filterOfGroup elements of w from a group to the next
 * @param filterOfOut   elements of w from the filters of an output channel to those of the next in its group
 * @param spread        elements that are written from the beginning of an output channel on, the arbitrary ones included
 */
record RowsPlan(SimdProvider simd, RowCorrelation[] depths, PaddedPlanes planes, int units, int unitsOfTile, int unitsAtOnce, Of in,
                int ins, Of out, int outs, int outChannel, int filterOfGroup, int filterOfOut, int spread) {

    /** Elements of the padded channels of a unit, an output channel and rows that fill up, at most, and of taps: 1 MiB. */
    private static final long LIMIT = 1 << 18;

    /** Elements of padded planes that stay in a first-level cache until they are computed with. */
    private static final int AT_ONCE = 1 << 12;

    /** Tiles for each thread: enough to share the work evenly. */
    private static final int TILES = 4;

    static Support supports(ConvRequest request) {
        if (request.operation() == ConvOperation.BACKWARD_FILTER) {
            return Support.no("it serves forward and backward_data only");
        }
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        Support strides = forward
                ? Support.when(p.axis3(2).stride() <= 2, "along rows it serves strides of 1 and 2, and there it is " + p.axis3(2).stride())
                : Support.when(p.axes().stream().allMatch(axis -> axis.stride() == 1), "for backward_data it serves stride 1 only");
        long ins = forward ? p.channelsPerGroup() : p.filtersPerGroup();
        long padded = p.axes().stream().mapToLong(axis -> PaddedAxis.lengthOf(axis, forward)).reduce(ins, RowsPlan::product);
        long rows = product(2 * RowCorrelation.ROWS_AT_ONCE * p.axis3(1).stride(), PaddedAxis.lengthOf(p.axis3(2), forward));
        long taps = product(ins, product(p.filterTaps(), forward ? p.axis3(0).output() : p.axis3(0).input()));
        return strides.and(Support.when(padded + rows + (forward ? p.outputPositions() : p.inputPositions()) <= LIMIT && taps <= LIMIT,
                "the padded channels of a group, or its taps, exceed its scratch memory of " + LIMIT + " elements"));
    }

    private static long product(long a, long b) {
        return Math.min(a, LIMIT + 1) * Math.min(b, LIMIT + 1);
    }

    static RowsPlan of(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        PaddedPlanes planes = PaddedPlanes.of(p, forward, runtime.simd().lanes());
        int ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        int outs = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        int taps = (int) p.filterTaps();
        int filterOfGroup = ins * outs * taps;
        int filterOfIn = forward ? taps : outs * taps;
        int filterOfOut = forward ? ins * taps : taps;
        RowCorrelation[] depths = planes.correlations(ins, filterOfIn);
        int units = (int) (p.batch() * p.groups());
        int ofTile = Math.max(1, units / (TILES * runtime.threads()));
        int rows = depths.length == 0 ? 0 : (depths.length - 1) * depths[0].rows() + depths[0].computedRows();
        return new RowsPlan(runtime.simd(), depths, planes, units, ofTile, Math.max(1, Math.min(ofTile, AT_ONCE / (ins * planes.length()))),
                forward ? Of.X : Of.Y, ins, forward ? Of.Y : Of.X, outs, planes.outputs(), filterOfGroup, filterOfOut,
                rows * planes.width().outputs() + runtime.simd().lanes());
    }

    int tiles() {
        return ceilDiv(units, unitsOfTile);
    }

    int planesLength() {
        return unitsAtOnce * ins * planes.length() + planes.slack();
    }

    /** Scratch memory of a thread: padded planes, and an output channel. */
    int workerLength() {
        return planesLength() + spread;
    }
}
