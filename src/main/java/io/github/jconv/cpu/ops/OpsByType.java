package io.github.jconv.cpu.ops;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;

/**
 * Hands every operation to the implementation for the type and the layout of the tensor that it writes: one for fp32 with the channels
 * first, which refuses tensors of other kinds and from elsewhere, and one for all others.
 */
public final class OpsByType implements TensorOps {

    private final TensorOps fp32;
    private final TensorOps others;

    public OpsByType(TensorOps fp32, TensorOps others) {
        this.fp32 = fp32;
        this.others = others;
    }

    private TensorOps of(Tensor tensor) {
        return tensor instanceof HostTensor host && (host.dataType() != DataType.FLOAT32 || host.layout() != Layout.NCHW) ? others : fp32;
    }

    @Override
    public void fill(Tensor y, double value) {
        of(y).fill(y, value);
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        of(y).copy(x, y);
    }

    @Override
    public void addScaled(Tensor x, double factor, Tensor y) {
        of(y).addScaled(x, factor, y);
    }

    @Override
    public void scale(Tensor y, double factor) {
        of(y).scale(y, factor);
    }

    @Override
    public void activation(Activation f, double slope, Tensor x, Tensor y) {
        of(y).activation(f, slope, x, y);
    }

    @Override
    public void activationBackward(Activation f, double slope, Tensor y, Tensor dy, Tensor dx) {
        of(dx).activationBackward(f, slope, y, dy, dx);
    }

    @Override
    public void dropout(Tensor x, double rate, long seed, Tensor step, Tensor y) {
        of(y).dropout(x, rate, seed, step, y);
    }

    @Override
    public void addSumOfSquares(Tensor x, Tensor sum) {
        of(x).addSumOfSquares(x, sum);
    }

    @Override
    public void limitNorm(Tensor squares, double limit, Tensor y) {
        of(y).limitNorm(squares, limit, y);
    }

    @Override
    public void copyChannels(Tensor from, long fromChannel, Tensor to, long toChannel, long channels) {
        of(to).copyChannels(from, fromChannel, to, toChannel, channels);
    }

    @Override
    public void maxPool(ConvProblem window, Tensor x, Tensor y) {
        of(y).maxPool(window, x, y);
    }

    @Override
    public void maxPoolBackward(ConvProblem window, Tensor x, Tensor dy, Tensor dx) {
        of(dx).maxPoolBackward(window, x, dy, dx);
    }

    @Override
    public void averagePool(ConvProblem window, boolean countPadding, Tensor x, Tensor y) {
        of(y).averagePool(window, countPadding, x, y);
    }

    @Override
    public void averagePoolBackward(ConvProblem window, boolean countPadding, Tensor dy, Tensor dx) {
        of(dx).averagePoolBackward(window, countPadding, dy, dx);
    }

    @Override
    public void pad(PadMode mode, long[] before, Tensor x, Tensor y) {
        of(y).pad(mode, before, x, y);
    }

    @Override
    public void padBackward(PadMode mode, long[] before, Tensor dy, Tensor dx) {
        of(dx).padBackward(mode, before, dy, dx);
    }

    @Override
    public void batchNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon, double momentum, Tensor runningMean,
                          Tensor runningVariance, Tensor mean, Tensor inverseDeviation, Tensor y) {
        of(y).batchNorm(x, gamma, beta, epsilon, momentum, runningMean, runningVariance, mean, inverseDeviation, y);
    }

    @Override
    public void batchNormInference(Tensor x, Tensor gamma, Tensor beta, double epsilon, Tensor runningMean,
                                   Tensor runningVariance, Tensor y) {
        of(y).batchNormInference(x, gamma, beta, epsilon, runningMean, runningVariance, y);
    }

    @Override
    public void batchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor inverseDeviation, Tensor dy, Tensor dx,
                                  Tensor dgamma, Tensor dbeta) {
        of(dx).batchNormBackward(x, gamma, mean, inverseDeviation, dy, dx, dgamma, dbeta);
    }

    @Override
    public void localResponseNorm(Tensor x, long size, double alpha, double beta, double k, Tensor y) {
        of(y).localResponseNorm(x, size, alpha, beta, k, y);
    }

    @Override
    public void localResponseNormBackward(Tensor x, long size, double alpha, double beta, double k, Tensor dy, Tensor dx) {
        of(dx).localResponseNormBackward(x, size, alpha, beta, k, dy, dx);
    }

    @Override
    public void softmaxCrossEntropy(Tensor x, Tensor labels, double scale, Tensor loss, Tensor dx) {
        of(dx).softmaxCrossEntropy(x, labels, scale, loss, dx);
    }

    @Override
    public void sigmoidCrossEntropy(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        of(dx).sigmoidCrossEntropy(x, targets, scale, loss, dx);
    }

    @Override
    public void squaredError(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        of(dx).squaredError(x, targets, scale, loss, dx);
    }

    @Override
    public void sgdStep(Tensor w, Tensor dw, Tensor v, Tensor rate, double momentum, double decay, boolean nesterov) {
        of(w).sgdStep(w, dw, v, rate, momentum, decay, nesterov);
    }

    @Override
    public void adamStep(Tensor w, Tensor dw, Tensor m, Tensor v, Tensor step, Tensor rate, double beta1, double beta2,
                         double epsilon, double decay, boolean decoupled) {
        of(w).adamStep(w, dw, m, v, step, rate, beta1, beta2, epsilon, decay, decoupled);
    }
}
