package io.github.jconv.nn;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.Map;

/**
 * Batch normalisation (Ioffe and Szegedy, ICML 2015) over the images and positions of each channel:
 * {@code y = (x - mean) / sqrt(variance + epsilon) * gamma + beta}. In training, mean and variance are those of the batch, and running ones
 * follow them, {@code running = (1 - momentum) * running + momentum * now} with the unbiased variance; in inference they are the running ones.
 * Training needs two values of each channel: a batch of one image with one position is refused, as in PyTorch.
 */
public final class BatchNorm extends Layer {

    private final double epsilon;
    private final double momentum;
    private final Parameter gamma;
    private final Parameter beta;
    private final Tensor runningMean;
    private final Tensor runningVariance;
    private final Tensor mean;
    private final Tensor inverseDeviation;
    private Tensor x;

    BatchNorm(NetworkContext context, TensorShape shape, double epsilon, double momentum) {
        super(context, "batchNorm", shape, shape);
        this.epsilon = epsilon;
        this.momentum = momentum;
        TensorShape channels = TensorShape.of(shape.size(0));
        gamma = context.parameter(name() + ".weight", constant(channels, 1), false);
        beta = context.parameter(name() + ".bias", constant(channels, 0), false);
        runningMean = context.state(name() + ".running_mean", constant(channels, 0));
        runningVariance = context.state(name() + ".running_var", constant(channels, 1));
        mean = context.newTensor(channels);
        inverseDeviation = context.newTensor(channels);
    }

    /** Whether each channel of that many images has one value, whose variance tells nothing. */
    boolean isOfOneValue(long images) {
        return images == 1 && inputShape().elements() == inputShape().size(0);
    }

    @Override
    public Tensor forward(Tensor input, Mode mode) {
        if (mode == Mode.TRAINING && isOfOneValue(input.shape().size(0))) {
            throw new IllegalArgumentException(name() + " has one value per channel in an input of shape " + input.shape()
                    + "; allowed in training: 2 and up, so more images or positions");
        }
        x = input;
        Tensor y = output(input.shape().size(0));
        if (mode == Mode.TRAINING) {
            context().ops().batchNorm(input, gamma.value(), beta.value(), epsilon, momentum, runningMean, runningVariance, mean,
                    inverseDeviation, y);
        } else {
            context().ops().batchNormInference(input, gamma.value(), beta.value(), epsilon, runningMean, runningVariance, y);
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

    @Override
    public Map<String, Double> settings() {
        return Map.of("epsilon", epsilon, "momentum", momentum);
    }

    private HostTensor constant(TensorShape shape, double value) {
        HostTensor values = HostTensor.zeros(context().type(), shape);
        values.fill(value);
        return values;
    }
}
