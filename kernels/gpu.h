// The one header of every kernel file: the language in which JConv's kernels are written.
//
// The same `.cu` source is compiled twice: by nvcc for the chip, and by g++ for the emulated device of `native-test/`, which
// runs it on the CPU, one fiber per CUDA thread, and watches what a chip does not watch: different barriers, shuffles with
// a lane missing, reads of shared memory that nobody wrote, accesses outside an allocation.
//
// Rules for kernel files, so that both compilers understand them:
//
//   * a kernel is declared with JCONV_KERNEL (or JCONV_KERNEL_BOUNDED), a helper with DEVICE;
//   * parameters are plain values: pointers, numbers and trivially copyable structs;
//   * shared memory is dynamic and taken with SHARED_MEMORY; there is no `__shared__` outside this header;
//   * there is no inline assembly and no `<<<...>>>`; whoever needs another instruction adds a function for it here, or in
//     tensor_cores.h, with its emulation;
//   * a kernel holds no object with a destructor: a device error abandons its threads where they stand.
//
//     JCONV_KERNEL(scale, float* __restrict__ y, const float* __restrict__ x, float factor, int64_t count) {
//         for (int64_t i = globalThread(); i < count; i += globalThreads()) {
//             y[i] = factor * x[i];
//         }
//     }
//
// What is available on both sides: threadIdx, blockIdx, blockDim, gridDim, warpSize; __syncthreads, __syncwarp;
// __shfl_sync, __shfl_up_sync, __shfl_down_sync, __shfl_xor_sync, __ballot_sync, __any_sync, __all_sync; __ldg, __umulhi,
// __popc, __clz; min, max; fmaf and the other functions of <cmath>; int2 int4 float2 float4 with their make_ functions;
// `#pragma unroll`; templates. Numbers have the sizes of <cstdint>; `int64_t` where an index can pass 2^31.

#pragma once

#include <cstdint>

#ifdef __CUDACC__

// JCONV_KERNEL(name, parameters...) { body }: a kernel, found in the PTX under exactly this name.
#define JCONV_KERNEL(name, ...) extern "C" __global__ void name(__VA_ARGS__)

// The same for a kernel that is never launched with more than `threads` threads per block; the compiler may then give each
// thread more registers, and a larger launch is refused.
#define JCONV_KERNEL_BOUNDED(threads, name, ...) extern "C" __global__ void __launch_bounds__(threads) name(__VA_ARGS__)

// A helper that kernels call; always inlined.
#define DEVICE __device__ __forceinline__

// SHARED_MEMORY(float, tile); declares `float* tile`, the start of the block's dynamic shared memory, aligned to 16 bytes.
// Its contents are undefined until the block writes them. At most one per kernel: carve several arrays out of it by hand.
#define SHARED_MEMORY(type, name)                                                                                         \
    extern __shared__ __align__(16) unsigned char jconvSharedMemory[];                                                    \
    type* const name = reinterpret_cast<type*>(jconvSharedMemory)

#else
#include "gpu_emulation.h"
#endif

// The mask of a whole warp.
constexpr unsigned FULL_WARP = 0xffffffffu;

// This thread's number in a grid that uses the x axis only, and how many threads that grid has: a grid-stride loop's start
// and step. Both are 64-bit: a grid may have more than 2^31 threads.
DEVICE int64_t globalThread() {
    return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

DEVICE int64_t globalThreads() {
    return static_cast<int64_t>(gridDim.x) * blockDim.x;
}
