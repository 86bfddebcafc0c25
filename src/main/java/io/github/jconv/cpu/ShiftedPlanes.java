package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A block of one input channel laid out so that a tap is a shift: with its padding written out, between rows once for both, and, for a
 * step above 1, one plane for each remainder, so that neighbouring outputs always meet neighbouring inputs. The outputs of the block then
 * are one flat sequence too, with the row length of the planes, and
 *
 * <pre>
 *   out[i] = sum over taps: filter[tap] * planes[shift[tap] + i]
 * </pre>
 *
 * for whole vectors whatever the length of a row. What falls between the rows of the outputs is computed and dropped.
 */
final class ShiftedPlanes {

    /** What vectors may touch behind the last element. */
    private static final int SLACK = SimdProvider.SHIFT_SLACK;

    /** Zeros that rows share, at most: behind the last row of a plane there is nothing but the slack to be read. */
    private static final int MOST_SHARED = 8;

    /** The lanes of the widest vectors. */
    private static final int GAP = SimdProvider.PARTIAL_SUMS;

    private final AxisWalk depth;
    private final AxisWalk height;
    private final AxisWalk width;
    private final List<Reach> reaches;
    private final int[] inSizes;

    /** Blocks along the width, of which the last may be empty beside other planes. */
    private final int widthBlocks;

    /** Outputs of a block along each axis, and what a plane holds along each. */
    private final int[] block;
    private final int[] plane;
    private final int[] shifts;
    private final Block[] blocks;
    private final Piece[][] pieces;

    /**
     * @param reaches     what is reached along the three axes, along the width by all walks that read the same planes
     * @param inSizes     sizes of the input along the three axes
     * @param block       outputs of a block along the three axes
     * @param widthBlocks blocks along the width
     * @param rowLength   elements from one row of a plane to the next
     */
    private ShiftedPlanes(AxisWalk depth, AxisWalk height, AxisWalk width, List<Reach> reaches, int[] inSizes, int[] block,
                          int widthBlocks, int rowLength) {
        this.depth = depth;
        this.height = height;
        this.width = width;
        this.reaches = reaches;
        this.inSizes = inSizes;
        this.widthBlocks = widthBlocks;
        this.block = block;
        this.plane = new int[] {reaches.get(0).positions(block[0]), reaches.get(1).positions(block[1]), rowLength};
        this.shifts = new int[depth.taps * height.taps * width.taps];
        for (int tap = 0; tap < shifts.length; tap++) {
            int s = reaches.get(2).shift(width, tap % width.taps);
            int r = reaches.get(1).shift(height, tap / width.taps % height.taps);
            int t = reaches.get(0).shift(depth, tap / width.taps / height.taps);
            shifts[tap] = planeAt(t % depth.inStep, r % height.inStep, s % width.inStep)
                    + (t / depth.inStep * plane[1] + r / height.inStep) * plane[2] + s / width.inStep;
        }
        this.blocks = cut();
        this.pieces = Arrays.stream(blocks).map(this::pieces).toArray(Piece[][]::new);
    }

    /** The walks along an axis: one that is {@code forward}, over outputs, or else one over inputs for each residue class. */
    static List<AxisWalk> walks(SpatialAxis axis, boolean forward) {
        return forward ? List.of(AxisWalk.forward(axis)) : AxisWalk.backwardData(axis);
    }

    /**
     * The walks along the width that make up the same rows together: both residue classes of a stride of 2, whose outputs alternate. All
     * others are alone.
     */
    static List<List<AxisWalk>> rows(List<AxisWalk> widths) {
        return widths.size() == 2 && widths.get(0).outStep == 2 ? List.of(widths) : widths.stream().map(List::of).toList();
    }

    static int[] inputSizes(ConvProblem p) {
        return new int[] {(int) p.axis3(0).input(), (int) p.axis3(1).input(), (int) p.axis3(2).input()};
    }

    static int[] outputSizes(ConvProblem p) {
        return new int[] {(int) p.axis3(0).output(), (int) p.axis3(1).output(), (int) p.axis3(2).output()};
    }

    /**
     * Blocks of as many outputs as keep the planes within {@code limit} elements, or null if not even single outputs do.
     *
     * @param outputs outputs of a block, at most
     */
    static ShiftedPlanes within(long limit, int outputs, AxisWalk depth, AxisWalk height, AxisWalk width, int[] inSizes) {
        List<ShiftedPlanes> planes = within(limit, outputs, depth, height, List.of(width), inSizes);
        return planes == null ? null : planes.get(0);
    }

    /**
     * The same for several walks along the width, at a step of 1 those of more outputs first. They are cut alike and read the same planes,
     * which are {@linkplain #load loaded} by the first; the rows of their outputs can be {@link #storeMerged merged}.
     */
    static List<ShiftedPlanes> within(long limit, int outputs, AxisWalk depth, AxisWalk height, List<AxisWalk> widths, int[] inSizes) {
        int columns = widths.get(0).count;
        List<Reach> reaches = List.of(Reach.of(List.of(depth)), Reach.of(List.of(height)), Reach.of(widths));
        int[] block = {depth.count, height.count, columns};
        while (volume(reaches, block) > limit || (long) block[0] * block[1] * block[2] > outputs) {
            int longest = block[0] > 1 ? 0 : block[1] > 1 ? 1 : 2;
            if (block[longest] == 1) {
                return null;
            }
            block[longest] = (block[longest] + 1) / 2;
        }
        int rowLength = rowLength(reaches.get(2), columns, block[2], inSizes[2]);
        int widthBlocks = block[2] == 0 ? 0 : ceilDiv(columns, block[2]);
        return widths.stream().map(width -> new ShiftedPlanes(depth, height, width, reaches, inSizes, block, widthBlocks, rowLength))
                .toList();
    }

    private static long volume(List<Reach> reaches, int[] block) {
        long volume = 1;
        for (int axis = 0; axis < block.length; axis++) {
            volume *= (long) reaches.get(axis).positions(block[axis]) * reaches.get(axis).step;
        }
        return volume;
    }

    /**
     * Elements from one row of a plane to the next. The zeros before a row serve as those behind the row above it as well: what rows read
     * behind their end must reach no further than into these.
     *
     * @param outputs outputs along the width
     * @param block   outputs of a block along the width
     */
    private static int rowLength(Reach width, int outputs, int block, int inSize) {
        int span = width.positions(block);
        int length = block;
        for (int w = 0; w < outputs; w += block) {
            for (int remainder = 0; remainder < width.step; remainder++) {
                int begin = width.begin(w, remainder);
                int column = firstInside(begin, width.step);
                int end = Math.min(span, endInside(begin, width.step, inSize));
                length = column < end ? Math.max(length, Math.max(end, span - column)) : length;
            }
        }
        return span - length <= MOST_SHARED ? length : span;
    }

    /**
     * The positions of the input that the first outputs of walks along an axis reach, which may be in the padding.
     *
     * @param first the first of them
     * @param last  the last
     * @param step  from one output to the next
     */
    private record Reach(int first, int last, int step) {

        /** Of walks whose steps are the same. */
        static Reach of(List<AxisWalk> walks) {
            int[] ends = walks.stream().flatMapToInt(walk -> IntStream.of(walk.in(0, 0), walk.in(0, walk.taps - 1))).sorted().toArray();
            return new Reach(ends[0], ends[ends.length - 1], walks.get(0).inStep);
        }

        /** What a plane holds for so many outputs. */
        int positions(int outputs) {
            return outputs + (last - first) / step;
        }

        /** The position in the input where a plane begins for outputs from {@code output} on. */
        int begin(int output, int remainder) {
            return first + output * step + remainder;
        }

        /** How far behind the first position a tap lies. */
        int shift(AxisWalk walk, int tap) {
            return walk.in(0, tap) - first;
        }

        /** Whether a tap reads the plane of this remainder. */
        boolean hasTap(AxisWalk walk, int remainder) {
            return IntStream.range(0, walk.taps).anyMatch(tap -> shift(walk, tap) % step == remainder);
        }
    }

    private int planeAt(int depthPhase, int heightPhase, int widthPhase) {
        return ((depthPhase * height.inStep + heightPhase) * width.inStep + widthPhase) * planeLength();
    }

    /** Elements from one plane to the next: two that are copied together have a gap between them, for the zeros behind the first. */
    private int planeLength() {
        return plane[0] * plane[1] * plane[2] + (width.inStep == 2 ? GAP : 0);
    }

    int[] shifts() {
        return shifts;
    }

    int taps() {
        return shifts.length;
    }

    /** Where tap number {@code tap} of these walks lies in a filter plane. */
    int filterAt(int tap, int filterHeight, int filterWidth) {
        int s = width.filter(tap % width.taps);
        int r = height.filter(tap / width.taps % height.taps);
        int t = depth.filter(tap / width.taps / height.taps);
        return (t * filterHeight + r) * filterWidth + s;
    }

    /** Rows of the planes of a block. */
    int rows() {
        return depth.inStep * height.inStep * width.inStep * plane[0] * plane[1];
    }

    /** Elements from one row of a plane to the next. */
    int rowLength() {
        return plane[2];
    }

    /** Elements of the planes, with what vectors read behind the last. */
    int planesLength() {
        return depth.inStep * height.inStep * width.inStep * planeLength() + SLACK;
    }

    /** Elements of the flat sequence of a full block, with what vectors write behind the last. */
    int flatLength() {
        return block[0] * plane[1] * plane[2] + SLACK;
    }

    int blocks() {
        return blocks.length;
    }

    /** The outputs of a block: from {@code d, h, w} on, {@code depths * rows * columns} of them. */
    private record Block(int d, int h, int w, int depths, int rows, int columns) {
    }

    private Block[] cut() {
        List<Block> all = new ArrayList<>();
        for (int d = 0; d < depth.count; d += block[0]) {
            for (int h = 0; h < height.count; h += block[1]) {
                for (int w = 0; w < widthBlocks; w++) {
                    int first = Math.min(width.count, w * block[2]);
                    all.add(new Block(d, h, first, Math.min(block[0], depth.count - d), Math.min(block[1], height.count - h),
                            Math.min(block[2], width.count - first)));
                }
            }
        }
        return all.toArray(Block[]::new);
    }

    /** How much of the flat sequence block {@code number} has, up to its last output. */
    int length(int number) {
        Block b = blocks[number];
        return ((b.depths - 1) * plane[1] + b.rows - 1) * plane[2] + b.columns;
    }

    /** Outputs of all blocks. */
    long outputs() {
        return (long) depth.count * height.count * width.count;
    }

    // --- in ---------------------------------------------------------------------------------------------------------------

    /**
     * Rows of a channel of the input that lie in one plane: {@code rows} runs of {@code length} elements, each {@code width.inStep}
     * apart, from {@code source} in the channel to {@code target} in the planes. At a step of 2 the elements between them may lie in
     * another plane, {@code others} in a row, from {@code otherTarget} on.
     */
    private record Piece(int source, int target, int rows, int length, int otherTarget, int others) {

        static Piece alone(int source, int target, int rows, int length) {
            return new Piece(source, target, rows, length, 0, 0);
        }

        /** This piece and the one of the same rows that begins an element behind, in one. */
        Piece with(Piece other) {
            return new Piece(source, target, rows, length, other.target, other.length);
        }

        boolean pairs(Piece other) {
            return other.source == source + 1 && other.rows == rows && (other.length == length || other.length == length - 1);
        }
    }

    /** Makes planes of so many channels ready for {@link #load loading} one block after another into the same place: all zeros. */
    void clear(float[] planes, int at, int channels) {
        Arrays.fill(planes, at, at + channels * planesLength(), 0);
    }

    /** Lays out the inputs of block {@code number} from the channel that begins at {@code channel}; the padding is there already. */
    void load(SimdProvider simd, float[] in, int channel, int number, float[] planes, int at) {
        int step = height.inStep * inSizes[2];
        for (Piece piece : pieces[number]) {
            if (piece.others > 0) {
                simd.partRows(in, channel + piece.source, step, planes, at + piece.target, at + piece.otherTarget, plane[2], piece.length,
                        piece.others, piece.rows);
            } else {
                simd.copyRows(in, channel + piece.source, step, width.inStep, planes, at + piece.target, plane[2], piece.length,
                        piece.rows);
            }
        }
    }

    /** What of the input lies in the planes of a block, in the order of the planes. Planes without a tap stay empty. */
    private Piece[] pieces(Block b) {
        List<Piece> all = new ArrayList<>();
        for (int fd = 0; fd < depth.inStep; fd++) {
            for (int fh = 0; fh < height.inStep; fh++) {
                for (int fw = 0; fw < width.inStep; fw++) {
                    if (reaches.get(0).hasTap(depth, fd) && reaches.get(1).hasTap(height, fh) && reaches.get(2).hasTap(width, fw)) {
                        addPieces(b, fd, fh, fw, all);
                    }
                }
            }
        }
        return (width.inStep == 2 ? paired(all) : all).toArray(Piece[]::new);
    }

    /** Pieces whose elements alternate in the input are copied together, in the place of the later one: what follows stays behind. */
    private static List<Piece> paired(List<Piece> pieces) {
        List<Piece> all = new ArrayList<>();
        for (Piece piece : pieces) {
            int partner = IntStream.range(0, all.size())
                    .filter(i -> all.get(i).others == 0 && (all.get(i).pairs(piece) || piece.pairs(all.get(i)))).findFirst().orElse(-1);
            if (partner < 0) {
                all.add(piece);
            } else {
                Piece earlier = all.remove(partner);
                all.add(earlier.pairs(piece) ? earlier.with(piece) : piece.with(earlier));
            }
        }
        return all;
    }

    private void addPieces(Block b, int fd, int fh, int fw, List<Piece> all) {
        int d0 = reaches.get(0).begin(b.d, fd);
        int h0 = reaches.get(1).begin(b.h, fh);
        int w0 = reaches.get(2).begin(b.w, fw);
        int row = firstInside(h0, height.inStep);
        int rows = Math.min(plane[1], endInside(h0, height.inStep, inSizes[1])) - row;
        int column = firstInside(w0, width.inStep);
        int columns = Math.min(plane[2], endInside(w0, width.inStep, inSizes[2])) - column;
        for (int m = 0; m < plane[0]; m++) {
            int d = d0 + m * depth.inStep;
            if (d >= 0 && d < inSizes[0] && rows > 0 && columns > 0) {
                all.add(Piece.alone((d * inSizes[1] + h0 + row * height.inStep) * inSizes[2] + w0 + column * width.inStep,
                        planeAt(fd, fh, fw) + (m * plane[1] + row) * plane[2] + column, rows, columns));
            }
        }
    }

    /** The smallest index whose position {@code begin + index * step} is not negative. */
    static int firstInside(int begin, int step) {
        return begin >= 0 ? 0 : ceilDiv(-begin, step);
    }

    /** One more than the largest index whose position is below {@code size}. */
    static int endInside(int begin, int step, int size) {
        return begin >= size ? 0 : ceilDiv(size - begin, step);
    }

    // --- out --------------------------------------------------------------------------------------------------------------

    /** Writes block {@code number} from its flat sequence to the output channel of {@code rows * rowLength} elements a depth. */
    void store(SimdProvider simd, float[] flat, int flatAt, int number, float[] out, int channel, int rows, int rowLength,
               boolean accumulate) {
        boolean dense = !accumulate && width.outStep == 1;
        Block b = blocks[number];
        int step = height.outStep * rowLength;
        int loose = dense && step == b.columns ? looseRows(simd, b) : 0;
        for (int z = 0; z < b.depths; z++) {
            int from = flatAt + z * plane[1] * plane[2];
            int to = outAt(b, z, channel, rows, rowLength);
            simd.copyRuns(flat, from, plane[2], out, to, step, b.columns, loose);
            for (int p = loose; p < b.rows; p++) {
                storeRow(simd, flat, from + p * plane[2], out, to + p * step, b.columns, dense, accumulate);
            }
        }
    }

    /**
     * Writes block {@code number} of two planes whose columns alternate in the rows of the output, those of these planes first.
     *
     * @param othersAt where in {@code flat} the flat sequence of the others begins
     */
    void storeMerged(SimdProvider simd, ShiftedPlanes others, float[] flat, int flatAt, int othersAt, int number, float[] out, int channel,
                     int rows, int rowLength) {
        Block b = blocks[number];
        for (int z = 0; z < b.depths; z++) {
            int from = z * plane[1] * plane[2];
            simd.mergeRows(flat, flatAt + from, othersAt + from, plane[2], out, outAt(b, z, channel, rows, rowLength),
                    height.outStep * rowLength, b.columns + others.blocks[number].columns, b.rows);
        }
    }

    /**
     * Where the outputs of block {@code number} begin in a channel, if they follow one another there as in the flat sequence, with nothing
     * between them; otherwise -1.
     */
    int denseAt(int number, int rows, int rowLength) {
        Block b = blocks[number];
        boolean gaps = b.depths > 1 || b.rows > 1 && (height.outStep > 1 || plane[2] != b.columns || rowLength != b.columns);
        return gaps || width.outStep > 1 ? -1 : outAt(b, 0, 0, rows, rowLength);
    }

    /** Rows of a block behind which a vector may write: rows that follow at once cover that, but for the last ones. */
    private static int looseRows(SimdProvider simd, Block b) {
        return Math.max(0, b.rows - (simd.lanes() + b.columns - 2) / b.columns);
    }

    private int outAt(Block b, int z, int channel, int rows, int rowLength) {
        return channel + (depth.out(b.d + z) * rows + height.out(b.h)) * rowLength + width.out(b.w);
    }

    /** Whether {@link #correlate} can write block {@code number}, overwriting, to channels with rows of that length. */
    boolean writesRows(SimdProvider simd, int number, int rowLength) {
        Block b = blocks[number];
        return width.outStep == 1 && height.outStep * rowLength == b.columns && looseRows(simd, b) >= SimdProvider.CORRELATED_ROWS;
    }

    /**
     * The correlation of the planes of one channel, written to the output channel as {@link #store} would: the rows that may be
     * written loosely at once, the last ones through the flat sequence.
     *
     * @param tapShifts the shift of each tap, in the order of the weights
     */
    void correlate(SimdProvider simd, float[] weights, int weightsAt, int[] tapShifts, float[] scratch, int planesAt, int flatAt,
                   int number, float[] out, int channel, int rows, int rowLength) {
        Block b = blocks[number];
        int loose = looseRows(simd, b);
        int rest = (b.rows - loose - 1) * plane[2] + b.columns;
        for (int z = 0; z < b.depths; z++) {
            int from = planesAt + z * plane[1] * plane[2];
            int to = outAt(b, z, channel, rows, rowLength);
            simd.correlateRows(weights, weightsAt, tapShifts, tapShifts.length, scratch, from, plane[2], out, to, b.columns, b.columns, loose);
            Arrays.fill(scratch, flatAt, flatAt + rest, 0);
            simd.addShifted(weights, weightsAt, tapShifts, tapShifts.length, scratch, from + loose * plane[2], scratch, flatAt, rest);
            for (int p = loose; p < b.rows; p++) {
                System.arraycopy(scratch, flatAt + (p - loose) * plane[2], out, to + p * b.columns, b.columns);
            }
        }
    }

    private void storeRow(SimdProvider simd, float[] flat, int from, float[] out, int to, int length, boolean dense, boolean accumulate) {
        if (dense) {
            System.arraycopy(flat, from, out, to, length);
        } else if (width.outStep == 1) {
            simd.add(flat, from, out, to, length);
        } else {
            for (int q = 0; q < length; q++) {
                int at = to + q * width.outStep;
                out[at] = accumulate ? out[at] + flat[from + q] : flat[from + q];
            }
        }
    }

    /** The inverse of storing for dense outputs: the flat sequence of block {@code number}, where zeros lie between its rows already. */
    void flatten(SimdProvider simd, float[] out, int channel, int rows, int rowLength, int number, float[] flat, int flatAt) {
        Block b = blocks[number];
        for (int z = 0; z < b.depths; z++) {
            simd.copyRows(out, channel + ((b.d + z) * rows + b.h) * rowLength + b.w, rowLength, 1,
                    flat, flatAt + z * plane[1] * plane[2], plane[2], b.columns, b.rows);
        }
    }
}
