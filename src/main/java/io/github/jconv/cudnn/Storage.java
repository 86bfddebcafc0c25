package io.github.jconv.cudnn;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.device.MathMode;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.Locale;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorFormat;

/**
 * The type in which cuDNN is given tensors, and the arithmetic that goes with it. 16-bit tensors are those of the call, or copies of fp32
 * ones; sums are in fp32 all the same.
 */
enum Storage {
    FP32(cudnnDataType.CUDNN_DATA_FLOAT, cudnnDataType.CUDNN_DATA_FLOAT, cudnnMathType.CUDNN_FMA_MATH, 4, Accuracy.SUM_OF_PRODUCTS),
    /** DEFAULT_MATH lets cuDNN round fp32 operands to TF32 on devices that have it. */
    TF32(cudnnDataType.CUDNN_DATA_FLOAT, cudnnDataType.CUDNN_DATA_FLOAT, cudnnMathType.CUDNN_DEFAULT_MATH, 4, Accuracy.TF32_PRODUCTS),
    FP64(cudnnDataType.CUDNN_DATA_DOUBLE, cudnnDataType.CUDNN_DATA_DOUBLE, cudnnMathType.CUDNN_FMA_MATH, 8, Accuracy.SUM_OF_PRODUCTS),
    FP16(cudnnDataType.CUDNN_DATA_HALF, cudnnDataType.CUDNN_DATA_FLOAT, cudnnMathType.CUDNN_TENSOR_OP_MATH, 2, Accuracy.FP16_PRODUCTS),
    BF16(cudnnDataType.CUDNN_DATA_BFLOAT16, cudnnDataType.CUDNN_DATA_FLOAT, cudnnMathType.CUDNN_TENSOR_OP_MATH, 2,
            Accuracy.BF16_PRODUCTS);

    private final int dataType;
    private final int computeType;
    private final int mathType;
    private final int bytes;
    private final Accuracy accuracy;

    Storage(int dataType, int computeType, int mathType, int bytes, Accuracy accuracy) {
        this.dataType = dataType;
        this.computeType = computeType;
        this.mathType = mathType;
        this.bytes = bytes;
        this.accuracy = accuracy;
    }

    /** A mode concerns fp32 tensors only; cuDNN has no TF32X3. */
    static Storage of(DataType type, MathMode mode) {
        return switch (type) {
            case FLOAT32 -> mode == MathMode.TF32X3 ? FP32 : valueOf(mode.name());
            case FLOAT64 -> FP64;
            case FLOAT16 -> FP16;
            case BFLOAT16 -> BF16;
        };
    }

    /** The type of tensors in this form. */
    DataType tensorType() {
        return switch (this) {
            case FP32, TF32 -> DataType.FLOAT32;
            case FP64 -> DataType.FLOAT64;
            case FP16 -> DataType.FLOAT16;
            case BF16 -> DataType.BFLOAT16;
        };
    }

    boolean isNarrow() {
        return this == FP16 || this == BF16;
    }

    /** Of cudnnDataType. */
    int dataType() {
        return dataType;
    }

    /** Of cudnnDataType: the type of sums and of scalars. */
    int computeType() {
        return computeType;
    }

    /** Of cudnnMathType. */
    int mathType() {
        return mathType;
    }

    /** Of cudnnTensorFormat. */
    static int format(Layout layout) {
        return layout == Layout.NHWC ? cudnnTensorFormat.CUDNN_TENSOR_NHWC : cudnnTensorFormat.CUDNN_TENSOR_NCHW;
    }

    /** Of an element. */
    int bytes() {
        return bytes;
    }

    /** Of sums of products of fp32 (or fp64) tensors brought to this form. */
    Accuracy accuracy() {
        return accuracy;
    }

    /** As {@code bf16}. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
