package io.github.jconv.check;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;

/**
 * What bounds the error of a convolution by Fourier transforms: with the Euclidean norm of each channel of the two operands, for all
 * elements of a channel of the result
 *
 * <pre>
 *   FORWARD          V[n][k] = sum over c of |x[n][c]| |w[k][c]|
 *   BACKWARD_DATA    V[n][c] = sum over k of |dy[n][k]| |w[k][c]|
 *   BACKWARD_FILTER  V[k][c] = sum over n of |dy[n][k]| |x[n][c]| * sqrt(2^dimensions)
 * </pre>
 *
 * <p>Tiles have smaller norms than what they are cut from. In BACKWARD_FILTER those of dy do not overlap, and on each axis a point of x
 * is in two tiles at most: sums of products of their norms are below that, by the inequality of Cauchy and Schwarz.
 */
final class FourierSums implements TransformSums {

    /** The shortest tiles compute at least this many positions, and at least as many as the filter spans but for one. */
    private static final long LEAST_STEP = 4;

    private final ConvProblem problem;
    private final ConvOperation operation;
    private final long[] indices;
    private final double[] norms;
    private final double[] operandNorms;
    private final long perChannel;
    private final double bits;
    private final long terms;

    /** @param indices row-major indices of the elements, or null for all */
    FourierSums(Operands operands, long[] indices) {
        problem = operands.request().problem();
        operation = operands.request().operation();
        this.indices = indices;
        double[] x = norms(operands.x(), problem.inputPositions());
        double[] w = norms(operands.w(), problem.filterTaps());
        double[] y = norms(operands.y(), problem.outputPositions());
        perChannel = switch (operation) {
            case FORWARD -> problem.outputPositions();
            case BACKWARD_DATA -> problem.inputPositions();
            case BACKWARD_FILTER -> problem.filterTaps();
        };
        int channels = (int) (operation.outputShape(problem).elements() / perChannel);
        norms = new double[channels];
        operandNorms = new double[channels];
        for (int channel = 0; channel < channels; channel++) {
            add(channel, x, w, y);
        }
        bits = bits();
        terms = terms();
    }

    private static double[] norms(HostTensor tensor, long perChannel) {
        double[] norms = new double[tensor == null ? 0 : (int) (tensor.length() / perChannel)];
        for (int i = 0; i < norms.length * perChannel; i++) {
            norms[(int) (i / perChannel)] += tensor.get(i) * tensor.get(i);
        }
        for (int channel = 0; channel < norms.length; channel++) {
            norms[channel] = Math.sqrt(norms[channel]);
        }
        return norms;
    }

    private void add(int channel, double[] x, double[] w, double[] y) {
        int c = (int) problem.channelsPerGroup();
        int k = (int) problem.filtersPerGroup();
        switch (operation) {
            case FORWARD -> {
                int filter = channel % (int) problem.outputChannels();
                int first = channel / (int) problem.outputChannels() * (int) problem.inputChannels() + filter / k * c;
                for (int i = 0; i < c; i++) {
                    add(channel, x[first + i], w[filter * c + i]);
                }
            }
            case BACKWARD_DATA -> {
                int input = channel % (int) problem.inputChannels();
                int firstFilter = input / c * k;
                int first = channel / (int) problem.inputChannels() * (int) problem.outputChannels() + firstFilter;
                for (int i = 0; i < k; i++) {
                    add(channel, y[first + i], w[(firstFilter + i) * c + input % c]);
                }
            }
            case BACKWARD_FILTER -> {
                int filter = channel / c;
                int input = filter / k * c + channel % c;
                for (int n = 0; n < problem.batch(); n++) {
                    add(channel, y[n * (int) problem.outputChannels() + filter], x[n * (int) problem.inputChannels() + input]);
                }
                norms[channel] *= Math.sqrt(1 << problem.dimensions());
            }
        }
    }

    private void add(int channel, double a, double b) {
        norms[channel] += a * b;
        operandNorms[channel] += a + b;
    }

    @Override
    public double bound(int i, ErrorBound errorBound, double start, boolean accumulated) {
        int channel = channel(i);
        return errorBound.ofFourier(bits, terms, norms[channel], operandNorms[channel], start, accumulated);
    }

    /** By the inequality of Cauchy and Schwarz. */
    @Override
    public double largest(int i) {
        return norms[channel(i)];
    }

    private int channel(int i) {
        return (int) ((indices == null ? i : indices[i]) / perChannel);
    }

    /** The logarithm to base 2 of the points of a transform, or more. */
    double bits() {
        double bits = 0;
        for (int i = 0; i < 3; i++) {
            if (!problem.axis3(i).equals(SpatialAxis.unit()) || i == 2) {
                bits += Math.log(2.0 * (whole(problem.axis3(i)) + 1)) / Math.log(2);
            }
        }
        return bits;
    }

    /** Positions that one tile alone needs. */
    private static long whole(SpatialAxis axis) {
        return Math.max(axis.input() + Math.max(0, Math.max(axis.padBegin(), axis.padEnd())),
                Math.max(axis.zeroInsertedOutput(), axis.extent()));
    }

    /** How many products are summed for a frequency, or more. */
    long terms() {
        return switch (operation) {
            case FORWARD -> problem.channelsPerGroup();
            case BACKWARD_DATA -> problem.filtersPerGroup();
            case BACKWARD_FILTER -> {
                long blocks = problem.batch();
                for (SpatialAxis axis : problem.axes()) {
                    long step = Math.max(LEAST_STEP, axis.extent() - 1);
                    blocks *= (axis.zeroInsertedOutput() + step - 1) / step;
                }
                yield blocks;
            }
        };
    }
}
