package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What {@link ShiftedGemmAlgorithm} needs to know about a request.
 *
 * @param products     one, or one for each residue class of the stride
 * @param together     the same, those together whose outputs make up the same rows, which are computed and written together
 * @param packed       whether filters are read in a packed form, of {@code formLength} elements
 * @param in           the tensor whose channels are laid out in planes, of {@code inChannel} elements each
 * @param out          the tensor that is written
 * @param outSizes     sizes of the output along the three axes
 * @param tiles        tiles of all products, those of products together counted once
 * @param alike        whether all have as many tiles; then they take turns, so that threads have as many of those with more taps
 * @param covers       whether the products reach every element of the output
 * @param planesLength scratch memory of a thread for planes
 * @param sumsLength   scratch memory of a thread for sums
 * @param filterPlane  taps of a filter
 * @param turned       where those of each product begin, in scratch memory, among turned around filters of two tiles of rows
 * @param pieces       vectors that a column of a tile consists of
 */
record ShiftedGemmPlan(SimdProvider simd, List<ShiftedProduct> products, List<List<ShiftedProduct>> together, boolean packed,
                       long formLength, int tiles, boolean alike, Of in, int inChannel, Of out, int[] outSizes, boolean covers,
                       int planesLength, int sumsLength, int filterPlane, int[][] turned, int[] pieces) {

    /** Positions that each filter that may change must meet for packing it to pay. */
    private static final long PACKED_POSITIONS = 100;

    /** Elements of filters that are packed in each run, at most: 16 MiB. */
    private static final long PACKED_ELEMENTS = 4 << 20;

    /** Costs in multiply-adds: of an element and a row of planes, and of filters that are packed in each call, as rows or tap by tap. */
    private static final double LAID_OUT = 6;
    private static final double LAID_OUT_ROW = 300;
    private static final double PACKED_ROW = 30;
    private static final double PACKED_TAP = 50;

    static Support supports(ConvRequest request) {
        ConvProblem p = request.problem();
        long rows = request.operation() == ConvOperation.FORWARD ? p.filtersPerGroup() : p.channelsPerGroup();
        Support enough = Support.when(rows >= SimdProvider.TILE_ROWS, "it serves groups of " + SimdProvider.TILE_ROWS
                + " output channels and more, and there " + (rows == 1 ? "is 1" : "are " + rows));
        return enough.yes() ? enough.and(Support.when(planes(request) != null, "the planes of a single output exceed its scratch memory"))
                : enough;
    }

    /** Whether it pays, of a request that it {@linkplain #supports serves}. */
    static Support suits(ConvRequest request, CpuRuntime runtime) {
        return WhereItPays.shiftedGemm(request, runtime, usefulColumns(request, runtime.simd()));
    }

    static ShiftedGemmPlan of(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        boolean packed = packsFilters(request);
        List<List<ShiftedProduct>> together = new ArrayList<>();
        long formLength = 0;
        for (List<ShiftedPlanes> planes : planes(request)) {
            // Longer forms than an array holds are declined before anything is run.
            together.add(ShiftedProduct.of(planes, p, forward, packed, (int) formLength, runtime));
            for (ShiftedProduct product : together.get(together.size() - 1)) {
                formLength += packed ? p.groups() * (long) product.groupFormLength() : 0;
            }
        }
        List<ShiftedProduct> products = together.stream().flatMap(List::stream).toList();
        long reached = products.stream().mapToLong(product -> product.planes().outputs()).sum();
        int tiles = together.stream().mapToInt(rows -> rows.get(0).tiles()).sum();
        boolean alike = together.stream().mapToInt(rows -> rows.get(0).tiles()).distinct().count() == 1;
        int planes = products.stream().mapToInt(ShiftedProduct::planesLength).max().orElse(0);
        int sums = together.stream().mapToInt(rows -> rows.stream().mapToInt(ShiftedProduct::sumsLength).sum()).max().orElse(0);
        int[][] turned = products.stream()
                .map(product -> Arrays.stream(product.filterTaps()).map(tap -> tap * ShiftedGemmAlgorithm.PAIR_ROWS).toArray()).toArray(int[][]::new);
        int lanes = runtime.simd().lanes();
        int[] pieces = IntStream.range(0, ceilDiv(SimdProvider.TAP_ROWS, lanes)).map(i -> i * lanes).toArray();
        return forward
                ? new ShiftedGemmPlan(runtime.simd(), products, together, packed, formLength, tiles, alike, Of.X, (int) p.inputPositions(),
                        Of.Y, ShiftedPlanes.outputSizes(p), true, planes, sums, (int) p.filterTaps(), turned, pieces)
                : new ShiftedGemmPlan(runtime.simd(), products, together, packed, formLength, tiles, alike, Of.Y, (int) p.outputPositions(),
                        Of.X, ShiftedPlanes.inputSizes(p), reached == p.inputPositions(), planes, sums, (int) p.filterTaps(), turned, pieces);
    }

    /** Vectors of columns of an image, in flat sequences with ends of rows between them. */
    static long columnVectors(ConvRequest request, SimdProvider simd) {
        return planes(request).stream().flatMap(List::stream).mapToLong(planes -> wholeColumns(simd, planes)).sum() / simd.lanes();
    }

    /** The columns of the flat sequences of all blocks, in whole vectors. */
    private static long wholeColumns(SimdProvider simd, ShiftedPlanes planes) {
        return IntStream.range(0, planes.blocks()).mapToLong(block -> wholeVectors(simd, planes.length(block))).sum();
    }

    /**
     * The columns that a product with packed columns would have, for each column of the flat sequences: below 1 where the ends of
     * the planes' rows, which are computed and dropped, are more than what whole vectors waste anyway.
     */
    static double usefulColumns(ConvRequest request, SimdProvider simd) {
        long flat = columnVectors(request, simd) * simd.lanes();
        long packed = planes(request).stream().flatMap(List::stream).mapToLong(planes -> wholeVectors(simd, planes.outputs())).sum();
        return flat == 0 ? 1 : (double) packed / flat;
    }

    /**
     * What a call costs one thread, in multiply-adds: the products, with what whole tiles and the ends of rows of planes have to spare,
     * laying out planes and packing filters that may change. The costs were measured on a core with 512-bit vectors.
     */
    double cost(ConvProblem problem, boolean constantFilters) {
        double cost = 0;
        for (List<ShiftedProduct> rows : together) {
            ShiftedProduct first = rows.get(0);
            double layouts = (double) first.planes().blocks() * first.rowBlocks() * first.ins() * first.planes().rows();
            cost += first.units() * layouts * (LAID_OUT_ROW + LAID_OUT * first.planes().rowLength());
            for (ShiftedProduct product : rows) {
                cost += product.units() * (double) wholeColumns(simd, product.planes()) * product.tileRows(product.rows()) * product.depth();
            }
        }
        double filter = in == Of.X ? PACKED_ROW : PACKED_TAP;
        return cost + (packed && !constantFilters ? filter * problem.parameters(false) : 0);
    }

    /** Whether filters are worth packing: constant ones are, and others that meet many positions. */
    static boolean packsFilters(ConvRequest request) {
        ConvProblem p = request.problem();
        long positions = request.operation() == ConvOperation.FORWARD ? p.outputPositions() : p.inputPositions();
        return request.filters() == FilterUse.CONSTANT
                || p.batch() * positions >= PACKED_POSITIONS && p.parameters(false) <= PACKED_ELEMENTS;
    }

    private static long wholeVectors(SimdProvider simd, long columns) {
        return wholes(columns, simd.lanes());
    }

    /** The packed form of the filters, or null. Several products part the taps as the axes tell. */
    FilterForm form(ConvProblem problem) {
        String parts = products.size() > 1 ? " " + problem.axes() : "";
        return packed ? new FilterForm("shifted-gemm " + (in == Of.X ? "forward " : "backward_data ") + problem.groups() + parts,
                (int) formLength) : null;
    }

    /** Scratch memory of a thread: that for planes and sums serves to pack filters before. */
    int workerLength() {
        return Math.max(planesLength + sumsLength, packed ? ShiftedGemmAlgorithm.PAIR_ROWS * filterPlane : 0);
    }

    int outChannel() {
        return outSizes[0] * outSizes[1] * outSizes[2];
    }

    /** The planes of each product, those together whose outputs make up the same rows, or null if those of one exceed the scratch memory. */
    private static List<List<ShiftedPlanes>> planes(ConvRequest request) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        int[] inSizes = forward ? ShiftedPlanes.inputSizes(p) : ShiftedPlanes.outputSizes(p);
        int ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        List<List<ShiftedPlanes>> all = new ArrayList<>();
        for (AxisWalk depth : ShiftedPlanes.walks(p.axis3(0), forward)) {
            for (AxisWalk height : ShiftedPlanes.walks(p.axis3(1), forward)) {
                for (List<AxisWalk> widths : ShiftedPlanes.rows(ShiftedPlanes.walks(p.axis3(2), forward))) {
                    List<ShiftedPlanes> planes = ShiftedProduct.planes(depth, height, widths, inSizes, ins);
                    if (planes == null) {
                        return null;
                    }
                    all.add(planes);
                }
            }
        }
        return List.copyOf(all);
    }
}
