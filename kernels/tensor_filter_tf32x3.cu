// The filter gradient of tensor_filter.h in fp32, of three products in TF32 for each product.
// Needs sm_80

#include "tensor_filter.h"

TENSOR_FILTER(jconv_tensor_filter_tf32x3_64_i32, ThreeProducts, 64, int)
TENSOR_FILTER(jconv_tensor_filter_tf32x3_64_i64, ThreeProducts, 64, int64_t)
TENSOR_FILTER(jconv_tensor_filter_tf32x3_128_i32, ThreeProducts, 128, int)
TENSOR_FILTER(jconv_tensor_filter_tf32x3_128_i64, ThreeProducts, 128, int64_t)
