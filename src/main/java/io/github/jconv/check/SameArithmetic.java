package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/** A subject that refuses what it would compute in another arithmetic: an engine may choose otherwise for another problem. */
record SameArithmetic(ConvolutionUnderTest subject, Accuracy arithmetic) implements ConvolutionUnderTest {

    @Override
    public String name() {
        return subject.name();
    }

    @Override
    public Support supports(ConvRequest request) {
        Support support = subject.supports(request);
        return support.yes() ? Support.when(subject.accuracy(request) == arithmetic, "it computes that with " + subject.accuracy(request))
                : support;
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return subject.accuracy(request);
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
