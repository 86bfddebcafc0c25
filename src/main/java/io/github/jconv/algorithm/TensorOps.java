package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.Tensor;

/**
 * What a network needs besides convolutions, on the tensors of one backend. Shapes are {@code [N, C, positions...]} unless said
 * otherwise. Callers pass tensors of one type with the shapes that the operation names; an output may be the same tensor as an input
 * only where that is said. Nothing is allocated. Results do not depend on the number of threads.
 *
 * <p>What changes from one training step to the next, the learning rate and the number of the step, is read from tensors of fp64 and
 * shape {@code [1]} when the operation is carried out, so that a recorded step can be run again ({@link Backend#record}).
 *
 * <p>A pooling window is given as the depthwise convolution with the same geometry: {@code groups = C = K}.
 */
public interface TensorOps {

    // --- element-wise: tensors of the same number of elements ---------------------------------------------------------------

    void fill(Tensor y, double value);

    void copy(Tensor x, Tensor y);

    /** {@code y += factor * x}. */
    void addScaled(Tensor x, double factor, Tensor y);

    /** {@code y *= factor}. */
    void scale(Tensor y, double factor);

    /** {@code y = f(x)}; y may be x. */
    void activation(Activation f, double slope, Tensor x, Tensor y);

    /** {@code dx = dy * f'}, the derivative taken from y; dx may be dy. */
    void activationBackward(Activation f, double slope, Tensor y, Tensor dy, Tensor dx);

    /**
     * Inverted dropout: {@code y[i] = keep(i) ? x[i] / (1 - rate) : 0}, where {@code keep(i)} is a function of seed, step and i alone
     * ({@link CounterRandom}); the same call on dy is the backward pass. y may be x.
     *
     * @param step a whole number, fp64 {@code [1]}
     */
    void dropout(Tensor x, double rate, long seed, Tensor step, Tensor y);

    /** {@code sum[0] +=} the sum of the squares of all elements, in double; sum is fp64 {@code [1]}. */
    void addSumOfSquares(Tensor x, Tensor sum);

    /** {@code y *= limit / sqrt(squares[0])} where that is below 1; squares is fp64 {@code [1]}. */
    void limitNorm(Tensor squares, double limit, Tensor y);

    // --- channels and positions ---------------------------------------------------------------------------------------------

    /** Copies {@code channels} channels of every image from one tensor into another with the same images and positions. */
    void copyChannels(Tensor from, long fromChannel, Tensor to, long toChannel, long channels);

    /** {@code y[window] = max of x} over the positions inside the input; the padding takes no part. */
    void maxPool(ConvProblem window, Tensor x, Tensor y);

    /** dx: each dy goes to the first position, in row-major order, that holds its window's maximum. */
    void maxPoolBackward(ConvProblem window, Tensor x, Tensor dy, Tensor dx);

    /** {@code y[window] = sum of x / divisor}: all taps of the window, or only those inside the input. */
    void averagePool(ConvProblem window, boolean countPadding, Tensor x, Tensor y);

    void averagePoolBackward(ConvProblem window, boolean countPadding, Tensor dy, Tensor dx);

    /**
     * Pads every spatial axis by a rule; {@code before[i]} positions in front, the rest of y's size behind. The begin padding alone
     * and the shapes determine the result.
     */
    void pad(PadMode mode, long[] before, Tensor x, Tensor y);

    /** The adjoint of {@link #pad}: every dy is added to the position that it was copied from. */
    void padBackward(PadMode mode, long[] before, Tensor dy, Tensor dx);

    // --- normalisation --------------------------------------------------------------------------------------------------------

    /**
     * Batch normalisation in training (Ioffe and Szegedy, arXiv 1502.03167): per channel over images and positions,
     * {@code y = (x - mean) / sqrt(variance + epsilon) * gamma + beta}. Keeps mean and 1/sqrt(variance + epsilon) for the backward
     * pass and moves the running values by {@code running += momentum * (now - running)}, with the unbiased variance.
     * gamma, beta, mean, inverse deviation and running values have shape {@code [C]}.
     */
    void batchNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon, double momentum, Tensor runningMean, Tensor runningVariance,
                   Tensor mean, Tensor inverseDeviation, Tensor y);

    /** Batch normalisation in inference, with the running values. */
    void batchNormInference(Tensor x, Tensor gamma, Tensor beta, double epsilon, Tensor runningMean, Tensor runningVariance,
                            Tensor y);

    /** dx, and dgamma and dbeta added to their present values. */
    void batchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor inverseDeviation, Tensor dy, Tensor dx, Tensor dgamma,
                           Tensor dbeta);

    /**
     * Local response normalisation across channels (Krizhevsky et al. 2012):
     * {@code y[c] = x[c] / (k + alpha / size * sum of x[j]^2 over the size channels around c)^beta},
     * j from {@code c - size / 2} to {@code c + (size - 1) / 2}.
     */
    void localResponseNorm(Tensor x, long size, double alpha, double beta, double k, Tensor y);

    void localResponseNormBackward(Tensor x, long size, double alpha, double beta, double k, Tensor dy, Tensor dx);

    // --- losses: loss[n] per image, and dx = scale * d loss[n] / dx; dx may be x -------------------------------------------------

    /** Softmax and cross entropy: x {@code [N, classes]}, labels {@code [N]} holding class numbers. */
    void softmaxCrossEntropy(Tensor x, Tensor labels, double scale, Tensor loss, Tensor dx);

    /** Sigmoid and cross entropy, summed over an image: {@code max(x, 0) - x * t + log(1 + exp(-|x|))}; targets like x. */
    void sigmoidCrossEntropy(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx);

    /** Squared error, summed over an image: {@code (x - t)^2}; targets like x. */
    void squaredError(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx);

    // --- optimiser steps ----------------------------------------------------------------------------------------------------------

    /**
     * {@code g = dw + decay * w;  v = momentum * v + g;  w -= rate * v}, or with Nesterov's momentum, as Sutskever, Martens, Dahl and
     * Hinton (ICML 2013) write it, {@code w -= rate * (g + momentum * v)}.
     *
     * @param rate fp64 {@code [1]}
     */
    void sgdStep(Tensor w, Tensor dw, Tensor v, Tensor rate, double momentum, double decay, boolean nesterov);

    /**
     * Adam (Kingma and Ba, arXiv 1412.6980):
     * {@code m = b1*m + (1-b1)*g;  v = b2*v + (1-b2)*g^2;  w -= rate * (m / (1-b1^step)) / (sqrt(v / (1-b2^step)) + epsilon)}.
     * The decay is L2, {@code g = dw + decay * w}, or decoupled as in AdamW (Loshchilov and Hutter, ICLR 2019): g is dw, and w loses
     * {@code rate * decay * w} besides.
     *
     * @param step number of this step, from 1; fp64 {@code [1]}
     * @param rate fp64 {@code [1]}
     */
    void adamStep(Tensor w, Tensor dw, Tensor m, Tensor v, Tensor step, Tensor rate, double beta1, double beta2, double epsilon,
                  double decay, boolean decoupled);
}
