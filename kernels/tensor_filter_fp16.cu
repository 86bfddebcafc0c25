// The filter gradient of tensor_filter.h on tensors of fp16: products are exact, sums of fp32 as tensor cores form them.
// Needs sm_80

#include "tensor_filter.h"

TENSOR_FILTER(jconv_tensor_filter_fp16_64_i32, Fp16Pairs, 64, int)
TENSOR_FILTER(jconv_tensor_filter_fp16_64_i64, Fp16Pairs, 64, int64_t)
TENSOR_FILTER(jconv_tensor_filter_fp16_128_i32, Fp16Pairs, 128, int)
TENSOR_FILTER(jconv_tensor_filter_fp16_128_i64, Fp16Pairs, 128, int64_t)
