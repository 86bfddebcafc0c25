// The matrix product of tensor_gemm.h on tensors of fp16: products are exact, sums of fp32 as tensor cores form them.
// Needs sm_80

#include "tensor_gemm.h"

TENSOR_GEMM(jconv_tensor_gemm_fp16_64_i32, Fp16Pairs, 64, int)
TENSOR_GEMM(jconv_tensor_gemm_fp16_64_i64, Fp16Pairs, 64, int64_t)
TENSOR_GEMM(jconv_tensor_gemm_fp16_128_i32, Fp16Pairs, 128, int)
TENSOR_GEMM(jconv_tensor_gemm_fp16_128_i64, Fp16Pairs, 128, int64_t)
