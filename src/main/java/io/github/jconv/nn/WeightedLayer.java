package io.github.jconv.nn;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;

/** A layer with a weight and perhaps a bias: what a convolution and a transposed one have in common. */
abstract class WeightedLayer extends Layer {

    private final Parameter weight;
    private final Tensor frozenWeight;
    private final Parameter bias;

    /** @param biasShape null for a layer without a bias */
    WeightedLayer(NetworkContext context, String kind, TensorShape input, TensorShape output, TensorShape weightShape,
                  TensorShape biasShape, Initialization initialization, double fanIn, double fanOut) {
        super(context, kind, input, output);
        this.weight = context.weight(name() + ".weight", weightShape, initialization, fanIn, fanOut);
        this.frozenWeight = context.frozenView(weight);
        this.bias = biasShape == null ? null : context.parameter(name() + ".bias", HostTensor.zeros(context.type(), biasShape), false);
    }

    /** Adds to the weight's gradient. */
    abstract void backwardFilter(Tensor dy, Tensor weightGradient);

    /** Adds to the bias's gradient. */
    abstract void backwardBias(Tensor dy, Tensor biasGradient);

    /** Computes the input's gradient. */
    abstract void backwardData(Tensor dy, Tensor dx);

    @Override
    public final Tensor backward(Tensor dy, boolean wantInput) {
        backwardFilter(dy, weight.gradient());
        if (bias != null) {
            backwardBias(dy, bias.gradient());
        }
        if (wantInput) {
            return backwardToInput(dy);
        }
        context().giveBack(dy);
        return null;
    }

    /** As {@link #backward}, for the input's gradient alone: those of weight and bias stay as they are. */
    final Tensor backwardToInput(Tensor dy) {
        Tensor dx = context().borrow(inputShape(dy));
        backwardData(dy, dx);
        context().giveBack(dy);
        return dx;
    }

    @Override
    public final List<Parameter> parameters() {
        return bias == null ? List.of(weight) : List.of(weight, bias);
    }

    @Override
    boolean leavesOutputFree() {
        return true;
    }

    final Tensor weight() {
        return weight.value();
    }

    /** The weight for a forward pass: a constant one while the network is frozen, so that what algorithms make of it is kept. */
    final Tensor weight(Mode mode) {
        return mode == Mode.INFERENCE && context().isFrozen() ? frozenWeight : weight.value();
    }

    /** Null without one. */
    final Tensor bias() {
        return bias == null ? null : bias.value();
    }
}
