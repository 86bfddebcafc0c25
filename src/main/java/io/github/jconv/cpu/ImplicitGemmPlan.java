package io.github.jconv.cpu;

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
import java.util.List;
import java.util.stream.IntStream;

/**
 * What {@link ImplicitGemmAlgorithm} needs to know about a request.
 *
 * @param products     one, or one for each residue class of the stride and each set of taps along the depth that meet no padding
 * @param keptForm     whether filters are constant, and packed once
 * @param formLength   elements of the packed filters
 * @param in           the tensor whose channels are laid out in planes, of {@code inChannel} elements each
 * @param out          the tensor that is written
 * @param outSizes     sizes of the output along the three axes
 * @param parts        parts of all products together
 * @param covers       whether the products reach every element of the output
 * @param planesLength scratch memory of a thread for planes, and so on, each from a cache line on; for filters only if they may change
 * @param filterPlane  taps of a filter
 */
record ImplicitGemmPlan(SimdProvider simd, List<ImplicitGemmProduct> products, boolean keptForm, long formLength, int parts, Of in,
                        int inChannel, Of out, int[] outSizes, boolean covers, int planesLength, int sumsLength, int panelLength,
                        int filtersLength, int filterPlane) {

    /** Columns of filters that are packed at once, and elements from one to the next meanwhile. */
    static final int PACKED_COLUMNS = 64;
    static final int PACKED_STEP = 16;

    /** Taps along the depth that meet no padding, of all: the share up to which outputs that meet the same ones have products of their own. */
    private static final double INSIDE_SHARE = 0.8;

    /** Outputs of a depth from which such products fill vectors, and filters that are packed for them, of those that there are, at most. */
    private static final int PLANE = 32;
    private static final double PACKED_AGAIN = 1.5;

    /** Costs in multiply-adds: of an element of a panel, and of one of filters that may change, in each part. */
    private static final double IN_PANEL = 12;
    private static final double COPIED = 20;

    static Support supports(ConvRequest request) {
        return Support.when(planes(request) != null, "the planes of a single output, or the pieces they are made of, exceed its scratch memory");
    }

    static ImplicitGemmPlan of(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        boolean constant = request.filters() == FilterUse.CONSTANT;
        int lanes = runtime.simd().lanes();
        List<ImplicitGemmProduct> products = new ArrayList<>();
        long formLength = constant ? CacheLine.FLOATS : 0;
        for (TapPlanes planes : planes(request)) {
            // Longer forms than an array holds are declined before anything is run.
            products.add(ImplicitGemmProduct.of(planes, p, forward, constant, (int) formLength - CacheLine.FLOATS, runtime));
            formLength += constant ? p.groups() * (long) products.get(products.size() - 1).groupFormLength() : 0;
        }
        long reached = products.stream().mapToLong(product -> product.planes().outputs()).sum();
        int parts = products.stream().mapToInt(ImplicitGemmProduct::parts).sum();
        int planes = products.stream().mapToInt(ImplicitGemmProduct::planesLength).max().orElse(0);
        int sums = products.stream().mapToInt(product -> product.sumsLength(lanes)).max().orElse(0);
        int filters = constant ? 0 : products.stream().mapToInt(ImplicitGemmProduct::filtersLength).max().orElse(0);
        int panel = ImplicitGemmProduct.DEPTH * SimdProvider.TILE_VECTORS * lanes;
        // Vectors read and write behind the last element.
        return new ImplicitGemmPlan(runtime.simd(), products, constant, formLength, parts, forward ? Of.X : Of.Y,
                (int) (forward ? p.inputPositions() : p.outputPositions()), forward ? Of.Y : Of.X,
                forward ? ShiftedPlanes.outputSizes(p) : ShiftedPlanes.inputSizes(p), forward || reached == p.inputPositions(),
                CacheLine.whole(planes + lanes), CacheLine.whole(sums + lanes), CacheLine.whole(panel + lanes), filters,
                (int) p.filterTaps());
    }

    /** The same as {@link ShiftedGemmPlan#cost}. */
    double cost() {
        double cost = 0;
        for (ImplicitGemmProduct product : products) {
            double columns = 0;
            for (int block = 0; block < product.planes().blocks(); block++) {
                int outputs = product.planes().block(block).outputs();
                columns += product.batch() / product.imageBlock() * (double) wholes(product.imageBlock() * outputs, simd.lanes())
                        + wholes(product.batch() % product.imageBlock() * outputs, simd.lanes());
            }
            double rows = product.rows().padded();
            double copies = keptForm ? 0 : COPIED * product.imageBlocks() * product.planes().blocks() * rows;
            cost += product.groups() * product.depth() * (columns * (rows + IN_PANEL * product.rowBlocks()) + copies);
        }
        return cost;
    }

    /** The packed form of constant filters, or null. Products that do not have all taps part them as the axes tell. */
    FilterForm form(ConvProblem problem) {
        if (!keptForm) {
            return null;
        }
        String parts = products.stream().allMatch(product -> product.planes().taps() == filterPlane) ? "" : " " + problem.axes();
        return new FilterForm("implicit-gemm " + (in == Of.X ? "forward " : "backward_data ") + problem.groups() + " " + simd.name() + parts,
                (int) formLength);
    }

    /** Where the packed filters of a group begin. */
    int formAt(CpuCall call, ImplicitGemmProduct product, int group) {
        return CacheLine.from(call.filterFormAt()) + product.formAt() + group * product.groupFormLength();
    }

    /** Where the scratch memory of a worker begins: planes, behind them sums, a panel, and filters that may change. */
    int planesAt(int worker) {
        return CacheLine.FIRST + worker * (planesLength + sumsLength + Math.max(panelLength, packingLength()) + filtersLength);
    }

    int sumsAt(int worker) {
        return planesAt(worker) + planesLength;
    }

    int panelAt(int worker) {
        return sumsAt(worker) + sumsLength;
    }

    int filtersAt(int worker) {
        return panelAt(worker) + panelLength;
    }

    /** Scratch memory in which constant filters are turned around. */
    private int packingLength() {
        return keptForm ? CacheLine.whole(Math.max(PACKED_COLUMNS, filterPlane) * PACKED_STEP + PACKED_STEP) : 0;
    }

    long workspaceLength(int threads) {
        return planesAt(threads);
    }

    int outChannel() {
        return outSizes[0] * outSizes[1] * outSizes[2];
    }

    /** The planes of each product, or null if those of one exceed the scratch memory. */
    private static List<TapPlanes> planes(ConvRequest request) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        int[] inSizes = forward ? ShiftedPlanes.inputSizes(p) : ShiftedPlanes.outputSizes(p);
        int ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        List<TapPlanes> all = new ArrayList<>();
        for (AxisWalk depth : depths(p, forward, inSizes[0])) {
            for (AxisWalk height : ShiftedPlanes.walks(p.axis3(1), forward)) {
                for (AxisWalk width : ShiftedPlanes.walks(p.axis3(2), forward)) {
                    TapPlanes planes = ImplicitGemmProduct.planes(depth, height, width, inSizes, ins);
                    if (planes == null) {
                        return null;
                    }
                    all.add(planes);
                }
            }
        }
        return List.copyOf(all);
    }

    /**
     * The walks along the depth: where it is short, much of what each of its outputs meets is padding, which products of their own leave out.
     */
    private static List<AxisWalk> depths(ConvProblem p, boolean forward, int inSize) {
        long plane = forward ? p.axis3(1).output() * p.axis3(2).output() : p.axis3(1).input() * p.axis3(2).input();
        List<AxisWalk> all = new ArrayList<>();
        for (AxisWalk walk : ShiftedPlanes.walks(p.axis3(0), forward)) {
            long inside = IntStream.range(0, walk.taps).mapToLong(tap -> walk.end(tap) - walk.first(tap)).sum();
            boolean padded = plane >= PLANE && inside <= INSIDE_SHARE * walk.taps * walk.count;
            List<AxisWalk> pieces = padded ? walk.pieces(inSize) : List.of(walk);
            boolean again = pieces.stream().mapToInt(piece -> piece.taps).sum() <= PACKED_AGAIN * walk.taps;
            all.addAll(again ? pieces : List.of(walk));
        }
        return all;
    }
}
