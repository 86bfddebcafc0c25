package io.github.jconv.reference;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;

/**
 * The definition of the three operations and of the bias gradient: one sum per output element, in double, in the letters of the
 * formula. Shares no code with any fast path and is never optimised; everything else is measured against it.
 *
 * <p>Every formula reads the problem as three-dimensional (a missing axis has one position and one tap), with
 * {@code d = z*strideD - padD + t*dilationD} and likewise for h and w. Positions outside the input are padding and contribute
 * nothing, not zero times infinity.
 */
public final class ReferenceConvolution {

    private ReferenceConvolution() {
    }

    /**
     * Computes all elements of one operation.
     *
     * @param x          x, or dx when the operation is BACKWARD_DATA
     * @param w          w, or dw when the operation is BACKWARD_FILTER
     * @param y          y, or dy unless the operation is FORWARD
     * @param accumulate add to the output's present values instead of overwriting them
     */
    public static void run(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y,
                           boolean accumulate) {
        HostTensor output = switch (operation) {
            case FORWARD -> y;
            case BACKWARD_DATA -> x;
            case BACKWARD_FILTER -> w;
        };
        for (int i = 0; i < output.length(); i++) {
            double sum = elementAt(problem, operation, x, w, y, i);
            output.set(i, accumulate ? output.get(i) + sum : sum);
        }
    }

    /** One output element of an operation, by its row-major index in the output. */
    public static double elementAt(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y,
                                   long index) {
        return switch (operation) {
            case FORWARD -> forwardAt(problem, x, w, index);
            case BACKWARD_DATA -> backwardDataAt(problem, y, w, index);
            case BACKWARD_FILTER -> backwardFilterAt(problem, x, y, index);
        };
    }

    /** {@code y[n,k,z,p,q] = sum over c,t,r,s: x[n, group(k)*C/G + c, d, h, w] * w[k,c,t,r,s]}. */
    private static double forwardAt(ConvProblem problem, HostTensor x, HostTensor w, long index) {
        SpatialAxis depth = problem.axis3(0);
        SpatialAxis height = problem.axis3(1);
        SpatialAxis width = problem.axis3(2);
        long q = index % width.output();
        long p = index / width.output() % height.output();
        long z = index / width.output() / height.output() % depth.output();
        long k = index / problem.outputPositions() % problem.outputChannels();
        long n = index / problem.outputPositions() / problem.outputChannels();
        long group = k / problem.filtersPerGroup();
        long channels = problem.channelsPerGroup();
        long inputs = problem.inputPositions();
        long taps = problem.filterTaps();
        double sum = 0;
        for (long c = 0; c < channels; c++) {
            long xChannel = (n * problem.inputChannels() + group * channels + c) * inputs;
            long wChannel = (k * channels + c) * taps;
            for (long t = 0; t < depth.filter(); t++) {
                long d = z * depth.stride() - depth.padBegin() + t * depth.dilation();
                for (long r = 0; r < height.filter() && inside(d, depth); r++) {
                    long h = p * height.stride() - height.padBegin() + r * height.dilation();
                    for (long s = 0; s < width.filter() && inside(h, height); s++) {
                        long v = q * width.stride() - width.padBegin() + s * width.dilation();
                        if (inside(v, width)) {
                            sum += x.get(xChannel + (d * height.input() + h) * width.input() + v)
                                    * w.get(wChannel + (t * height.filter() + r) * width.filter() + s);
                        }
                    }
                }
            }
        }
        return sum;
    }

    /**
     * {@code dx[n,c,d,h,w] = sum over k,t,r,s: dy[n,k,z,p,q] * w[k, c mod C/G, t,r,s]} over the k of c's group and those z, p, q
     * with {@code z*strideD - padD + t*dilationD = d} and likewise for p and q.
     */
    private static double backwardDataAt(ConvProblem problem, HostTensor dy, HostTensor w, long index) {
        SpatialAxis depth = problem.axis3(0);
        SpatialAxis height = problem.axis3(1);
        SpatialAxis width = problem.axis3(2);
        long v = index % width.input();
        long h = index / width.input() % height.input();
        long d = index / width.input() / height.input() % depth.input();
        long c = index / problem.inputPositions() % problem.inputChannels();
        long n = index / problem.inputPositions() / problem.inputChannels();
        long channels = problem.channelsPerGroup();
        long group = c / channels;
        long filters = problem.filtersPerGroup();
        long depths = depth.output();
        long heights = height.output();
        long widths = width.output();
        long taps = problem.filterTaps();
        double sum = 0;
        for (long j = 0; j < filters; j++) {
            long k = group * filters + j;
            long yChannel = (n * problem.outputChannels() + k) * depths * heights * widths;
            long wChannel = (k * channels + c % channels) * taps;
            for (long t = 0; t < depth.filter(); t++) {
                long z = outputAt(d + depth.padBegin() - t * depth.dilation(), depth, depths);
                for (long r = 0; r < height.filter() && z >= 0; r++) {
                    long p = outputAt(h + height.padBegin() - r * height.dilation(), height, heights);
                    for (long s = 0; s < width.filter() && p >= 0; s++) {
                        long q = outputAt(v + width.padBegin() - s * width.dilation(), width, widths);
                        if (q >= 0) {
                            sum += dy.get(yChannel + (z * heights + p) * widths + q)
                                    * w.get(wChannel + (t * height.filter() + r) * width.filter() + s);
                        }
                    }
                }
            }
        }
        return sum;
    }

    /** {@code dw[k,c,t,r,s] = sum over n,z,p,q: x[n, group(k)*C/G + c, d, h, w] * dy[n,k,z,p,q]}. */
    private static double backwardFilterAt(ConvProblem problem, HostTensor x, HostTensor dy, long index) {
        SpatialAxis depth = problem.axis3(0);
        SpatialAxis height = problem.axis3(1);
        SpatialAxis width = problem.axis3(2);
        long s = index % width.filter();
        long r = index / width.filter() % height.filter();
        long t = index / width.filter() / height.filter() % depth.filter();
        long c = index / problem.filterTaps() % problem.channelsPerGroup();
        long k = index / problem.filterTaps() / problem.channelsPerGroup();
        long group = k / problem.filtersPerGroup();
        long depths = depth.output();
        long heights = height.output();
        long widths = width.output();
        long inputs = problem.inputPositions();
        double sum = 0;
        for (long n = 0; n < problem.batch(); n++) {
            long xChannel = (n * problem.inputChannels() + group * problem.channelsPerGroup() + c) * inputs;
            long yChannel = (n * problem.outputChannels() + k) * depths * heights * widths;
            for (long z = 0; z < depths; z++) {
                long d = z * depth.stride() - depth.padBegin() + t * depth.dilation();
                for (long p = 0; p < heights && inside(d, depth); p++) {
                    long h = p * height.stride() - height.padBegin() + r * height.dilation();
                    for (long q = 0; q < widths && inside(h, height); q++) {
                        long v = q * width.stride() - width.padBegin() + s * width.dilation();
                        if (inside(v, width)) {
                            sum += x.get(xChannel + (d * height.input() + h) * width.input() + v)
                                    * dy.get(yChannel + (z * heights + p) * widths + q);
                        }
                    }
                }
            }
        }
        return sum;
    }

    /**
     * The gradient of a bias that was added to every position of a channel: {@code dbias[k] = sum over n, positions: dy[n,k,...]}.
     *
     * @param dy    {@code [N, channels, positions...]}
     * @param dbias {@code [channels]}
     */
    public static void backwardBias(HostTensor dy, HostTensor dbias, boolean accumulate) {
        long channels = dy.shape().size(1);
        long batch = dy.shape().size(0);
        long positions = 1;
        for (int i = 2; i < dy.shape().rank(); i++) {
            positions *= dy.shape().size(i);
        }
        for (long k = 0; k < channels; k++) {
            double sum = 0;
            for (long n = 0; n < batch; n++) {
                for (long i = 0; i < positions; i++) {
                    sum += dy.get((n * channels + k) * positions + i);
                }
            }
            dbias.set(k, accumulate ? dbias.get(k) + sum : sum);
        }
    }

    private static boolean inside(long position, SpatialAxis axis) {
        return position >= 0 && position < axis.input();
    }

    /** The output position p of {@code outputs} with {@code p * stride = strided}, or -1 when there is none. */
    private static long outputAt(long strided, SpatialAxis axis, long outputs) {
        if (strided < 0) {
            return -1;
        }
        long position = axis.stride() == 1 ? strided : strided / axis.stride();
        return position * axis.stride() == strided && position < outputs ? position : -1;
    }
}
