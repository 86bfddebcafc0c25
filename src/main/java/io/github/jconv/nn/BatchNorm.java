package io.github.jconv.nn;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;

/** Batch normalisation over images and positions of each channel; epsilon 1e-5, running values moved by 0.1 a step. */
public final class BatchNorm extends Layer {

    private static final double EPSILON = 1e-5;
    private static final double MOMENTUM = 0.1;

    private final Parameter gamma;
    private final Parameter beta;
    private final Tensor runningMean;
    private final Tensor runningVariance;
    private final Tensor mean;
    private final Tensor inverseDeviation;
    private Tensor x;

    BatchNorm(NetworkContext context, TensorShape shape) {
        super(context, "batchNorm", shape, shape);
        TensorShape channels = TensorShape.of(shape.size(0));
        gamma = context.parameter(name() + ".weight", constant(channels, 1), false);
        beta = context.parameter(name() + ".bias", constant(channels, 0), false);
        runningMean = context.state(name() + ".running_mean", constant(channels, 0));
        runningVariance = context.state(name() + ".running_var", constant(channels, 1));
        mean = context.newTensor(channels);
        inverseDeviation = context.newTensor(channels);
    }

    @Override
    public Tensor forward(Tensor input, Mode mode) {
        x = input;
        Tensor y = output(input.shape().size(0));
        if (mode == Mode.TRAINING) {
            context().ops().batchNorm(input, gamma.value(), beta.value(), EPSILON, MOMENTUM, runningMean, runningVariance, mean,
                    inverseDeviation, y);
        } else {
            context().ops().batchNormInference(input, gamma.value(), beta.value(), EPSILON, runningMean, runningVariance, y);
        }
        return y;
    }

    @Override
    boolean leavesOutputFree() {
        return true;
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        Tensor dx = context().borrow(inputShape(dy));
        context().ops().batchNormBackward(x, gamma.value(), mean, inverseDeviation, dy, dx, gamma.gradient(), beta.gradient());
        context().giveBack(dy);
        return dx;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(gamma, beta);
    }

    private HostTensor constant(TensorShape shape, double value) {
        HostTensor values = HostTensor.zeros(context().type(), shape);
        values.fill(value);
        return values;
    }
}
