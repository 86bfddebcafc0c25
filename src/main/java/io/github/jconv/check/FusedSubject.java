package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;

/**
 * The forward of an algorithm with a bias and a ReLU in one call, {@link Backend#runWithBiasAndRelu}, as a subject. A ReLU keeps positive
 * results only, so each result is asked for twice, of w and b and of -w and -b, and is the difference:
 *
 * <pre>
 *   v = max(v, 0) - max(-v, 0)
 * </pre>
 *
 * <p>One of the two is zero, so the difference is exact. The bias of a run without one is zero.
 */
public final class FusedSubject implements BiasedConvolutionUnderTest {

    /** What stands behind the name of the algorithm. */
    private static final String MARK = "+relu";

    private final BackendSubject subject;

    public FusedSubject(BackendSubject subject) {
        this.subject = subject;
    }

    @Override
    public String name() {
        return subject.name() + MARK;
    }

    @Override
    public Support supports(ConvRequest request) {
        return Support.when(request.operation() == ConvOperation.FORWARD, "it serves forward only").and(subject.supports(request));
    }

    @Override
    public Support suits(ConvRequest request) {
        return subject.suits(request);
    }

    @Override
    public Support accumulates(ConvRequest request) {
        return Support.no("a ReLU follows, which takes the whole result");
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return subject.accuracy(request);
    }

    @Override
    public boolean isDefinition() {
        return subject.isDefinition();
    }

    @Override
    public void poisonWorkspace(ConvRequest request) {
        subject.poisonWorkspace(request);
    }

    @Override
    public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
        runWithBias(problem, ConvOperation.FORWARD, x, w, y, HostTensor.zeros(y.dataType(), problem.biasShape()));
    }

    @Override
    public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
        throw forwardOnly(ConvOperation.BACKWARD_DATA);
    }

    @Override
    public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
        throw forwardOnly(ConvOperation.BACKWARD_FILTER);
    }

    @Override
    public void runWithBias(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor bias) {
        if (operation != ConvOperation.FORWARD) {
            throw forwardOnly(operation);
        }
        HostTensor negative = y.copy();
        run(problem, x, w, y, bias);
        run(problem, x, negated(w), negative, negated(bias));
        for (int i = 0; i < y.length(); i++) {
            y.set(i, y.get(i) - negative.get(i));
        }
    }

    private void run(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, HostTensor bias) {
        Backend backend = subject.backend();
        ConvPlan plan = subject.plan(new ConvRequest(problem, ConvOperation.FORWARD, x.dataType(), x.layout()));
        try (TensorCopies copies = new TensorCopies(backend)) {
            Tensor placedBias = copies.place(bias);
            copies.run(ConvOperation.FORWARD, x, subject.given(w), y, (placedX, placedW, placedY) ->
                    backend.runWithBiasAndRelu(plan, placedX, placedW, placedY, placedBias));
        }
    }

    @Override
    public void backwardBias(ConvProblem problem, ConvOperation operation, HostTensor gradient, HostTensor dbias, WriteMode mode) {
        subject.backwardBias(problem, operation, gradient, dbias, mode);
    }

    private static HostTensor negated(HostTensor values) {
        HostTensor negated = values.copy();
        for (int i = 0; i < negated.length(); i++) {
            negated.set(i, -values.get(i));
        }
        return negated;
    }

    private static IllegalArgumentException forwardOnly(ConvOperation operation) {
        return new IllegalArgumentException("operation is " + operation + "; allowed: FORWARD");
    }
}
