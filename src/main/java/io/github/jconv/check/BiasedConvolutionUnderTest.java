package io.github.jconv.check;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/** A convolution that also serves biases; these are then checked too. */
public interface BiasedConvolutionUnderTest extends ConvolutionUnderTest {

    /**
     * Writes the result of an operation plus {@code bias[channel]} at every position of each channel, whether or not the filter
     * reaches it.
     *
     * @param operation FORWARD, which writes y, or BACKWARD_DATA, the forward of a transposed layer, which writes dx
     * @param bias      one number per channel of the output
     */
    void runWithBias(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor bias);

    /**
     * Writes {@code dbias[channel] = sum over n, positions: gradient[n, channel, ...]}.
     *
     * @param operation as in {@link #runWithBias}: says whether the gradient has the shape of y or of x
     */
    void backwardBias(ConvProblem problem, ConvOperation operation, HostTensor gradient, HostTensor dbias, WriteMode mode);
}
