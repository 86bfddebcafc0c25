package io.github.jconv.cudnn;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;

/**
 * cuDNN's descriptors of x, w, y and the convolution of a shape, with the arithmetic pinned. What cuDNN calls cross-correlation is what deep learning calls convolution. They concern the host alone: no device is needed.
 */
final class Descriptors implements AutoCloseable {

    private final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
    private final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
    private final cudnnFilterDescriptor w = new cudnnFilterDescriptor();
    private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    private final boolean[] made = new boolean[4];

    Descriptors(CudnnShape shape) {
        try {
            made[0] = done(JCudnn.cudnnCreateTensorDescriptor(x), "cudnnCreateTensorDescriptor", shape);
            made[1] = done(JCudnn.cudnnCreateTensorDescriptor(y), "cudnnCreateTensorDescriptor", shape);
            made[2] = done(JCudnn.cudnnCreateFilterDescriptor(w), "cudnnCreateFilterDescriptor", shape);
            made[3] = done(JCudnn.cudnnCreateConvolutionDescriptor(convolution), "cudnnCreateConvolutionDescriptor", shape);
            describe(shape);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void describe(CudnnShape shape) {
        Storage storage = shape.storage();
        describe(x, shape.x(), shape);
        describe(y, shape.y(), shape);
        int[] filter = shape.w();
        done(JCudnn.cudnnSetFilterNdDescriptor(w, storage.dataType(), Storage.format(shape.layout()), filter.length, filter),
                "cudnnSetFilterNdDescriptor", shape);
        int[] padding = shape.padding();
        done(JCudnn.cudnnSetConvolutionNdDescriptor(convolution, padding.length, padding, shape.strides(), shape.dilations(),
                cudnnConvolutionMode.CUDNN_CROSS_CORRELATION, storage.computeType()), "cudnnSetConvolutionNdDescriptor", shape);
        done(JCudnn.cudnnSetConvolutionGroupCount(convolution, shape.groups()), "cudnnSetConvolutionGroupCount", shape);
        done(JCudnn.cudnnSetConvolutionMathType(convolution, storage.mathType()), "cudnnSetConvolutionMathType", shape);
    }

    private static void describe(cudnnTensorDescriptor tensor, int[] sizes, CudnnShape shape) {
        done(JCudnn.cudnnSetTensorNdDescriptorEx(tensor, Storage.format(shape.layout()), shape.storage().dataType(), sizes.length, sizes),
                "cudnnSetTensorNdDescriptorEx", shape);
    }

    private static boolean done(int status, String call, CudnnShape shape) {
        CudnnStatus.check(status, call, shape.toString());
        return true;
    }

    cudnnTensorDescriptor x() {
        return x;
    }

    cudnnFilterDescriptor w() {
        return w;
    }

    cudnnTensorDescriptor y() {
        return y;
    }

    cudnnConvolutionDescriptor convolution() {
        return convolution;
    }

    @Override
    public void close() {
        if (made[3]) {
            JCudnn.cudnnDestroyConvolutionDescriptor(convolution);
        }
        if (made[2]) {
            JCudnn.cudnnDestroyFilterDescriptor(w);
        }
        if (made[1]) {
            JCudnn.cudnnDestroyTensorDescriptor(y);
        }
        if (made[0]) {
            JCudnn.cudnnDestroyTensorDescriptor(x);
        }
    }
}
