package io.github.jconv.nn;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Locale;
import java.util.Map;

/** ReLU, leaky ReLU, sigmoid or tanh; see {@link Activation}. The gradient is computed in place. */
public final class ActivationLayer extends Layer {

    private final Activation function;
    private final double slope;
    private boolean overwritesInput;
    private Tensor y;

    ActivationLayer(NetworkContext context, TensorShape shape, Activation function, double slope) {
        super(context, function.name().toLowerCase(Locale.ROOT), shape, shape);
        this.function = function;
        this.slope = slope;
    }

    /** From now on the output takes the place of the input, which nobody else reads. */
    void overwriteInput() {
        overwritesInput = true;
    }

    /** Whether it is a ReLU or a leaky one. */
    boolean isRectifier() {
        return function == Activation.RELU || function == Activation.LEAKY_RELU;
    }

    @Override
    public Tensor forward(Tensor x, Mode mode) {
        y = overwritesInput ? x : output(x.shape().size(0));
        context().ops().activation(function, slope, x, y);
        return y;
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        context().ops().activationBackward(function, slope, y, dy, dy);
        return dy;
    }

    @Override
    public Map<String, Double> settings() {
        return function == Activation.LEAKY_RELU ? Map.of("slope", slope) : Map.of();
    }
}
