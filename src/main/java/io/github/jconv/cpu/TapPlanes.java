package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.cpu.simd.SimdProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The inputs that a block of outputs meets, of one channel, laid out so that neighbouring outputs find their inputs side by side whatever
 * the tap: for each tap along the width a copy of the plane, whose rows are as long as those of the outputs, with the padding written out,
 * and for a step above 1 along the other axes one plane for each remainder. A tap then is a shift, and as the rows have nothing between
 * them, outputs that follow one another meet inputs that do across the ends of rows, too:
 *
 * <pre>
 *   out[run + i] = sum over taps: filter[tap] * planes[shift[tap] + run + i]       for all i of a run
 * </pre>
 *
 * A run is what a block has of the outputs of one depth.
 */
final class TapPlanes {

    private final AxisWalk depth;
    private final AxisWalk height;
    private final AxisWalk width;
    private final int[] inSizes;

    /** Outputs of a block along each axis, at most. */
    private final int[] block;
    private final Phases depths;
    private final Phases heights;
    private final int[] shifts;
    private final Block[] blocks;
    private final boolean flat;
    private final Piece[][] pieces;

    /** The outputs of a block: from {@code d, h, w} on, {@code depths * rows * columns} of them. */
    record Block(int d, int h, int w, int depths, int rows, int columns) {

        int outputs() {
            return depths * rows * columns;
        }
    }

    /** Pieces of all blocks, at most: each is an object. */
    private static final long MAX_PIECES = 1 << 16;

    /** Vectors of positions and taps of columns that are had without planes, at most: each pair is known by a number. */
    private static final long MAX_FLAT = 1 << 20;

    /** Columns of padding beside rows that are copied as one and blanked out afterwards, at most. */
    private static final int MOST_BLANKED = 3;

    /**
     * Rows of the input that are copied to the planes: {@code rows} of {@code length} elements each, or, as long as rows of the outputs, all
     * as one.
     *
     * @param blanked columns of padding in front of each row but the first, or if it is negative, behind each but the last: what was copied
     *                there belongs to the row before or after
     */
    private record Piece(int source, int target, int rows, int length, int blanked) {
    }

    /**
     * Where taps along an axis lie in planes that hold one remainder of the positions each.
     *
     * @param planes how many remainders there are that a tap meets
     * @param plane  the plane of a tap
     * @param shift  how far behind the beginning of its plane a tap lies
     * @param first  the input that each plane begins with, beside the first output of a block
     * @param size   rows of a plane
     */
    private record Phases(int planes, int[] plane, int[] shift, int[] first, int size) {

        static Phases of(AxisWalk walk, int outputs) {
            int lowest = Math.min(0, (walk.taps - 1) * walk.tapShift);
            int[] remainders = IntStream.range(0, walk.taps).map(tap -> (tap * walk.tapShift - lowest) % walk.inStep).distinct().toArray();
            int[] plane = new int[walk.taps];
            int[] shift = new int[walk.taps];
            for (int tap = 0; tap < walk.taps; tap++) {
                int at = tap * walk.tapShift - lowest;
                plane[tap] = IntStream.range(0, remainders.length).filter(i -> remainders[i] == at % walk.inStep).findFirst().orElseThrow();
                shift[tap] = at / walk.inStep;
            }
            return new Phases(remainders.length, plane, shift, Arrays.stream(remainders).map(i -> i + lowest).toArray(),
                    outputs + Arrays.stream(shift).max().orElse(0));
        }
    }

    /**
     * @param mayBeFlat whether columns that can be had without planes are
     * @param inSizes   sizes of the input along the three axes
     * @param block     outputs of a block along the three axes
     */
    private TapPlanes(boolean mayBeFlat, AxisWalk depth, AxisWalk height, AxisWalk width, int[] inSizes, int[] block) {
        this.depth = depth;
        this.height = height;
        this.width = width;
        this.inSizes = inSizes;
        this.block = block;
        this.depths = Phases.of(depth, block[0]);
        this.heights = Phases.of(height, block[1]);
        this.shifts = new int[depth.taps * height.taps * width.taps];
        for (int tap = 0; tap < shifts.length; tap++) {
            int s = tap % width.taps;
            int r = tap / width.taps % height.taps;
            int t = tap / width.taps / height.taps;
            shifts[tap] = planeAt(depths.plane[t], heights.plane[r], s)
                    + (depths.shift[t] * heights.size + heights.shift[r]) * block[2];
        }
        this.blocks = cut();
        this.flat = mayBeFlat && isFlat(depth, height, width, inSizes, block);
        this.pieces = flat ? new Piece[0][] : Arrays.stream(blocks).map(this::pieces).toArray(Piece[][]::new);
    }

    /**
     * Blocks of as many outputs as keep the planes within {@code limit} elements, or null if not even single outputs do, or there would be
     * very many blocks of very many pieces.
     *
     * @param mayBeFlat whether columns that can be had without planes are
     * @param outputs   outputs of a block, at most
     */
    static TapPlanes within(boolean mayBeFlat, long limit, int outputs, AxisWalk depth, AxisWalk height, AxisWalk width, int[] inSizes) {
        int[] block = {depth.count, height.count, width.count};
        while (volume(depth, height, width, block) > limit || (long) block[0] * block[1] * block[2] > outputs) {
            int longest = block[0] > 1 ? 0 : block[1] > 1 ? 1 : 2;
            if (block[longest] <= 1) {
                return null;
            }
            block[longest] = (block[longest] + 1) / 2;
        }
        long blocks = parts(depth, block[0]) * parts(height, block[1]) * parts(width, block[2]);
        long pieces = blocks * rows(depth, block[0]) * Math.min(height.taps, height.inStep) * width.taps;
        return pieces > MAX_PIECES && !(mayBeFlat && isFlat(depth, height, width, inSizes, block)) ? null
                : new TapPlanes(mayBeFlat, depth, height, width, inSizes, block);
    }

    private static long parts(AxisWalk walk, int block) {
        return block == 0 ? 0 : ceilDiv(walk.count, block);
    }

    private static long volume(AxisWalk depth, AxisWalk height, AxisWalk width, int[] block) {
        return rows(depth, block[0]) * rows(height, block[1]) * width.taps * block[2];
    }

    /** Rows of all planes along an axis, at most. */
    private static long rows(AxisWalk walk, int outputs) {
        return (long) Math.min(walk.taps, walk.inStep) * (outputs + (walk.taps - 1) * (long) Math.abs(walk.tapShift) / walk.inStep);
    }

    private int planeAt(int depthPlane, int heightPlane, int tap) {
        return ((depthPlane * heights.planes + heightPlane) * width.taps + tap) * depths.size * heights.size * block[2];
    }

    int taps() {
        return shifts.length;
    }

    /** Where each tap lies in the planes. */
    int[] shifts() {
        return shifts;
    }

    /** The same for the taps of some channels, whose planes follow one another. */
    int[] shifts(int channels) {
        return IntStream.range(0, channels * taps()).map(i -> i / taps() * length() + shifts[i % taps()]).toArray();
    }

    /** Where tap number {@code tap} of these walks lies in a filter plane. */
    int filterAt(int tap, int filterHeight, int filterWidth) {
        int s = width.filter(tap % width.taps);
        int r = height.filter(tap / width.taps % height.taps);
        int t = depth.filter(tap / width.taps / height.taps);
        return (t * filterHeight + r) * filterWidth + s;
    }

    /** Elements of the planes of a channel. */
    int length() {
        return planeAt(depths.planes, 0, 0);
    }

    /** Outputs of the walks. */
    int outputs() {
        return depth.count * height.count * width.count;
    }

    int blocks() {
        return blocks.length;
    }

    Block block(int number) {
        return blocks[number];
    }

    /** Elements of a channel of the input. */
    int inputs() {
        return inSizes[0] * inSizes[1] * inSizes[2];
    }

    /** The outputs of a full block. */
    int outputsOfBlock() {
        return block[0] * block[1] * block[2];
    }

    /** Whether the columns of all blocks can be had without planes, and are positions that follow one another. */
    boolean isFlat() {
        return flat;
    }

    private static boolean isFlat(AxisWalk depth, AxisWalk height, AxisWalk width, int[] inSizes, int[] block) {
        int taps = depth.taps * height.taps * width.taps;
        return depth.inStep == 1 && FlatTaps.isFlat(height, inSizes[1]) && FlatTaps.isFlat(width, inSizes[2])
                && block[2] == width.count && (block[0] == 1 || block[1] == height.count) && taps <= ImplicitGemmProduct.DEPTH
                && (long) depth.count * height.count * width.count / SimdProvider.PARTIAL_SUMS * taps <= MAX_FLAT;
    }

    /** The columns of block {@code number} of each of some images, which lie {@code imageStep} elements apart. */
    FlatTaps flat(int number, int images, int imageStep, int lanes) {
        Block b = blocks[number];
        return FlatTaps.of(depth, height, width, (b.d * height.count + b.h) * width.count, b.outputs(), images, imageStep, lanes);
    }

    /** Whether rows of a block follow one another in the planes: a run then holds all of a depth, and otherwise a row. */
    boolean runsAcrossRows(Block b) {
        return b.columns == block[2] || b.rows == 1;
    }

    /** Where the run begins in the planes that holds row {@code row} of depth {@code d} of a block. */
    int runAt(int d, int row) {
        return (d * heights.size + row) * block[2];
    }

    /**
     * Some outputs of a block of each of several images, one behind the other, in pieces that follow one another in the planes.
     *
     * @param from where each piece begins in the planes
     * @param to   and where among these outputs; what is copied behind its end the next overwrites
     */
    record ColumnPieces(int[] from, int[] to) {
    }

    /**
     * @param imageLength elements from the planes of one image to those of the next
     * @param first       the first of the outputs, and one more than the last
     * @param lanes       outputs of a piece, at most
     */
    ColumnPieces columnPieces(Block b, int imageLength, int first, int end, int lanes) {
        int runs = runsAcrossRows(b) ? 1 : b.rows;
        int length = b.outputs() / (b.depths * runs);
        List<Integer> from = new ArrayList<>();
        List<Integer> to = new ArrayList<>();
        int piece;
        for (int output = first; output < end; output += piece) {
            int run = output / length;
            piece = Math.min(lanes, Math.min(end, (run + 1) * length) - output);
            from.add(run / (b.depths * runs) * imageLength + runAt(run / runs % b.depths, run % runs) + output % length);
            to.add(output - first);
        }
        return new ColumnPieces(from.stream().mapToInt(i -> i).toArray(), to.stream().mapToInt(i -> i).toArray());
    }

    private Block[] cut() {
        List<Block> all = new ArrayList<>();
        for (int d = 0; d < depth.count; d += block[0]) {
            for (int h = 0; h < height.count; h += block[1]) {
                for (int w = 0; w < width.count; w += block[2]) {
                    all.add(new Block(d, h, w, Math.min(block[0], depth.count - d), Math.min(block[1], height.count - h),
                            Math.min(block[2], width.count - w)));
                }
            }
        }
        return all.toArray(Block[]::new);
    }

    // --- in ---------------------------------------------------------------------------------------------------------------

    /**
     * Lays out the inputs of block {@code number} from the channel that begins at {@code channel}, where there are zeros, or the same
     * block of another channel.
     */
    void load(SimdProvider simd, float[] in, int channel, int number, float[] planes, int at) {
        int step = height.inStep * inSizes[2];
        for (Piece piece : pieces[number]) {
            if (piece.blanked == 0) {
                simd.copyRows(in, channel + piece.source, step, width.inStep, planes, at + piece.target, block[2], piece.length, piece.rows);
            } else {
                simd.copyRows(in, channel + piece.source, 0, 1, planes, at + piece.target, 0, (piece.rows - 1) * block[2] + piece.length, 1);
                blank(planes, at + piece.target + (piece.blanked < 0 ? piece.length : block[2] - piece.blanked), piece.rows - 1,
                        Math.abs(piece.blanked));
            }
        }
    }

    private void blank(float[] planes, int at, int rows, int columns) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columns; i++) {
                planes[at + row * block[2] + i] = 0;
            }
        }
    }

    /** What of the input lies in the planes of a block, in the order of the planes: what is copied later follows behind. */
    private Piece[] pieces(Block b) {
        List<Piece> all = new ArrayList<>();
        for (int i = 0; i < depths.planes; i++) {
            for (int j = 0; j < heights.planes; j++) {
                for (int tap = 0; tap < width.taps; tap++) {
                    addPieces(b, i, j, tap, all);
                }
            }
        }
        return all.toArray(Piece[]::new);
    }

    private void addPieces(Block b, int depthPlane, int heightPlane, int tap, List<Piece> all) {
        int d0 = depth.inBegin + b.d * depth.inStep + depths.first[depthPlane];
        int h0 = height.inBegin + b.h * height.inStep + heights.first[heightPlane];
        int w0 = width.in(b.w, tap);
        int row = ShiftedPlanes.firstInside(h0, height.inStep);
        int rows = Math.min(heights.size, ShiftedPlanes.endInside(h0, height.inStep, inSizes[1])) - row;
        int column = ShiftedPlanes.firstInside(w0, width.inStep);
        int columns = Math.min(b.columns, ShiftedPlanes.endInside(w0, width.inStep, inSizes[2])) - column;
        for (int m = 0; m < depths.size; m++) {
            int d = d0 + m * depth.inStep;
            if (d >= 0 && d < inSizes[0] && rows > 0 && columns > 0) {
                all.add(new Piece((d * inSizes[1] + h0 + row * height.inStep) * inSizes[2] + w0 + column * width.inStep,
                        planeAt(depthPlane, heightPlane, tap) + runAt(m, row) + column, rows, columns,
                        asOne(columns) ? w0 < 0 ? block[2] - columns : columns - block[2] : 0));
            }
        }
    }

    /** Whether rows of the input are as long as those of the planes, of which this many columns are not padding. */
    private boolean asOne(int columns) {
        return height.inStep == 1 && width.inStep == 1 && block[2] == width.count && block[2] == inSizes[2]
                && block[2] - columns <= MOST_BLANKED;
    }

    // --- out --------------------------------------------------------------------------------------------------------------

    /**
     * Where in an output channel the outputs of block {@code number} begin, if they follow one another there as they do in the block, or -1.
     *
     * @param outSizes sizes of the output along the three axes
     */
    int denseAt(int number, int[] outSizes) {
        Block b = blocks[number];
        boolean rows = width.outStep == 1 && height.outStep == 1 && (b.columns == outSizes[2] || b.rows == 1 && b.depths == 1);
        boolean planes = b.depths == 1 || depth.outStep == 1 && b.rows == outSizes[1];
        return rows && planes ? outAt(b, 0, 0, outSizes) : -1;
    }

    private int outAt(Block b, int d, int row, int[] outSizes) {
        return (depth.out(b.d + d) * outSizes[1] + height.out(b.h + row)) * outSizes[2] + width.out(b.w);
    }

    /**
     * Writes the sums of the outputs of block {@code number}, one behind the other, to an output channel.
     *
     * @param outSizes sizes of the output along the three axes
     */
    void store(SimdProvider simd, float[] sums, int sumsAt, int number, float[] out, int channel, int[] outSizes, boolean accumulate) {
        Block b = blocks[number];
        boolean whole = width.outStep == 1 && height.outStep == 1 && b.columns == outSizes[2];
        int rows = whole ? 1 : b.rows;
        int length = whole ? b.rows * b.columns : b.columns;
        for (int d = 0; d < b.depths; d++) {
            for (int row = 0; row < rows; row++) {
                storeRun(simd, sums, sumsAt + (d * b.rows + row) * b.columns, out, channel + outAt(b, d, row, outSizes), length, accumulate);
            }
        }
    }

    private void storeRun(SimdProvider simd, float[] sums, int from, float[] out, int to, int length, boolean accumulate) {
        if (width.outStep > 1) {
            for (int i = 0; i < length; i++) {
                int at = to + i * width.outStep;
                out[at] = accumulate ? out[at] + sums[from + i] : sums[from + i];
            }
        } else if (accumulate) {
            simd.add(sums, from, out, to, length);
        } else {
            System.arraycopy(sums, from, out, to, length);
        }
    }
}
