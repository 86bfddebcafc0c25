// The matrix product of tensor_gemm.h in fp32, of three products in TF32 for each product.
// Needs sm_80

#include "tensor_gemm.h"

TENSOR_GEMM(jconv_tensor_gemm_tf32x3_64_i32, ThreeProducts, 64, int)
TENSOR_GEMM(jconv_tensor_gemm_tf32x3_64_i64, ThreeProducts, 64, int64_t)
TENSOR_GEMM(jconv_tensor_gemm_tf32x3_128_i32, ThreeProducts, 128, int)
TENSOR_GEMM(jconv_tensor_gemm_tf32x3_128_i64, ThreeProducts, 128, int64_t)
