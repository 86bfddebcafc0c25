package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.evenBlock;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;

/**
 * What {@link Col2imGemmAlgorithm} needs to know about a request: how dx is cut into boxes, and what of dy meets each of them.
 *
 * @param fullTiles    the positions of {@code imageBlock} images as rows of the transposed product, if it makes that: for few positions,
 *                     which do not fill vectors; otherwise null
 * @param lastTiles    the same for the last images
 * @param channelBlock channels of dx whose columns are made at a time, but for the last ones
 * @param parts        how many threads share the channel blocks of a box
 * @param depthBlock   filters whose dy is packed at a time, but for the last ones
 * @param imageBlock   images whose columns are made together, but for the last ones; 1 when a box is not the whole image
 * @param axes         the cut along depth, height and width
 * @param columnRow    elements from one row of the block of columns to the next
 * @param planeStep    from a column of one depth of the filter to that of the next which meets the same element of dx
 * @param rowStep      the same for the next row of the filter
 * @param inside       for each block of the width, {@link SimdProvider#inside} of the positions that it meets
 * @param rowChunk     rows of a class that are added up at a time
 * @param form         the packed filters of all channel blocks, or null when they are not kept
 */
record Col2imPlan(SimdProvider simd, RowTiles fullTiles, RowTiles lastTiles, int images, int groups, int channels, int filters,
                  int channelBlock, int parts, int depthBlock, int imageBlock, Axis[] axes, int taps, int columnRow, int planeStep,
                  int rowStep, int[][] inside, int rowChunk, FilterForm form) {

    /** Elements of the packed dy of a box. */
    private static final int PACKED = 1 << 18;

    /** Elements of the columns of a box. */
    private static final int COLUMNS = 3 << 16;

    /** Columns of a box beyond which more do not make the product faster. */
    private static final int MANY = 1024;

    /** Outputs of a box along an axis for each position that it shares with its neighbour, from which the sharing hardly counts. */
    private static final int RARELY_SHARED = 12;

    /** Rows of packed filters that are made at a time, where they are not kept. */
    static final int FILTER_ROWS = 192;

    /** Positions beyond which they fill vectors well enough. */
    private static final int TURNED_POSITIONS = 64;

    /** The part of the widest tile from which positions fill it well enough. */
    private static final double NARROW_TILES = 0.95;

    /** Elements of the rows of a class that are added up at a time. */
    private static final int SUMS = 1 << 12;

    /**
     * The cut of one axis. A block is a range of {@code j}, the number of an element in its residue class.
     *
     * @param walks     for each residue of the stride, the walk of its class, or null where no tap reaches it
     * @param blockSize numbers of a block, but for the last
     * @param from      for each block the first position of dy that it meets
     * @param to        and one more than the last
     * @param reach     positions of dy that the largest block meets
     */
    record Axis(int size, int positions, int stride, AxisWalk[] walks, int numbers, int blockSize, int[] from, int[] to, int reach) {

        static Axis of(int size, int positions, int stride, AxisWalk[] walks, int numbers, int blockSize) {
            int blocks = ceilDiv(numbers, blockSize);
            int[] from = new int[blocks];
            int[] to = new int[blocks];
            int most = 0;
            for (int block = 0; block < blocks; block++) {
                int lowest = positions;
                int end = 0;
                for (AxisWalk walk : walks) {
                    int last = walk == null ? 0 : Math.min(walk.count, (block + 1) * blockSize) - 1;
                    if (walk != null && last >= block * blockSize) {
                        int reach = (walk.taps - 1) * walk.tapShift;
                        lowest = Math.min(lowest, walk.inBegin + block * blockSize + Math.min(0, reach));
                        end = Math.max(end, walk.inBegin + last + Math.max(0, reach) + 1);
                    }
                }
                from[block] = Math.min(positions, Math.max(0, lowest));
                to[block] = Math.max(from[block], Math.min(positions, end));
                most = Math.max(most, to[block] - from[block]);
            }
            return new Axis(size, positions, stride, walks, numbers, blockSize, from, to, most);
        }

        int blocks() {
            return from.length;
        }

        int first(int block) {
            return block * blockSize;
        }

        int end(int block) {
            return Math.min(numbers, (block + 1) * blockSize);
        }

        Axis cut(int otherBlockSize) {
            return of(size, positions, stride, walks, numbers, otherBlockSize);
        }

        /** Positions that a block shares with its neighbours. */
        int shared() {
            int most = 0;
            for (AxisWalk walk : walks) {
                most = Math.max(most, walk == null ? 0 : (walk.taps - 1) * Math.abs(walk.tapShift));
            }
            return most;
        }
    }

    private static Axis whole(ConvProblem p, int number) {
        var axis = p.axis3(number);
        int stride = (int) Math.min(axis.stride(), Math.max(1, axis.input()));
        AxisWalk[] walks = new AxisWalk[stride];
        for (AxisWalk walk : AxisWalk.backwardData(axis)) {
            walks[walk.outBegin] = walk;
        }
        int numbers = (int) ceilDiv(axis.input(), stride);
        return Axis.of((int) axis.input(), (int) axis.output(), stride, walks, numbers, Math.max(1, numbers));
    }

    /** The cut into boxes whose columns fit the scratch memory, or null if even the smallest do not. */
    private static Axis[] boxes(ConvProblem p, SimdProvider simd) {
        Axis[] axes = {whole(p, 0), whole(p, 1), whole(p, 2)};
        long many = Math.max(4L * simd.lanes(), Math.min(MANY, PACKED / Math.max(1, p.filtersPerGroup())));
        while (true) {
            long columns = wholeColumns(simd, columns(axes));
            boolean tooLarge = columns > most(p.filtersPerGroup()) || columns * p.filterTaps() > COLUMNS;
            int axis = mostBlocks(axes);
            if (!tooLarge && (columns <= many * 3 / 2 || axes[axis].blockSize < RARELY_SHARED * axes[axis].shared())) {
                return axes;
            }
            if (axes[axis].blockSize == 1) {
                return null;
            }
            axes[axis] = axes[axis].cut((axes[axis].blockSize + 1) / 2);
        }
    }

    /** Columns of a box, at most: a block of packed dy is at least {@link PackedProduct#DEPTH} filters deep. */
    private static int most(long filters) {
        return PACKED / (int) Math.max(1, Math.min(filters, PackedProduct.DEPTH));
    }

    private static long wholeColumns(SimdProvider simd, long columns) {
        return wholes(columns, simd.lanes());
    }

    private static long columns(Axis[] axes) {
        return (long) axes[0].reach() * axes[1].reach() * axes[2].reach();
    }

    /** The axis along which smaller boxes share the least; rows are best left whole. */
    private static int mostBlocks(Axis[] axes) {
        int best = 0;
        double most = 0;
        for (int axis = 0; axis < axes.length; axis++) {
            double size = axes[axis].blockSize == 1 ? 0 : axes[axis].blockSize / (axes[axis].shared() + 0.5) / (axis == 2 ? 4 : 1);
            if (size > most) {
                best = axis;
                most = size;
            }
        }
        return best;
    }

    static boolean fits(ConvProblem p, SimdProvider simd) {
        return boxes(p, simd) != null;
    }

    static Col2imPlan of(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        SimdProvider simd = runtime.simd();
        Axis[] axes = boxes(p, simd);
        int taps = (int) p.filterTaps();
        int filters = (int) p.filtersPerGroup();
        int channels = (int) p.channelsPerGroup();
        boolean whole = axes[0].blocks() * axes[1].blocks() * axes[2].blocks() == 1;
        int columns = (int) Math.max(1, columns(axes));
        int images = (int) p.batch();
        int most = Math.max(1, Math.min(COLUMNS / taps, Math.min(most(filters), Math.min(MANY, PACKED / Math.max(1, filters)))) / columns);
        boolean all = whole && p.outputPositions() == columns(axes);
        int imageBlock = all ? evenBlock(images, most) : 1;
        int columnRow = PackedProduct.wholeColumns(simd, columns * imageBlock);
        long others = (long) ((images + imageBlock - 1) / Math.max(1, imageBlock)) * p.groups()
                * axes[0].blocks() * axes[1].blocks() * axes[2].blocks();
        int wanted = (int) Math.max(1, others >= 4L * runtime.threads() ? 1 : runtime.threads());
        int channelBlock = evenBlock(channels, Math.min(COLUMNS / taps / columnRow, ceilDiv(channels, wanted)));
        int channelBlocks = (channels + channelBlock - 1) / Math.max(1, channelBlock);
        // Either all filters, or whole blocks of the product: of these, packed filters are kept.
        int depthBlock = filters <= PACKED / columnRow ? Math.max(1, filters)
                : PACKED / columnRow / PackedProduct.DEPTH * PackedProduct.DEPTH;
        int[][] inside = new int[axes[2].blocks()][];
        for (int block = 0; block < inside.length; block++) {
            inside[block] = SimdProvider.inside(axes[2].to[block] - axes[2].from[block]);
        }
        int pitch = pitch(simd, axes[2]);
        boolean turned = all && depthBlock == filters && turned(simd, columns * imageBlock);
        int last = images == 0 ? 0 : (images - 1) % imageBlock + 1;
        RowTiles fullTiles = turned ? RowTiles.of(columns * imageBlock, simd) : null;
        RowTiles lastTiles = turned ? RowTiles.of(columns * last, simd) : null;
        return new Col2imPlan(simd, fullTiles, lastTiles, images, (int) p.groups(), channels, filters, channelBlock,
                Math.min(wanted, Math.max(1, channelBlocks)), depthBlock, imageBlock, axes, taps, columnRow,
                planeStep(p, axes, columnRow), rowStep(p, axes, columnRow), inside, Math.max(1, Math.min(axes[1].blockSize, SUMS / pitch)),
                form(request, simd, channelBlock, taps, turned));
    }

    /** Whole tiles of positions hold fewer that are none than whole vectors do, and these rarely fill wide tiles. */
    private static boolean turned(SimdProvider simd, int positions) {
        return positions <= TURNED_POSITIONS
                && PackedProduct.stripRows(positions) < simd.widestShiftedTile() * simd.lanes() * NARROW_TILES
                && PackedProduct.stripRows(positions) <= PackedProduct.wholeColumns(simd, positions);
    }

    private static int planeStep(ConvProblem p, Axis[] axes, int columnRow) {
        var axis = p.axis3(0);
        return (int) (axis.tapStep() * p.axis3(1).filter() * p.axis3(2).filter() * columnRow
                - axis.outputStep() * axes[1].reach() * axes[2].reach());
    }

    private static int rowStep(ConvProblem p, Axis[] axes, int columnRow) {
        var axis = p.axis3(1);
        return (int) (axis.tapStep() * p.axis3(2).filter() * columnRow - axis.outputStep() * axes[2].reach());
    }

    private static int pitch(SimdProvider simd, Axis width) {
        return PackedProduct.wholeColumns(simd, Math.max(1, width.blockSize));
    }

    private static FilterForm form(ConvRequest request, SimdProvider simd, int channelBlock, int taps, boolean turned) {
        ConvProblem p = request.problem();
        long blocks = p.groups() * ceilDiv(p.channelsPerGroup(), channelBlock);
        long length = blocks * formedRows(simd, channelBlock * taps, turned) * p.filtersPerGroup();
        return request.filters() != FilterUse.CONSTANT || length > Integer.MAX_VALUE - 64 ? null
                : new FilterForm("gemm-col2im " + (turned ? "panels of " + SimdProvider.TILE_VECTORS + " times " + simd.lanes() : "strips")
                        + ", " + channelBlock + " channels, " + p.groups() + " groups", (int) length);
    }

    private static int formedRows(SimdProvider simd, int rows, boolean turned) {
        return turned ? PackedProduct.wholeColumns(simd, rows) : PackedProduct.stripRows(rows);
    }

    /** Whether columns are made transposed. */
    boolean turned() {
        return fullTiles != null;
    }

    /** The positions of so many images as rows of the transposed product. */
    RowTiles tiles(int ofImages) {
        return ofImages == imageBlock ? fullTiles : lastTiles;
    }

    /** Whether packed filters are kept. */
    boolean formed() {
        return form != null;
    }

    int boxes() {
        return axes[0].blocks() * axes[1].blocks() * axes[2].blocks();
    }

    int imageBlocks() {
        return ceilDiv(images, imageBlock);
    }

    int channelBlocks() {
        return ceilDiv(channels, channelBlock);
    }

    int tiles() {
        return images == 0 ? 0 : imageBlocks() * groups * boxes() * parts;
    }

    /** Positions of dy of an image. */
    int positions() {
        return axes[0].positions * axes[1].positions * axes[2].positions;
    }

    /** Vectors of the widest panel of the columns' right factor. */
    int vectors() {
        return simd.widestShiftedTile();
    }

    /** Elements of the packed filters of a channel block. */
    int formedBlock() {
        return formedRows(simd, channelBlock * taps, turned()) * filters;
    }

    /** Elements from one row of sums to the next. */
    int pitch() {
        return pitch(simd, axes[2]);
    }

    /** Packed dy; behind tiles of it vectors write, and what they are packed from lies there. */
    int panelsLength() {
        return turned() ? fullTiles.padded() * depthBlock + SimdProvider.TILE_VECTORS * simd.lanes() : columnRow * depthBlock;
    }

    /** A row of dy before it is packed, or when turned all rows that are packed together. */
    int rowLength() {
        return columnRow * (turned() ? PackedProduct.DEPTH : 1) + simd.lanes();
    }

    /** Filters of a panel of the transposed product. */
    int linesLength() {
        return SimdProvider.TILE_VECTORS * simd.lanes() * (Math.min(PackedProduct.DEPTH, filters) + 1);
    }

    /** Elements from one position to the next of a panel of transposed columns: an odd number of vectors, which share fewer places of a cache. */
    int sumsRow() {
        return (SimdProvider.TILE_VECTORS + 1) * simd.lanes();
    }

    /** Packed filters; when turned those that vectors would read behind, and a panel of transposed columns. */
    int stripsLength() {
        return turned() ? linesLength() + fullTiles.padded() * sumsRow() : formed() ? 0 : FILTER_ROWS * Math.min(PackedProduct.DEPTH, filters);
    }

    /** Vectors of sums read before and behind the columns. */
    int gap() {
        return SimdProvider.PARTIAL_SUMS;
    }

    int columnsLength() {
        return PackedProduct.stripRows(channelBlock * taps) * columnRow + 2 * gap();
    }

    int sumsLength() {
        return 2 * rowChunk * pitch() + simd.lanes();
    }

    int workerLength() {
        return panelsLength() + rowLength() + stripsLength() + columnsLength() + sumsLength();
    }
}
