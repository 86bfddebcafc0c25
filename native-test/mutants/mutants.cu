// Kernels that are wrong on purpose, one mistake each. `mutants_test.cpp` says how the emulation must catch each of them; if
// it does not, the emulation proves nothing about the kernels of JConv.

#include "gpu.h"

constexpr int BLOCK = 64;

// Reverses each block of BLOCK elements; lacks the barrier between the write and the read of shared memory.
JCONV_KERNEL(mutant_missing_barrier, float* y, const float* x) {
    SHARED_MEMORY(float, tile);
    tile[threadIdx.x] = x[blockIdx.x * BLOCK + threadIdx.x];
    y[blockIdx.x * BLOCK + threadIdx.x] = tile[BLOCK - 1 - threadIdx.x];
}

// Only half of the block comes to the barrier.
JCONV_KERNEL(mutant_barrier_in_branch, float* y) {
    if (threadIdx.x < BLOCK / 2) {
        __syncthreads();
    }
    y[threadIdx.x] = 1;
}

// The two halves stand at different barriers.
JCONV_KERNEL(mutant_two_barriers, float* y) {
    if (threadIdx.x < BLOCK / 2) {
        __syncthreads();
    } else {
        __syncthreads();
    }
    y[threadIdx.x] = 1;
}

// The threads of the tail leave, the others wait for them.
JCONV_KERNEL(mutant_exit_before_barrier, float* y, int count) {
    if (static_cast<int>(threadIdx.x) >= count) {
        return;
    }
    __syncthreads();
    y[threadIdx.x] = 1;
}

// One element too many.
JCONV_KERNEL(mutant_wrong_bound, float* y, int count) {
    for (int64_t i = globalThread(); i <= count; i += globalThreads()) {
        y[i] = 1;
    }
}

// Begins one element too early.
JCONV_KERNEL(mutant_negative_index, float* y, int count) {
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        y[i - 1] = 1;
    }
}

// Each thread does one element, so a grid of whole blocks leaves the tail undone.
JCONV_KERNEL(mutant_missing_tail, float* y, int count) {
    int64_t i = globalThread();
    if (i < count / BLOCK * BLOCK) {
        y[i] = 1;
    }
}

// Reads far behind an allocation.
JCONV_KERNEL(mutant_wild_read, float* y, const float* x, int64_t distance) {
    y[threadIdx.x] = x[threadIdx.x + distance];
}

// Adds what nobody has written.
JCONV_KERNEL(mutant_unwritten_shared, float* y) {
    SHARED_MEMORY(float, tile);
    if (threadIdx.x > 0) {
        tile[threadIdx.x] = 1;
    }
    __syncthreads();
    y[threadIdx.x] = tile[0] + tile[threadIdx.x];
}

// Uses more shared memory than it was launched with.
JCONV_KERNEL(mutant_shared_overrun, float* y) {
    SHARED_MEMORY(float, tile);
    tile[threadIdx.x + 8] = 1;
    __syncthreads();
    y[threadIdx.x] = tile[threadIdx.x];
}

// Writes before its shared memory.
JCONV_KERNEL(mutant_shared_underrun, float* y) {
    SHARED_MEMORY(float, tile);
    tile[static_cast<int>(threadIdx.x) - 1] = 1;
    y[threadIdx.x] = 1;
}

// Only half of the warp shuffles, with the mask of a whole one.
JCONV_KERNEL(mutant_missing_lanes, float* y) {
    float value = static_cast<float>(threadIdx.x);
    if (threadIdx.x < 16) {
        value += __shfl_xor_sync(FULL_WARP, value, 1);
    }
    __syncthreads();
    y[threadIdx.x] = value;
}

// The upper half names the lower half's mask.
JCONV_KERNEL(mutant_foreign_mask, float* y) {
    y[threadIdx.x] = __shfl_sync(0x0000ffffu, 1.0f, 0);
}

// The halves of a warp shuffle at different places.
JCONV_KERNEL(mutant_two_shuffles, float* y) {
    float value = 1;
    if (threadIdx.x < 16) {
        value += __shfl_xor_sync(FULL_WARP, value, 1);
    } else {
        value += __shfl_xor_sync(FULL_WARP, value, 2);
    }
    y[threadIdx.x] = value;
}

// Sums a last, partial warp as if it were whole.
JCONV_KERNEL(mutant_partial_warp, float* y) {
    float sum = 1;
    for (unsigned step = 16; step > 0; step /= 2) {
        sum += __shfl_down_sync(FULL_WARP, sum, step);
    }
    y[threadIdx.x] = sum;
}

// Lanes exchange through shared memory and trust that a warp runs in step.
JCONV_KERNEL(mutant_missing_syncwarp, float* y) {
    SHARED_MEMORY(float, tile);
    tile[threadIdx.x] = static_cast<float>(threadIdx.x);
    y[threadIdx.x] = tile[threadIdx.x ^ 1];
}

// Every block adds to the same element.
JCONV_KERNEL(mutant_race_between_blocks, float* y) {
    if (threadIdx.x == 0) {
        y[0] = static_cast<float>(blockIdx.x);
    }
}

JCONV_KERNEL(mutant_division_by_zero, int* y, int divisor) {
    y[threadIdx.x] = static_cast<int>(threadIdx.x + 1) / divisor;
}

// A vector load from an address that is no multiple of the vector's size.
JCONV_KERNEL(mutant_misaligned, float4* y, const float* x) {
    y[threadIdx.x] = *reinterpret_cast<const float4*>(x + 1);
}

static int descend(int depth, volatile int* deep) {
    volatile int room[256];
    room[0] = depth;
    return depth == 0 ? *deep : descend(depth - 1, deep) + room[0];
}

JCONV_KERNEL(mutant_endless_recursion, int* y) {
    y[threadIdx.x] = descend(1 << 20, y);
}
