package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.evenBlock;
import static io.github.jconv.cpu.Cuts.oddWholes;
import static io.github.jconv.cpu.Cuts.partOf;
import static io.github.jconv.cpu.Cuts.sharedBlock;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One matrix product of {@link ImplicitGemmAlgorithm} for each group, over the positions of all images, and its cut into parts.
 *
 * @param groups      how many equal products there are
 * @param batch       images, and of those how many belong to a part
 * @param rows        the output channels of a group in tiles
 * @param tileBlock   tiles of rows of a part
 * @param ins         input channels of a group, the depth of the product divided by the taps
 * @param inBlock     input channels whose planes are laid out at a time
 * @param shifts      where each row of the column matrix begins in the planes of a block of input channels
 * @param filters     how its filters lie in w
 * @param panels      for each block of positions the panels of its columns in a full block of images
 * @param lastPanels  the same in the last block of images
 * @param flat        for each block of positions its columns, if they can be had without planes, or null
 * @param formAt      where this product's constant filters begin in their packed form
 */
record ImplicitGemmProduct(TapPlanes planes, int groups, int batch, int imageBlock, RowTiles rows, int tileBlock, int ins, int inBlock,
                           int[] shifts, FilterRows filters, Panel[][] panels, Panel[][] lastPanels, FlatTaps[] flat, int formAt) {

    /** Rows of a panel: with two vectors of columns they stay in a first-level cache beside a tile of filters. */
    static final int DEPTH = SimdProvider.ROW_DEPTH;

    /** Elements of the planes of a part: half of a second-level cache of 1 MiB. */
    private static final int MAX_PLANES = 1 << 17;

    /** Elements of the sums of a part, touched once for each {@value #DEPTH} rows. */
    private static final int MAX_SUMS = 1 << 17;

    /** Elements of the filters of a part that may change, which stay in a second-level cache for all of its panels. */
    private static final int MAX_FILTERS = 1 << 18;

    /** Columns of a part: filters of as many rows as it has are read again for each panel of them, from a second-level cache. */
    private static final int MAX_COLUMNS = 512;

    /** Laying out planes and packing panels costs about as much as multiplying them by this many rows. */
    private static final int PACKING_IN_ROWS = 8;

    /** Copying a row of filters costs about as much as multiplying it by this many columns. */
    private static final int COPYING_IN_COLUMNS = 8;

    /** More parts than necessary may share the work more evenly; beyond this many for each thread it no longer pays. */
    private static final int MORE_PARTS = 4;

    /** Images and tiles of rows of a part. */
    private record Cut(int images, int tiles) {

        /**
         * That with which the slowest thread finishes first: parts of fewer rows lay out the same columns again, of fewer images copy the same
         * filters again.
         *
         * @param others  groups and blocks of positions, whose parts the threads share as well
         * @param outputs positions of an image
         */
        static Cut of(long others, int batch, int mostImages, int outputs, RowTiles rows, boolean constant, CpuRuntime runtime) {
            int fewest = Math.max(1, ceilDiv(batch, evenBlock(batch, mostImages)));
            int most = Math.max(fewest, Math.min(batch, fewest * runtime.threads()));
            Cut best = new Cut(1, 1);
            double bestTime = Double.MAX_VALUE;
            for (int blocks = fewest; blocks <= most; blocks++) {
                int images = partOf(batch, blocks);
                int columns = images * outputs;
                int mostRows = Math.min(constant ? Integer.MAX_VALUE : MAX_FILTERS / SimdProvider.ROW_STEP, MAX_SUMS / Math.max(1, columns));
                long units = others * ceilDiv(batch, images);
                int tiles = sharedBlock(units, rows.tiles(), mostRows / runtime.simd().panelTileRows(),
                        (double) PACKING_IN_ROWS / Math.max(1, rows.highest()), runtime.threads(), runtime.threads() * MORE_PARTS);
                double perPart = (double) (tiles * rows.highest() + PACKING_IN_ROWS) * wholes(columns, runtime.simd().lanes())
                        + (constant ? 0 : (double) tiles * rows.highest() * COPYING_IN_COLUMNS);
                double time = ceilDiv(units * ceilDiv(rows.tiles(), tiles), runtime.threads()) * perPart;
                if (time < bestTime) {
                    bestTime = time;
                    best = new Cut(images, tiles);
                }
            }
            return best;
        }
    }

    /** What blocks of positions have the same panels. */
    private record Shape(int depths, int rows, int columns) {
    }

    /**
     * Up to two vectors of columns.
     *
     * @param vectors vectors of the tiles that read it
     * @param pieces  what makes up a row of it
     */
    record Panel(int vectors, TapPlanes.ColumnPieces pieces) {
    }

    /** The planes that such a product works on, or null if those of a single output, or their pieces, are too many. */
    static TapPlanes planes(AxisWalk depth, AxisWalk height, AxisWalk width, int[] inSizes, int ins) {
        long taps = (long) depth.taps * height.taps * width.taps;
        return taps > MAX_PLANES ? null : TapPlanes.within(true, MAX_PLANES / inBlock(ins, (int) taps), MAX_COLUMNS, depth, height, width, inSizes);
    }

    /**
     * @param forward  whether the filters are rows of the product, or columns
     * @param constant whether filters are read in their packed form, from {@code formAt} on
     */
    static ImplicitGemmProduct of(TapPlanes planes, ConvProblem p, boolean forward, boolean constant, int formAt, CpuRuntime runtime) {
        int groups = (int) p.groups();
        int batch = (int) p.batch();
        int outs = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        int ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        int inBlock = inBlock(ins, planes.taps());
        RowTiles rows = RowTiles.of(outs, runtime.simd());
        boolean flat = planes.isFlat();
        int mostImages = planes.blocks() > 1 ? 1 : Math.min(MAX_COLUMNS / Math.max(1, planes.outputsOfBlock()),
                MAX_PLANES / (flat ? 1 : Math.max(1, inBlock * planes.length())));
        Cut cut = Cut.of((long) groups * planes.blocks(), batch, mostImages, planes.outputsOfBlock(), rows, constant, runtime);
        int images = cut.images;
        int[] filterTaps = IntStream.range(0, planes.taps())
                .map(tap -> planes.filterAt(tap, (int) p.axis3(1).filter(), (int) p.axis3(2).filter())).toArray();
        int[] shifts = planes.shifts(inBlock);
        int lanes = runtime.simd().lanes();
        Panel[][] panels = panels(planes, images, inBlock * planes.length(), lanes);
        int last = batch == 0 ? 0 : (batch - 1) % images + 1;
        Panel[][] lastPanels = last == images ? panels : panels(planes, last, inBlock * planes.length(), lanes);
        FlatTaps[] columns = !flat ? null : IntStream.range(0, planes.blocks())
                .mapToObj(block -> planes.flat(block, images, groups * ins * planes.inputs(), lanes)).toArray(FlatTaps[]::new);
        return new ImplicitGemmProduct(planes, groups, batch, images, rows, cut.tiles, ins, inBlock, shifts,
                FilterRows.of(filterTaps, (int) p.filterTaps(), forward, outs, ins), panels, lastPanels, columns, formAt);
    }

    private static int inBlock(int ins, int taps) {
        return evenBlock(ins, DEPTH / taps);
    }

    /** The panels of each block of positions; blocks of the same shape share them. */
    private static Panel[][] panels(TapPlanes planes, int images, int imageLength, int lanes) {
        Map<Shape, Panel[]> known = new HashMap<>();
        Panel[][] all = new Panel[planes.blocks()][];
        for (int block = 0; block < all.length; block++) {
            TapPlanes.Block b = planes.block(block);
            all[block] = known.computeIfAbsent(new Shape(b.depths(), b.rows(), b.columns()),
                    shape -> panels(planes, b, images, imageLength, lanes));
        }
        return all;
    }

    /** The runs of all images, one behind the other, cut into panels. */
    private static Panel[] panels(TapPlanes planes, TapPlanes.Block b, int images, int imageLength, int lanes) {
        int columns = images * b.outputs();
        int wide = SimdProvider.TILE_VECTORS * lanes;
        List<Panel> all = new ArrayList<>();
        for (int first = 0; first < columns; first += wide) {
            int end = Math.min(columns, first + wide);
            all.add(new Panel(ceilDiv(end - first, lanes), planes.columnPieces(b, imageLength, first, end, lanes)));
        }
        return all.toArray(Panel[]::new);
    }

    /** The panels of the columns of a part. */
    Panel[] panels(int images, int block) {
        return images == imageBlock ? panels[block] : lastPanels[block];
    }

    /** Panels that stay in a first-level cache together, so that each tile of filters meets all of them at once. */
    int panelsAtATime() {
        return Math.max(1, DEPTH / Math.max(1, inBlock * planes.taps()));
    }

    /** Whether so many columns of a part are all there, and positions of one of its images. */
    boolean isOfOneImage(int column, int width, int images, int block) {
        int outputs = planes.block(block).outputs();
        return column + width <= images * outputs && column % outputs + width <= outputs;
    }

    int imageBlocks() {
        return ceilDiv(batch, imageBlock);
    }

    int rowBlocks() {
        return rows.tiles() == 0 ? 0 : ceilDiv(rows.tiles(), tileBlock);
    }

    int partsOfGroup() {
        return imageBlocks() * planes.blocks() * rowBlocks();
    }

    int parts() {
        return groups * partsOfGroup();
    }

    /** Columns of the left factor. */
    int depth() {
        return ins * planes.taps();
    }

    /** Elements of the packed filters of a group, of whole cache lines. */
    int groupFormLength() {
        return CacheLine.whole(rows.padded() * depth());
    }

    /** The pieces, of at most {@link #DEPTH} columns, of the filters of the block of input channels from {@code firstIn} on. */
    int pieces(int firstIn) {
        return ceilDiv(columns(firstIn), DEPTH);
    }

    /** The column, among those of a block, that a piece begins with; that of the piece behind the last is their number. */
    int pieceAt(int firstIn, int piece) {
        return (int) ((long) columns(firstIn) * piece / pieces(firstIn));
    }

    private int columns(int firstIn) {
        return Math.min(inBlock, ins - firstIn) * planes.taps();
    }

    /** Elements of the filters that may change which a part reads at a time. */
    int filtersLength() {
        return tileBlock * rows.highest() * SimdProvider.ROW_STEP;
    }

    int planesLength() {
        return flat != null ? 0 : imageBlock * inBlock * planes.length();
    }

    /** Elements from one row of sums to the next. */
    int sumsRow(int lanes) {
        return oddWholes(imageBlock * planes.outputsOfBlock(), lanes);
    }

    int sumsLength(int lanes) {
        return tileBlock * rows.highest() * sumsRow(lanes);
    }
}
