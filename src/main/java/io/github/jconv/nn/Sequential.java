package io.github.jconv.nn;

import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;

/** Layers one after another. */
public final class Sequential extends Layer {

    private final List<Layer> layers;

    private Sequential(NetworkContext context, String kind, TensorShape input, List<Layer> layers) {
        super(context, kind, input, layers.isEmpty() ? input : layers.get(layers.size() - 1).outputShape());
        this.layers = List.copyOf(layers);
    }

    static Sequential create(NetworkContext context, String kind, TensorShape input, List<LayerSpec> specs) {
        List<Layer> layers = new ArrayList<>();
        TensorShape shape = input;
        for (LayerSpec spec : specs) {
            Layer layer = create(context, "layer " + (layers.size() + 1) + " of " + kind, spec, shape);
            if (layer instanceof ActivationLayer activation && !layers.isEmpty() && layers.get(layers.size() - 1).leavesOutputFree()) {
                activation.overwriteInput();
            }
            layers.add(layer);
            shape = layer.outputShape();
        }
        return new Sequential(context, kind, input, layers);
    }

    /** Whatever a layer is refused for, the message says which one of the many it is, and what the layer in front of it yields. */
    static Layer create(NetworkContext context, String which, LayerSpec spec, TensorShape input) {
        String place = which + ", whose input is " + input + ": ";
        if (spec == null) {
            throw new IllegalArgumentException(place + "is null");
        }
        try {
            return spec.create(context, input);
        } catch (InvalidProblemException e) {
            throw new InvalidProblemException(place + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(place + e.getMessage(), e);
        }
    }

    @Override
    public Tensor forward(Tensor x, Mode mode) {
        Tensor y = x;
        for (int i = 0; i < layers.size(); i++) {
            Tensor read = y;
            y = layers.get(i).forward(read, mode);
            // A layer may hand on what it was given; then that is still needed.
            if (mode == Mode.INFERENCE && y != read) {
                releaseOutputsBefore(i);
            }
        }
        return y;
    }

    @Override
    boolean leavesOutputFree() {
        return !layers.isEmpty() && layers.get(layers.size() - 1).leavesOutputFree();
    }

    private void releaseOutputsBefore(int end) {
        for (int i = 0; i < end; i++) {
            layers.get(i).releaseOutputs();
        }
    }

    @Override
    void releaseFreeOutput() {
        layers.get(layers.size() - 1).releaseFreeOutput();
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        Tensor gradient = dy;
        for (int i = layers.size() - 1; i >= 0; i--) {
            gradient = layers.get(i).backward(gradient, wantInput || i > 0);
            layers.get(i).releaseOutputs();
        }
        return gradient;
    }

    @Override
    public List<Parameter> parameters() {
        return layers.stream().flatMap(layer -> layer.parameters().stream()).toList();
    }

    @Override
    public List<Layer> children() {
        return layers;
    }
}
