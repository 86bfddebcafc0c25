package io.github.jconv.nn;

import io.github.jconv.tensor.Tensor;

/**
 * A learnable tensor and its gradient, which adds up until {@link Network#zeroGradients()}.
 *
 * @param name     unique in its network, such as {@code conv1.weight}
 * @param value    what an optimiser changes
 * @param gradient of the same shape
 * @param decays   whether weight decay applies: weights yes, biases and normalisation parameters no
 */
public record Parameter(String name, Tensor value, Tensor gradient, boolean decays) {
}
