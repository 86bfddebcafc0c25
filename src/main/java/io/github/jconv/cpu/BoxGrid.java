package io.github.jconv.cpu;

import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.SpatialAxis;

/**
 * A tensor whose channels are cut into boxes, one for each position of a convolution, that do not overlap, seen as a matrix: a row holds the
 * element that one tap meets in each box of one channel. Row {@code (channel * T + t) * R * S + r * S + s} follows the filters' order. In a
 * channel without taps, of y, a box is one element.
 *
 * @param channelSize elements from one channel to the next
 * @param depthTaps   taps of a filter along each axis, and elements from one to the next
 * @param positions   boxes of a channel
 * @param rowLength   boxes of a row
 * @param step        elements from one box of a row to the next
 * @param planeRows   rows of boxes of a plane
 * @param rowStep     elements from one row of boxes to the next
 * @param planeStep   elements from one plane of boxes to the next
 */
record BoxGrid(int channelSize, int depthTaps, int depthGap, int heightTaps, int heightGap, int taps, int gap, int positions, int rowLength,
               int step, int planeRows, int rowStep, int planeStep) {

    /** Taps of a row from which a transpose beats copying every n-th element for each of them. */
    private static final int TRANSPOSED_TAPS = 6;

    /** Whether the filter meets each element of its input at one position at most, and no padding. */
    static boolean isCut(SpatialAxis axis) {
        return axis.padBegin() == 0 && axis.padEnd() == 0 && axis.dilation() * (axis.filter() - 1) < axis.stride();
    }

    /** The channels of x. */
    static BoxGrid ofInput(ConvGeometry g) {
        int plane = g.h() * g.w();
        return new BoxGrid(g.d() * plane, g.t(), g.dilD() * plane, g.r(), g.dilH() * g.w(), g.s(), g.dilW(), g.z() * g.p() * g.q(),
                Math.max(1, g.q()), g.strideW(), Math.max(1, g.p()), g.strideH() * g.w(), g.strideD() * plane);
    }

    /** Channels without taps. */
    static BoxGrid dense(int positions) {
        return new BoxGrid(positions, 1, 0, 1, 0, 1, 0, positions, Math.max(1, positions), 1, 1, 0, 0);
    }

    boolean isDense() {
        return channelSize == positions;
    }

    /** Whether no element lies outside all boxes, or between taps. */
    boolean isCovered() {
        return channelSize == positions * channelTaps();
    }

    private int channelTaps() {
        return depthTaps * heightTaps * taps;
    }

    /** Elements of the channels that so many rows of the matrix belong to. */
    int sizeOf(int rows) {
        return rows / channelTaps() * channelSize;
    }

    /** Taps from a row of the matrix on, and up to another, that lie side by side in a box. */
    int together(int row, int end) {
        return Math.min(taps - row % taps, end - row);
    }

    /** Where a row of the matrix has its element of the first box. */
    private int at(int row) {
        int r = row / taps % heightTaps;
        int t = row / taps / heightTaps % depthTaps;
        return row / channelTaps() * channelSize + t * depthGap + r * heightGap + row % taps * gap;
    }

    private int boxAt(int position) {
        int row = position / rowLength;
        return row / planeRows * planeStep + row % planeRows * rowStep + position % rowLength * step;
    }

    /** Boxes from a position on, and up to another, that lie in one row, or whole rows of a plane. */
    private int run(int position, int end) {
        int column = position % rowLength;
        if (column != 0 || end - position < rowLength) {
            return Math.min(rowLength - column, end - position);
        }
        return Math.min((end - position) / rowLength, planeRows - position / rowLength % planeRows) * rowLength;
    }

    /**
     * Copies boxes {@code [from, to)} of some rows of the matrix that lie {@linkplain #together together} to rows of another one. Up to
     * {@code lanes - 1} elements behind each take arbitrary values.
     *
     * @param at where the matrix begins
     */
    void gather(SimdProvider simd, float[] src, int at, int row, int rows, int from, int to, float[] dst, int dstAt, int dstStep) {
        int length;
        for (int position = from; position < to; position += length) {
            length = run(position, to);
            int columns = Math.min(length, rowLength);
            gatherRun(simd, src, at + at(row) + boxAt(position), rows, columns, length / columns, dst, dstAt + position - from, dstStep);
        }
    }

    private void gatherRun(SimdProvider simd, float[] src, int from, int tapsHere, int columns, int rows, float[] dst, int to, int dstStep) {
        if (step == 1) {
            simd.copyRuns(src, from, rowStep, dst, to, columns, columns, rows);
        } else if (tapsHere == 2 && isPairs()) {
            simd.partRows(src, from, rowStep, dst, to, to + dstStep, columns, columns, columns, rows);
        } else if (tapsHere >= TRANSPOSED_TAPS && gap == 1) {
            for (int row = 0; row < rows; row++) {
                simd.transpose(src, from + row * rowStep, step, columns, tapsHere, dst, to + row * columns, dstStep);
            }
        } else {
            for (int tap = 0; tap < tapsHere; tap++) {
                simd.copyRows(src, from + tap * gap, rowStep, step, dst, to + tap * dstStep, columns, columns, rows);
            }
        }
    }

    private boolean isPairs() {
        return step == 2 && gap == 1;
    }

    /** The inverse of {@link #gather}: writes nothing else. */
    void scatter(SimdProvider simd, float[] src, int srcAt, int srcStep, float[] dst, int at, int row, int rows, int from, int to) {
        int length;
        for (int position = from; position < to; position += length) {
            length = run(position, to);
            int columns = Math.min(length, rowLength);
            scatterRun(simd, src, srcAt + position - from, srcStep, dst, at + at(row) + boxAt(position), rows, columns, length / columns);
        }
    }

    private void scatterRun(SimdProvider simd, float[] src, int from, int srcStep, float[] dst, int to, int tapsHere, int columns, int rows) {
        if (tapsHere == 2 && isPairs()) {
            simd.mergeRows(src, from, from + srcStep, columns, dst, to, rowStep, 2 * columns, rows);
            return;
        }
        for (int row = 0; row < rows; row++) {
            if (step == 1) {
                System.arraycopy(src, from + row * columns, dst, to + row * rowStep, columns);
            } else if (tapsHere >= simd.lanes() && gap == 1) {
                simd.transpose(src, from + row * columns, srcStep, tapsHere, columns, dst, to + row * rowStep, step);
            } else {
                scatterElements(src, from + row * columns, srcStep, dst, to + row * rowStep, tapsHere, columns);
            }
        }
    }

    private void scatterElements(float[] src, int from, int srcStep, float[] dst, int to, int tapsHere, int columns) {
        for (int tap = 0; tap < tapsHere; tap++) {
            for (int i = 0; i < columns; i++) {
                dst[to + tap * gap + i * step] = src[from + tap * srcStep + i];
            }
        }
    }
}
