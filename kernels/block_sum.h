// Sums and other combinations over a block in a fixed order: the same bits in every run.

#pragma once

#include "gpu.h"

// Combines COUNT values of each thread: afterwards partial[i * blockDim.x] holds value[i] of all threads of the block,
// combined two by two, visible to all its threads. blockDim.x is a power of two; `partial` is shared memory for COUNT *
// blockDim.x numbers. Every thread of the block calls it. Before `partial` is written again, as by the next call, there
// must be a barrier, unless thread 0 alone has read no more than partial[0], which it writes first itself.
template <typename Number, int COUNT, typename Combine>
DEVICE void combineInBlock(const Number (&value)[COUNT], Number* partial, Combine combine) {
    const int threads = blockDim.x;
    const int thread = threadIdx.x;
    for (int i = 0; i < COUNT; ++i) {
        partial[i * threads + thread] = value[i];
    }
    __syncthreads();
    for (int half = threads / 2; half > 0; half /= 2) {
        if (thread < half) {
            for (int i = 0; i < COUNT; ++i) {
                Number& mine = partial[i * threads + thread];
                mine = combine(mine, partial[i * threads + thread + half]);
            }
        }
        __syncthreads();
    }
}

// Adds up COUNT values of each thread: the sums lie at partial[i * blockDim.x].
template <typename Number, int COUNT>
DEVICE void addUpInBlock(const Number (&value)[COUNT], Number* partial) {
    combineInBlock(value, partial, [](Number a, Number b) { return a + b; });
}
