// Element-wise helpers: y <- value, and y <- y + bias.
//
// Data: dense fp32; `count` and `inner` are numbers of elements and may exceed 2^31.
// Grid: x only, any size; a grid-stride loop, one element per thread and step. No shared memory, no barrier.
// Deterministic: every element is written by exactly one thread.

#include "gpu.h"

// y[i] = value, 0 <= i < count. Overwrites.
JCONV_KERNEL(jconv_fill, float* __restrict__ y, float value, int64_t count) {
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        y[i] = value;
    }
}

// y[n][k][pixel] += bias[k] for y of shape [N, channels, inner] with count = N * channels * inner. Accumulates.
JCONV_KERNEL(jconv_add_bias, float* __restrict__ y, const float* __restrict__ bias, int channels, int64_t inner,
             int64_t count) {
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        y[i] += bias[i / inner % channels];
    }
}
