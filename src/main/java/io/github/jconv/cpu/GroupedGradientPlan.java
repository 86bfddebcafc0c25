package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;

/**
 * What {@link GroupedGradientAlgorithm} needs to know about a problem. In which order products are added depends on none of it: each sum
 * is one chain over all positions in their order.
 *
 * @param channels       channels of a group, and so on
 * @param sides          groups that are turned around together, so that their channels fill vectors
 * @param filterBlock    filters of a group that one thread takes at a time
 * @param rowsOfBlock    rows of outputs that are laid out at a time
 * @param rowsOfPiece    rows of outputs whose products are summed up in registers
 * @param xRows          rows of x that a block meets
 * @param xColumns       columns of a row of x with its padding
 * @param columns        elements from one row of sums to the next: the channels of all taps along the last axis, in whole vectors and
 *                       cache lines
 * @param shifts         where the positions of a piece lie in the turned x
 * @param filterTaps     taps of a filter
 * @param order          where the gradient of a filter lies in its sums, filled up to whole cache lines
 */
record GroupedGradientPlan(SimdProvider simd, AxisWalk depth, AxisWalk height, AxisWalk width, int groups, int channels, int filters,
                           int sides, int filterBlock, int rowsOfBlock, int rowsOfPiece, int xRows, int xColumns, int columns, int[] shifts,
                           int filterTaps, int[] order) {

    /** Filters of a panel of dy: the rows of a tile. */
    static final int PANEL = SimdProvider.TAP_ROWS;

    /** Channels of dy that are turned around at once. */
    static final int TURNED = CacheLine.FLOATS;

    /** Positions that are turned around at once, if rows are not longer. */
    static final int TURNED_POSITIONS = 128;

    /** Elements of the turned x of a block, and of the turned dy: a quarter of a second-level cache of 1 MiB each. */
    private static final long MAX_TURNED = 1 << 16;

    /** Elements of the sums of a thread: another quarter. */
    private static final long MAX_SUMS = 1 << 16;

    /** Elements of a position that a tile reads, at most. */
    private static final long STRIP = SimdProvider.TAP_VECTORS * SimdProvider.PARTIAL_SUMS;

    /** Elements of the turned tensors that a tile reads of a piece: two thirds of a first-level cache of 48 KiB. */
    private static final long PIECE = 8_000;

    /** What tiles and copies read and write behind what belongs there, at most. */
    private static final int BEHIND = SimdProvider.SHIFT_SLACK;

    static Support supports(ConvProblem p) {
        SpatialAxis width = p.axis3(2);
        return Support.when(width.dilation() == 1 || width.filter() == 1, "taps along rows must be neighbours")
                .and(Support.when(p.filterTaps() <= MAX_SUMS && p.channelsPerGroup() * p.filterTaps() <= MAX_SUMS
                        && reach(width, width.output()) <= MAX_TURNED && p.channelsPerGroup() <= MAX_TURNED
                        && turned(p, 1) <= MAX_TURNED && sums(p) * Math.min(p.filtersPerGroup() + PANEL, TURNED) <= MAX_SUMS,
                        "the sums of a group, or the inputs of a row of outputs, exceed its scratch memory"));
    }

    static GroupedGradientPlan of(ConvProblem p, CpuRuntime runtime) {
        AxisWalk height = AxisWalk.forward(p.axis3(1));
        AxisWalk width = AxisWalk.forward(p.axis3(2));
        int channels = (int) p.channelsPerGroup();
        int filters = (int) p.filtersPerGroup();
        int xColumns = (int) Math.max(0, reach(p.axis3(2), width.count));
        int rowsOfBlock = Math.max(1, height.count);
        while (rowsOfBlock > 1 && turned(p, rowsOfBlock) > MAX_TURNED) {
            rowsOfBlock = (rowsOfBlock + 1) / 2;
        }
        long ofRow = Math.max(1L, width.count * (Math.min((long) width.inStep * channels, STRIP) + PANEL));
        int pieces = (int) Math.min(rowsOfBlock, ceilDiv(rowsOfBlock * ofRow, PIECE));
        int rowsOfPiece = (rowsOfBlock + pieces - 1) / Math.max(1, pieces);
        int[] shifts = new int[rowsOfPiece * width.count];
        for (int i = 0; i < shifts.length; i++) {
            shifts[i] = (i / width.count * height.inStep * xColumns + i % width.count * width.inStep) * channels;
        }
        int sides = sides(p);
        int lanes = runtime.simd().lanes();
        int columns = wholes(columns(p), lanes);
        return new GroupedGradientPlan(runtime.simd(), AxisWalk.forward(p.axis3(0)), height, width, (int) p.groups(), channels, filters, sides,
                filterBlock(p, ceilDiv((int) p.groups(), sides), runtime.threads()), rowsOfBlock, rowsOfPiece,
                (int) reach(p.axis3(1), rowsOfBlock), xColumns, columns, shifts, (int) p.filterTaps(), order(p, columns));
    }

    private static int[] order(ConvProblem p, int columns) {
        int channels = (int) p.channelsPerGroup();
        int inner = (int) p.axis3(2).filter();
        int taps = (int) p.filterTaps();
        int[] order = new int[CacheLine.whole(channels * taps)];
        for (int i = 0; i < channels * taps; i++) {
            order[i] = i % taps / inner * columns + i % taps % inner * channels + i / taps;
        }
        return order;
    }

    /** Inputs that so many outputs meet along an axis, padding included. */
    private static long reach(SpatialAxis axis, long outputs) {
        return (outputs - 1) * axis.stride() + (axis.filter() - 1) * axis.dilation() + 1;
    }

    private static int sides(ConvProblem p) {
        return (int) Math.max(1, Math.min(p.groups(), TURNED / Math.max(1, Math.max(p.channelsPerGroup(), p.filtersPerGroup()))));
    }

    /** Elements of the turned x, or of the turned dy of some filters, of so many rows of outputs: whichever is more. */
    private static double turned(ConvProblem p, long rows) {
        double x = (double) reach(p.axis3(1), rows) * reach(p.axis3(2), p.axis3(2).output()) * p.channelsPerGroup() * sides(p);
        double y = (double) rows * p.axis3(2).output() * Math.max(TURNED, 2 * PANEL * sides(p));
        return Math.max(x, y);
    }

    /** Columns of the products, for vectors of up to 16 lanes. */
    private static int columns(ConvProblem p) {
        return CacheLine.whole((int) (p.axis3(2).filter() * p.channelsPerGroup()));
    }

    /** Sums of a filter. */
    private static long sums(ConvProblem p) {
        return p.axis3(0).filter() * p.axis3(1).filter() * columns(p) * sides(p);
    }

    /** All filters if their sums fit and threads get work; otherwise as few parts as do, of whole turned squares. */
    private static int filterBlock(ConvProblem p, int others, int threads) {
        int filters = (int) p.filtersPerGroup();
        if (filters <= TURNED) {
            return filters;
        }
        int most = (int) Math.max(TURNED, MAX_SUMS / Math.max(1, sums(p)) / TURNED * TURNED);
        int shares = threads == 1 ? 1 : 2 * threads;
        int parts = Math.max(ceilDiv(filters, most), (shares + others - 1) / Math.max(1, others));
        return Math.min(most, CacheLine.whole(ceilDiv(filters, parts)));
    }

    /** The share of all products that are part of dw: others are with lanes and rows that fill up tiles. */
    static double usefulShare(ConvProblem p) {
        double rows = p.filtersPerGroup();
        return p.axis3(2).filter() * p.channelsPerGroup() / (double) Math.max(1, columns(p))
                * rows / (Math.ceil(rows / PANEL) * PANEL);
    }

    int filterBlocks() {
        return ceilDiv(filters, filterBlock);
    }

    int tasks() {
        return ceilDiv(groups, sides) * filterBlocks();
    }

    /** Taps of the first two axes, each of which has a product. */
    int outerTaps() {
        return depth.taps * height.taps;
    }

    /** Elements of the channels of all taps along the last axis. */
    int window() {
        return width.taps * channels;
    }

    /** Elements from the sums of one filter to those of the next. */
    int sumsRow() {
        return outerTaps() * columns;
    }

    int panels() {
        return ceilDiv(filterBlock, PANEL);
    }

    /** Elements from one position to the next where channels of x have been turned around. */
    int turnedStep() {
        return CacheLine.whole(sides * channels);
    }

    /** Rows of x that are turned around at once; of a single one only the columns that take part. */
    int rowsAtOnce(int columns) {
        return Math.max(1, TURNED_POSITIONS / Math.max(1, columns));
    }

    // --- scratch memory of a thread -----------------------------------------------------------------------------------------

    int xAt(int worker, int side) {
        return CacheLine.FIRST + worker * workerLength() + side * xLength();
    }

    private int xLength() {
        return CacheLine.whole(xRows * xColumns * channels + BEHIND);
    }

    int yAt(int worker, int side, int panel) {
        return xAt(worker, sides) + (side * panels() + panel) * yLength();
    }

    private int yLength() {
        return CacheLine.whole(rowsOfBlock * width.count * PANEL + BEHIND);
    }

    int sumsAt(int worker, int side) {
        return yAt(worker, sides, 0) + side * panels() * PANEL * sumsRow();
    }

    /** Room for what was turned around but is not in place yet. */
    int turnedAt(int worker) {
        return sumsAt(worker, sides);
    }

    private int turnedLength() {
        int ofX = Math.max(TURNED_POSITIONS, xColumns) * turnedStep();
        return CacheLine.whole(Math.max(Math.max(ofX, TURNED_POSITIONS * TURNED), order.length) + BEHIND);
    }

    private int workerLength() {
        return sides * (xLength() + panels() * (yLength() + PANEL * sumsRow())) + turnedLength();
    }

    long workspaceLength(int threads) {
        return CacheLine.FIRST + (long) threads * workerLength();
    }
}
