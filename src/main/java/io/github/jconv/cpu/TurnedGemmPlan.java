package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.evenBlock;
import static io.github.jconv.cpu.Cuts.sharedBlock;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What {@link TurnedGemmAlgorithm} needs to know about a request.
 *
 * <p>Scratch memory of a thread: the planes of some input channels, the left factor that is made of them, room to turn sums around, and the
 * sums of a part.
 *
 * @param batch      images, and of those how many belong to a part
 * @param full       the positions of so many images
 * @param last       those of the images of the last block
 * @param outs       output channels of a group
 * @param panelsOfPart panels of output channels of a part, but for the last
 * @param ins        input channels of a group
 * @param inBlock    input channels whose planes are laid out at a time
 * @param inSpan     input channels, whole blocks, whose columns are made at a time
 * @param shifts     where each column of the left factor begins in the planes of a block of input channels
 * @param in         the tensor whose channels are laid out in planes, of {@code inChannel} elements each
 * @param out        the tensor that is written
 * @param outSizes   sizes of the output along the three axes
 * @param form       the packed filters: for each group one panel behind the other
 */
record TurnedGemmPlan(SimdProvider simd, TapPlanes planes, int groups, int batch, int imageBlock, Positions full, Positions last, int outs,
                      int panelsOfPart, int ins, int inBlock, int inSpan, int[] shifts, Of in, int inChannel, Of out, int[] outSizes, FilterForm form) {

    /** Columns of the left factor that are multiplied at a time: with them, a panel of filters and a tile fit a first-level cache. */
    private static final int DEPTH = 192;

    /** Positions of a part, at most: its left factor, a block of columns at a time, and its sums stay in a second-level cache. */
    private static final int MAX_POSITIONS = 256;

    /** Elements of the left factor of a part: half of a second-level cache of 2 MiB. */
    private static final int MAX_FACTOR = 1 << 18;

    /** Elements of the sums of a part, at most: they stay in the same cache. */
    private static final int MAX_SUMS = 1 << 16;

    /** Elements of the planes of a part, at most. */
    private static final int MAX_PLANES = 1 << 16;

    /** Making the left factor costs about as much as multiplying it by this many panels. */
    private static final double MAKING_IN_PANELS = 0.5;

    /**
     * Positions of some images, one behind the other, as rows of the product.
     *
     * @param pieces for each tile of rows what makes up a column of it
     */
    record Positions(RowTiles tiles, TapPlanes.ColumnPieces[] pieces) {

        static Positions of(TapPlanes planes, int images, int imageLength, SimdProvider simd) {
            TapPlanes.Block block = planes.block(0);
            RowTiles tiles = RowTiles.of(images * block.outputs(), simd);
            return new Positions(tiles, IntStream.range(0, tiles.tiles()).mapToObj(tile -> planes.columnPieces(block, imageLength, tiles.first(tile),
                    tiles.first(tile) + tiles.valid(tile), simd.lanes())).toArray(TapPlanes.ColumnPieces[]::new));
        }
    }

    static Support supports(ConvRequest request) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        Support sizes = Support.when((forward ? p.outputPositions() : p.inputPositions()) <= MAX_POSITIONS, "it serves up to " + MAX_POSITIONS
                + " positions only").and(Support.when(p.filterTaps() <= DEPTH, "it serves up to " + DEPTH + " taps only"));
        if (!sizes.yes()) {
            return sizes;
        }
        List<AxisWalk> walks = walks(request);
        if (walks == null) {
            return Support.no("it serves data gradients without stride only, whose inputs all meet outputs");
        }
        TapPlanes planes = planes(request, walks);
        return Support.when(planes != null && planes.blocks() == 1, "the planes of a channel exceed its scratch memory");
    }

    /** A walk over each axis, or null if there is not one for all of its positions. */
    private static List<AxisWalk> walks(ConvRequest request) {
        boolean forward = request.operation() == ConvOperation.FORWARD;
        List<AxisWalk> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            SpatialAxis axis = request.problem().axis3(i);
            List<AxisWalk> walks = ShiftedPlanes.walks(axis, forward);
            if (walks.size() != 1 || !forward && (axis.stride() > 1 || walks.get(0).count != axis.input())) {
                return null;
            }
            all.add(walks.get(0));
        }
        return all;
    }

    private static TapPlanes planes(ConvRequest request, List<AxisWalk> walks) {
        ConvProblem p = request.problem();
        int[] sizes = request.operation() == ConvOperation.FORWARD ? ShiftedPlanes.inputSizes(p) : ShiftedPlanes.outputSizes(p);
        return TapPlanes.within(false, MAX_PLANES, MAX_POSITIONS, walks.get(0), walks.get(1), walks.get(2), sizes);
    }

    static TurnedGemmPlan of(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        SimdProvider simd = runtime.simd();
        TapPlanes planes = planes(request, walks(request));
        int outs = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        int ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        int batch = (int) p.batch();
        int inBlock = evenBlock(ins, Math.min(DEPTH / planes.taps(), Math.max(1, MAX_PLANES / Math.max(1, planes.length()))));
        int imageLength = inBlock * planes.length();
        int imageBlock = evenBlock(batch, Math.min(MAX_POSITIONS / Math.max(1, planes.outputs()), MAX_PLANES / Math.max(1, imageLength)));
        int lastBlock = batch == 0 ? 0 : (batch - 1) % imageBlock + 1;
        Positions full = Positions.of(planes, Math.min(batch, imageBlock), imageLength, simd);
        Positions last = lastBlock == imageBlock ? full : Positions.of(planes, lastBlock, imageLength, simd);
        int[] shifts = planes.shifts(inBlock);
        int blocks = Math.max(1, MAX_FACTOR / Math.max(1, full.tiles.padded() * inBlock * planes.taps()));
        long others = p.groups() * (long) ceilDiv(batch, imageBlock);
        return new TurnedGemmPlan(simd, planes, (int) p.groups(), batch, imageBlock, full, last, outs,
                sharedBlock(others, panels(outs, simd), MAX_SUMS / Math.max(1, full.tiles.padded() * SimdProvider.TILE_VECTORS * simd.lanes()),
                        MAKING_IN_PANELS, runtime.threads(), runtime.threads()), ins, inBlock,
                Math.min(ceilDiv(ins, inBlock), blocks) * inBlock, shifts, forward ? Of.X : Of.Y,
                (int) (forward ? p.inputPositions() : p.outputPositions()), forward ? Of.Y : Of.X,
                forward ? ShiftedPlanes.outputSizes(p) : ShiftedPlanes.inputSizes(p),
                new FilterForm("turned-gemm " + (forward ? "forward " : "backward_data ") + p.groups() + " " + simd.name(),
                        (int) formLength(request, simd)));
    }

    /** Elements of the packed filters, with room to begin with a cache line. */
    static double formLength(ConvRequest request, SimdProvider simd) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        double ins = forward ? p.channelsPerGroup() : p.filtersPerGroup();
        int outs = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        return p.groups() * ins * p.filterTaps() * wholes(outs, simd.lanes()) + CacheLine.FLOATS;
    }

    private static int panels(int outs, SimdProvider simd) {
        return ceilDiv(outs, SimdProvider.TILE_VECTORS * simd.lanes());
    }

    /** Output channels of a panel, but for the last. */
    int wide() {
        return SimdProvider.TILE_VECTORS * simd.lanes();
    }

    /** Panels of a group: of two vectors of output channels, the last of one if that is enough. */
    int panels() {
        return panels(outs, simd);
    }

    /** Elements of a row of a panel. */
    int widthOf(int panel) {
        return outs - panel * wide() > simd.lanes() ? wide() : simd.lanes();
    }

    /** Where the filters of a panel begin. */
    int formAt(CpuCall call, int group, int panel) {
        int depth = ins * planes.taps();
        return CacheLine.from(call.filterFormAt()) + depth * (group * wholes(outs, simd.lanes()) + panel * wide());
    }

    int imageBlocks() {
        return ceilDiv(batch, imageBlock);
    }

    /** Parts of a group and block of images. */
    int outParts() {
        return ceilDiv(panels(), panelsOfPart);
    }

    int parts() {
        return groups * imageBlocks() * outParts();
    }

    Positions positions(int images) {
        return images == imageBlock ? full : last;
    }

    /** Elements of a row of the sums of a part. */
    int sumsRow() {
        return panelsOfPart * wide();
    }

    /** Elements from one line of turned sums to the next. */
    int line() {
        return wholes(full.tiles.padded(), simd.lanes());
    }

    int outChannel() {
        return outSizes[0] * outSizes[1] * outSizes[2];
    }

    /** Where the scratch memory of a worker begins: planes, behind them the left factor, lines, sums. Vectors write behind each. */
    int planesAt(int worker) {
        return CacheLine.FIRST + worker * (planesLength() + factorLength() + linesLength()
                + CacheLine.whole(full.tiles.padded() * sumsRow() + simd.lanes()));
    }

    int planesLength() {
        return CacheLine.whole(imageBlock * inBlock * planes.length() + simd.lanes());
    }

    int factorAt(int worker) {
        return planesAt(worker) + planesLength();
    }

    private int factorLength() {
        return CacheLine.whole(full.tiles.padded() * inSpan * planes.taps() + simd.lanes());
    }

    int linesAt(int worker) {
        return factorAt(worker) + factorLength();
    }

    private int linesLength() {
        return CacheLine.whole(wide() * line() + simd.lanes());
    }

    int sumsAt(int worker) {
        return linesAt(worker) + linesLength();
    }

    long workspaceLength(int threads) {
        return planesAt(threads);
    }
}
