// The filter gradient of tensor_filter.h on tensors of bfloat16: products are exact, sums of fp32 as tensor cores form them.
// Needs sm_80

#include "tensor_filter.h"

TENSOR_FILTER(jconv_tensor_filter_bf16_64_i32, Bf16Pairs, 64, int)
TENSOR_FILTER(jconv_tensor_filter_bf16_64_i64, Bf16Pairs, 64, int64_t)
TENSOR_FILTER(jconv_tensor_filter_bf16_128_i32, Bf16Pairs, 128, int)
TENSOR_FILTER(jconv_tensor_filter_bf16_128_i64, Bf16Pairs, 128, int64_t)
