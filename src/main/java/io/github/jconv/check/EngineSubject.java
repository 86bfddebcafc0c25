package io.github.jconv.check;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;

/**
 * An engine with its own choice of algorithms as a subject, biases included. The engine stays the caller's to close.
 */
public final class EngineSubject implements BiasedConvolutionUnderTest {

    private final String name;
    private final ConvEngine engine;

    /** @param name the name in reports */
    public EngineSubject(String name, ConvEngine engine) {
        this.name = name;
        this.engine = engine;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Support supports(ConvRequest request) {
        try {
            engine.plan(request);
            return Support.supported();
        } catch (UnsupportedRequestException e) {
            return Support.no(e.getMessage());
        }
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return engine.plan(request).accuracy();
    }

    @Override
    public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
        if (mode == WriteMode.OVERWRITE) {
            engine.forward(problem, x, w, null, y);
        } else {
            engine.backwardData(TransposedConvolution.inverseOf(problem), x, w, y, mode);
        }
    }

    @Override
    public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
        engine.backwardData(problem, dy, w, dx, mode);
    }

    @Override
    public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
        engine.backwardFilter(problem, x, dy, dw, mode);
    }

    @Override
    public void runWithBias(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor bias) {
        switch (operation) {
            case FORWARD -> engine.forward(problem, x, w, bias, y);
            case BACKWARD_DATA -> engine.forward(TransposedConvolution.inverseOf(problem), y, w, bias, x);
            case BACKWARD_FILTER -> throw new IllegalArgumentException("operation is BACKWARD_FILTER; allowed: the two with a bias");
        }
    }

    @Override
    public void backwardBias(ConvProblem problem, ConvOperation operation, HostTensor gradient, HostTensor dbias, WriteMode mode) {
        switch (operation) {
            case FORWARD -> engine.backwardBias(problem, gradient, dbias, mode);
            case BACKWARD_DATA -> engine.backwardBias(TransposedConvolution.inverseOf(problem), gradient, dbias, mode);
            case BACKWARD_FILTER -> throw new IllegalArgumentException("operation is BACKWARD_FILTER; allowed: the two with a bias");
        }
    }
}
