package io.github.jconv.cuda;

import io.github.jconv.tensor.DataType;

/** What the kernels of {@code kernels/tensor_tiles.h} multiply: tensors of which type, and as what. */
enum TensorArithmetic {
    /** fp32 tensors, factors rounded to TF32. */
    TF32(DataType.FLOAT32, 1, KernelName.TENSOR_GEMM_TF32_64, KernelName.TENSOR_GEMM_TF32_128, KernelName.TENSOR_FILTER_TF32_64,
            KernelName.TENSOR_FILTER_TF32_128),
    /** fp32 tensors, three products in TF32 for each product. */
    TF32X3(DataType.FLOAT32, 1, KernelName.TENSOR_GEMM_TF32X3_64, KernelName.TENSOR_GEMM_TF32X3_128, KernelName.TENSOR_FILTER_TF32X3_64,
            KernelName.TENSOR_FILTER_TF32X3_128),
    /** fp16 tensors as they are. */
    FP16(DataType.FLOAT16, 2, KernelName.TENSOR_GEMM_FP16_64, KernelName.TENSOR_GEMM_FP16_128, KernelName.TENSOR_FILTER_FP16_64,
            KernelName.TENSOR_FILTER_FP16_128),
    /** bfloat16 tensors as they are. */
    BF16(DataType.BFLOAT16, 2, KernelName.TENSOR_GEMM_BF16_64, KernelName.TENSOR_GEMM_BF16_128, KernelName.TENSOR_FILTER_BF16_64,
            KernelName.TENSOR_FILTER_BF16_128);

    private final DataType tensors;
    private final int perWord;
    private final KernelName narrowGemm;
    private final KernelName wideGemm;
    private final KernelName narrowFilter;
    private final KernelName wideFilter;

    TensorArithmetic(DataType tensors, int perWord, KernelName narrowGemm, KernelName wideGemm, KernelName narrowFilter,
                     KernelName wideFilter) {
        this.tensors = tensors;
        this.perWord = perWord;
        this.narrowGemm = narrowGemm;
        this.wideGemm = wideGemm;
        this.narrowFilter = narrowFilter;
        this.wideFilter = wideFilter;
    }

    /** The type of x, w and y. */
    DataType tensors() {
        return tensors;
    }

    /** How many neighbouring numbers of the sum make 32 bits of shared memory. */
    int perWord() {
        return perWord;
    }

    KernelName gemm(TensorTile tile) {
        return tile == TensorTile.WIDE ? wideGemm : narrowGemm;
    }

    KernelName filter(TensorTile tile) {
        return tile == TensorTile.WIDE ? wideFilter : narrowFilter;
    }
}
