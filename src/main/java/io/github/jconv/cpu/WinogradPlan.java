package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.cpu.simd.WinogradTransforms;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;

/**
 * What {@link WinogradAlgorithm} needs to know about a request, and how its work is cut. Tiles of m by m outputs are numbered through all
 * images, {@code t = (image * tileRows + tileRow) * tileColumns + tileColumn}, and taken in blocks. No cut changes a result.
 *
 * <p>Scratch memory, in floats: transformed filters of a block of output channels; inputs and products of a block of tiles, shared
 * by the threads or one for each; and what the transforms of a thread need.
 */
final class WinogradPlan {

    /** Rows of filters begin at multiples of this: the widest vectors. */
    private static final int ALIGNMENT = 16;

    /** Depth that a tile of the product works through before it moves on: its columns stay in a first-level cache. */
    static final int DEPTH_BLOCK = 192;

    /** Input channels whose taps are transformed at once. */
    static final int FILTER_COLUMNS = 64;

    /** Output channels of a task that transforms filters: in BACKWARD_DATA their taps are neighbours in memory. */
    static final int FILTER_ROWS = 8;

    /** Columns of a task that transforms products back at once. */
    static final int OUTPUT_COLUMNS = 64;

    /** Floats of the transformed filters, 12 MiB. */
    private static final int MAX_FILTERS = 3 << 20;

    /** Floats of inputs and products of the tiles of one thread: a second-level cache of 1 MiB and what is beside it. */
    private static final int MAX_APART = 3 << 17;

    /** Floats of the inputs that all threads share, 8 MiB. */
    private static final int MAX_INPUTS = 2 << 20;

    private static final int LEAST_COLUMNS = 64;

    /** What reading all filters costs, in vectors of columns multiplied. */
    private static final double FILTERS_IN_VECTORS = 0.5;
    /** What tiles of the product of 2 and of 1 vectors cost for each vector, with 1 for the widest. */
    private static final double TWO_VECTORS = 1.2;
    private static final double ONE_VECTOR = 1.9;
    private static final int MOST_COLUMNS = 448;

    final SimdProvider simd;
    final WinogradTransforms transforms;
    final int m;
    /** Points on one axis, m + 2. */
    final int points;
    final boolean forward;
    final Of in;
    final Of out;
    final int groups;
    /** Input channels of a group: the depth of the product. */
    final int ins;
    /** Output channels of a group: its rows. */
    final int outs;
    final int inHeight;
    final int inWidth;
    final int outHeight;
    final int outWidth;
    /** The input position of the first tap of output 0. */
    final int firstRow;
    final int firstColumn;
    final int tileRows;
    final int tileColumns;
    final int tiles;

    /** Output channels whose filters are transformed at once; but for the last block. */
    final int outBlock;
    /** Tiles of a block, but for the last. */
    final int columns;
    /** Whether each thread works on a block of tiles of its own, from input to output. */
    final boolean apart;

    final int depthStride;
    final int columnStride;
    /** From one point to the next. */
    final int filtersPoint;
    final int inputsPoint;
    final int productsPoint;
    /** Where each row of a transformed input begins. */
    final int[] inputShifts;
    final long workspaceLength;
    final int inputsLength;
    final int productsLength;
    final int filtersLength;
    final int scratchLength;
    private final int threads;

    private WinogradPlan(int m, ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        simd = runtime.simd();
        transforms = simd.winograd();
        threads = runtime.threads();
        this.m = m;
        points = m + 2;
        forward = request.operation() == ConvOperation.FORWARD;
        in = forward ? Of.X : Of.Y;
        out = forward ? Of.Y : Of.X;
        groups = (int) p.groups();
        ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        outs = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        inHeight = (int) (forward ? p.axis3(1).input() : p.axis3(1).output());
        inWidth = (int) (forward ? p.axis3(2).input() : p.axis3(2).output());
        outHeight = (int) (forward ? p.axis3(1).output() : p.axis3(1).input());
        outWidth = (int) (forward ? p.axis3(2).output() : p.axis3(2).input());
        // The filter of BACKWARD_DATA is rotated: its last tap comes first.
        firstRow = (int) (forward ? -p.axis3(1).padBegin() : p.axis3(1).padBegin() - 2);
        firstColumn = (int) (forward ? -p.axis3(2).padBegin() : p.axis3(2).padBegin() - 2);
        tileRows = ceilDiv(outHeight, m);
        tileColumns = ceilDiv(outWidth, m);
        tiles = (int) p.batch() * tileRows * tileColumns;

        depthStride = roundUp(ins, ALIGNMENT);
        outBlock = outBlock();
        apart = outBlock == outs && tiles >= threads * LEAST_COLUMNS;
        columns = columns();
        columnStride = (int) oddMultiple(roundUp(columns, simd.lanes()) + simd.lanes());
        inputShifts = new int[Math.min(ins, DEPTH_BLOCK)];
        for (int i = 0; i < inputShifts.length; i++) {
            inputShifts[i] = i * columnStride;
        }
        long area = (long) points * points;
        long filters = oddMultiple((long) outBlock * depthStride);
        long inputs = oddMultiple((long) ins * columnStride);
        long products = oddMultiple((long) wholeTiles(outBlock) * columnStride);
        scratchLength = Math.max(filterScratch(), Math.max(inputScratch(), outputScratch()));
        workspaceLength = area * filters + (apart ? threads : 1) * area * (inputs + products) + (long) threads * scratchLength;
        // Only used when the sum of all fits an array.
        filtersPoint = (int) filters;
        inputsPoint = (int) inputs;
        productsPoint = (int) products;
        filtersLength = (int) (area * filters);
        inputsLength = (int) (area * inputs);
        productsLength = (int) (area * products);
    }

    static WinogradPlan of(int m, ConvRequest request, CpuRuntime runtime) {
        return new WinogradPlan(m, request, runtime);
    }

    /** Tiles of m by m outputs in all images. */
    static long tiles(int m, ConvRequest request) {
        ConvProblem p = request.problem();
        long width = request.operation() == ConvOperation.FORWARD ? p.axis3(2).output() : p.axis3(2).input();
        return rowsOfTiles(m, request) * ((width + m - 1) / m);
    }

    /** Their rows. */
    static long rowsOfTiles(int m, ConvRequest request) {
        ConvProblem p = request.problem();
        long height = request.operation() == ConvOperation.FORWARD ? p.axis3(1).output() : p.axis3(1).input();
        return p.batch() * ((height + m - 1) / m);
    }

    int outBlocks() {
        return ceilDiv(outs, outBlock);
    }

    /** Output channels of a block. */
    int rows(int block) {
        return Math.min(outBlock, outs - block * outBlock);
    }

    int columnBlocks() {
        return ceilDiv(tiles, columns);
    }

    /** Tiles of a block. */
    int columns(int block) {
        return Math.min(columns, tiles - block * columns);
    }

    /** Rows of whole tiles of the inner loop; the last of them overlaps the one above it, in slots of its own. */
    static int wholeTiles(int rows) {
        return roundUp(rows, SimdProvider.TILE_ROWS);
    }

    int inputsOf(int worker) {
        return filtersLength + (apart ? worker : 0) * (inputsLength + productsLength);
    }

    int productsOf(int worker) {
        return inputsOf(worker) + inputsLength;
    }

    int scratchOf(int worker) {
        return filtersLength + (apart ? threads : 1) * (inputsLength + productsLength) + worker * scratchLength;
    }

    /** From one of the m pieces of a split row of n tiles to the next; each has n + 1 elements. */
    int splitStep(int n) {
        return n < simd.lanes() ? n + 1 : roundUp(n + 1, ALIGNMENT);
    }

    /** From one row of transformed columns of n tiles to the next. */
    int columnsRow(int n) {
        return roundUp(m * splitStep(n), ALIGNMENT) + ALIGNMENT;
    }

    /** From one padded row of n tiles to the next, with what is read behind it. */
    int paddedRow(int n) {
        return roundUp(transforms.splitReads(m, n + 1), ALIGNMENT);
    }

    private int outBlock() {
        int most = Math.max(SimdProvider.TILE_ROWS, MAX_FILTERS / (points * points) / depthStride);
        int blocks = ceilDiv(outs, most);
        int block = outs;
        // A last block of less than a tile of rows cannot be multiplied.
        for (int i = blocks; i > 1 && block == outs; i--) {
            int even = roundUp(ceilDiv(outs, i), SimdProvider.TILE_ROWS);
            if (outs % even == 0 || outs % even >= SimdProvider.TILE_ROWS) {
                block = even;
            }
        }
        return block;
    }

    private int columns() {
        if (tiles == 0) {
            return 1;
        }
        int area = points * points;
        int most = apart ? MAX_APART / (area * (ins + outs)) : MAX_INPUTS / (area * ins);
        most = Math.max(LEAST_COLUMNS, Math.min(MOST_COLUMNS, most));
        int lanes = simd.lanes();
        int best = Math.min(tiles, LEAST_COLUMNS);
        double bestTime = Double.MAX_VALUE;
        for (int width = lanes; width <= roundUp(most, lanes); width += lanes) {
            double time = time(Math.min(width, tiles));
            if (time < bestTime) {
                bestTime = time;
                best = Math.min(width, tiles);
            }
        }
        return best;
    }

    /** How long the slowest thread multiplies, in vectors of columns, when blocks have that many. */
    private double time(int width) {
        int sharing = apart ? threads : 1;
        int whole = tiles / width;
        double last = tiles % width == 0 ? 0 : vectors(tiles % width);
        return (double) (whole / sharing) * vectors(width) + (whole % sharing > 0 ? vectors(width) : last);
    }

    private double vectors(int width) {
        int lanes = simd.lanes();
        int widest = simd.widestShiftedTile();
        int vectors = ceilDiv(width, lanes);
        int rest = vectors % widest;
        double ofRest = rest == 3 ? 4 : rest == 2 ? widest == 2 ? 2 : 2 * TWO_VECTORS : rest == 1 && widest > 1 ? ONE_VECTOR : rest;
        return vectors - rest + ofRest + FILTERS_IN_VECTORS;
    }

    private int filterScratch() {
        return (FILTER_ROWS * 9 + 3 * points) * FILTER_COLUMNS;
    }

    private int inputScratch() {
        int n = Math.min(columns, tileColumns);
        return points * (paddedRow(n) + m * splitStep(n) + columnsRow(n)) + 4 * ALIGNMENT;
    }

    private int outputScratch() {
        return (points * m + m * m) * OUTPUT_COLUMNS + m * OUTPUT_COLUMNS + ALIGNMENT;
    }

    /** An odd multiple of the alignment: rows then fall on all sets of a cache in turn. */
    private static long oddMultiple(long length) {
        long multiple = (length + ALIGNMENT - 1) / ALIGNMENT;
        return (multiple % 2 == 0 ? multiple + 1 : multiple) * ALIGNMENT;
    }

    private static int ceilDiv(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    private static int roundUp(int value, int multiple) {
        return ceilDiv(value, multiple) * multiple;
    }
}
