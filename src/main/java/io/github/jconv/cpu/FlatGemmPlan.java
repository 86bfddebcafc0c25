package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.evenBlock;
import static io.github.jconv.cpu.Cuts.oddWholes;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What {@link FlatGemmAlgorithm} needs to know about a request.
 *
 * @param units        equal products: pairs of image and group
 * @param rows         rows of a product: output channels of a group
 * @param ins          input channels of a group
 * @param inBlock      input channels that are laid out at a time
 * @param taps         taps of a filter
 * @param positions    of a map
 * @param full         columns in whole vectors of any width, so that sums do not depend on it; the others, loose ones, are summed up alone
 * @param copies       how far the columns of each copy of a map are shifted
 * @param first        where the first position lies in a copy; before it there are zeros, as there are behind the last
 * @param copyLength   elements of a copy
 * @param planesLength elements of the copies of a channel
 * @param kept         which lanes of the vectors of each copy lie in a row of the map, for {@link SimdProvider#copyKept}
 * @param keptLength   of those, how many belong to a copy
 * @param planeShifts  where each row of the column matrix begins in the copies of a block of input channels
 * @param filterShifts where each column of the left factor lies in w, from its first; null if they follow one another
 * @param rowBlock     rows of a tile, but for the last
 * @param flatStride   elements from one row of sums to the next
 */
record FlatGemmPlan(SimdProvider simd, boolean forward, int units, int rows, int ins, int inBlock, int taps, int positions, int full,
                    int[] copies, int first, int copyLength, int planesLength, int[] kept, int keptLength, int[] planeShifts,
                    int[] filterShifts, int rowBlock, int flatStride) {

    /**
     * Depth of a product over one block of input channels. Filters are read once, and from further away than a first-level cache: long pieces
     * of their rows are fetched ahead.
     */
    private static final int MAX_DEPTH = 960;

    /** Elements of the copies of a block of input channels, and of what loose columns meet: a quarter of a second-level cache of 1 MiB. */
    private static final int MAX_PLANES = 1 << 16;

    /** Elements of the sums of a tile. They are touched once for each block of input channels only. */
    private static final int MAX_SUMS = 1 << 18;

    /** Positions of a map, at most: beyond, the ends of rows that it saves are few. */
    private static final int MAX_POSITIONS = 256;

    static Support supports(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        long rows = request.operation() == ConvOperation.FORWARD ? p.filtersPerGroup() : p.channelsPerGroup();
        return Support.when(p.axes().stream().allMatch(FlatGemmPlan::keepsSize), "it serves a stride of 1 and outputs of the input's size")
                .and(Support.when(p.axis3(0).input() == 1 && p.axis3(0).filter() == 1, "it serves one and two axes"))
                .and(Support.when(p.inputPositions() <= MAX_POSITIONS, "it serves maps of up to " + MAX_POSITIONS + " positions, and there are "
                        + p.inputPositions()))
                .and(Support.when(rows >= SimdProvider.TILE_ROWS, "it serves groups of " + SimdProvider.TILE_ROWS
                        + " output channels and more, and there " + (rows == 1 ? "is 1" : "are " + rows)))
                .and(Support.when(channelLength(request, runtime.simd()) <= MAX_PLANES, "the copies of a channel exceed its scratch memory"));
    }

    private static boolean keepsSize(SpatialAxis axis) {
        return axis.stride() == 1 && axis.output() == axis.input();
    }

    static FlatGemmPlan of(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        SimdProvider simd = runtime.simd();
        int positions = (int) p.inputPositions();
        int width = (int) p.axis3(2).input();
        int[] columns = shifts(p.axis3(2), forward);
        int[] lines = shifts(p.axis3(1), forward);
        int first = first(lines, width);
        int copyLength = copyLength(lines, width, positions);
        int planesLength = (int) planesLength(request, simd);
        int taps = (int) p.filterTaps();
        int rows = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        int ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        int inBlock = evenBlock(ins, (int) Math.min(MAX_DEPTH / taps, MAX_PLANES / channelLength(request, simd)));
        int units = (int) (p.batch() * p.groups());
        int keptLength = wholes(positions, simd.lanes());
        int full = positions - loose(positions);
        int flatStride = oddWholes(full, simd.lanes());
        int maxRows = MAX_SUMS / (flatStride + loose(positions) * SimdProvider.PARTIAL_SUMS);
        int[] planeShifts = IntStream.range(0, inBlock * taps).map(i -> i / taps * planesLength + i % columns.length * copyLength + first
                + lines[i % taps / columns.length] * width).toArray();
        int[] filterShifts = forward ? null : IntStream.range(0, inBlock * taps).map(i -> i / taps * rows * taps + i % taps).toArray();
        return new FlatGemmPlan(simd, forward, units, rows, ins, inBlock, taps, positions, full, columns, first, copyLength, planesLength,
                kept(columns, width, positions, keptLength), keptLength, planeShifts, filterShifts,
                ShiftedProduct.rowBlock(units, rows, SimdProvider.TILE_ROWS, false, maxRows, runtime.threads()), flatStride);
    }

    /** How far from an output the input lies that each tap of an axis meets: forward in front of it, and behind it for the gradient. */
    private static int[] shifts(SpatialAxis axis, boolean forward) {
        return IntStream.range(0, (int) axis.filter()).map(tap -> (int) ((tap * axis.dilation() - axis.padBegin()) * (forward ? 1 : -1)))
                .toArray();
    }

    private static int first(int[] lines, int width) {
        return Math.max(0, -Arrays.stream(lines).min().orElseThrow()) * width;
    }

    private static int copyLength(int[] lines, int width, int positions) {
        return first(lines, width) + positions + Math.max(0, Arrays.stream(lines).max().orElseThrow()) * width;
    }

    /** Behind the last copy there is room for what vectors write there. */
    private static long planesLength(ConvRequest request, SimdProvider simd) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        SpatialAxis height = p.axis3(1);
        long above = forward ? height.padBegin() : (height.filter() - 1) * height.dilation() - height.padBegin();
        long below = (height.filter() - 1) * height.dilation() - above;
        return p.axis3(2).filter() * (p.inputPositions() + p.axis3(2).input() * (Math.max(0, above) + Math.max(0, below)))
                + simd.lanes();
    }

    /** Elements of the copies of a channel, and of what each loose column meets of it. */
    private static long channelLength(ConvRequest request, SimdProvider simd) {
        ConvProblem p = request.problem();
        return planesLength(request, simd) + (long) loose((int) p.inputPositions()) * wholes(p.filterTaps(), (long) SimdProvider.PARTIAL_SUMS);
    }

    private static int[] kept(int[] columns, int width, int positions, int keptLength) {
        int[] kept = new int[columns.length * keptLength];
        for (int copy = 0; copy < columns.length; copy++) {
            for (int i = 0; i < positions; i++) {
                int column = i % width + columns[copy];
                kept[copy * keptLength + i] = column >= 0 && column < width ? -1 : 0;
            }
        }
        return kept;
    }

    /** Columns that make up no whole vector. */
    int loose() {
        return positions - full;
    }

    private static int loose(int positions) {
        return positions % SimdProvider.PARTIAL_SUMS;
    }

    int rowBlocks() {
        return ceilDiv(rows, rowBlock);
    }

    int tiles() {
        return units * rowBlocks();
    }

    /** Elements of the taps of a channel and a loose column, in whole pieces. */
    int tapsLength() {
        return wholes(taps, SimdProvider.PARTIAL_SUMS);
    }

    /** Rows of sums: those of whole tiles of the inner loop. */
    int slots(int blockRows) {
        return wholes(blockRows, SimdProvider.TILE_ROWS);
    }

    int planesTotal() {
        return inBlock * planesLength;
    }

    int looseTotal() {
        return loose() * inBlock * tapsLength();
    }

    int sumsTotal() {
        return slots(rowBlock) * flatStride;
    }

    /** Scratch memory of a thread: copies, what loose columns meet, sums, and partial sums of loose columns. */
    int workerLength() {
        return planesTotal() + looseTotal() + sumsTotal() + loose() * slots(rowBlock) * SimdProvider.PARTIAL_SUMS;
    }
}
