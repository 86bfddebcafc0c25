package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.ChannelLoops;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What {@link ChannelLanesAlgorithm} needs to know about a request. Channels come in blocks of as many as a vector has lanes; sizes and
 * places are those of one channel, in memory they are {@code lanes} times as far apart.
 *
 * @param in        the tensor that is turned around and padded, {@code inRows * inColumns} elements a channel
 * @param out       the one that is written, or for BACKWARD_FILTER the other one that is read, {@code outs} elements a channel
 * @param padded    elements from a row of the padded channel to the next
 * @param left      padding in front of a row
 * @param above     padding above the rows
 * @param positions elements of a padded channel
 * @param classes   the correlations that together make the output, or none for BACKWARD_FILTER
 * @param shifts    for BACKWARD_FILTER the shift of each tap, and of some others that fill up
 */
record ChannelLanesPlan(SimdProvider simd, int lanes, int channels, int images, int unitsOfTile, int units, Of in, int inRows,
                        int inColumns, Of out, int outs, int padded, int left, int above, int positions, int taps,
                        List<ResidueCorrelation> classes, int[] shifts) {

    /** Positions of all scratch memory of a thread: 3 MiB with 512-bit vectors, of which the padded channels and outputs are half. */
    private static final long LIMIT = 3 << 14;

    /** The first element of a large array that begins a cache line, as most JVMs lay it out: all vectors then do. */
    private static final int ALIGNED = 12;

    /** Tiles for each thread: enough to share the work evenly. */
    private static final int TILES = 4;

    /**
     * The correlation of a residue class of the outputs, row by row. Tap number i of row j meets padding unless it is one from
     * {@code first[j]} to {@code end[j]}.
     *
     * @param taps    of each tap where its weights lie, and its shift
     * @param apart   taps of a row of the filter, if a row of taps and the next meet the same with a row of outputs and the next; or 0
     * @param ascending whether it is the first of two rows of outputs that meets an element with the later tap
     * @param outStep from an output of a row to the next
     * @param outAt   where the first output of each row lies
     * @param inStep  from the input of an output to that of the next
     * @param inAt    where the input of the first output and of the first tap of each row lies
     */
    record ResidueCorrelation(int[] taps, int apart, boolean ascending, int columns, int inStep, int outStep, int[] first, int[] end,
                              int[] inAt, int[] outAt) {

        /** Of a row and the next, the one whose tap number {@code i} meets what tap {@code i - apart} of the other one does. */
        int leading(int row) {
            return ascending ? row : row + 1;
        }

        /** Whether a row and the next share all that the leading one meets behind its first taps. */
        boolean pairs(int row) {
            if (apart == 0 || row + 1 == first.length) {
                return false;
            }
            int lead = leading(row);
            int other = 2 * row + 1 - lead;
            int shared = first[other] + apart;
            return first[lead] <= shared && shared <= end[lead] && end[lead] - apart <= end[other];
        }
    }

    static Support supports(ConvRequest request) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() != ConvOperation.BACKWARD_DATA;
        Support depthwise = Support.when(p.channelsPerGroup() == 1 && p.filtersPerGroup() == 1,
                "it serves one channel and one filter per group only")
                .and(Support.when(p.axis3(0).equals(SpatialAxis.unit()), "it serves one and two dimensions only"));
        return depthwise.yes() ? Support.when(memory(p, forward) <= LIMIT, "a channel and its padding exceed its scratch memory of "
                + LIMIT + " positions") : depthwise;
    }

    /** Positions of scratch memory, roughly: of a padded channel, and twice of x, of y and of the filter. */
    private static long memory(ConvProblem p, boolean forward) {
        long padded = Math.min(LIMIT, paddedLength(p.axis3(1), forward)) * Math.min(LIMIT, paddedLength(p.axis3(2), forward));
        return padded + 2 * (p.inputPositions() + p.outputPositions() + p.filterTaps());
    }

    private static long paddedLength(SpatialAxis axis, boolean forward) {
        List<AxisWalk> walks = ShiftedPlanes.walks(axis, forward);
        return before(walks) + end(walks);
    }

    /** Elements of padding in front of an axis. */
    private static long before(List<AxisWalk> walks) {
        return walks.stream().mapToLong(walk -> -(long) walk.inBegin - Math.min(0, (walk.taps - 1L) * walk.tapShift)).filter(i -> i > 0)
                .max().orElse(0);
    }

    /** One more than the last element of an axis that a tap meets, whether it exists or is padding. */
    private static long end(List<AxisWalk> walks) {
        return walks.stream().mapToLong(walk -> walk.inBegin + (walk.count - 1L) * walk.inStep
                + Math.max(0, (walk.taps - 1L) * walk.tapShift)).filter(i -> i > 0).max().orElse(0) + 1;
    }

    static ChannelLanesPlan of(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        boolean gradient = request.operation() == ConvOperation.BACKWARD_FILTER;
        boolean forward = request.operation() != ConvOperation.BACKWARD_DATA;
        List<AxisWalk> heights = ShiftedPlanes.walks(p.axis3(1), forward);
        List<AxisWalk> widths = ShiftedPlanes.walks(p.axis3(2), forward);
        int lanes = runtime.simd().lanes();
        int inRows = (int) (forward ? p.axis3(1).input() : p.axis3(1).output());
        int inColumns = (int) (forward ? p.axis3(2).input() : p.axis3(2).output());
        int left = (int) before(widths);
        int padded = left + (int) Math.max(inColumns, end(widths));
        int above = gradient ? (int) before(heights) : 0;
        int rows = gradient ? above + (int) Math.max(inRows, end(heights)) : inRows;
        int outColumns = (int) (forward ? p.axis3(2).output() : p.axis3(2).input());
        List<ResidueCorrelation> classes = heights.stream().flatMap(height -> widths.stream().map(width ->
                residueClass(height, width, (int) p.axis3(2).filter(), lanes, inRows, padded, left, outColumns))).toList();
        int blocks = (int) ceilDiv(p.inputChannels(), lanes);
        int units = gradient ? blocks : (int) (p.batch() * blocks);
        return new ChannelLanesPlan(runtime.simd(), lanes, (int) p.inputChannels(), (int) p.batch(),
                Math.max(1, units / (TILES * runtime.threads())), units, forward ? Of.X : Of.Y, inRows, inColumns, forward ? Of.Y : Of.X,
                (int) (forward ? p.outputPositions() : p.inputPositions()), padded, left, above, rows * padded, (int) p.filterTaps(),
                classes, gradient ? shifts(heights.get(0), widths.get(0), lanes, padded) : new int[0]);
    }

    private static ResidueCorrelation residueClass(AxisWalk height, AxisWalk width, int filterWidth, int lanes, int inRows, int padded,
                                                   int left, int outColumns) {
        int[] taps = new int[2 * height.taps * width.taps];
        for (int i = 0; i < height.taps * width.taps; i++) {
            int r = i / width.taps;
            int s = i % width.taps;
            taps[2 * i] = (height.filter(r) * filterWidth + width.filter(s)) * lanes;
            taps[2 * i + 1] = (r * height.tapShift * padded + s * width.tapShift) * lanes;
        }
        int[] first = new int[height.count];
        int[] end = new int[height.count];
        for (int j = 0; j < height.count; j++) {
            int row = j;
            int[] inside = IntStream.range(0, height.taps).filter(tap -> height.inside(row, tap)).toArray();
            first[j] = inside.length == 0 ? 0 : inside[0] * width.taps;
            end[j] = inside.length == 0 ? 0 : (inside[inside.length - 1] + 1) * width.taps;
        }
        int[] inAt = IntStream.range(0, height.count).map(j -> (height.in(j, 0) * padded + left + width.inBegin) * lanes).toArray();
        int[] outAt = IntStream.range(0, height.count).map(j -> (height.out(j) * outColumns + width.outBegin) * lanes).toArray();
        int apart = Math.abs(height.tapShift) == height.inStep ? width.taps : 0;
        return new ResidueCorrelation(taps, apart, height.tapShift > 0, width.count, width.inStep * lanes, width.outStep * lanes,
                first, end, inAt, outAt);
    }

    private static int[] shifts(AxisWalk height, AxisWalk width, int lanes, int padded) {
        int taps = height.taps * width.taps;
        int filledUp = wholes(taps, ChannelLoops.TAPS_AT_ONCE);
        return IntStream.range(0, filledUp).map(i -> Math.min(i, taps - 1))
                .map(i -> (i / width.taps * height.tapShift * padded + i % width.taps * width.tapShift) * lanes).toArray();
    }

    int tiles() {
        return ceilDiv(units, unitsOfTile);
    }

    int endOf(int tile) {
        return Math.min(units, (tile + 1) * unitsOfTile);
    }

    /** Channels of a block: fewer in the last. */
    int channelsOf(int block) {
        return Math.min(lanes, channels - block * lanes);
    }

    /** Elements of scratch memory of all threads. */
    long workspaceLength(int threads) {
        return ALIGNED + (long) threads * workerLength();
    }

    // Scratch memory of a thread: the padded channels, the outputs, what is copied on its way there or from there, and the filters.

    int planesAt(int worker) {
        return ALIGNED + worker * workerLength();
    }

    int outsAt(int worker) {
        return planesAt(worker) + positions * lanes;
    }

    int copyAt(int worker) {
        return outsAt(worker) + outs * lanes;
    }

    int filtersAt(int worker) {
        return copyAt(worker) + Math.max(Math.max(inRows * inColumns, outs), taps) * lanes;
    }

    int workerLength() {
        return (positions + outs + Math.max(Math.max(inRows * inColumns, outs), taps) + Math.max(Math.max(taps, lanes), shifts.length))
                * lanes;
    }
}
