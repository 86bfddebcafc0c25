package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@link ChannelsLastGemmAlgorithm} needs to know about a problem.
 *
 * @param blocks         the outputs of an image, cut so that the inputs of one block fit the scratch memory
 * @param in             inputs of a full block along the three axes
 * @param channelSlots   channels of a group, and zeros up to whole vectors
 * @param channelStride  elements from one position to the next in the turned inputs
 * @param rowSlots       filters of a group, and so many more that whole tiles of rows have sums of their own
 * @param rowBlock       slots of filters that one thread takes at a time
 * @param positions      positions of one channel of dy
 * @param rowsOfPiece    rows of outputs whose products are summed up in registers
 * @param columnsOfPiece columns of those; all unless {@code rowsOfPiece} is 1
 * @param positionShifts where each position of a piece begins in the turned inputs
 * @param tapShifts      how far behind that each tap lies
 * @param steps          in the turned inputs, from an output to the next along each axis
 */
record ChannelsLastPlan(SimdProvider simd, Block[] blocks, int groups, int[] in, int channelSlots, int channelStride, int rowSlots,
                        int rowBlock, int positions, int rowsOfPiece, int columnsOfPiece, int[] positionShifts, int[] tapShifts, int[] steps) {

    /** Elements of the turned inputs of a block. */
    private static final int MAX_TURNED = 1 << 20;

    /** Elements of the sums of all filters. */
    private static final int MAX_SUMS = 1 << 22;

    /** Positions of a piece: with 64 channels they fit a first-level cache, and loading and storing the sums hardly counts. */
    private static final int PIECE = 128;

    /** Slots of filters of one tile, at most: their part of dy for a piece of positions stays in a second-level cache. */
    private static final int MAX_ROW_BLOCK = 96;

    /**
     * A block of outputs.
     *
     * @param depth   its first output along the three axes, and so on
     * @param depths  its outputs along the three axes, and so on
     * @param inDepth the input that its first output and the first tap meet; may lie in the padding
     */
    record Block(int depth, int row, int column, int depths, int rows, int columns, int inDepth, int inRow, int inColumn) {
    }

    static Support supports(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        Support rows = Support.when(p.filtersPerGroup() >= SimdProvider.TILE_ROWS, "it serves groups of " + SimdProvider.TILE_ROWS
                + " filters and more, and there " + (p.filtersPerGroup() == 1 ? "is 1" : "are " + p.filtersPerGroup()));
        long slots = wholes(p.channelsPerGroup(), runtime.simd().lanes());
        long sums = p.groups() * wholes(p.filtersPerGroup(), SimdProvider.TILE_ROWS) * p.filterTaps() * slots;
        return rows.and(Support.when(sums <= MAX_SUMS && blockSizes(p, stride(slots, runtime.simd().lanes())) != null,
                "the sums of its filters, or the inputs of a single output, exceed its scratch memory"));
    }

    static ChannelsLastPlan of(ConvProblem p, CpuRuntime runtime) {
        int lanes = runtime.simd().lanes();
        int slots = (int) wholes(p.channelsPerGroup(), lanes);
        int stride = stride(slots, lanes);
        int[] size = blockSizes(p, stride);
        int[] in = {inputs(p.axis3(0), size[0]), inputs(p.axis3(1), size[1]), inputs(p.axis3(2), size[2])};
        int[] step = {in[1] * in[2] * stride, in[2] * stride, stride};
        int columns = Math.min(size[2], evenPart(size[2], PIECE));
        int rows = columns < size[2] ? 1 : Math.max(1, evenPart(size[1], PIECE / columns));
        int[] positions = new int[rows * columns];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = (int) (i / columns * p.axis3(1).stride() * step[1] + i % columns * p.axis3(2).stride() * step[2]);
        }
        int[] steps = {(int) p.axis3(0).stride() * step[0], (int) p.axis3(1).stride() * step[1], (int) p.axis3(2).stride() * step[2]};
        int rowSlots = (int) wholes(p.filtersPerGroup(), SimdProvider.TILE_ROWS);
        int blocks = (rowSlots + MAX_ROW_BLOCK - 1) / MAX_ROW_BLOCK;
        int shares = Math.max(blocks, (int) Math.min(2L * runtime.threads() / Math.max(1, p.groups()), rowSlots / SimdProvider.TILE_ROWS));
        int rowBlock = (int) wholes((rowSlots + shares - 1) / shares, SimdProvider.TILE_ROWS);
        return new ChannelsLastPlan(runtime.simd(), cut(p, size), (int) p.groups(), in, slots, stride, rowSlots, rowBlock,
                (int) p.outputPositions(), rows, columns, positions, tapShifts(p, step), steps);
    }

    /** The share of all products that are part of dw: the others are with channels or filters that fill up vectors and tiles. */
    static double usefulShare(ConvProblem p, SimdProvider simd) {
        return (double) p.channelsPerGroup() / wholes(p.channelsPerGroup(), simd.lanes())
                * p.filtersPerGroup() / wholes(p.filtersPerGroup(), SimdProvider.TILE_ROWS);
    }

    int rowBlocks() {
        return (rowSlots + rowBlock - 1) / rowBlock;
    }

    int linesOfBlock() {
        return in[0] * in[1];
    }

    int lineLength() {
        return in[2] * channelStride;
    }

    int turnedAt(int group) {
        return group * linesOfBlock() * lineLength();
    }

    /** Where the first tap of an output of a block lies in the turned inputs of its group. */
    int turnedShift(int depth, int row, int column) {
        return depth * steps[0] + row * steps[1] + column * steps[2];
    }

    int sumsOfRow() {
        return tapShifts.length * channelSlots;
    }

    int sumsAt(int group, int slot) {
        return turnedAt(groups) + (group * rowSlots + slot) * sumsOfRow();
    }

    int workspaceLength() {
        return sumsAt(groups, 0);
    }

    private static int[] tapShifts(ConvProblem p, int[] step) {
        int s = (int) p.axis3(2).filter();
        int r = (int) p.axis3(1).filter();
        int[] shifts = new int[(int) p.filterTaps()];
        for (int tap = 0; tap < shifts.length; tap++) {
            shifts[tap] = (int) (tap / s / r * p.axis3(0).dilation() * step[0] + tap / s % r * p.axis3(1).dilation() * step[1]
                    + tap % s * p.axis3(2).dilation() * step[2]);
        }
        return shifts;
    }

    /** Outputs of a block along each axis, halved along the outermost until its inputs fit, or null if a single output's do not. */
    private static int[] blockSizes(ConvProblem p, long channelStride) {
        long[] size = {p.axis3(0).output(), p.axis3(1).output(), p.axis3(2).output()};
        while (elements(p, size, channelStride) > MAX_TURNED) {
            int axis = size[0] > 1 ? 0 : size[1] > 1 ? 1 : 2;
            if (size[axis] <= 1) {
                return null;
            }
            size[axis] = (size[axis] + 1) / 2;
        }
        return new int[] {(int) size[0], (int) size[1], (int) size[2]};
    }

    private static long elements(ConvProblem p, long[] size, long channelStride) {
        double elements = (double) p.groups() * channelStride;
        for (int axis = 0; axis < 3; axis++) {
            elements *= inputs(p.axis3(axis), size[axis]);
        }
        return (long) Math.min(elements, Long.MAX_VALUE);
    }

    /** Positions a multiple of 512 bytes apart would share few sets of a first-level cache: a vector more keeps them apart. */
    private static int stride(long channelSlots, int lanes) {
        return (int) (channelSlots * Float.BYTES % 512 == 0 ? channelSlots + lanes : channelSlots);
    }

    private static int inputs(SpatialAxis axis, long outputs) {
        return (int) ((outputs - 1) * axis.stride() + (axis.filter() - 1) * axis.dilation() + 1);
    }

    private static Block[] cut(ConvProblem p, int[] size) {
        List<Block> blocks = new ArrayList<>();
        SpatialAxis depth = p.axis3(0);
        SpatialAxis height = p.axis3(1);
        SpatialAxis width = p.axis3(2);
        for (int z = 0; z < depth.output(); z += size[0]) {
            for (int y = 0; y < height.output(); y += size[1]) {
                for (int x = 0; x < width.output(); x += size[2]) {
                    blocks.add(new Block(z, y, x, (int) Math.min(size[0], depth.output() - z), (int) Math.min(size[1], height.output() - y),
                            (int) Math.min(size[2], width.output() - x), firstInput(depth, z), firstInput(height, y), firstInput(width, x)));
                }
            }
        }
        return blocks.toArray(Block[]::new);
    }

    private static int firstInput(SpatialAxis axis, int output) {
        return (int) (output * axis.stride() - axis.padBegin());
    }

    private static long wholes(long size, int grain) {
        return (size + grain - 1) / grain * grain;
    }

    /** {@code size} cut into as few parts as are at most {@code limit} long, all about equal: the longest of them. */
    private static int evenPart(int size, int limit) {
        int parts = (size + Math.max(1, limit) - 1) / Math.max(1, limit);
        return (size + parts - 1) / parts;
    }
}
