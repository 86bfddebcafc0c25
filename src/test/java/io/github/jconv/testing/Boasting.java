package io.github.jconv.testing;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/**
 * A subject that declares another arithmetic than its own.
 *
 * @param accuracy what it declares
 */
public record Boasting(ConvolutionUnderTest subject, Accuracy accuracy) implements ConvolutionUnderTest {

    @Override
    public Support supports(ConvRequest request) {
        return subject.supports(request);
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return accuracy;
    }

    @Override
    public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
        subject.forward(problem, x, w, y, mode);
    }

    @Override
    public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
        subject.backwardData(problem, dy, w, dx, mode);
    }

    @Override
    public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
        subject.backwardFilter(problem, x, dy, dw, mode);
    }
}
