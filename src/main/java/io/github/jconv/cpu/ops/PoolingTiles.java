package io.github.jconv.cpu.ops;

import io.github.jconv.algorithm.PadMode;
import io.github.jconv.cpu.simd.ElementwiseLoops;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/** Pooling and padding in fp32: each tile is one channel of one image, so that no two tiles write the same element. */
final class PoolingTiles {

    private PoolingTiles() {
    }

    static void maxPool(OpJob job, int plane, int worker) {
        ConvGeometry g = job.window;
        float[] x = job.x.floats();
        float[] y = job.y.floats();
        int xAt = job.x.offset() + plane * g.d() * g.h() * g.w();
        int out = job.y.offset() + plane * g.z() * g.p() * g.q();
        if (isTwoByTwoApart(g)) {
            float[] largest = job.scratch(worker, g.p() * g.q() + SimdProvider.PARTIAL_SUMS);
            job.loops.maxOfFour(x, xAt, g.w(), g.strideH() * g.w(), largest, 0, g.q(), g.p());
            System.arraycopy(largest, 0, y, out, g.p() * g.q());
            return;
        }
        float[] columns = job.scratch(worker, g.w());
        for (int z = 0; z < g.z(); z++) {
            for (int p = 0; p < g.p(); p++) {
                maximaOfRow(job.loops, columns, g, x, xAt, z, p, y, out);
                out += g.q();
            }
        }
    }

    static void maxPoolBackward(OpJob job, int plane, int worker) {
        ConvGeometry g = job.window;
        float[] x = job.x.floats();
        float[] dy = job.dy.floats();
        float[] dx = job.dx.floats();
        int inputs = g.d() * g.h() * g.w();
        int xAt = job.x.offset() + plane * inputs;
        int dxAt = job.dx.offset() + plane * inputs;
        int from = job.dy.offset() + plane * g.z() * g.p() * g.q();
        if (isTwoByTwoApart(g)) {
            if (4 * g.p() * g.q() != inputs) {
                Arrays.fill(dx, dxAt, dxAt + inputs, 0f);
            }
            job.loops.maxOfFourBackward(x, xAt, g.w(), g.strideH() * g.w(), dy, from, dx, dxAt, g.q(), g.p());
            return;
        }
        Arrays.fill(dx, dxAt, dxAt + inputs, 0f);
        float[] columns = job.scratch(worker, g.w() + g.q());
        for (int z = 0; z < g.z(); z++) {
            for (int p = 0; p < g.p(); p++) {
                maximaOfRow(job.loops, columns, g, x, xAt, z, p, columns, g.w());
                for (int q = 0; q < g.q(); q++) {
                    int first = firstOf(columns[g.w() + q], g, x, xAt, z, p, q);
                    if (first >= 0) {
                        dx[first - xAt + dxAt] += dy[from];
                    }
                    from++;
                }
            }
        }
    }

    /** Whether windows are 2x2, lie inside the input, side by side in rows that do not overlap: nearly every classifier's. */
    private static boolean isTwoByTwoApart(ConvGeometry g) {
        return g.d() == 1 && g.t() == 1 && g.r() == 2 && g.s() == 2 && g.dilH() == 1 && g.dilW() == 1 && g.strideH() >= 2
                && g.strideW() == 2 && g.padH() == 0 && g.padW() == 0 && (g.p() - 1) * g.strideH() + 2 <= g.h() && 2 * g.q() <= g.w();
    }

    static void averagePool(OpJob job, int plane, int worker) {
        ConvGeometry g = job.window;
        float[] x = job.x.floats();
        float[] y = job.y.floats();
        int xAt = job.x.offset() + plane * g.d() * g.h() * g.w();
        int out = job.y.offset() + plane * g.z() * g.p() * g.q();
        for (int z = 0; z < g.z(); z++) {
            int d0 = z * g.strideD() - g.padD();
            for (int p = 0; p < g.p(); p++) {
                int h0 = p * g.strideH() - g.padH();
                for (int q = 0; q < g.q(); q++) {
                    int w0 = q * g.strideW() - g.padW();
                    double sum = 0;
                    for (int t = firstTap(d0, g.dilD()); t < endTap(d0, g.dilD(), g.t(), g.d()); t++) {
                        for (int r = firstTap(h0, g.dilH()); r < endTap(h0, g.dilH(), g.r(), g.h()); r++) {
                            int row = xAt + ((d0 + t * g.dilD()) * g.h() + h0 + r * g.dilH()) * g.w() + w0;
                            for (int s = firstTap(w0, g.dilW()); s < endTap(w0, g.dilW(), g.s(), g.w()); s++) {
                                sum += x[row + s * g.dilW()];
                            }
                        }
                    }
                    y[out++] = (float) (sum / divisor(g, job.flag, d0, h0, w0));
                }
            }
        }
    }

    static void averagePoolBackward(OpJob job, int plane, int worker) {
        ConvGeometry g = job.window;
        float[] dy = job.dy.floats();
        float[] dx = job.dx.floats();
        int inputs = g.d() * g.h() * g.w();
        int dxAt = job.dx.offset() + plane * inputs;
        int from = job.dy.offset() + plane * g.z() * g.p() * g.q();
        Arrays.fill(dx, dxAt, dxAt + inputs, 0f);
        for (int z = 0; z < g.z(); z++) {
            int d0 = z * g.strideD() - g.padD();
            for (int p = 0; p < g.p(); p++) {
                int h0 = p * g.strideH() - g.padH();
                for (int q = 0; q < g.q(); q++) {
                    int w0 = q * g.strideW() - g.padW();
                    float share = (float) (dy[from++] / (double) divisor(g, job.flag, d0, h0, w0));
                    for (int t = firstTap(d0, g.dilD()); t < endTap(d0, g.dilD(), g.t(), g.d()); t++) {
                        for (int r = firstTap(h0, g.dilH()); r < endTap(h0, g.dilH(), g.r(), g.h()); r++) {
                            int row = dxAt + ((d0 + t * g.dilD()) * g.h() + h0 + r * g.dilH()) * g.w() + w0;
                            for (int s = firstTap(w0, g.dilW()); s < endTap(w0, g.dilW(), g.s(), g.w()); s++) {
                                dx[row + s * g.dilW()] += share;
                            }
                        }
                    }
                }
            }
        }
    }

    static void pad(OpJob job, int plane, int worker) {
        PadMode mode = (PadMode) job.kind;
        float[] x = job.x.floats();
        float[] y = job.y.floats();
        int xAt = job.x.offset() + plane * OpJob.positions(job.x);
        int out = job.y.offset() + plane * OpJob.positions(job.y);
        for (int d = 0; d < size(job.y, 0); d++) {
            for (int h = 0; h < size(job.y, 1); h++) {
                int row = sourceRow(job, mode, job.x, d, h);
                for (int w = 0; w < size(job.y, 2); w++) {
                    long from = mode.source(w - before(job, 2), size(job.x, 2));
                    y[out++] = row < 0 || from < 0 ? 0f : x[xAt + row + (int) from];
                }
            }
        }
    }

    static void padBackward(OpJob job, int plane, int worker) {
        PadMode mode = (PadMode) job.kind;
        float[] dy = job.dy.floats();
        float[] dx = job.dx.floats();
        int inputs = OpJob.positions(job.dx);
        int dxAt = job.dx.offset() + plane * inputs;
        int from = job.dy.offset() + plane * OpJob.positions(job.dy);
        Arrays.fill(dx, dxAt, dxAt + inputs, 0f);
        for (int d = 0; d < size(job.dy, 0); d++) {
            for (int h = 0; h < size(job.dy, 1); h++) {
                int row = sourceRow(job, mode, job.dx, d, h);
                for (int w = 0; w < size(job.dy, 2); w++) {
                    long to = mode.source(w - before(job, 2), size(job.dx, 2));
                    if (row >= 0 && to >= 0) {
                        dx[dxAt + row + (int) to] += dy[from];
                    }
                    from++;
                }
            }
        }
    }

    /**
     * The largest values of a row of windows, a NaN above everything; minus infinity where a window lies in the padding. First the largest
     * values of each column, then those of as many columns as a window has.
     */
    private static void maximaOfRow(ElementwiseLoops loops, float[] columns, ConvGeometry g, float[] x, int xAt, int z, int p, float[] y,
                                    int yAt) {
        int width = g.w();
        Arrays.fill(columns, 0, width, Float.NEGATIVE_INFINITY);
        int d0 = z * g.strideD() - g.padD();
        int h0 = p * g.strideH() - g.padH();
        int tEnd = endTap(d0, g.dilD(), g.t(), g.d());
        int rEnd = endTap(h0, g.dilH(), g.r(), g.h());
        for (int t = firstTap(d0, g.dilD()); t < tEnd; t++) {
            for (int r = firstTap(h0, g.dilH()); r < rEnd; r++) {
                loops.max(columns, 0, x, xAt + ((d0 + t * g.dilD()) * g.h() + h0 + r * g.dilH()) * width, columns, 0, width);
            }
        }
        for (int q = 0; q < g.q(); q++) {
            int w0 = q * g.strideW() - g.padW();
            int sEnd = endTap(w0, g.dilW(), g.s(), width);
            float largest = Float.NEGATIVE_INFINITY;
            for (int s = firstTap(w0, g.dilW()); s < sEnd; s++) {
                largest = Math.max(largest, columns[w0 + s * g.dilW()]);
            }
            y[yAt + q] = largest;
        }
    }

    /** Index of the first element of the window that is its largest value; -1 when the window lies in the padding. */
    private static int firstOf(float largest, ConvGeometry g, float[] x, int xAt, int z, int p, int q) {
        int d0 = z * g.strideD() - g.padD();
        int h0 = p * g.strideH() - g.padH();
        int w0 = q * g.strideW() - g.padW();
        int tEnd = endTap(d0, g.dilD(), g.t(), g.d());
        int rEnd = endTap(h0, g.dilH(), g.r(), g.h());
        int sFirst = firstTap(w0, g.dilW());
        int sEnd = endTap(w0, g.dilW(), g.s(), g.w());
        for (int t = firstTap(d0, g.dilD()); t < tEnd; t++) {
            for (int r = firstTap(h0, g.dilH()); r < rEnd; r++) {
                int row = xAt + ((d0 + t * g.dilD()) * g.h() + h0 + r * g.dilH()) * g.w() + w0;
                for (int s = sFirst; s < sEnd; s++) {
                    if (isFirst(x[row + s * g.dilW()], largest) == 1) {
                        return row + s * g.dilW();
                    }
                }
            }
        }
        return -1;
    }

    /** 1 for a value that is the largest one, of which none may stand before it; when that is a NaN, any NaN is. */
    private static int isFirst(float value, float largest) {
        return value == largest | value != value ? 1 : 0;
    }

    private static int divisor(ConvGeometry g, boolean countPadding, int d0, int h0, int w0) {
        if (countPadding) {
            return g.t() * g.r() * g.s();
        }
        int depth = endTap(d0, g.dilD(), g.t(), g.d()) - firstTap(d0, g.dilD());
        int height = endTap(h0, g.dilH(), g.r(), g.h()) - firstTap(h0, g.dilH());
        int width = endTap(w0, g.dilW(), g.s(), g.w()) - firstTap(w0, g.dilW());
        return Math.max(Math.max(depth, 0) * Math.max(height, 0) * Math.max(width, 0), 1);
    }

    /** The first tap inside the input when tap 0 lies at {@code start}. */
    private static int firstTap(int start, int dilation) {
        return start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    }

    /** One behind the last tap inside the input. Inside windows, which most are, come without a division. */
    private static int endTap(int start, int dilation, int taps, int input) {
        if (start + (taps - 1) * dilation < input) {
            return taps;
        }
        return start >= input ? 0 : (input - 1 - start) / dilation + 1;
    }

    /** Offset in x's plane of the row that stands at row (d, h) of the padded map, or -1 for zeros. */
    private static int sourceRow(OpJob job, PadMode mode, HostTensor x, int d, int h) {
        long fromD = mode.source(d - before(job, 0), size(x, 0));
        long fromH = mode.source(h - before(job, 1), size(x, 1));
        return fromD < 0 || fromH < 0 ? -1 : (int) ((fromD * size(x, 1) + fromH) * size(x, 2));
    }

    /** Size of axis 0 (depth), 1 (height) or 2 (width); 1 where the tensor lacks the axis. */
    private static int size(HostTensor tensor, int axis3) {
        int axis = axis3 - (5 - tensor.shape().rank());
        return axis < 0 ? 1 : (int) tensor.shape().size(2 + axis);
    }

    private static long before(OpJob job, int axis3) {
        int axis = axis3 - (3 - job.before.length);
        return axis < 0 ? 0 : job.before[axis];
    }
}
