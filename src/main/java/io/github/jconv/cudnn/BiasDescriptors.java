package io.github.jconv.cudnn;

import io.github.jconv.device.DeviceTensor;
import io.github.jconv.device.MathMode;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnTensorDescriptor;

/**
 * cuDNN's descriptors of a bias {@code [1, K, 1, 1]} and of the tensor that it belongs to, as {@code [N, K, positions, 1]}: which
 * position is which does not matter to a bias. Both with one axis more on request, to stand beside descriptors of three spatial axes.
 * Used for one tensor after another.
 */
final class BiasDescriptors implements AutoCloseable {

    private final cudnnTensorDescriptor bias = new cudnnTensorDescriptor();
    private final cudnnTensorDescriptor tensor = new cudnnTensorDescriptor();
    private final int[] sizes = {1, 1, 1, 1, 1};
    private TensorShape describedShape;
    private DataType describedType;
    private Layout describedLayout;
    private int describedRank;

    BiasDescriptors() {
        CudnnStatus.check(JCudnn.cudnnCreateTensorDescriptor(bias), "cudnnCreateTensorDescriptor", "a bias");
        try {
            CudnnStatus.check(JCudnn.cudnnCreateTensorDescriptor(tensor), "cudnnCreateTensorDescriptor", "the tensor of a bias");
        } catch (RuntimeException e) {
            JCudnn.cudnnDestroyTensorDescriptor(bias);
            throw e;
        }
    }

    cudnnTensorDescriptor bias() {
        return bias;
    }

    cudnnTensorDescriptor tensor() {
        return tensor;
    }

    /**
     * Describes a tensor {@code [N, K, ...]} and its bias.
     *
     * @param rank of the descriptors, 4 or 5
     */
    void describe(DeviceTensor values, int rank) {
        TensorShape shape = values.shape();
        if (shape.equals(describedShape) && values.dataType() == describedType && values.layout() == describedLayout
                && rank == describedRank) {
            return;
        }
        describedShape = null;
        describedRank = rank;
        int channels = Math.toIntExact(shape.size(1));
        int images = Math.toIntExact(shape.size(0));
        set(bias, values, 1, channels, 1);
        set(tensor, values, images, channels, Math.toIntExact(shape.elements() / images / channels));
        describedShape = shape;
        describedType = values.dataType();
        describedLayout = values.layout();
    }

    private void set(cudnnTensorDescriptor descriptor, DeviceTensor values, int images, int channels, int positions) {
        sizes[0] = images;
        sizes[1] = channels;
        sizes[2] = positions;
        CudnnStatus.check(JCudnn.cudnnSetTensorNdDescriptorEx(descriptor, Storage.format(values.layout()),
                Storage.of(values.dataType(), MathMode.FP32).dataType(), describedRank, sizes), "cudnnSetTensorNdDescriptorEx", values.toString());
    }

    @Override
    public void close() {
        JCudnn.cudnnDestroyTensorDescriptor(tensor);
        JCudnn.cudnnDestroyTensorDescriptor(bias);
    }
}
