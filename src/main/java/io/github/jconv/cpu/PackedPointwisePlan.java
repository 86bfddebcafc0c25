package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.partOf;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;

/**
 * The sizes of a pointwise product with packed filters: for each image and group, {@code outputs} channels by positions by
 * {@code depth} channels of the input. A filter as large as the input has one position, and each of its taps is a channel.
 *
 * <p>Either the vectors run over positions and tiles have rows of output channels, or, for small maps, which do not fill vectors, the
 * other way round.
 *
 * @param turned     whether the vectors run over output channels, and the rows of tiles over the positions of all images
 * @param in         where the positions lie in a channel of x (forward) or dy (backward_data)
 * @param out        where the positions lie in a channel of y (forward) or dx (backward_data)
 * @param rows       tiles of output channels, or of positions when turned
 * @param columns    panels of positions, or of output channels when turned
 * @param blocks     what one thread takes at a time of the product of an image and a group, {@code image * groups + group}, or of a group
 *                   when turned
 * @param depthBlock channels of the input that are summed up at a time
 */
record PackedPointwisePlan(SimdProvider simd, boolean forward, boolean turned, int images, int groups, int outputs, int depth,
                           PositionGrid in, PositionGrid out, RowTiles rows, ColumnPanels columns, ProductBlocks blocks,
                           int depthBlock) {

    /** The rows of a panel of this depth fit the first-level cache beside a tile of rows. */
    private static final int MAX_DEPTH = 256;

    /** Floats of the packed rows of a block: half of a second-level cache. */
    private static final int MAX_ROWS_LENGTH = 256 << 10;

    /** Tiles of rows in a block, at most, and at least where there are so many. */
    private static final int MAX_TILES = 64;
    private static final int MIN_TILES = 5;

    /** Positions of a channel from which it counts in which order memory is read and written: fewer lie within few pages anyway. */
    private static final int SHARING_POSITIONS = 512;

    /** Rows of panels that are packed together: beside the filters of a block they fit a second-level cache. */
    private static final int MOST_TOGETHER = 2048;

    /** Rows from which packing a panel costs less than to read its rows where they lie. */
    private static final int ROWS_FOR_PACKING = 48;

    /** Rows a multiple of this many bytes apart would share few sets of a first-level cache. */
    private static final int CACHE_STRIDE = 1024;

    /** Input channels that are packed at a time of filters that need not be turned around: few enough streams of memory. */
    static final int FILTER_CHUNK = 32;

    /** Blocks for each thread, if there are so many: more share the work more evenly. */
    private static final int BLOCKS_FOR_EACH_THREAD = 4;

    /** Packing a tile of positions costs about as much as multiplying it by so many panels, and packing a panel of them by so many rows. */
    private static final double PACKING_IN_PANELS = 1;
    private static final int PACKING_IN_ROWS = 8;

    /** What turning an output around costs, in products with a vector. */
    private static final double TURNING = 45;

    /** Tiles of rows and panels of columns in a block, but for the last ones. */
    private record Cut(int tiles, int panels) {

        /**
         * Blocks that make the slowest thread finish first, and of those the smallest, which share the work more evenly.
         *
         * @param units     equal products that are cut
         * @param rowBlocks blocks of rows, at least
         */
        static Cut of(boolean turned, int units, RowTiles rows, ColumnPanels columns, int rowBlocks, int threads) {
            int wanted = threads == 1 ? 1 : BLOCKS_FOR_EACH_THREAD * threads;
            Cut best = null;
            double bestTime = Double.MAX_VALUE;
            int mostPanelBlocks = Math.min(columns.panels(), ceilDiv(wanted, Math.max(1, units * rowBlocks)));
            for (int panelBlocks = 1; panelBlocks <= mostPanelBlocks; panelBlocks++) {
                int most = Math.max(rowBlocks, Math.min(rows.tiles() / MIN_TILES, ceilDiv(wanted, Math.max(1, units * panelBlocks))));
                for (int blocks = rowBlocks; blocks <= most; blocks++) {
                    Cut cut = new Cut(partOf(rows.tiles(), blocks), ceilDiv(columns.panels(), panelBlocks));
                    long all = (long) units * ceilDiv(rows.tiles(), cut.tiles) * ceilDiv(columns.panels(), cut.panels);
                    double time = Math.ceil((double) all / threads) * (turned ? cut.tiles * (cut.panels + PACKING_IN_PANELS)
                            : cut.panels * (double) (cut.tiles * rows.highest() + PACKING_IN_ROWS));
                    if (time <= bestTime) {
                        bestTime = time;
                        best = cut;
                    }
                }
            }
            return best;
        }
    }

    static PackedPointwisePlan of(ConvRequest request, CpuRuntime runtime) {
        ConvGeometry g = ConvGeometry.of(request.problem());
        boolean forward = request.operation() == ConvOperation.FORWARD;
        boolean fullSize = request.problem().isFullSize();
        PositionGrid x = fullSize ? PositionGrid.dense(1) : PositionGrid.ofInput(g);
        PositionGrid y = PositionGrid.dense(x.count());
        int inputs = fullSize ? g.cg() * g.t() * g.r() * g.s() : g.cg();
        int outputs = forward ? g.kg() : inputs;
        int depth = forward ? inputs : g.kg();
        SimdProvider simd = runtime.simd();
        boolean turned = turned(simd, x.count(), outputs, depth);
        RowTiles rows = RowTiles.of(turned ? g.n() * x.count() : outputs, simd);
        ColumnPanels columns = ColumnPanels.of(turned ? outputs : x.count(), simd);
        int depthBlock = Math.max(1, ceilDiv(depth, Math.max(1, ceilDiv(depth, MAX_DEPTH))));
        // Where several panels are packed together, a block of channels meets all of them before the next does.
        int rowsDepth = sharesTiles(turned, columns.columns(), x) ? depthBlock : Math.max(1, depth);
        int mostTiles = Math.max(MIN_TILES, Math.min(MAX_TILES, MAX_ROWS_LENGTH / simd.panelTileRows() / rowsDepth));
        int rowBlocks = Math.max(1, ceilDiv(rows.tiles(), mostTiles));
        int units = turned ? g.groups() : g.groups() * g.n();
        Cut cut = Cut.of(turned, units, rows, columns, rowBlocks, runtime.threads());
        return new PackedPointwisePlan(simd, forward, turned, g.n(), g.groups(), outputs, depth, forward ? x : y, forward ? y : x,
                rows, columns, new ProductBlocks(rows, columns, cut.tiles, cut.panels), depthBlock);
    }

    /** The share of useful columns decides, and what it costs to turn the outputs around. */
    private static boolean turned(SimdProvider simd, int positions, int outputs, int depth) {
        double straight = (double) wholes(positions, simd.lanes()) / Math.max(1, positions);
        double around = (double) wholes(outputs, simd.lanes()) / Math.max(1, outputs) * (1 + TURNING / Math.max(1, depth));
        return around < straight;
    }

    /** The share of products that are none with rows or columns to spare. */
    double usefulShare() {
        return (double) rows.rows() / Math.max(1, rows.padded()) * columns.columns() / Math.max(1, columns.padded());
    }

    HostTensor input(CpuCall call) {
        return forward ? call.x() : call.y();
    }

    HostTensor output(CpuCall call) {
        return forward ? call.y() : call.x();
    }

    int tiles() {
        return units() * blocks.ofProduct();
    }

    /** Pairs of image and group, or groups when turned. */
    private int units() {
        return turned ? groups : images * groups;
    }

    int depthAt(int k) {
        return Math.min(depthBlock, depth - k);
    }

    /** Where the first channel of the input lies that an image and group have, from the beginning of its tensor. */
    int inAt(int image, int group) {
        return (image * groups + group) * depth * in.channelSize();
    }

    /** The same for the output. */
    int outAt(int image, int group) {
        return (image * groups + group) * outputs * out.channelSize();
    }

    /** Where the filter from an input channel to an output channel of a group lies in w. */
    int filterAt(int group, int output, int channel) {
        return group * outputs * depth + output * outputStep() + channel * channelStep();
    }

    int outputStep() {
        return forward ? depth : 1;
    }

    int channelStep() {
        return forward ? 1 : outputs;
    }

    /** Output channels with those to spare of the packed filters. */
    private int paddedOutputs() {
        return turned ? columns.padded() : rows.padded();
    }

    /** Elements of the packed filters of one group. */
    long groupFormLength() {
        return (long) paddedOutputs() * depth;
    }

    /** Elements of the packed filters of all groups. */
    long filtersLength() {
        return groups * groupFormLength();
    }

    /** The same with what is left out to begin with a cache line. */
    long formLength() {
        return CacheLine.FLOATS + filtersLength();
    }

    /** Where the packed filters of a group begin. */
    int formAt(CpuCall call, int group) {
        return CacheLine.from(call.filterFormAt()) + (int) (group * groupFormLength());
    }

    /** Tiles or panels of packed filters in a group. */
    int filterPanels() {
        return turned ? columns.panels() : rows.tiles();
    }

    int filterPanelFirst(int panel) {
        return turned ? columns.first(panel) : rows.first(panel);
    }

    int filterPanelWidth(int panel) {
        return turned ? columns.width(panel) : rows.height(panel);
    }

    int filterPanelValid(int panel) {
        return turned ? columns.valid(panel) : rows.valid(panel);
    }

    /** Chunks of {@link #FILTER_CHUNK} input channels. */
    int filterChunks() {
        return ceilDiv(depth, FILTER_CHUNK);
    }

    /** Whether the rows of a panel of the input are packed that lie in whole vectors. */
    boolean packsPanels() {
        return !in.isDense() || rows.rows() >= ROWS_FOR_PACKING || in.channelSize() * Float.BYTES % CACHE_STRIDE == 0;
    }

    /** Panels that are packed together, at most. */
    int panelsAtOnce() {
        return Math.max(1, Math.min(columns.panels(), MOST_TOGETHER / Math.max(1, depthBlock)));
    }

    /** Whether tiles of a block go through several panels, one after the other, and straight to the output: without rows to spare. */
    boolean sharesTiles(int endTile) {
        return sharesTiles() && rows.first(endTile) <= rows.rows();
    }

    private boolean sharesTiles() {
        return sharesTiles(turned, columns.columns(), forward ? in : out) && packsPanels();
    }

    private static boolean sharesTiles(boolean turned, int positions, PositionGrid x) {
        return !turned && positions >= SHARING_POSITIONS && x.isDense();
    }

    /** Elements from one packed panel to the next. */
    int panelLength() {
        return CacheLine.whole(depthBlock * panelRow(0) + columns.lanes());
    }

    /** From one row of a packed panel of the input to the next: behind positions that are not dense, vectors reach into the next row. */
    int panelRow(int panel) {
        return columns.width(panel) + (in.isDense() ? 0 : columns.lanes());
    }

    /** Floats of scratch memory. */
    long workspaceLength(int threads) {
        return CacheLine.FIRST + (long) threads * workerLength();
    }

    /** Where the scratch memory of a worker begins: first packed input, then a block of outputs. */
    int workerAt(int worker) {
        return CacheLine.FIRST + worker * workerLength();
    }

    private int workerLength() {
        return CacheLine.whole(packedLength() + blocks.mostRows() * columns.widest());
    }

    int packedLength() {
        return turned ? CacheLine.whole(blocks.mostRows() * depth) : panelLength() * (sharesTiles() ? panelsAtOnce() : 1);
    }
}
