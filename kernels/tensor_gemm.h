// Convolution as a matrix product on tensor cores, whose columns exist only in shared memory (implicit GEMM): what the files
// tensor_gemm_*.cu have in common.
//
//   target[n, f, target(i)] = sum over m: w[f, m] * source[n, source(m, i)]     i one of the positions, m one of channels * taps products
//
// What source, target and w[f, m] are, GemmGeometry says: axis by axis affine in i and in m's tap, so that the same kernel computes
//
//   forward                               source x, target y, every position and every tap
//   a residue class of the data gradient  source dy, target dx, the inputs of the class and the taps that meet them
//
// A class without taps has no products, and its inputs become zero.
//
// One block: FILTERS (64 or 128, by suffix) filters of one group at COLUMNS consecutive positions, counted through all images;
// blockDim is THREADS. In steps of STEP products a tile of w and a tile of x are brought to shared memory, while the ones before
// are multiplied: two buffers of each, one barrier per step.
// Where a product's elements lie is worked out once for a block, by STEP threads one step ahead.
// Shared memory: sizeof(Tiles). Grid: x counts groups * filter tiles * position tiles, the filter tile fastest, so that
// blocks which read the same of the source run together; a grid-stride loop over blocks.
//
// May exceed 2^31: the offset into any of the tensors, the number of positions (suffix _i64). fp32.
// Overwrites the class's elements of the target, or adds to them when accumulate is not 0. Every sum is added up in an order that depends on the geometry only.
// Bound by arithmetic for wide layers.

#pragma once

#include "implicit_gemm.h"
#include "tensor_tiles.h"

constexpr int X_PER_THREAD = STEP * COLUMNS / THREADS;  // elements that a thread brings for a tile of the source

template <typename Index, int FILTERS>
struct Tiles {
    float w[2][FILTERS][PADDED_STEP];
    float x[2][STEP][PADDED_COLUMNS];
    Product<Index> products[2][STEP];
    Index filterElements[2][STEP];

    DEVICE float left(int buffer, int filter, int product) const {
        return w[buffer][filter][product];
    }

    DEVICE float right(int buffer, int product, int position) const {
        return x[buffer][product][position];
    }

    // Where the elements of this thread's product lie, of the STEP that begin with `first`.
    DEVICE void locate(int buffer, Index first, Index count, const GemmGeometry& g) {
        if (threadIdx.x < STEP) {
            const Index m = first + static_cast<Index>(threadIdx.x);
            products[buffer][threadIdx.x] = productAt(m, count, g);
            filterElements[buffer][threadIdx.x] = filterElementAt(m, count, g);
        }
    }
};

// What a thread brings of the tile of the source and the tile of w that a step needs.
template <int W_PER_THREAD, typename Index, typename Tiles>
DEVICE void load(float (&ofX)[X_PER_THREAD], float (&ofW)[W_PER_THREAD], const float* __restrict__ source, const float* __restrict__ w,
                 const GemmGeometry& g, const Block<Index>& block, const Column<Index>& column, const Tiles& tiles, int buffer,
                 Index firstProduct) {
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        ofX[i] = elementAt(source, column, tiles.products[buffer][threadIdx.x / COLUMNS + i * (THREADS / COLUMNS)], g);
    }
    const Index taps = static_cast<Index>(g.depth.filter) * g.height.filter * g.width.filter;
    const Index ofGroup = block.group * taps * g.filters * g.channels + tiles.filterElements[buffer][threadIdx.x % STEP];
    const bool isProduct = firstProduct + static_cast<Index>(threadIdx.x % STEP) < block.products;
#pragma unroll
    for (int i = 0; i < W_PER_THREAD; ++i) {
        const int filter = block.firstFilter + threadIdx.x / STEP + i * (THREADS / STEP);
        ofW[i] = isProduct && filter < g.filters ? w[ofGroup + filter * (taps * g.filterStep)] : 0.0f;
    }
}

template <typename Arithmetic, int W_PER_THREAD, typename Tiles>
DEVICE void store(Tiles& tiles, int buffer, const float (&ofX)[X_PER_THREAD], const float (&ofW)[W_PER_THREAD]) {
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        tiles.x[buffer][threadIdx.x / COLUMNS + i * (THREADS / COLUMNS)][threadIdx.x % COLUMNS] = Arithmetic::stored(ofX[i]);
    }
#pragma unroll
    for (int i = 0; i < W_PER_THREAD; ++i) {
        tiles.w[buffer][threadIdx.x / STEP + i * (THREADS / STEP)][threadIdx.x % STEP] = Arithmetic::stored(ofW[i]);
    }
}

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void convolveBlock(Tiles<Index, FILTERS>& tiles, const Block<Index>& block, const float* __restrict__ source,
                          const float* __restrict__ w, float* __restrict__ target, const GemmGeometry& g, int accumulate) {
    const Index positions = positionsOf<Index>(g);
    const Column<Index> column = columnAt(block.firstPosition + static_cast<Index>(threadIdx.x % COLUMNS), positions, block.group, g);
    Sums<FILTERS> sums = {};
    float ofX[X_PER_THREAD];
    float ofW[Shape<FILTERS>::PER_THREAD];
    tiles.locate(1, 0, block.products, g);
    __syncthreads();
    int buffer = 0;
    // The first round only brings the first step's tiles.
    for (Index m = -STEP; m < block.products; m += STEP, buffer ^= 1) {
        const bool more = m + STEP < block.products;
        if (more) {
            load(ofX, ofW, source, w, g, block, column, tiles, buffer ^ 1, m + STEP);
        }
        if (m >= 0) {
            multiply<Arithmetic, FILTERS>(sums, tiles, buffer);
        }
        if (more) {
            store<Arithmetic>(tiles, buffer ^ 1, ofX, ofW);
            tiles.locate(buffer, m + 2 * STEP, block.products, g);
        }
        __syncthreads();
    }
    const Index targets = targetsOf<Index>(g);
#pragma unroll
    for (int j = 0; j < COLUMNS_OF_LANE; ++j) {
        const Index position = block.firstPosition + laneColumn(j);
        if (position < g.n * positions) {
            const Index map = (position / positions * g.groups + block.group) * g.filters;
            writeColumn<FILTERS>(target + map * targets + targetAt(position % positions, g), targets, sums, j, block.firstFilter,
                                 g.filters, accumulate);
        }
    }
}

// The lambda refers to a copy: of a parameter that is referred to, nvcc keeps the address, and reads its fields again and again.
#define TENSOR_GEMM(name, Arithmetic, FILTERS, Index)                                                                              \
    JCONV_KERNEL_BOUNDED(THREADS, name, const float* __restrict__ source, const float* __restrict__ w, float* __restrict__ target, \
                         GemmGeometry g, int accumulate) {                                                                         \
        using BlockTiles = Tiles<Index, FILTERS>;                                                                                  \
        SHARED_MEMORY(BlockTiles, tiles);                                                                                          \
        const GemmGeometry copy = g;                                                                                               \
        forEachBlock<FILTERS, COLUMNS, Index>(copy, [&](const Block<Index>& block) {                                               \
            convolveBlock<Arithmetic, FILTERS>(*tiles, block, source, w, target, copy, accumulate);                                \
        });                                                                                                                        \
    }
