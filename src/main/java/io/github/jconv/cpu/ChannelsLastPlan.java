package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.evenBlock;
import static io.github.jconv.cpu.Cuts.sharedBlock;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@link ChannelsLastGemmAlgorithm} needs to know about a problem. Nothing that decides in which order products are added
 * depends on the provider or the threads.
 *
 * @param filtersAcross  whether filters are the columns of the products and channels their rows, or the other way round
 * @param mergedTaps     taps along the last axis that are rows of the products beside the channels: all, for few channels, or 1
 * @param blocks         the outputs of all images, cut so that what belongs to one block fits the scratch memory
 * @param xChannels      channels of a panel of the turned x, in which one position follows another, and so on
 * @param xStep          elements from one position to the next in a panel
 * @param xPanel         elements of a panel, at most
 * @param channels       channels of a group, and so on
 * @param rows           rows of the products of a group
 * @param columns        columns of those
 * @param taps           products for each group: a tap each, or a tap of the outer axes each where those of the last are merged
 * @param rowBlock       rows that one thread takes at a time
 * @param columnBlock    columns that it takes, and elements from one row of its sums to the next
 * @param rowsOfPiece    rows of outputs whose products are summed up in registers
 * @param columnsOfPiece columns of those; all unless {@code rowsOfPiece} is 1
 * @param xShifts        for each number of columns that take part: where the positions of a piece lie in the turned x, and so on
 */
record ChannelsLastPlan(SimdProvider simd, boolean filtersAcross, int mergedTaps, AxisWalk depth, AxisWalk height, AxisWalk width,
                        Block[] blocks, int groups, int xChannels, int yChannels, int xStep,
                        int yStep, int xPanel, int yPanel, int channels, int filters, int rows, int columns, int taps,
                        int rowBlock, int columnBlock, int rowsOfPiece, int columnsOfPiece, int[][] xShifts, int[][] yShifts) {

    /** Elements of the turned tensors of a block. */
    private static final int MAX_TURNED = 1 << 20;

    /** The same where taps are merged and a thread turns around what it needs itself: a part of a second-level cache of 1 MiB. */
    private static final int MAX_TURNED_ALONE = 1 << 16;

    /** Parts of the blocks whose sums are added up in the end, at most, and elements of these sums. */
    private static final int MAX_PARTS = 16;
    private static final int MAX_SUMS_OF_PARTS = 1 << 20;

    /** Elements of the sums of one thread: a part of a second-level cache of 1 MiB. */
    private static final int MAX_SUMS = 1 << 16;

    /** The same for filters of so many taps that those of a single tile are more. */
    private static final int MAX_SUMS_OF_TILE = 1 << 18;

    /** Positions of a piece: with 32 columns they fit a first-level cache, and loading and storing the sums hardly counts. */
    private static final int PIECE = 200;

    /** Elements of a cache line. */
    private static final int LINE = 16;

    /** Columns of a panel, for vectors of 16 lanes and less. */
    private static final int ACROSS = 32;

    /** Channels with fewer rows than this would leave half of a tile empty. */
    private static final int FEW_CHANNELS = 6;

    /** Taps that are merged, at most: so many rows are one block. */
    private static final int MAX_MERGED_ROWS = 384;

    /** Columns of a block, at most: a multiple of what every provider works on at once. */
    private static final int COLUMN_BLOCK = 64;

    /** Elements behind them, that the tiles of the last position read. */
    private static final int BEHIND = 128;

    /** What a block of rows costs beside its tiles, and how many more blocks for each thread may share the work more evenly. */
    private static final double BLOCK_IN_TILES = 0.1;
    private static final int MORE_BLOCKS = 4;

    /** A tile with half as many rows takes more than half as long, and one with a single vector of columns, too. */
    private static final double HALF_TILE = 0.62;

    /** Turning a sum back takes about as long as this many products in a tile, one by one, or with vectors. */
    private static final double TURNING_ONE = 130;
    private static final double TURNING = 20;

    /** A box of positions: the first one, and how many, along each axis. */
    record Box(int depth, int row, int column, int depths, int rows, int columns) {

        int positions() {
            return depths * rows * columns;
        }
    }

    /**
     * A block of outputs of one or several images.
     *
     * @param in the inputs that take part; of merged taps along the last axis the padding, too
     */
    record Block(int image, int images, Box out, Box in) {
    }

    static Support supports(ConvRequest request) {
        ConvProblem p = request.problem();
        long sums = SimdProvider.INTERLEAVED_ROWS * taps(p) * COLUMN_BLOCK;
        return Support.when(sums <= MAX_SUMS_OF_TILE && blockSizes(p) != null,
                "the sums of a tile, or the inputs of a single output, exceed its scratch memory");
    }

    static ChannelsLastPlan of(ConvProblem p, CpuRuntime runtime) {
        int lanes = runtime.simd().lanes();
        boolean filtersAcross = filtersAcross(p, lanes);
        int merged = (int) mergedTaps(p);
        AxisWalk depth = AxisWalk.forward(p.axis3(0));
        AxisWalk height = AxisWalk.forward(p.axis3(1));
        AxisWalk width = AxisWalk.forward(p.axis3(2));
        int[] size = blockSizes(p);
        Block[] blocks = cut(p, size, merged);
        int across = Math.max(ACROSS, lanes);
        int xChannels = merged > 1 ? (int) p.inputChannels() : filtersAcross ? SimdProvider.INTERLEAVED_ROWS : across;
        int yChannels = filtersAcross ? across : SimdProvider.INTERLEAVED_ROWS;
        int xStep = merged > 1 ? (int) p.inputChannels() : wholes(xChannels, LINE);
        int yStep = wholes(yChannels, LINE);
        int xPanel = 0;
        int yPanel = 0;
        int inColumns = 0;
        for (Block block : blocks) {
            xPanel = Math.max(xPanel, block.images * block.in.positions() * xStep);
            yPanel = Math.max(yPanel, block.images * block.out.positions() * yStep);
            inColumns = Math.max(inColumns, block.in.columns);
        }
        int rows = (int) (filtersAcross ? p.channelsPerGroup() * merged : p.filtersPerGroup());
        int columns = (int) (filtersAcross ? p.filtersPerGroup() : p.channelsPerGroup());
        int taps = (int) taps(p);
        int columnBlock = Math.min(COLUMN_BLOCK, wholes(columns, lanes));
        int rowBlock = merged > 1 ? rows : SimdProvider.INTERLEAVED_ROWS * sharedBlock(p.groups() * ceilDiv(columns, columnBlock),
                ceilDiv(rows, SimdProvider.INTERLEAVED_ROWS), MAX_SUMS / (SimdProvider.INTERLEAVED_ROWS * taps * columnBlock), BLOCK_IN_TILES,
                runtime.threads(), runtime.threads() * MORE_BLOCKS);
        int columnsOfPiece = Math.min(size[2], evenBlock(size[2], PIECE));
        int rowsOfPiece = size[2] < width.count || columnsOfPiece < size[2] ? 1 : evenBlock(size[1], PIECE / columnsOfPiece);
        int[][] xShifts = new int[columnsOfPiece + 1][];
        int[][] yShifts = new int[columnsOfPiece + 1][];
        for (int q = 0; q < width.count; q = Math.min(q + columnsOfPiece, (q / size[2] + 1) * size[2])) {
            int end = Math.min(Math.min(q + columnsOfPiece, width.count), (q / size[2] + 1) * size[2]);
            for (int s = 0; s < width.taps; s++) {
                int count = merged > 1 ? end - q : Math.min(end, width.end(s)) - Math.max(q, width.first(s));
                if (count > 0 && xShifts[count] == null) {
                    xShifts[count] = shifts(count, rowsOfPiece, height.inStep * inColumns * xStep, width.inStep * xStep);
                    yShifts[count] = shifts(count, rowsOfPiece, Math.min(size[2], width.count) * yStep, yStep);
                }
            }
        }
        return new ChannelsLastPlan(runtime.simd(), filtersAcross, merged, depth, height, width, blocks, (int) p.groups(), xChannels,
                yChannels, xStep, yStep, wholes(xPanel, LINE), wholes(yPanel, LINE), (int) p.channelsPerGroup(),
                (int) p.filtersPerGroup(), rows, columns, taps, rowBlock, columnBlock, rowsOfPiece, columnsOfPiece, xShifts, yShifts);
    }

    /** The share of all products that are part of dw: the others are with channels or filters that fill up vectors and tiles. */
    static double usefulShare(ConvProblem p, SimdProvider simd) {
        boolean filtersAcross = filtersAcross(p, simd.lanes());
        long rows = filtersAcross ? p.channelsPerGroup() * mergedTaps(p) : p.filtersPerGroup();
        long columns = filtersAcross ? p.filtersPerGroup() : p.channelsPerGroup();
        return (double) rows * columns / (SimdProvider.INTERLEAVED_ROWS * rowTiles(rows))
                / (SimdProvider.TILE_VECTORS * simd.lanes() * columnTiles(columns, simd.lanes()));
    }

    /** The share of all pairs of an output and a tap that meet an input; the others are not multiplied. */
    static double insideShare(ConvProblem p) {
        double share = insideShare(p.axis3(0)) * insideShare(p.axis3(1));
        return mergedTaps(p) > 1 ? share : share * insideShare(p.axis3(2));
    }

    private static double insideShare(SpatialAxis axis) {
        AxisWalk walk = AxisWalk.forward(axis);
        double inside = 0;
        for (int tap = 0; tap < walk.taps; tap++) {
            inside += walk.end(tap) - walk.first(tap);
        }
        return inside / Math.max(1, (double) walk.count * walk.taps);
    }

    /** Taps along the last axis that become rows: all, if the channels alone would not fill a tile. */
    static long mergedTaps(ConvProblem p) {
        SpatialAxis width = p.axis3(2);
        boolean merged = p.groups() == 1 && p.inputChannels() < FEW_CHANNELS && width.dilation() == 1
                && p.inputChannels() * width.filter() <= MAX_MERGED_ROWS
                && p.inputChannels() * p.filterTaps() * COLUMN_BLOCK <= MAX_SUMS_OF_TILE
                && p.inputChannels() * p.filterTaps() * p.outputChannels() <= MAX_SUMS_OF_PARTS;
        return merged ? width.filter() : 1;
    }

    int rowBlocks() {
        return ceilDiv(rows, rowBlock);
    }

    int columnBlocks() {
        return ceilDiv(columns, columnBlock);
    }

    int xPanels() {
        return ceilDiv(channels, xChannels);
    }

    int yPanels() {
        return ceilDiv(filters, yChannels);
    }

    int turnedX(int group, int panel) {
        return CacheLine.FIRST + (group * xPanels() + panel) * xPanel;
    }

    int turnedY(int group, int panel) {
        return turnedX(groups, 0) + (group * yPanels() + panel) * yPanel;
    }

    /** Parts of the blocks that are summed up apart where taps are merged. Their number must not depend on the threads. */
    int parts() {
        int most = MAX_SUMS_OF_PARTS / Math.max(1, columnBlocks() * sumsLength());
        return Math.max(1, Math.min(blocks.length, Math.min(MAX_PARTS, most)));
    }

    /** Where a thread turns x around for merged taps; the panels of dy of a block of columns follow. */
    int turnedXOf(int worker) {
        return CacheLine.FIRST + worker * (xPanel + yPanelsOfBlock() * yPanel + BEHIND);
    }

    int turnedYOf(int worker, int panel) {
        return turnedXOf(worker) + xPanel + panel * yPanel;
    }

    private int yPanelsOfBlock() {
        return ceilDiv(columnBlock, yChannels);
    }

    /** The sums of a part of the blocks for a block of columns, where taps are merged. */
    int sumsOfPart(int threads, int part, int block) {
        return turnedXOf(threads) + (part * columnBlocks() + block) * sumsLength();
    }

    /** Room to put the sums of a block of columns in another order and to turn them back, where taps are merged. */
    int linesOfPart(int threads, int worker) {
        return sumsOfPart(threads, parts(), 0) + worker * linesLength();
    }

    /** The sums of a thread: for each row and tap a row of columns. */
    int sums(int worker) {
        return turnedY(groups, 0) + BEHIND + worker * (sumsLength() + linesLength());
    }

    int sumsLength() {
        return wholes(rowBlock, SimdProvider.TILE_ROWS) * taps * columnBlock;
    }

    /** Sums that were put in another order, or turned back, before they are added to dw. */
    int lines(int worker) {
        return sums(worker) + sumsLength();
    }

    private int linesLength() {
        return rowBlock * taps * Math.min(columnBlock, COLUMN_BLOCK) * (mergedTaps > 1 ? 2 : 1);
    }

    int workspaceLength(int threads) {
        return mergedTaps > 1 ? linesOfPart(threads, threads) : sums(threads);
    }

    private static long taps(ConvProblem p) {
        return p.filterTaps() / mergedTaps(p);
    }

    private static boolean filtersAcross(ConvProblem p, int lanes) {
        if (mergedTaps(p) > 1) {
            return true;
        }
        long positions = p.batch() * p.outputPositions();
        double products = (double) positions * SimdProvider.INTERLEAVED_ROWS * SimdProvider.TILE_VECTORS * lanes;
        double sums = (double) p.filtersPerGroup() * p.channelsPerGroup();
        double across = products * rowTiles(p.channelsPerGroup()) * columnTiles(p.filtersPerGroup(), lanes) + sums * TURNING;
        double down = products * rowTiles(p.filtersPerGroup()) * columnTiles(p.channelsPerGroup(), lanes)
                + sums * (p.filterTaps() > 1 && p.filterTaps() < lanes ? TURNING_ONE : TURNING);
        return across <= down;
    }

    /** How many tiles of full height take as long as those of so many rows. */
    private static double rowTiles(long rows) {
        long rest = rows % SimdProvider.INTERLEAVED_ROWS;
        return rows / SimdProvider.INTERLEAVED_ROWS + (rest == 0 ? 0 : rest <= SimdProvider.TILE_ROWS ? HALF_TILE : 1);
    }

    private static double columnTiles(long columns, int lanes) {
        long wide = (long) SimdProvider.TILE_VECTORS * lanes;
        long rest = columns % wide;
        return columns / wide + (rest == 0 ? 0 : rest <= lanes ? HALF_TILE : 1);
    }

    private static int[] shifts(int columns, int rows, int rowStep, int columnStep) {
        int[] shifts = new int[rows * columns];
        for (int i = 0; i < shifts.length; i++) {
            shifts[i] = i / columns * rowStep + i % columns * columnStep;
        }
        return shifts;
    }

    /** Outputs of a block along each axis, halved along the outermost until they fit, or null if a single one does not. */
    private static int[] blockSizes(ConvProblem p) {
        long[] size = {p.axis3(0).output(), p.axis3(1).output(), p.axis3(2).output()};
        while (elements(p, size) > maxTurned(p)) {
            int axis = size[0] > 1 ? 0 : size[1] > 1 ? 1 : 2;
            if (size[axis] <= 1) {
                if (elements(p, size) > MAX_TURNED) {
                    return null;
                }
                break;
            }
            size[axis] = (size[axis] + 1) / 2;
        }
        return new int[] {(int) size[0], (int) size[1], (int) size[2]};
    }

    private static int maxTurned(ConvProblem p) {
        return mergedTaps(p) > 1 ? MAX_TURNED_ALONE : MAX_TURNED;
    }

    /** Elements of the turned tensors that belong to so many outputs of an image; of dy with merged taps, to a block of columns. */
    private static double elements(ConvProblem p, long[] size) {
        double ins = mergedTaps(p) > 1 ? p.inputChannels() : p.groups() * wholes((int) p.channelsPerGroup(), COLUMN_BLOCK);
        double outs = mergedTaps(p) > 1 ? COLUMN_BLOCK : p.groups() * wholes((int) p.filtersPerGroup(), COLUMN_BLOCK);
        for (int axis = 0; axis < 3; axis++) {
            long met = inputs(p.axis3(axis), size[axis]);
            ins *= axis == 2 && mergedTaps(p) > 1 ? met : Math.min(met, p.axis3(axis).input());
            outs *= size[axis];
        }
        return ins + outs;
    }

    private static long inputs(SpatialAxis axis, long outputs) {
        return (outputs - 1) * axis.stride() + (axis.filter() - 1) * axis.dilation() + 1;
    }

    private static Block[] cut(ConvProblem p, int[] size, int merged) {
        List<Block> blocks = new ArrayList<>();
        SpatialAxis depth = p.axis3(0);
        SpatialAxis height = p.axis3(1);
        SpatialAxis width = p.axis3(2);
        boolean whole = size[0] == depth.output() && size[1] == height.output() && size[2] == width.output();
        int images = whole ? (int) Math.max(1, Math.min(p.batch(),
                maxTurned(p) / elements(p, new long[] {size[0], size[1], size[2]}))) : 1;
        for (int n = 0; n < p.batch(); n += images) {
            for (int z = 0; z < depth.output(); z += size[0]) {
                for (int y = 0; y < height.output(); y += size[1]) {
                    for (int x = 0; x < width.output(); x += size[2]) {
                        Box out = new Box(z, y, x, (int) Math.min(size[0], depth.output() - z), (int) Math.min(size[1], height.output() - y),
                                (int) Math.min(size[2], width.output() - x));
                        blocks.add(new Block(n, (int) Math.min(images, p.batch() - n), out, inputs(p, out, merged)));
                    }
                }
            }
        }
        return blocks.toArray(Block[]::new);
    }

    private static Box inputs(ConvProblem p, Box out, int merged) {
        int d = first(p.axis3(0), out.depth);
        int h = first(p.axis3(1), out.row);
        int w = (int) (out.column * p.axis3(2).stride() - p.axis3(2).padBegin());
        int columns = (int) inputs(p.axis3(2), out.columns);
        int left = merged > 1 ? w : first(p.axis3(2), out.column);
        return new Box(d, h, left, end(p.axis3(0), out.depth, out.depths) - d, end(p.axis3(1), out.row, out.rows) - h,
                merged > 1 ? columns : end(p.axis3(2), out.column, out.columns) - left);
    }

    /** The first input that meets this output or a later one. */
    private static int first(SpatialAxis axis, int output) {
        return (int) Math.max(0, Math.min(axis.input(), output * axis.stride() - axis.padBegin()));
    }

    /** One more than the last input that meets one of these outputs. */
    private static int end(SpatialAxis axis, int output, int outputs) {
        long end = output * axis.stride() - axis.padBegin() + inputs(axis, outputs);
        return (int) Math.max(first(axis, output), Math.min(axis.input(), end));
    }
}
