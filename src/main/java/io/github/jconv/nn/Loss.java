package io.github.jconv.nn;

import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.tensor.Tensor;

/**
 * What training makes small: the mean over the images of a batch. Each computes one value per image and the gradient of the mean with
 * respect to the network's output; the formulas are those of {@link TensorOps}.
 */
public enum Loss {

    /** Output {@code [N, classes]}, targets {@code [N]} with class numbers. */
    SOFTMAX_CROSS_ENTROPY {
        @Override
        public void compute(TensorOps ops, Tensor output, Tensor targets, double scale, Tensor perImage, Tensor gradient) {
            ops.softmaxCrossEntropy(output, targets, scale, perImage, gradient);
        }
    },

    /** Output are logits, targets of the same shape in [0, 1]; stable for large logits; summed over an image's values. */
    SIGMOID_CROSS_ENTROPY {
        @Override
        public void compute(TensorOps ops, Tensor output, Tensor targets, double scale, Tensor perImage, Tensor gradient) {
            ops.sigmoidCrossEntropy(output, targets, scale, perImage, gradient);
        }
    },

    /** Targets of the output's shape; summed over an image's values. */
    SQUARED_ERROR {
        @Override
        public void compute(TensorOps ops, Tensor output, Tensor targets, double scale, Tensor perImage, Tensor gradient) {
            ops.squaredError(output, targets, scale, perImage, gradient);
        }
    };

    /**
     * Computes losses and their gradient; {@link Network#backward} takes the latter. All tensors are of one type, where the network
     * computes ({@link NetworkContext#newTensor}).
     *
     * @param ops      of the network: {@link NetworkContext#ops}
     * @param output   the network's output, {@code [N, ...]}
     * @param targets  what is wanted, see each loss
     * @param scale    what the gradient is multiplied with: 1 / N for the mean of the batch
     * @param perImage receives the loss of each image, {@code [N]}
     * @param gradient receives scale times the gradient of the sum of the losses, shaped like output
     */
    public abstract void compute(TensorOps ops, Tensor output, Tensor targets, double scale, Tensor perImage, Tensor gradient);
}
