package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.cpu.simd.WinogradTransforms;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.stream.IntStream;

/**
 * What {@link WinogradAlgorithm} needs to know about a request, and how its work is cut: the tiles of all images into blocks, output
 * channels into blocks of {@value #OUT_BLOCK}, input channels into blocks whose filters stay in a cache. No cut changes a result.
 *
 * <p>Scratch memory, in floats: filters of a part of the output channels, which all threads share; and for each thread the transformed
 * inputs of a block of tiles, what it transforms, and the products of that block and one of output channels.
 */
final class WinogradPlan {

    /** Output channels of a block, in as many slots: the widest tile of the product. */
    static final int OUT_BLOCK = 64;

    /** Input channels whose filters are turned around at once; their 144 taps are whole vectors. */
    static final int FILTER_CHANNELS = 16;

    /** Input channels whose filters are transformed at once: what is half done of them fits a first-level cache. */
    static final int FILTERS_AT_ONCE = 8;

    /** Outputs of a row that are turned back at once: the widest vectors. */
    private static final int PIXELS = 16;

    /** What keeps matrices and rows from lying a power of two apart, where they would share few sets of a cache: a cache line. */
    private static final int APART = 16;

    /**
     * Where scratch memory begins in an array. Large arrays have memory regions of their own, their first element 16 bytes behind: so whole
     * vectors begin with a cache line.
     */
    private static final int ALIGNED = CacheLine.FIRST;

    /** Floats of a block of channels, filters and inputs and products for all points: they fit a second-level cache of 2 MiB. */
    private static final int MOST_OF_BLOCK = 27 << 14;

    /** Input channels of a block: for one point, their filters for a block of output channels fit a first-level cache. */
    private static final int MOST_DEPTH = 128;
    private static final int LEAST_DEPTH = 32;

    /** Floats of transformed filters that a run keeps, at most: 20 MiB. */
    private static final long MOST_FILTERS = 5 << 20;

    /** Tiles of a block, at most, unless there is one block only. */
    private static final int MOST_TILES = 48;
    private static final int MOST_TILES_ALONE = 80;
    private static final int LEAST_TILES = 24;

    /** Floats of the transformed inputs of all threads, beyond which many threads have smaller blocks: 128 MiB. */
    private static final long MOST_INPUTS = 32 << 20;

    /** Where the transformed filters of a block of channels come from. */
    enum Filters {
        /** Turned around and transformed from w each time: with one block of tiles they are read once. */
        FROM_W,
        /** Constant, turned around beforehand, transformed each time: they take a quarter of the memory of transformed ones. */
        TURNED,
        /** Transformed beforehand, all of them. */
        TRANSFORMED,
        /** Transformed beforehand as well, a part of the output channels of a group at a time: all would take too much memory. */
        IN_PARTS
    }

    final SimdProvider simd;
    final WinogradTransforms transforms;
    final int m;
    /** Points on one axis, m + 2. */
    final int points;
    /** Points of a tile. */
    final int area;
    final boolean forward;
    final WinogradTiles tiles;
    final WinogradTiles.Transform inputTransform;
    final Of out;
    final int groups;
    /** Input channels of a group: the depth of the product. */
    final int ins;
    /** Output channels of a group: its columns. */
    final int outs;
    final int outHeight;
    final int outWidth;
    /** Tiles of all images: rows of the product. */
    final int count;

    /** Outputs of a row of neighbouring tiles that are turned around at once, at most. */
    final int pixels;

    /** The first output channel of each block, whole cache lines of them, and behind the last where the next would begin. */
    private final int[] firstOuts;
    final int outBlocks;
    /** Columns of the widest block of filters and of products. */
    private final int mostSlots;
    /** Input channels of a block, but for the last. */
    final int depthBlock;
    /** Tiles of a block, but for the last. */
    final int tileBlock;
    final Filters filters;
    /** Blocks of output channels of a part, but for the last. */
    final int partBlocks;

    /** From one tile of a transformed input to the next: the channels of a block. */
    final int inStride;
    /** From one point of transformed inputs to the next. */
    final int inPoint;
    final long workspaceLength;
    private final int partLength;
    private final int workerLength;

    private WinogradPlan(int m, ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        simd = runtime.simd();
        transforms = simd.winograd();
        this.m = m;
        points = m + 2;
        area = points * points;
        forward = request.operation() == ConvOperation.FORWARD;
        out = forward ? Of.Y : Of.X;
        groups = (int) p.groups();
        ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        outs = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        outHeight = (int) (forward ? p.axis3(1).output() : p.axis3(1).input());
        outWidth = (int) (forward ? p.axis3(2).output() : p.axis3(2).input());
        int rowDilation = (int) p.axis3(1).dilation();
        int columnDilation = (int) p.axis3(2).dilation();
        int tileRows = (int) tiles(outHeight, m, rowDilation);
        int tileColumns = (int) tiles(outWidth, m, columnDilation);
        pixels = Math.max(PIXELS, m * columnDilation);
        inputTransform = (runs, src, from, fromNext, step, dst, to, toNext, toStep, length) ->
                transforms.input(m, runs, src, from, fromNext, step, dst, to, toNext, toStep, length);
        count = (int) p.batch() * tileRows * tileColumns;

        firstOuts = firstOuts(outs, Math.max(APART, simd.lanes()), count <= MOST_TILES_ALONE ? runtime.threads() : 1);
        outBlocks = firstOuts.length - 1;
        mostSlots = IntStream.range(0, outBlocks).map(this::slots).max().orElseThrow();
        tileBlock = wholes(tileBlock(runtime.threads()), columnDilation);
        depthBlock = depthBlock();
        inStride = depthBlock;
        // The filter of BACKWARD_DATA is rotated: its last tap comes first.
        tiles = forward
                ? new WinogradTiles(Of.X, groups, ins, depthBlock, (int) p.axis3(1).input(), (int) p.axis3(2).input(),
                        (int) -p.axis3(1).padBegin(), (int) -p.axis3(2).padBegin(), points, m, tileRows, tileColumns, rowDilation,
                        columnDilation)
                : new WinogradTiles(Of.Y, groups, ins, depthBlock, (int) p.axis3(1).output(), (int) p.axis3(2).output(),
                        (int) p.axis3(1).padBegin() - 2 * rowDilation, (int) p.axis3(2).padBegin() - 2 * columnDilation, points, m,
                        tileRows, tileColumns, rowDilation, columnDilation);
        boolean constant = request.filters() == FilterUse.CONSTANT;
        filters = blocks() <= 1 ? constant ? Filters.TURNED : Filters.FROM_W
                : constant || transformedLength(groups, outBlocks) <= MOST_FILTERS ? Filters.TRANSFORMED : Filters.IN_PARTS;
        partBlocks = filters == Filters.IN_PARTS
                ? (int) Math.max(1, Math.min(outBlocks, MOST_FILTERS / transformedLength(1, 1))) : outBlocks;
        long inputs = (long) rowSlots() * inStride + APART;
        long worker = depthBlocks() * area * inputs
                + wholes(Math.max(tiles.scratchLength(points), filterScratch() + (long) area * productsPoint() + outputScratch()), APART);
        long part = filters == Filters.IN_PARTS ? transformedLength(1, partBlocks) : 0;
        workspaceLength = ALIGNED + part + runtime.threads() * worker;
        // Only used when the sum of all fits an array.
        partLength = (int) part;
        inPoint = (int) inputs;
        workerLength = (int) worker;
    }

    static WinogradPlan of(int m, ConvRequest request, CpuRuntime runtime) {
        return new WinogradPlan(m, request, runtime);
    }

    /** Tiles of m by m outputs in all images. */
    static long tiles(int m, ConvRequest request) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        long height = forward ? p.axis3(1).output() : p.axis3(1).input();
        long width = forward ? p.axis3(2).output() : p.axis3(2).input();
        return p.batch() * tiles(height, m, p.axis3(1).dilation()) * tiles(width, m, p.axis3(2).dilation());
    }

    /** Tiles along an axis: as many for each of the maps that a dilation makes of one as for the largest of them. */
    static long tiles(long outputs, int m, long dilation) {
        return ceilDiv(ceilDiv(outputs, dilation), m) * dilation;
    }

    int blocks() {
        return ceilDiv(count, tileBlock);
    }

    int tilesOf(int block) {
        return Math.min(tileBlock, count - block * tileBlock);
    }

    /** Steps of a run: the groups one after the other, and the parts of their output channels. */
    int steps() {
        return groups * parts();
    }

    int groupOf(int step) {
        return step / parts();
    }

    /** The first block of output channels of a step. */
    int firstOutBlockOf(int step) {
        return step % parts() * partBlocks;
    }

    int outBlocksOf(int step) {
        return Math.min(partBlocks, outBlocks - firstOutBlockOf(step));
    }

    int parts() {
        return ceilDiv(outBlocks, partBlocks);
    }

    /** Rows of whole tiles of the inner loop: an even number from {@link SimdProvider#LOW_TILE_ROWS} on. */
    static int wholeTiles(int rows) {
        return Math.max(SimdProvider.LOW_TILE_ROWS, wholes(rows, 2));
    }

    /** Rows of the first tile, of two heights, of those that make up so many rows. */
    static int heightOfTile(int rows) {
        return rows % SimdProvider.TILE_ROWS == 0 ? SimdProvider.TILE_ROWS : SimdProvider.LOW_TILE_ROWS;
    }

    /**
     * As few blocks as can be; or, if they are all that some threads share, so many that neighbouring ones make up even shares.
     *
     * @param unit output channels that are not parted
     */
    private static int[] firstOuts(int outs, int unit, int threads) {
        int units = ceilDiv(outs, unit);
        int fewest = ceilDiv(outs, OUT_BLOCK);
        int blocks = threads == 1 ? fewest : Math.max(1, Math.min(units, wholes(fewest, threads)));
        int[] first = new int[blocks + 1];
        for (int block = 1; block <= blocks; block++) {
            first[block] = threads == 1 ? Math.min(block * OUT_BLOCK, units * unit) : (int) ((long) units * block / blocks) * unit;
        }
        return first;
    }

    int firstOutOf(int outBlock) {
        return firstOuts[outBlock];
    }

    int outsOf(int outBlock) {
        return Math.min(firstOuts[outBlock + 1], outs) - firstOuts[outBlock];
    }

    /** The same in whole vectors: the columns of a block of filters and of products. */
    int slots(int outBlock) {
        return wholes(outsOf(outBlock), simd.lanes());
    }

    /** Those of all blocks together. */
    int outSlots() {
        return firstOuts[outBlocks - 1] + slots(outBlocks - 1);
    }

    int depthBlocks() {
        return ceilDiv(ins, depthBlock);
    }

    int depthOf(int block) {
        return Math.min(depthBlock, ins - block * depthBlock);
    }

    /** From one point of the filters of a block of channels to the next. */
    int filtersPoint(int outBlock, int block) {
        return depthOf(block) * slots(outBlock) + APART;
    }

    /** Vectors of the panel of filters that begins at a column: as many as the columns from there on fill, of 4, 2 and 1. */
    int panelVectors(int outBlock, int column) {
        int vectors = simd.widestShiftedTile();
        while (vectors * simd.lanes() > slots(outBlock) - column) {
            vectors /= 2;
        }
        return vectors;
    }

    int productsPoint() {
        return rowSlots() * mostSlots + APART;
    }

    /** Transformed filters of a part. */
    int partAt() {
        return ALIGNED;
    }

    /** Transformed inputs that a thread has, of a block of channels. */
    int inputsOf(int worker, int block) {
        return partAt() + partLength + worker * workerLength + block * area * inPoint;
    }

    /** Scratch memory of a thread: its filters, its products, and what it transforms. */
    int workerAt(int worker) {
        return inputsOf(worker, depthBlocks());
    }

    int turnedAt(int worker) {
        return workerAt(worker) + blockOfFilters();
    }

    int halfOfFiltersAt(int worker) {
        return turnedAt(worker) + FILTER_CHANNELS * 9 * OUT_BLOCK;
    }

    int productsAt(int worker) {
        return workerAt(worker) + (int) filterScratch();
    }

    int outputAt(int worker) {
        return productsAt(worker) + area * productsPoint();
    }

    /** What is kept of filters or made of all of them before a run, or null. The same filters may serve maps that are cut otherwise. */
    FilterForm form() {
        if (filters == Filters.FROM_W || filters == Filters.IN_PARTS) {
            return null;
        }
        String layout = filters == Filters.TURNED ? "turned " : m + "x" + m + " by " + depthBlock + " ";
        layout += "in " + outBlocks + " from " + firstOuts[1] + " ";
        return new FilterForm("winograd " + layout + (forward ? "forward " : "backward ") + groups + " " + simd.name(), (int) formLength());
    }

    /** Floats of all filters in that form. */
    long formLength() {
        return switch (filters) {
            case FROM_W, IN_PARTS -> 0;
            case TURNED -> APART + 9L * groups * ins * outSlots();
            case TRANSFORMED -> APART + transformedLength(groups, outBlocks);
        };
    }

    /** Floats of the transformed filters of so many groups, and of as many blocks of output channels of each. */
    private long transformedLength(int ofGroups, int ofOutBlocks) {
        long slots = ofOutBlocks == outBlocks ? outSlots() : ofOutBlocks * OUT_BLOCK;
        return wholes(ofGroups * area * (ins * slots + (long) ofOutBlocks * depthBlocks() * APART), APART);
    }

    /** The first place from {@code at} on that is {@link #ALIGNED}. */
    static int aligned(int at) {
        return CacheLine.from(at);
    }

    /** Where the turned filters of a block of output channels begin in the form, from an aligned place on. */
    int turnedFormAt(int group, int outBlock) {
        return 9 * ins * (group * outSlots() + firstOuts[outBlock]);
    }

    /** Where the transformed filters of a block of channels begin in the form. */
    int transformedFormAt(int group, int outBlock, int block) {
        return transformedAt(group, 0, outBlock, block);
    }

    /** Where they begin in the part whose first block of output channels is {@code firstOutBlock}. */
    int transformedPartAt(int firstOutBlock, int outBlock, int block) {
        return transformedAt(0, firstOutBlock, outBlock, block);
    }

    private int transformedAt(int group, int firstOutBlock, int outBlock, int block) {
        return area * (ins * (group * outSlots() + firstOuts[outBlock] - firstOuts[firstOutBlock]) + block * depthBlock * slots(outBlock)
                + ((group * outBlocks + outBlock - firstOutBlock) * depthBlocks() + block) * APART);
    }

    private int rowSlots() {
        return wholeTiles(Math.max(1, tileBlock));
    }

    private int tileBlock(int threads) {
        int most = mostTiles(threads, area, ins);
        int number = count <= Math.min(most, MOST_TILES_ALONE) ? 1 : ceilDiv(count, Math.min(most, MOST_TILES));
        // Work for all threads, when output channels alone do not give enough.
        int wanted = threads == 1 ? 1 : Math.min(ceilDiv(threads, outBlocks), count / LEAST_TILES);
        return Math.max(1, Math.min(Math.max(1, count), wholeTiles(ceilDiv(count, Math.max(1, Math.max(number, wanted))))));
    }

    /** Tiles whose inputs all of so many threads may have at a time, of so many channels and points. */
    static int mostTiles(int threads, int area, int channels) {
        return (int) Math.max(LEAST_TILES, MOST_INPUTS / threads / area / Math.max(1, channels));
    }

    private int depthBlock() {
        int rows = rowSlots();
        int most = Math.max(LEAST_DEPTH, Math.min(MOST_DEPTH, (MOST_OF_BLOCK / area - rows * OUT_BLOCK) / (rows + OUT_BLOCK)));
        return wholes(ceilDiv(ins, ceilDiv(ins, most)), APART);
    }

    private int blockOfFilters() {
        return filters == Filters.TRANSFORMED || filters == Filters.IN_PARTS ? 0 : area * (depthBlock * mostSlots + APART);
    }

    private long filterScratch() {
        return blockOfFilters() + (FILTER_CHANNELS * 9L + FILTERS_AT_ONCE * 3L * points) * OUT_BLOCK;
    }

    private long outputScratch() {
        return ((long) points * m + (m + 1L) * pixels) * OUT_BLOCK;
    }
}
