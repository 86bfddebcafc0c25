package io.github.jconv.cpu;

import io.github.jconv.cpu.simd.SimdProvider;
import java.util.Arrays;

/**
 * A block of one input channel laid out so that a tap is a shift: with its padding written out and, for a step above 1, one plane
 * for each remainder, so that neighbouring outputs always meet neighbouring inputs. The outputs of the block then are one flat
 * sequence too, with the row length of the planes, and
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

    private final AxisWalk depth;
    private final AxisWalk height;
    private final AxisWalk width;
    private final int[] inSizes;

    /** Outputs of a block along each axis, and what a plane holds along each. */
    private final int[] block;
    private final int[] plane;
    private final int[] shifts;

    /**
     * @param inSizes sizes of the input along the three axes
     * @param block   outputs of a block along the three axes
     */
    ShiftedPlanes(AxisWalk depth, AxisWalk height, AxisWalk width, int[] inSizes, int[] block) {
        this.depth = depth;
        this.height = height;
        this.width = width;
        this.inSizes = inSizes;
        this.block = block;
        this.plane = new int[] {planeSize(depth, block[0]), planeSize(height, block[1]), planeSize(width, block[2])};
        this.shifts = new int[depth.taps * height.taps * width.taps];
        for (int tap = 0; tap < shifts.length; tap++) {
            int s = shift(width, tap % width.taps);
            int r = shift(height, tap / width.taps % height.taps);
            int t = shift(depth, tap / width.taps / height.taps);
            shifts[tap] = planeAt(t % depth.inStep, r % height.inStep, s % width.inStep)
                    + (t / depth.inStep * plane[1] + r / height.inStep) * plane[2] + s / width.inStep;
        }
    }

    /** Blocks of as many outputs as keep the planes within {@code limit} elements, or null if not even single outputs do. */
    static ShiftedPlanes within(long limit, AxisWalk depth, AxisWalk height, AxisWalk width, int[] inSizes) {
        int[] block = {depth.count, height.count, width.count};
        while (volume(depth, height, width, block) > limit) {
            int longest = block[0] > 1 ? 0 : block[1] > 1 ? 1 : 2;
            if (block[longest] == 1) {
                return null;
            }
            block[longest] = (block[longest] + 1) / 2;
        }
        return new ShiftedPlanes(depth, height, width, inSizes, block);
    }

    private static long volume(AxisWalk depth, AxisWalk height, AxisWalk width, int[] block) {
        return (long) planeSize(depth, block[0]) * depth.inStep * planeSize(height, block[1]) * height.inStep
                * planeSize(width, block[2]) * width.inStep;
    }

    private static int planeSize(AxisWalk walk, int outputs) {
        return outputs + (walk.taps - 1) * Math.abs(walk.tapShift) / walk.inStep;
    }

    /** How far behind the lowest tap this one lies, in elements of the input. */
    private static int shift(AxisWalk walk, int tap) {
        return tap * walk.tapShift - lowest(walk);
    }

    private static int lowest(AxisWalk walk) {
        return Math.min(0, (walk.taps - 1) * walk.tapShift);
    }

    private int planeAt(int depthPhase, int heightPhase, int widthPhase) {
        return ((depthPhase * height.inStep + heightPhase) * width.inStep + widthPhase) * plane[0] * plane[1] * plane[2];
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

    /** Elements of the planes, with what vectors read behind the last. */
    int planesLength() {
        return (int) volume(depth, height, width, block) + SLACK;
    }

    /** Elements of the flat sequence of a full block, with what vectors write behind the last. */
    int flatLength() {
        return block[0] * plane[1] * plane[2] + SLACK;
    }

    int blocks() {
        return blocks(depth, 0) * blocks(height, 1) * blocks(width, 2);
    }

    private int blocks(AxisWalk walk, int axis) {
        return (walk.count + block[axis] - 1) / block[axis];
    }

    private int first(int number, int axis) {
        return switch (axis) {
            case 0 -> number / blocks(width, 2) / blocks(height, 1) * block[0];
            case 1 -> number / blocks(width, 2) % blocks(height, 1) * block[1];
            default -> number % blocks(width, 2) * block[2];
        };
    }

    private int count(int number, int axis) {
        return Math.min(block[axis], (axis == 0 ? depth : axis == 1 ? height : width).count - first(number, axis));
    }

    /** How much of the flat sequence block {@code number} has, up to its last output. */
    int length(int number) {
        return ((count(number, 0) - 1) * plane[1] + count(number, 1) - 1) * plane[2] + count(number, 2);
    }

    /** Outputs of all blocks. */
    long outputs() {
        return (long) depth.count * height.count * width.count;
    }

    // --- in ---------------------------------------------------------------------------------------------------------------

    /** Lays out the inputs of block {@code number} from the channel that begins at {@code channel}. */
    void load(SimdProvider simd, float[] in, int channel, int number, float[] planes, int at) {
        int d0 = depth.inBegin + first(number, 0) * depth.inStep + lowest(depth);
        int h0 = height.inBegin + first(number, 1) * height.inStep + lowest(height);
        int w0 = width.inBegin + first(number, 2) * width.inStep + lowest(width);
        int to = at;
        for (int fd = 0; fd < depth.inStep; fd++) {
            for (int fh = 0; fh < height.inStep; fh++) {
                for (int fw = 0; fw < width.inStep; fw++) {
                    for (int m = 0; m < plane[0]; m++) {
                        loadRows(simd, in, channel, d0 + fd + m * depth.inStep, h0 + fh, w0 + fw, planes, to);
                        to += plane[1] * plane[2];
                    }
                }
            }
        }
        Arrays.fill(planes, to, to + SLACK, 0);
    }

    /** One depth of one plane: rows from {@code h} on, columns from {@code w} on, zeros outside the input. */
    private void loadRows(SimdProvider simd, float[] in, int channel, int d, int h, int w, float[] planes, int to) {
        int rowLength = plane[2];
        int rows = d < 0 || d >= inSizes[0] ? 0 : plane[1];
        int firstRow = Math.min(rows, firstInside(h, height.inStep));
        int endRow = Math.max(firstRow, Math.min(rows, endInside(h, height.inStep, inSizes[1])));
        int from = Math.min(rowLength, firstInside(w, width.inStep));
        int end = Math.max(from, Math.min(rowLength, endInside(w, width.inStep, inSizes[2])));
        Arrays.fill(planes, to, to + firstRow * rowLength, 0);
        int source = channel + (d * inSizes[1] + h + firstRow * height.inStep) * inSizes[2] + w + from * width.inStep;
        int target = to + firstRow * rowLength + from;
        int sourceStep = height.inStep * inSizes[2];
        if (width.inStep == 1 && end > from) {
            simd.copyRuns(in, source, sourceStep, planes, target, rowLength, end - from, endRow - firstRow);
        } else {
            copyAlternate(in, source, sourceStep, planes, target, rowLength, end - from, endRow - firstRow);
        }
        for (int row = firstRow; row < endRow; row++) {
            clear(planes, to + row * rowLength, from);
            clear(planes, to + row * rowLength + end, rowLength - end);
        }
        Arrays.fill(planes, to + endRow * rowLength, to + plane[1] * rowLength, 0);
    }

    private void copyAlternate(float[] in, int source, int sourceStep, float[] planes, int target, int targetStep, int length, int rows) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < length; i++) {
                planes[target + row * targetStep + i] = in[source + row * sourceStep + i * width.inStep];
            }
        }
    }

    private static void clear(float[] values, int from, int length) {
        for (int i = 0; i < length; i++) {
            values[from + i] = 0;
        }
    }

    /** The smallest index whose position {@code begin + index * step} is not negative. */
    private static int firstInside(int begin, int step) {
        return begin >= 0 ? 0 : (-begin + step - 1) / step;
    }

    /** One more than the largest index whose position is below {@code size}. */
    private static int endInside(int begin, int step, int size) {
        return begin >= size ? 0 : (size - begin + step - 1) / step;
    }

    // --- out --------------------------------------------------------------------------------------------------------------

    /** Writes block {@code number} from its flat sequence to the output channel of {@code rows * rowLength} elements a depth. */
    void store(SimdProvider simd, float[] flat, int flatAt, int number, float[] out, int channel, int rows, int rowLength,
               boolean accumulate) {
        boolean dense = !accumulate && width.outStep == 1;
        int length = count(number, 2);
        for (int z = 0; z < count(number, 0); z++) {
            int from = flatAt + z * plane[1] * plane[2];
            int to = channel + (depth.out(first(number, 0) + z) * rows + height.out(first(number, 1))) * rowLength
                    + width.out(first(number, 2));
            int step = height.outStep * rowLength;
            int wide = dense && step == length ? Math.max(0, count(number, 1) - (simd.lanes() + length - 2) / length) : 0;
            simd.copyRuns(flat, from, plane[2], out, to, step, length, wide);
            for (int p = wide; p < count(number, 1); p++) {
                storeRow(simd, flat, from + p * plane[2], out, to + p * step, length, dense, accumulate);
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

    /** The inverse of storing for dense outputs: the flat sequence of block {@code number}, with zeros between its rows. */
    void flatten(SimdProvider simd, float[] out, int channel, int rows, int rowLength, int number, float[] flat, int flatAt) {
        int length = count(number, 2);
        int lines = count(number, 1);
        for (int z = 0; z < count(number, 0); z++) {
            int at = flatAt + z * plane[1] * plane[2];
            int from = channel + ((first(number, 0) + z) * rows + first(number, 1)) * rowLength + first(number, 2);
            simd.copyRuns(out, from, rowLength, flat, at, plane[2], length, lines);
            for (int p = 0; p < lines; p++) {
                clear(flat, at + p * plane[2] + length, plane[2] - length);
            }
            Arrays.fill(flat, at + lines * plane[2], at + plane[1] * plane[2] + SLACK, 0);
        }
    }
}
