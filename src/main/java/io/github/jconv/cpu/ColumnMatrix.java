package io.github.jconv.cpu;

import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import java.util.Arrays;

/**
 * The column matrix ("im2col") of one image and group, never built as a whole: row {@code (channel, t, r, s)} holds, for every
 * output position of three {@link AxisWalk walks}, the input that meets the tap there, or 0 where there is padding.
 *
 * @param channelSize elements of one channel of the input
 * @param inHeight    rows of one depth of the input
 * @param inWidth     elements of one row of the input
 */
record ColumnMatrix(AxisWalk depth, AxisWalk height, AxisWalk width, int channelSize, int inHeight, int inWidth) {

    /** The column matrix of x over the positions of y. */
    static ColumnMatrix forward(ConvProblem p) {
        return new ColumnMatrix(AxisWalk.forward(p.axis3(0)), AxisWalk.forward(p.axis3(1)), AxisWalk.forward(p.axis3(2)),
                (int) p.inputPositions(), (int) p.axis3(1).input(), (int) p.axis3(2).input());
    }

    int taps() {
        return depth.taps * height.taps * width.taps;
    }

    int columns() {
        return depth.count * height.count * width.count;
    }

    /** Floats that {@link #pack} needs for one row. */
    static int rowLength(SimdProvider simd, int columns) {
        return columns + simd.lanes();
    }

    /**
     * Packs rows {@code [firstRow, firstRow + rows)} and columns {@code [from, to)} into panels; see {@link PanelGemm}.
     *
     * @param inOffset where the first channel of the matrix begins in {@code in}
     * @param row      scratch memory of {@link #rowLength} floats
     */
    void pack(SimdProvider simd, float[] in, int inOffset, int firstRow, int rows, int from, int to,
              float[] panels, int panelsOffset, float[] row, int rowOffset) {
        int s = firstRow % width.taps;
        int r = firstRow / width.taps % height.taps;
        int t = firstRow / width.taps / height.taps % depth.taps;
        int channel = inOffset + firstRow / taps() * channelSize;
        for (int k = 0; k < rows; k++) {
            fillRow(simd, in, channel, t, r, s, from, to, row, rowOffset);
            PanelGemm.packRow(simd, row, rowOffset, to - from, panels, panelsOffset, k, rows);
            if (++s == width.taps) {
                s = 0;
                if (++r == height.taps) {
                    r = 0;
                    if (++t == depth.taps) {
                        t = 0;
                        channel += channelSize;
                    }
                }
            }
        }
    }

    /**
     * Packs the transpose: its rows are the positions {@code [from, to)}, its columns the rows {@code [firstRow, firstRow + rows)}
     * of this matrix.
     */
    void packTransposed(SimdProvider simd, float[] in, int inOffset, int firstRow, int rows, int from, int to,
                        float[] panels, int panelsOffset, float[] row, int rowOffset) {
        for (int j = 0; j < rows; j++) {
            int tap = (firstRow + j) % taps();
            fillRow(simd, in, inOffset + (firstRow + j) / taps() * channelSize, tap / width.taps / height.taps,
                    tap / width.taps % height.taps, tap % width.taps, from, to, row, rowOffset);
            PanelGemm.packColumn(simd, row, rowOffset, to - from, panels, panelsOffset, j, rows);
        }
    }

    /**
     * The transpose of filling: adds columns {@code [from, to)} of a row of the matrix to the inputs that they were taken from.
     *
     * @param row where the columns lie, from {@code rowOffset} on
     */
    void addRow(float[] row, int rowOffset, int tap, int from, int to, float[] in, int channel) {
        int s = tap % width.taps;
        int r = tap / width.taps % height.taps;
        int t = tap / width.taps / height.taps;
        int at = from;
        while (at < to) {
            int q = at % width.count;
            int p = at / width.count % height.count;
            int z = at / width.count / height.count;
            int rows = q == 0 ? Math.max(1, Math.min((to - at) / width.count, height.count - p)) : 1;
            int length = Math.min(width.count - q, to - at);
            int fromP = clamp(height.first(r), p, p + rows);
            int toP = clamp(height.end(r), fromP, p + rows);
            int fromQ = clamp(width.first(s), q, q + length);
            int toQ = clamp(width.end(s), fromQ, q + length);
            if (toP > fromP && toQ > fromQ && depth.inside(z, t)) {
                int target = channel + (depth.in(z, t) * inHeight + height.in(fromP, r)) * inWidth + width.in(fromQ, s);
                addRuns(row, rowOffset + at - from + (fromP - p) * length + fromQ - q, length, in, target, toQ - fromQ, toP - fromP);
            }
            at += rows * length;
        }
    }

    /** In plain code: a vector that overlaps the one just written by the tap before would have to wait for it. */
    private void addRuns(float[] row, int from, int step, float[] in, int to, int length, int runs) {
        int inStep = height.inStep * inWidth;
        for (int i = 0; i < runs; i++) {
            for (int j = 0; j < length; j++) {
                in[to + i * inStep + j * width.inStep] += row[from + i * step + j];
            }
        }
    }

    /**
     * Writes elements of one output channel, those of the positions {@code [from, from + count)} in the order of the walks.
     *
     * @param outHeight rows of one depth of the output
     * @param outWidth  elements of one row of the output
     */
    void scatter(float[] values, int valuesAt, int from, int count, float[] out, int channel, int outHeight, int outWidth,
                 boolean accumulate) {
        int at = from;
        while (at < from + count) {
            int q = at % width.count;
            int p = at / width.count % height.count;
            int z = at / width.count / height.count;
            int length = Math.min(width.count - q, from + count - at);
            int to = channel + (depth.out(z) * outHeight + height.out(p)) * outWidth + width.out(q);
            for (int j = 0; j < length; j++) {
                int target = to + j * width.outStep;
                float value = values[valuesAt + at - from + j];
                out[target] = accumulate ? out[target] + value : value;
            }
            at += length;
        }
    }

    /** One row of the matrix, cut into rectangles: a piece of a row of outputs, or as many whole rows as lie at one depth. */
    private void fillRow(SimdProvider simd, float[] in, int channel, int t, int r, int s, int from, int to, float[] row, int rowOffset) {
        int at = from;
        while (at < to) {
            int q = at % width.count;
            int p = at / width.count % height.count;
            int z = at / width.count / height.count;
            int rows = q == 0 ? Math.max(1, Math.min((to - at) / width.count, height.count - p)) : 1;
            int length = Math.min(width.count - q, to - at);
            rectangle(simd, in, channel, t, r, s, z, p, rows, q, q + length, row, rowOffset + at - from);
            at += rows * length;
        }
    }

    private void rectangle(SimdProvider simd, float[] in, int channel, int t, int r, int s, int z, int firstP, int rows,
                           int firstQ, int endQ, float[] row, int at) {
        int length = endQ - firstQ;
        int fromP = clamp(height.first(r), firstP, firstP + rows);
        int toP = depth.inside(z, t) ? clamp(height.end(r), fromP, firstP + rows) : fromP;
        int fromQ = clamp(width.first(s), firstQ, endQ);
        int toQ = clamp(width.end(s), fromQ, endQ);
        Arrays.fill(row, at, at + (fromP - firstP) * length, 0);
        if (toP > fromP) {
            int inside = at + (fromP - firstP) * length;
            int source = channel + (depth.in(z, t) * inHeight + height.in(fromP, r)) * inWidth + width.in(fromQ, s);
            copyRows(simd, in, source, row, inside + fromQ - firstQ, length, toQ - fromQ, toP - fromP);
            clearBorder(row, inside, length, fromQ - firstQ, toP - fromP);
            clearBorder(row, inside + toQ - firstQ, length, endQ - toQ, toP - fromP);
        }
        Arrays.fill(row, at + (toP - firstP) * length, at + rows * length, 0);
    }

    private void copyRows(SimdProvider simd, float[] in, int source, float[] row, int to, int step, int length, int rows) {
        int inStep = height.inStep * inWidth;
        if (length == 0) {
            return;
        }
        if (width.inStep == 1) {
            simd.copyRuns(in, source, inStep, row, to, step, length, rows);
            return;
        }
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < length; j++) {
                row[to + i * step + j] = in[source + i * inStep + j * width.inStep];
            }
        }
    }

    private static void clearBorder(float[] row, int at, int step, int length, int rows) {
        if (length > 0) {
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < length; j++) {
                    row[at + i * step + j] = 0;
                }
            }
        }
    }

    private static int clamp(int value, int min, int max) {
        return Math.max(min, Math.min(value, max));
    }
}
