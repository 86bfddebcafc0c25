package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;

/**
 * The sizes of a product with boxes: for each group, {@code outputs} rows by the positions of all images by {@code depth} rows of the input.
 *
 * @param in         the boxes of x (forward), or dy (backward_data)
 * @param out        y (forward), or the boxes of dx (backward_data)
 * @param rows       tiles of rows of the output
 * @param columns    panels of positions
 * @param blocks     what one thread takes at a time of the product of a group
 * @param together   panels of the input that are packed together
 * @param depthBlock rows of the input that are summed up at a time
 */
record BoxGemmPlan(SimdProvider simd, boolean forward, int images, int groups, int outputs, int depth, BoxGrid in, BoxGrid out, RowTiles rows,
                   ColumnPanels columns, ProductBlocks blocks, int together, int depthBlock) {

    /** The rows of a panel of this depth fit the first-level cache beside a tile of rows. */
    private static final int MAX_DEPTH = 256;

    /** Floats of panels that are packed together, and panels: half of a second-level cache, while the filters come from the next one. */
    private static final int MAX_PANELS_LENGTH = 256 << 10;
    private static final int MOST_TOGETHER = 16;

    /** Tiles of a block at least, where there are so many. */
    private static final int MIN_TILES = 5;

    /** Blocks for each thread, if there are so many: more share the work more evenly. */
    private static final int BLOCKS_FOR_EACH_THREAD = 4;

    /** Input channels that are packed at a time of filters that need not be turned around: few enough streams of memory. */
    static final int FILTER_CHUNK = 32;

    static BoxGemmPlan of(ConvRequest request, CpuRuntime runtime) {
        ConvGeometry g = ConvGeometry.of(request.problem());
        boolean forward = request.operation() == ConvOperation.FORWARD;
        BoxGrid x = BoxGrid.ofInput(g);
        BoxGrid y = BoxGrid.dense(x.positions());
        int boxRows = g.cg() * g.t() * g.r() * g.s();
        int outputs = forward ? g.kg() : boxRows;
        int depth = forward ? boxRows : g.kg();
        SimdProvider simd = runtime.simd();
        RowTiles rows = RowTiles.of(outputs, simd);
        ColumnPanels columns = ColumnPanels.of(g.n() * x.positions(), simd);
        int wanted = runtime.threads() == 1 ? 1 : BLOCKS_FOR_EACH_THREAD * runtime.threads();
        int panelBlocks = Math.min(columns.panels(), ceilDiv(wanted, g.groups()));
        int rowBlocks = Math.max(1, Math.min(rows.tiles() / MIN_TILES, ceilDiv(wanted, g.groups() * panelBlocks)));
        int panelBlock = ceilDiv(columns.panels(), panelBlocks);
        return new BoxGemmPlan(simd, forward, g.n(), g.groups(), outputs, depth, forward ? x : y, forward ? y : x, rows, columns,
                new ProductBlocks(rows, columns, Math.max(1, ceilDiv(rows.tiles(), rowBlocks)), panelBlock),
                Math.max(1, Math.min(Math.min(panelBlock, MOST_TOGETHER), MAX_PANELS_LENGTH / Math.max(1, depth * columns.widest()))),
                Math.max(1, ceilDiv(depth, Math.max(1, ceilDiv(depth, MAX_DEPTH)))));
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

    int tasks() {
        return columns.columns() == 0 ? 0 : groups * blocks.ofProduct();
    }

    int depthAt(int k) {
        return Math.min(depthBlock, depth - k);
    }

    /** Where the matrix of an image and a group begins in the input. */
    int inAt(CpuCall call, int image, int group) {
        return input(call).offset() + (image * groups + group) * in.sizeOf(depth);
    }

    /** The same for the output. */
    int outAt(CpuCall call, int image, int group) {
        return output(call).offset() + (image * groups + group) * out.sizeOf(outputs);
    }

    /** Elements of the packed filters of one group. */
    private long groupFormLength() {
        return (long) rows.padded() * depth;
    }

    /** Elements of the packed filters of all groups. */
    long filtersLength() {
        return groups * groupFormLength();
    }

    /** The same with what is left out to begin with a cache line. */
    long formLength() {
        return CacheLine.FLOATS + filtersLength();
    }

    /** Where a tile of the packed filters of a group begins. */
    int formAt(CpuCall call, int group, int tile) {
        return CacheLine.from(call.filterFormAt()) + (int) (group * groupFormLength()) + rows.first(tile) * depth;
    }

    /** Where the filter of an output for the first row of the input lies in w, and so on from output to output. */
    int filterAt(CpuCall call, int group, int output) {
        return call.w().offset() + group * outputs * depth + output * (forward ? depth : 1);
    }

    /** Chunks of {@link #FILTER_CHUNK} rows of the input. */
    int filterChunks() {
        return ceilDiv(depth, FILTER_CHUNK);
    }

    long workspaceLength(int threads) {
        return CacheLine.FIRST + (long) threads * workerLength();
    }

    private int workerLength() {
        return rowsLength() + panelsLength() + sumsLength();
    }

    /** Where a worker has the taps of a row of boxes, before they are packed. */
    int rowsAt(int worker) {
        return CacheLine.FIRST + worker * workerLength();
    }

    /** Elements from one of these rows to the next. */
    int rowStep() {
        return together * columns.widest() + columns.lanes();
    }

    private int rowsLength() {
        return CacheLine.whole(in.taps() * rowStep());
    }

    /** Where a worker has packed panels. */
    int panelsAt(int worker) {
        return rowsAt(worker) + rowsLength();
    }

    /** Elements from one packed panel to the next: vectors write behind the last row. */
    int panelLength() {
        return CacheLine.whole(depth * columns.widest() + columns.lanes());
    }

    private int panelsLength() {
        return together * panelLength();
    }

    /** Where a worker has the sums of a tile and the panels that are together. */
    int sumsAt(int worker) {
        return panelsAt(worker) + panelsLength();
    }

    private int sumsLength() {
        return CacheLine.whole(rows.highest() * rowStep());
    }
}
