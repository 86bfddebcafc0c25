// The filter gradient of tensor_filter.h in TF32: factors rounded to 11 significant bits, sums as tensor cores form them.
// Needs sm_80

#include "tensor_filter.h"

TENSOR_FILTER(jconv_tensor_filter_tf32_64_i32, OneProduct, 64, int)
TENSOR_FILTER(jconv_tensor_filter_tf32_64_i64, OneProduct, 64, int64_t)
TENSOR_FILTER(jconv_tensor_filter_tf32_128_i32, OneProduct, 128, int)
TENSOR_FILTER(jconv_tensor_filter_tf32_128_i64, OneProduct, 128, int64_t)
