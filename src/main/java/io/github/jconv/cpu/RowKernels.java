package io.github.jconv.cpu;

/**
 * The innermost loops of the direct algorithms: one row of the output and one row of the input, along the {@link RowSegments} of
 * the row.
 */
final class RowKernels {

    private RowKernels() {
    }

    /** {@code out[outRow + j] += sum over taps: in[inRow + ...] * filter[filterRow + ...]}. */
    static void correlate(RowSegments row, float[] in, int inRow, float[] filter, int filterRow, float[] out, int outRow) {
        int[] table = row.table;
        int next = row.filterStep;
        for (int at = 0; at < table.length; at += RowSegments.FIELDS) {
            int count = table[at + RowSegments.COUNT];
            int inAt = inRow + table[at + RowSegments.IN];
            int f = filterRow + table[at + RowSegments.FILTER];
            int outAt = outRow + table[at + RowSegments.OUT];
            switch (table[at + RowSegments.TAPS]) {
                case 1 -> add1(in, inAt, row.inStep, filter[f], out, outAt, row.outStep, count);
                case 2 -> add2(in, inAt, row.inStep, row.tapShift, filter[f], filter[f + next], out, outAt, row.outStep, count);
                case 3 -> add3(in, inAt, row.inStep, row.tapShift, filter[f], filter[f + next], filter[f + 2 * next],
                        out, outAt, row.outStep, count);
                default -> add4(in, inAt, row.inStep, row.tapShift, filter[f], filter[f + next], filter[f + 2 * next],
                        filter[f + 3 * next], out, outAt, row.outStep, count);
            }
        }
    }

    /**
     * {@code dw[dwRow + i] += sum over j: x[xRow + ...] * dy[dyRow + j]} for every tap i, along a forward walk: dw takes the place
     * of its filter, dy that of its output. The sums of a segment are kept in registers.
     */
    static void filterGradient(RowSegments row, float[] x, int xRow, float[] dy, int dyRow, float[] dw, int dwRow) {
        int[] table = row.table;
        for (int at = 0; at < table.length; at += RowSegments.FIELDS) {
            int count = table[at + RowSegments.COUNT];
            int xAt = xRow + table[at + RowSegments.IN];
            int dwAt = dwRow + table[at + RowSegments.FILTER];
            int dyAt = dyRow + table[at + RowSegments.OUT];
            switch (table[at + RowSegments.TAPS]) {
                case 1 -> dot1(x, xAt, row.inStep, dy, dyAt, dw, dwAt, count);
                case 2 -> dot2(x, xAt, row.inStep, row.tapShift, dy, dyAt, dw, dwAt, count);
                case 3 -> dot3(x, xAt, row.inStep, row.tapShift, dy, dyAt, dw, dwAt, count);
                default -> dot4(x, xAt, row.inStep, row.tapShift, dy, dyAt, dw, dwAt, count);
            }
        }
    }

    /** {@code out[outAt + j] += f * in[inAt + j]} for j below {@code count}. */
    static void add(float[] in, int inAt, float f, float[] out, int outAt, int count) {
        add1(in, inAt, 1, f, out, outAt, 1, count);
    }

    /** {@code dw[dwAt] += sum over j below count: x[xAt + j] * dy[dyAt + j]}. */
    static void addDot(float[] x, int xAt, float[] dy, int dyAt, float[] dw, int dwAt, int count) {
        dot1(x, xAt, 1, dy, dyAt, dw, dwAt, count);
    }

    private static void add1(float[] in, int inAt, int inStep, float f, float[] out, int outAt, int outStep, int count) {
        for (int j = 0; j < count; j++) {
            out[outAt + j * outStep] += f * in[inAt + j * inStep];
        }
    }

    private static void add2(float[] in, int inAt, int inStep, int shift, float f0, float f1,
                             float[] out, int outAt, int outStep, int count) {
        int at1 = inAt + shift;
        for (int j = 0; j < count; j++) {
            out[outAt + j * outStep] += f0 * in[inAt + j * inStep] + f1 * in[at1 + j * inStep];
        }
    }

    private static void add3(float[] in, int inAt, int inStep, int shift, float f0, float f1, float f2,
                             float[] out, int outAt, int outStep, int count) {
        int at1 = inAt + shift;
        int at2 = at1 + shift;
        for (int j = 0; j < count; j++) {
            out[outAt + j * outStep] += f0 * in[inAt + j * inStep] + f1 * in[at1 + j * inStep] + f2 * in[at2 + j * inStep];
        }
    }

    private static void add4(float[] in, int inAt, int inStep, int shift, float f0, float f1, float f2, float f3,
                             float[] out, int outAt, int outStep, int count) {
        int at1 = inAt + shift;
        int at2 = at1 + shift;
        int at3 = at2 + shift;
        for (int j = 0; j < count; j++) {
            out[outAt + j * outStep] += f0 * in[inAt + j * inStep] + f1 * in[at1 + j * inStep]
                    + f2 * in[at2 + j * inStep] + f3 * in[at3 + j * inStep];
        }
    }

    private static void dot1(float[] x, int xAt, int xStep, float[] dy, int dyAt, float[] dw, int dwAt, int count) {
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        int fours = count & ~3;
        // Four sums, as an addition takes as long as several can be begun in.
        for (int j = 0; j < fours; j += 4) {
            sum0 += dy[dyAt + j] * x[xAt + j * xStep];
            sum1 += dy[dyAt + j + 1] * x[xAt + (j + 1) * xStep];
            sum2 += dy[dyAt + j + 2] * x[xAt + (j + 2) * xStep];
            sum3 += dy[dyAt + j + 3] * x[xAt + (j + 3) * xStep];
        }
        for (int j = fours; j < count; j++) {
            sum0 += dy[dyAt + j] * x[xAt + j * xStep];
        }
        dw[dwAt] += (sum0 + sum1) + (sum2 + sum3);
    }

    private static void dot2(float[] x, int xAt, int xStep, int shift, float[] dy, int dyAt, float[] dw, int dwAt, int count) {
        int at1 = xAt + shift;
        float sum0 = 0;
        float sum1 = 0;
        for (int j = 0; j < count; j++) {
            float gradient = dy[dyAt + j];
            sum0 += gradient * x[xAt + j * xStep];
            sum1 += gradient * x[at1 + j * xStep];
        }
        dw[dwAt] += sum0;
        dw[dwAt + 1] += sum1;
    }

    private static void dot3(float[] x, int xAt, int xStep, int shift, float[] dy, int dyAt, float[] dw, int dwAt, int count) {
        int at1 = xAt + shift;
        int at2 = at1 + shift;
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        for (int j = 0; j < count; j++) {
            float gradient = dy[dyAt + j];
            sum0 += gradient * x[xAt + j * xStep];
            sum1 += gradient * x[at1 + j * xStep];
            sum2 += gradient * x[at2 + j * xStep];
        }
        dw[dwAt] += sum0;
        dw[dwAt + 1] += sum1;
        dw[dwAt + 2] += sum2;
    }

    private static void dot4(float[] x, int xAt, int xStep, int shift, float[] dy, int dyAt, float[] dw, int dwAt, int count) {
        int at1 = xAt + shift;
        int at2 = at1 + shift;
        int at3 = at2 + shift;
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        for (int j = 0; j < count; j++) {
            float gradient = dy[dyAt + j];
            sum0 += gradient * x[xAt + j * xStep];
            sum1 += gradient * x[at1 + j * xStep];
            sum2 += gradient * x[at2 + j * xStep];
            sum3 += gradient * x[at3 + j * xStep];
        }
        dw[dwAt] += sum0;
        dw[dwAt + 1] += sum1;
        dw[dwAt + 2] += sum2;
        dw[dwAt + 3] += sum3;
    }
}
