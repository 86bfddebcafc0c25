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
import io.github.jconv.tensor.Tensor;

/**
 * An engine with its own choice of algorithms as a subject, biases included. Its tensors lie where the engine computes, in memory of
 * their own for each run. The engine stays the caller's to close.
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
        run(problem, ConvOperation.FORWARD, x, w, y, mode);
    }

    @Override
    public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
        run(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, mode);
    }

    @Override
    public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
        run(problem, ConvOperation.BACKWARD_FILTER, x, dw, dy, mode);
    }

    @Override
    public void run(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
        try (TensorCopies copies = new TensorCopies(engine.backend())) {
            copies.run(operation, x, w, y, (placedX, placedW, placedY) -> {
                switch (operation) {
                    case FORWARD -> runForward(problem, placedX, placedW, placedY, mode);
                    case BACKWARD_DATA -> engine.backwardData(problem, placedY, placedW, placedX, mode);
                    case BACKWARD_FILTER -> engine.backwardFilter(problem, placedX, placedY, placedW, mode);
                }
            });
        }
    }

    /** Of the methods of an engine that compute y, those of a transposed convolution's gradient add to it. */
    private void runForward(ConvProblem problem, Tensor x, Tensor w, Tensor y, WriteMode mode) {
        if (mode == WriteMode.OVERWRITE) {
            engine.forward(problem, x, w, null, y);
        } else {
            engine.backwardData(TransposedConvolution.inverseOf(problem), x, w, y, mode);
        }
    }

    @Override
    public void runWithBias(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor bias) {
        try (TensorCopies copies = new TensorCopies(engine.backend())) {
            Tensor placedBias = copies.place(bias);
            copies.run(operation, x, w, y, (placedX, placedW, placedY) -> {
                switch (operation) {
                    case FORWARD -> engine.forward(problem, placedX, placedW, placedBias, placedY);
                    case BACKWARD_DATA -> engine.forward(TransposedConvolution.inverseOf(problem), placedY, placedW, placedBias, placedX);
                    case BACKWARD_FILTER -> throw withoutBias();
                }
            });
        }
    }

    @Override
    public void backwardBias(ConvProblem problem, ConvOperation operation, HostTensor gradient, HostTensor dbias, WriteMode mode) {
        try (TensorCopies copies = new TensorCopies(engine.backend())) {
            Tensor placedGradient = copies.place(gradient);
            Tensor placedDbias = copies.place(dbias);
            switch (operation) {
                case FORWARD -> engine.backwardBias(problem, placedGradient, placedDbias, mode);
                case BACKWARD_DATA -> engine.backwardBias(TransposedConvolution.inverseOf(problem), placedGradient, placedDbias, mode);
                case BACKWARD_FILTER -> throw withoutBias();
            }
            copies.takeBack(placedDbias, dbias);
        }
    }

    private static IllegalArgumentException withoutBias() {
        return new IllegalArgumentException("operation is BACKWARD_FILTER; allowed: the two with a bias");
    }

    @Override
    public void poisonWorkspace(ConvRequest request) {
        engine.backend().poisonWorkspace(engine.plan(request));
    }
}
