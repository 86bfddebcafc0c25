package io.github.jconv.cpu;

/**
 * The innermost loops of the direct algorithms: one row of the output and one row of the input. Taps are taken four at a time, so
 * that an element of the row that is written is loaded and stored once for four products; where not all four are inside the
 * input, at the borders, each tap runs over its own range.
 */
final class RowKernels {

    private static final int TAPS_AT_ONCE = 4;

    private RowKernels() {
    }

    /** The work of up to four neighbouring taps over a range of j in which all of them are inside the input. */
    private interface Segment {
        void run(int together, AxisWalk walk, float[] in, int inRow, float[] other, int otherRow, float[] out, int outRow,
                 int tap, int from, int to);
    }

    /** {@code out[outRow + j] += sum over taps: in[inRow + ...] * filter[filterRow + ...]} along the walk. */
    static void correlate(AxisWalk walk, float[] in, int inRow, float[] filter, int filterRow, float[] out, int outRow) {
        inSegments(RowKernels::correlate, walk, in, inRow, filter, filterRow, out, outRow);
    }

    /**
     * {@code dw[dwRow + i] += sum over j: x[xRow + ...] * dy[dyRow + j]} for every tap i of a forward walk; the sums are kept in
     * registers.
     */
    static void filterGradient(AxisWalk walk, float[] x, int xRow, float[] dy, int dyRow, float[] dw, int dwRow) {
        inSegments(RowKernels::filterGradient, walk, x, xRow, dy, dyRow, dw, dwRow);
    }

    /** Splits the row into the range where all four taps are inside, and each tap's own ranges before and behind it. */
    private static void inSegments(Segment segment, AxisWalk walk, float[] in, int inRow, float[] other, int otherRow,
                                   float[] out, int outRow) {
        for (int tap = 0; tap < walk.taps; tap += TAPS_AT_ONCE) {
            int together = Math.min(TAPS_AT_ONCE, walk.taps - tap);
            int last = tap + together - 1;
            // Ranges move monotonically from tap to tap, so the outer two bound the ones between.
            int from = Math.max(walk.first(tap), walk.first(last));
            int to = Math.min(walk.end(tap), walk.end(last));
            if (from < to) {
                segment.run(together, walk, in, inRow, other, otherRow, out, outRow, tap, from, to);
            } else {
                from = Integer.MAX_VALUE;
                to = Integer.MAX_VALUE;
            }
            for (int i = tap; i <= last; i++) {
                runIfAny(segment, walk, in, inRow, other, otherRow, out, outRow, i, walk.first(i), Math.min(from, walk.end(i)));
                runIfAny(segment, walk, in, inRow, other, otherRow, out, outRow, i, Math.max(to, walk.first(i)), walk.end(i));
            }
        }
    }

    private static void runIfAny(Segment segment, AxisWalk walk, float[] in, int inRow, float[] other, int otherRow,
                                 float[] out, int outRow, int tap, int from, int to) {
        if (from < to) {
            segment.run(1, walk, in, inRow, other, otherRow, out, outRow, tap, from, to);
        }
    }

    private static void correlate(int together, AxisWalk walk, float[] in, int inRow, float[] filter, int filterRow,
                                  float[] out, int outRow, int tap, int from, int to) {
        int inAt = inRow + walk.in(from, tap);
        int filterAt = filterRow + walk.filter(tap);
        int outAt = outRow + walk.out(from);
        int step = walk.filterStep;
        switch (together) {
            case 1 -> add1(in, inAt, walk.inStep, filter[filterAt], out, outAt, walk.outStep, to - from);
            case 2 -> add2(in, inAt, walk.inStep, walk.tapShift, filter[filterAt], filter[filterAt + step],
                    out, outAt, walk.outStep, to - from);
            case 3 -> add3(in, inAt, walk.inStep, walk.tapShift, filter[filterAt], filter[filterAt + step],
                    filter[filterAt + 2 * step], out, outAt, walk.outStep, to - from);
            default -> add4(in, inAt, walk.inStep, walk.tapShift, filter[filterAt], filter[filterAt + step],
                    filter[filterAt + 2 * step], filter[filterAt + 3 * step], out, outAt, walk.outStep, to - from);
        }
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

    private static void filterGradient(int together, AxisWalk walk, float[] x, int xRow, float[] dy, int dyRow,
                                       float[] dw, int dwRow, int tap, int from, int to) {
        int xAt = xRow + walk.in(from, tap);
        int dyAt = dyRow + from;
        int dwAt = dwRow + tap;
        switch (together) {
            case 1 -> dot1(x, xAt, walk.inStep, dy, dyAt, dw, dwAt, to - from);
            case 2 -> dot2(x, xAt, walk.inStep, walk.tapShift, dy, dyAt, dw, dwAt, to - from);
            case 3 -> dot3(x, xAt, walk.inStep, walk.tapShift, dy, dyAt, dw, dwAt, to - from);
            default -> dot4(x, xAt, walk.inStep, walk.tapShift, dy, dyAt, dw, dwAt, to - from);
        }
    }

    private static void dot1(float[] x, int xAt, int xStep, float[] dy, int dyAt, float[] dw, int dwAt, int count) {
        float sum = 0;
        for (int j = 0; j < count; j++) {
            sum += dy[dyAt + j] * x[xAt + j * xStep];
        }
        dw[dwAt] += sum;
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
