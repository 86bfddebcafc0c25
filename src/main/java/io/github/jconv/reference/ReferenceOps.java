package io.github.jconv.reference;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;

/** The definitions of the network operations: plain loops, computed in double, for fp32 and fp64 tensors on the heap. */
public final class ReferenceOps implements TensorOps {

    @Override
    public void fill(Tensor y, double value) {
        host(y).fill(value);
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        for (int i = 0; i < host(y).length(); i++) {
            host(y).set(i, host(x).get(i));
        }
    }

    @Override
    public void addScaled(Tensor x, double factor, Tensor y) {
        for (int i = 0; i < host(y).length(); i++) {
            host(y).set(i, host(y).get(i) + factor * host(x).get(i));
        }
    }

    @Override
    public void scale(Tensor y, double factor) {
        for (int i = 0; i < host(y).length(); i++) {
            host(y).set(i, host(y).get(i) * factor);
        }
    }

    @Override
    public void activation(Activation f, double slope, Tensor x, Tensor y) {
        for (int i = 0; i < host(y).length(); i++) {
            host(y).set(i, f.apply(host(x).get(i), slope));
        }
    }

    @Override
    public void activationBackward(Activation f, double slope, Tensor y, Tensor dy, Tensor dx) {
        for (int i = 0; i < host(y).length(); i++) {
            host(dx).set(i, host(dy).get(i) * f.derivativeFromValue(host(y).get(i), slope));
        }
    }

    @Override
    public void dropout(Tensor x, double rate, long seed, Tensor step, Tensor y) {
        for (int i = 0; i < host(y).length(); i++) {
            boolean keep = CounterRandom.uniform(seed, (long) host(step).get(0), i) >= rate;
            host(y).set(i, keep ? host(x).get(i) / (1 - rate) : 0);
        }
    }

    @Override
    public void addSumOfSquares(Tensor x, Tensor sum) {
        for (int i = 0; i < host(x).length(); i++) {
            host(sum).set(0, host(sum).get(0) + host(x).get(i) * host(x).get(i));
        }
    }

    @Override
    public void limitNorm(Tensor squares, double limit, Tensor y) {
        double norm = Math.sqrt(host(squares).get(0));
        if (norm > limit) {
            scale(y, limit / norm);
        }
    }

    @Override
    public void copyChannels(Tensor from, long fromChannel, Tensor to, long toChannel, long channels) {
        long positions = positions(from.shape());
        for (long n = 0; n < from.shape().size(0); n++) {
            for (long i = 0; i < channels * positions; i++) {
                host(to).set((n * to.shape().size(1) + toChannel) * positions + i,
                        host(from).get((n * from.shape().size(1) + fromChannel) * positions + i));
            }
        }
    }

    // --- pooling --------------------------------------------------------------------------------------------------------------

    @Override
    public void maxPool(ConvProblem window, Tensor x, Tensor y) {
        for (long i = 0; i < y.shape().elements(); i++) {
            long source = maximumOf(window, host(x), i);
            host(y).set(i, source < 0 ? Double.NEGATIVE_INFINITY : host(x).get(source));
        }
    }

    @Override
    public void maxPoolBackward(ConvProblem window, Tensor x, Tensor dy, Tensor dx) {
        host(dx).fill(0);
        for (long i = 0; i < dy.shape().elements(); i++) {
            long source = maximumOf(window, host(x), i);
            if (source >= 0) {
                host(dx).set(source, host(dx).get(source) + host(dy).get(i));
            }
        }
    }

    @Override
    public void averagePool(ConvProblem window, boolean countPadding, Tensor x, Tensor y) {
        for (long i = 0; i < y.shape().elements(); i++) {
            double sum = 0;
            for (long tap = 0; tap < window.filterTaps(); tap++) {
                long source = source(window, i, tap);
                sum += source < 0 ? 0 : host(x).get(source);
            }
            host(y).set(i, sum / divisor(window, i, countPadding));
        }
    }

    @Override
    public void averagePoolBackward(ConvProblem window, boolean countPadding, Tensor dy, Tensor dx) {
        host(dx).fill(0);
        for (long i = 0; i < dy.shape().elements(); i++) {
            for (long tap = 0; tap < window.filterTaps(); tap++) {
                long source = source(window, i, tap);
                if (source >= 0) {
                    host(dx).set(source, host(dx).get(source) + host(dy).get(i) / divisor(window, i, countPadding));
                }
            }
        }
    }

    /** Index in x of the first largest value under output {@code i}; a NaN counts as larger than everything; -1 if all is padding. */
    private static long maximumOf(ConvProblem window, HostTensor x, long i) {
        long best = -1;
        for (long tap = 0; tap < window.filterTaps(); tap++) {
            long source = source(window, i, tap);
            if (source >= 0 && (best < 0 || x.get(source) > x.get(best)
                    || Double.isNaN(x.get(source)) && !Double.isNaN(x.get(best)))) {
                best = source;
            }
        }
        return best;
    }

    private static long divisor(ConvProblem window, long i, boolean countPadding) {
        long inside = 0;
        for (long tap = 0; tap < window.filterTaps(); tap++) {
            inside += countPadding || source(window, i, tap) >= 0 ? 1 : 0;
        }
        return Math.max(inside, 1);
    }

    /** Index in x that filter tap {@code tap} of output {@code i} reads, or -1 when it lies in the padding. */
    private static long source(ConvProblem window, long i, long tap) {
        long plane = i / window.outputPositions();
        long source = 0;
        long output = i % window.outputPositions();
        long outputStep = window.outputPositions();
        long tapStep = window.filterTaps();
        for (SpatialAxis axis : window.axes()) {
            outputStep /= axis.output();
            tapStep /= axis.filter();
            long position = output / outputStep % axis.output() * axis.stride() - axis.padBegin()
                    + tap / tapStep % axis.filter() * axis.dilation();
            if (position < 0 || position >= axis.input()) {
                return -1;
            }
            source = source * axis.input() + position;
        }
        return plane * window.inputPositions() + source;
    }

    // --- padding --------------------------------------------------------------------------------------------------------------

    @Override
    public void pad(PadMode mode, long[] before, Tensor x, Tensor y) {
        for (long i = 0; i < y.shape().elements(); i++) {
            long source = padSource(mode, before, x.shape(), y.shape(), i);
            host(y).set(i, source < 0 ? 0 : host(x).get(source));
        }
    }

    @Override
    public void padBackward(PadMode mode, long[] before, Tensor dy, Tensor dx) {
        host(dx).fill(0);
        for (long i = 0; i < dy.shape().elements(); i++) {
            long source = padSource(mode, before, dx.shape(), dy.shape(), i);
            if (source >= 0) {
                host(dx).set(source, host(dx).get(source) + host(dy).get(i));
            }
        }
    }

    private static long padSource(PadMode mode, long[] before, TensorShape x, TensorShape y, long i) {
        long step = y.elements();
        long source = 0;
        for (int axis = 0; axis < y.rank(); axis++) {
            step /= y.size(axis);
            long position = i / step % y.size(axis);
            if (axis >= 2) {
                position = mode.source(position - before[axis - 2], x.size(axis));
            }
            if (position < 0) {
                return -1;
            }
            source = source * x.size(axis) + position;
        }
        return source;
    }

    // --- normalisation ----------------------------------------------------------------------------------------------------------

    @Override
    public void batchNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon, double momentum, Tensor runningMean,
                          Tensor runningVariance, Tensor mean, Tensor inverseDeviation, Tensor y) {
        long count = x.shape().elements() / x.shape().size(1);
        for (int c = 0; c < x.shape().size(1); c++) {
            double sum = 0;
            for (long j = 0; j < count; j++) {
                sum += host(x).get(inChannel(x.shape(), c, j));
            }
            double m = sum / count;
            double squares = 0;
            for (long j = 0; j < count; j++) {
                double centred = host(x).get(inChannel(x.shape(), c, j)) - m;
                squares += centred * centred;
            }
            double inverse = 1 / Math.sqrt(squares / count + epsilon);
            host(mean).set(c, m);
            host(inverseDeviation).set(c, inverse);
            move(host(runningMean), c, momentum, m);
            move(host(runningVariance), c, momentum, squares / Math.max(count - 1, 1));
            normalise(host(x), c, m, inverse, host(gamma), host(beta), host(y));
        }
    }

    @Override
    public void batchNormInference(Tensor x, Tensor gamma, Tensor beta, double epsilon, Tensor runningMean, Tensor runningVariance,
                                   Tensor y) {
        for (int c = 0; c < x.shape().size(1); c++) {
            double inverse = 1 / Math.sqrt(host(runningVariance).get(c) + epsilon);
            normalise(host(x), c, host(runningMean).get(c), inverse, host(gamma), host(beta), host(y));
        }
    }

    @Override
    public void batchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor inverseDeviation, Tensor dy, Tensor dx, Tensor dgamma,
                                  Tensor dbeta) {
        long count = x.shape().elements() / x.shape().size(1);
        for (int c = 0; c < x.shape().size(1); c++) {
            double m = host(mean).get(c);
            double inverse = host(inverseDeviation).get(c);
            double sumDy = 0;
            double sumDyHat = 0;
            for (long j = 0; j < count; j++) {
                long at = inChannel(x.shape(), c, j);
                sumDy += host(dy).get(at);
                sumDyHat += host(dy).get(at) * (host(x).get(at) - m) * inverse;
            }
            for (long j = 0; j < count; j++) {
                long at = inChannel(x.shape(), c, j);
                double hat = (host(x).get(at) - m) * inverse;
                host(dx).set(at, host(gamma).get(c) * inverse * (host(dy).get(at) - sumDy / count - hat * sumDyHat / count));
            }
            host(dgamma).set(c, host(dgamma).get(c) + sumDyHat);
            host(dbeta).set(c, host(dbeta).get(c) + sumDy);
        }
    }

    private static void normalise(HostTensor x, int c, double mean, double inverse, HostTensor gamma, HostTensor beta, HostTensor y) {
        long count = x.shape().elements() / x.shape().size(1);
        for (long j = 0; j < count; j++) {
            long at = inChannel(x.shape(), c, j);
            y.set(at, (x.get(at) - mean) * inverse * gamma.get(c) + beta.get(c));
        }
    }

    private static void move(HostTensor running, int c, double momentum, double now) {
        running.set(c, running.get(c) + momentum * (now - running.get(c)));
    }

    @Override
    public void localResponseNorm(Tensor x, long size, double alpha, double beta, double k, Tensor y) {
        for (long i = 0; i < x.shape().elements(); i++) {
            host(y).set(i, host(x).get(i) * Math.pow(responseScale(host(x), i, size, alpha, k), -beta));
        }
    }

    /**
     * With {@code s[j] = k + alpha/size * sum of x^2 around j}:
     * {@code dx[c] = dy[c] * s[c]^-beta - 2*alpha*beta/size * x[c] * sum over j around c of dy[j] * x[j] * s[j]^(-beta-1)}.
     */
    @Override
    public void localResponseNormBackward(Tensor x, long size, double alpha, double beta, double k, Tensor dy, Tensor dx) {
        long positions = positions(x.shape());
        long channels = x.shape().size(1);
        for (long i = 0; i < x.shape().elements(); i++) {
            long c = i / positions % channels;
            double sum = 0;
            // Channel c lies in the window of j when j lies in the mirrored window of c.
            for (long j = Math.max(0, c - (size - 1) / 2); j <= Math.min(channels - 1, c + size / 2); j++) {
                long at = i + (j - c) * positions;
                sum += host(dy).get(at) * host(x).get(at) * Math.pow(responseScale(host(x), at, size, alpha, k), -beta - 1);
            }
            host(dx).set(i, host(dy).get(i) * Math.pow(responseScale(host(x), i, size, alpha, k), -beta)
                    - 2 * alpha * beta / size * host(x).get(i) * sum);
        }
    }

    private static double responseScale(HostTensor x, long i, long size, double alpha, double k) {
        long positions = positions(x.shape());
        long channels = x.shape().size(1);
        long c = i / positions % channels;
        double squares = 0;
        for (long j = Math.max(0, c - size / 2); j <= Math.min(channels - 1, c + (size - 1) / 2); j++) {
            double value = x.get(i + (j - c) * positions);
            squares += value * value;
        }
        return k + alpha / size * squares;
    }

    // --- losses -------------------------------------------------------------------------------------------------------------------

    @Override
    public void softmaxCrossEntropy(Tensor x, Tensor labels, double scale, Tensor loss, Tensor dx) {
        int classes = (int) (x.shape().elements() / Math.max(x.shape().size(0), 1));
        for (int n = 0; n < x.shape().size(0); n++) {
            double max = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                max = Math.max(max, host(x).get((long) n * classes + c));
            }
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp(host(x).get((long) n * classes + c) - max);
            }
            int label = (int) host(labels).get(n);
            host(loss).set(n, Math.log(sum) + max - host(x).get((long) n * classes + label));
            for (int c = 0; c < classes; c++) {
                double probability = Math.exp(host(x).get((long) n * classes + c) - max) / sum;
                host(dx).set((long) n * classes + c, scale * (probability - (c == label ? 1 : 0)));
            }
        }
    }

    @Override
    public void sigmoidCrossEntropy(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        long perImage = x.shape().elements() / Math.max(x.shape().size(0), 1);
        for (int n = 0; n < x.shape().size(0); n++) {
            double sum = 0;
            for (long i = n * perImage; i < (n + 1) * perImage; i++) {
                double value = host(x).get(i);
                double target = host(targets).get(i);
                sum += Math.max(value, 0) - value * target + Math.log1p(Math.exp(-Math.abs(value)));
                host(dx).set(i, scale * (Activation.SIGMOID.apply(value, 0) - target));
            }
            host(loss).set(n, sum);
        }
    }

    @Override
    public void squaredError(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        long perImage = x.shape().elements() / Math.max(x.shape().size(0), 1);
        for (int n = 0; n < x.shape().size(0); n++) {
            double sum = 0;
            for (long i = n * perImage; i < (n + 1) * perImage; i++) {
                double difference = host(x).get(i) - host(targets).get(i);
                sum += difference * difference;
                host(dx).set(i, scale * 2 * difference);
            }
            host(loss).set(n, sum);
        }
    }

    // --- optimiser steps --------------------------------------------------------------------------------------------------------------

    @Override
    public void sgdStep(Tensor w, Tensor dw, Tensor v, Tensor rate, double momentum, double decay, boolean nesterov) {
        for (int i = 0; i < host(w).length(); i++) {
            double g = host(dw).get(i) + decay * host(w).get(i);
            double velocity = momentum * host(v).get(i) + g;
            host(v).set(i, velocity);
            host(w).set(i, host(w).get(i) - host(rate).get(0) * (nesterov ? g + momentum * velocity : velocity));
        }
    }

    @Override
    public void adamStep(Tensor w, Tensor dw, Tensor m, Tensor v, Tensor step, Tensor rate, double beta1, double beta2,
                         double epsilon, double decay, boolean decoupled) {
        double firstCorrection = 1 - Math.pow(beta1, host(step).get(0));
        double secondCorrection = 1 - Math.pow(beta2, host(step).get(0));
        for (int i = 0; i < host(w).length(); i++) {
            double g = host(dw).get(i) + (decoupled ? 0 : decay * host(w).get(i));
            double first = beta1 * host(m).get(i) + (1 - beta1) * g;
            double second = beta2 * host(v).get(i) + (1 - beta2) * g * g;
            host(m).set(i, first);
            host(v).set(i, second);
            double kept = decoupled ? host(w).get(i) * (1 - host(rate).get(0) * decay) : host(w).get(i);
            host(w).set(i, kept - host(rate).get(0) * (first / firstCorrection) / (Math.sqrt(second / secondCorrection) + epsilon));
        }
    }

    // --- indices ------------------------------------------------------------------------------------------------------------------------

    private static HostTensor host(Tensor tensor) {
        return (HostTensor) tensor;
    }

    private static long positions(TensorShape shape) {
        long positions = 1;
        for (int axis = 2; axis < shape.rank(); axis++) {
            positions *= shape.size(axis);
        }
        return positions;
    }

    /** Row-major index of value {@code j} of channel c, counting through the images. */
    private static long inChannel(TensorShape shape, long c, long j) {
        long positions = positions(shape);
        return (j / positions * shape.size(1) + c) * positions + j % positions;
    }
}
