package io.github.jconv.cudnn;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnNanPropagation;

/** cuDNN's descriptor of {@code max(., 0)}; a NaN stays one. */
final class ReluDescriptor implements AutoCloseable {

    private final cudnnActivationDescriptor descriptor = new cudnnActivationDescriptor();

    ReluDescriptor() {
        CudnnStatus.check(JCudnn.cudnnCreateActivationDescriptor(descriptor), "cudnnCreateActivationDescriptor", "ReLU");
        try {
            CudnnStatus.check(JCudnn.cudnnSetActivationDescriptor(descriptor, cudnnActivationMode.CUDNN_ACTIVATION_RELU,
                    cudnnNanPropagation.CUDNN_PROPAGATE_NAN, 0), "cudnnSetActivationDescriptor", "ReLU");
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    cudnnActivationDescriptor descriptor() {
        return descriptor;
    }

    @Override
    public void close() {
        JCudnn.cudnnDestroyActivationDescriptor(descriptor);
    }
}
