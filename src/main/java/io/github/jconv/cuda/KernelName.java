package io.github.jconv.cuda;

import java.util.Locale;

/** The kernels, each with the file that it is in; what one computes stands at the head of that file. */
enum KernelName {
    IM2COL("im2col"),
    IM2COL_B16("im2col"),
    COL2IM("col2im"),
    COL2IM_FP16("col2im"),
    COL2IM_BF16("col2im"),
    ZERO_INSERT("zero_insert"),
    STRIDED_VALID_CONV("strided_valid_conv"),
    ROTATED_VALID_CONV("strided_valid_conv"),
    DIRECT_BACKWARD_DATA("strided_valid_conv"),
    VALID_CONV_FILTER("strided_valid_conv"),
    IMPLICIT_GEMM("implicit_gemm"),
    TENSOR_GEMM_TF32_64("tensor_gemm_tf32"),
    TENSOR_GEMM_TF32_128("tensor_gemm_tf32"),
    TENSOR_GEMM_TF32X3_64("tensor_gemm_tf32x3"),
    TENSOR_GEMM_TF32X3_128("tensor_gemm_tf32x3"),
    TENSOR_GEMM_FP16_64("tensor_gemm_fp16"),
    TENSOR_GEMM_FP16_128("tensor_gemm_fp16"),
    TENSOR_GEMM_BF16_64("tensor_gemm_bf16"),
    TENSOR_GEMM_BF16_128("tensor_gemm_bf16"),
    TENSOR_FILTER_TF32_64("tensor_filter_tf32"),
    TENSOR_FILTER_TF32_128("tensor_filter_tf32"),
    TENSOR_FILTER_TF32X3_64("tensor_filter_tf32x3"),
    TENSOR_FILTER_TF32X3_128("tensor_filter_tf32x3"),
    TENSOR_FILTER_FP16_64("tensor_filter_fp16"),
    TENSOR_FILTER_FP16_128("tensor_filter_fp16"),
    TENSOR_FILTER_BF16_64("tensor_filter_bf16"),
    TENSOR_FILTER_BF16_128("tensor_filter_bf16"),
    DEPTHWISE_FORWARD("depthwise"),
    DEPTHWISE_FORWARD_FP16("depthwise"),
    DEPTHWISE_FORWARD_BF16("depthwise"),
    DEPTHWISE_BACKWARD_DATA("depthwise"),
    DEPTHWISE_BACKWARD_DATA_FP16("depthwise"),
    DEPTHWISE_BACKWARD_DATA_BF16("depthwise"),
    DEPTHWISE_FILTER("depthwise"),
    DEPTHWISE_FILTER_FP16("depthwise"),
    DEPTHWISE_FILTER_BF16("depthwise"),
    DEPTHWISE_3X3("depthwise_strips"),
    DEPTHWISE_3X3_S2("depthwise_strips"),
    DEPTHWISE_5X5("depthwise_strips"),
    DEPTHWISE_5X5_S2("depthwise_strips"),
    DEPTHWISE_7X7("depthwise_strips"),
    DEPTHWISE_DATA_3X3_S2("depthwise_strips"),
    DEPTHWISE_DATA_5X5_S2("depthwise_strips"),
    DEPTHWISE_FILTER_3X3("depthwise_strips"),
    DEPTHWISE_FILTER_3X3_S2("depthwise_strips"),
    DEPTHWISE_FILTER_5X5("depthwise_strips"),
    DEPTHWISE_FILTER_5X5_S2("depthwise_strips"),
    DEPTHWISE_FILTER_7X7("depthwise_strips"),
    PARITY_FILTERS("parity"),
    PARITY_FILTERS_B16("parity"),
    PARITY_COLUMNS("parity"),
    PARITY_COLUMNS_B16("parity"),
    PARITY_SCATTER("parity"),
    PARITY_SCATTER_FP16("parity"),
    PARITY_SCATTER_BF16("parity"),
    FILL("elementwise"),
    ADD_BIAS("elementwise"),
    BIAS_GRADIENT("elementwise"),
    SUM_PARTS("elementwise"),
    COPY_CHANNELS("elementwise"),
    RELU("elementwise"),
    ACTIVATION("pointwise"),
    ACTIVATION_BACKWARD("pointwise"),
    ADD_SCALED("pointwise"),
    SCALE("pointwise"),
    LIMIT_NORM("pointwise"),
    DROPOUT("pointwise"),
    MAX_POOL("pooling"),
    MAX_POOL_BACKWARD("pooling"),
    AVERAGE_POOL("pooling"),
    AVERAGE_POOL_BACKWARD("pooling"),
    PAD("padding"),
    PAD_BACKWARD("padding"),
    BATCH_NORM("normalization"),
    BATCH_NORM_INFERENCE("normalization"),
    BATCH_NORM_BACKWARD("normalization"),
    RESPONSE_NORM("normalization"),
    RESPONSE_NORM_BACKWARD("normalization"),
    SOFTMAX_CROSS_ENTROPY("losses"),
    SIGMOID_CROSS_ENTROPY("losses"),
    SQUARED_ERROR("losses"),
    SGD_STEP("optimizer"),
    ADAM_STEP("optimizer"),
    SUM_OF_SQUARES("optimizer"),
    ADD_UP("optimizer");

    private final String family;

    KernelName(String family) {
        this.family = family;
    }

    /** The kernel file. */
    String family() {
        return family;
    }

    /** Its name in the PTX, without the suffix of the variant. */
    String function() {
        return "jconv_" + name().toLowerCase(Locale.ROOT);
    }
}
