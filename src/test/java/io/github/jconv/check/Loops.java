package io.github.jconv.check;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;

/**
 * A correct convolution in plain loops, fp32 all the way: every product is added in place. Its steps are methods, so that a wrong
 * variant is one overridden method.
 */
class Loops implements BiasedConvolutionUnderTest {

    private final String name;

    Loops(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
        compute(problem, ConvOperation.FORWARD, x, w, y, y, mode);
    }

    @Override
    public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
        compute(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, dx, mode);
    }

    @Override
    public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
        compute(problem, ConvOperation.BACKWARD_FILTER, x, dw, dy, dw, mode);
    }

    @Override
    public void runWithBias(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor bias) {
        run(problem, operation, x, w, y, WriteMode.OVERWRITE);
        HostTensor output = operation == ConvOperation.FORWARD ? y : x;
        HostTensor broadcast = Biases.broadcast(bias, output.layout(), output.shape());
        for (int i = 0; i < output.length(); i++) {
            output.set(i, output.get(i) + broadcast.get(i));
        }
    }

    @Override
    public void backwardBias(ConvProblem problem, ConvOperation operation, HostTensor gradient, HostTensor dbias, WriteMode mode) {
        double[] sums = Biases.sums(gradient, dbias.length(), false);
        for (int i = 0; i < sums.length; i++) {
            dbias.set(i, mode == WriteMode.ACCUMULATE ? dbias.get(i) + sums[i] : sums[i]);
        }
    }

    /** Computes and writes; overridden by variants that are wrong about the whole result. */
    void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                 WriteMode mode) {
        HostTensor sums = sums(problem, operation, x, w, y);
        for (int i = 0; i < output.length(); i++) {
            double result = result(sums.get(i), i, problem, operation);
            output.set(i, mode == WriteMode.ACCUMULATE ? output.get(i) + result : result);
        }
    }

    /** The results without what was there before. */
    final HostTensor sums(ConvProblem p, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y) {
        HostTensor sums = HostTensor.zeros(x.dataType().computedIn(), operation.outputShape(p));
        for (long n = 0; n < p.batch(); n++) {
            for (long k = 0; k < p.outputChannels(); k++) {
                for (long c = 0; c < p.channelsPerGroup(); c++) {
                    long xChannel = (n * p.inputChannels() + inputChannel(p, k / p.filtersPerGroup(), c)) * p.inputPositions();
                    long yChannel = (n * p.outputChannels() + k) * p.outputPositions();
                    long wChannel = (k * p.channelsPerGroup() + c) * p.filterTaps();
                    addPlane(p, operation, x, w, y, sums, new long[] {xChannel, wChannel, yChannel});
                }
            }
        }
        return sums;
    }

    private void addPlane(ConvProblem p, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor sums,
                          long[] begin) {
        for (long out = 0; out < p.outputPositions(); out++) {
            for (long tap = 0; tap < p.filterTaps(); tap++) {
                long in = inputPosition(p, out, tap);
                if (in < 0) {
                    continue;
                }
                long xi = begin[0] + in;
                long wi = begin[1] + tap(p, tap);
                long yi = begin[2] + out;
                switch (operation) {
                    case FORWARD -> add(sums, yi, x.get(xi), w.get(wi));
                    case BACKWARD_DATA -> add(sums, xi, y.get(yi), w.get(wi));
                    case BACKWARD_FILTER -> add(sums, wi, x.get(xi), y.get(yi));
                }
            }
        }
    }

    private void add(HostTensor sums, long index, double a, double b) {
        double product = operand(a) * operand(b);
        double rounded = sums.dataType() == DataType.FLOAT32 ? (float) product : product;
        sums.set(index, partial(sums.get(index) + rounded));
    }

    /** The position in a channel of x, or -1 in the padding. */
    final long inputPosition(ConvProblem p, long out, long tap) {
        long index = 0;
        long restOut = out;
        long restTap = tap;
        long factor = 1;
        for (int i = 2; i >= 0; i--) {
            SpatialAxis axis = p.axis3(i);
            long position = position(p, i, restOut % axis.output(), restTap % axis.filter());
            if (position < 0 || position >= axis.input()) {
                return -1;
            }
            index += position * factor;
            factor *= axis.input();
            restOut /= axis.output();
            restTap /= axis.filter();
        }
        return index;
    }

    /** The position on axis {@code i} of three, -1 or less for padding. */
    long position(ConvProblem p, int i, long out, long tap) {
        SpatialAxis axis = p.axis3(i);
        return out * axis.stride() - axis.padBegin() + tap * axis.dilation();
    }

    long inputChannel(ConvProblem p, long group, long c) {
        return group * p.channelsPerGroup() + c;
    }

    long tap(ConvProblem p, long tap) {
        return tap;
    }

    double operand(double value) {
        return value;
    }

    double partial(double sum) {
        return sum;
    }

    double result(double sum, int index, ConvProblem problem, ConvOperation operation) {
        return sum;
    }
}
