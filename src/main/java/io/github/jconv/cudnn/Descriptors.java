package io.github.jconv.cudnn;

import io.github.jconv.device.MathMode;
import io.github.jconv.tensor.DataType;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/**
 * cuDNN's descriptors of x, w, y and the convolution of a shape, with the arithmetic pinned: without TF32 unless the context was
 * opened with it. What cuDNN calls cross-correlation is what deep learning calls convolution. They concern the host alone: no device is needed.
 */
final class Descriptors implements AutoCloseable {

    private final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
    private final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
    private final cudnnFilterDescriptor w = new cudnnFilterDescriptor();
    private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    private final boolean[] made = new boolean[4];

    Descriptors(CudnnShape shape, MathMode mathMode) {
        try {
            made[0] = done(JCudnn.cudnnCreateTensorDescriptor(x), "cudnnCreateTensorDescriptor", shape);
            made[1] = done(JCudnn.cudnnCreateTensorDescriptor(y), "cudnnCreateTensorDescriptor", shape);
            made[2] = done(JCudnn.cudnnCreateFilterDescriptor(w), "cudnnCreateFilterDescriptor", shape);
            made[3] = done(JCudnn.cudnnCreateConvolutionDescriptor(convolution), "cudnnCreateConvolutionDescriptor", shape);
            describe(shape, mathMode);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void describe(CudnnShape shape, MathMode mathMode) {
        int type = typeOf(shape.type());
        describe(x, type, shape.x(), shape);
        describe(y, type, shape.y(), shape);
        int[] filter = shape.w();
        done(JCudnn.cudnnSetFilterNdDescriptor(w, type, cudnnTensorFormat.CUDNN_TENSOR_NCHW, filter.length, filter),
                "cudnnSetFilterNdDescriptor", shape);
        int[] padding = shape.padding();
        done(JCudnn.cudnnSetConvolutionNdDescriptor(convolution, padding.length, padding, shape.strides(), shape.dilations(),
                cudnnConvolutionMode.CUDNN_CROSS_CORRELATION, type), "cudnnSetConvolutionNdDescriptor", shape);
        done(JCudnn.cudnnSetConvolutionGroupCount(convolution, shape.groups()), "cudnnSetConvolutionGroupCount", shape);
        done(JCudnn.cudnnSetConvolutionMathType(convolution, mathType(mathMode)), "cudnnSetConvolutionMathType", shape);
    }

    private static void describe(cudnnTensorDescriptor tensor, int type, int[] sizes, CudnnShape shape) {
        done(JCudnn.cudnnSetTensorNdDescriptorEx(tensor, cudnnTensorFormat.CUDNN_TENSOR_NCHW, type, sizes.length, sizes),
                "cudnnSetTensorNdDescriptorEx", shape);
    }

    /** DEFAULT_MATH lets cuDNN round fp32 operands to TF32 on devices that have it. */
    private static int mathType(MathMode mode) {
        return switch (mode) {
            case FP32 -> cudnnMathType.CUDNN_FMA_MATH;
            case TF32 -> cudnnMathType.CUDNN_DEFAULT_MATH;
        };
    }

    static int typeOf(DataType type) {
        return switch (type) {
            case FLOAT32 -> cudnnDataType.CUDNN_DATA_FLOAT;
            case FLOAT64 -> cudnnDataType.CUDNN_DATA_DOUBLE;
        };
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
