package io.github.jconv.nn;

import io.github.jconv.tensor.TensorShape;

/** A layer that is not built yet: it learns its input shape when the network is put together. See {@link Layers}. */
@FunctionalInterface
public interface LayerSpec {

    /**
     * Builds the layer.
     *
     * @param input {@code [C, positions...]}
     */
    Layer create(NetworkContext context, TensorShape input);
}
