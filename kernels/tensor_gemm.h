// Convolution as a matrix product on tensor cores, whose columns exist only in shared memory (implicit GEMM): what the files
// tensor_gemm_*.cu have in common.
//
//   y[n, k, i] = sum over m: w[k, m] * x[n, source(m, i)]        i one of Z*P*Q positions, m one of C/G * T*R*S products
//
// source(m, i) is the element of x that tap m mod T*R*S of channel m div T*R*S of the group meets at output position i, a
// zero in the padding. With rotated != 0 the filter is [C, K/G, T, R, S], its channel axes exchanged, and read backwards:
//
//   w[k, m] = filter[m div taps, k, taps - 1 - m mod taps]
//
// so that the data gradient of a convolution with stride 1 is a convolution of dy, from K channels to C.
//
// One block: FILTERS (64 or 128, by suffix) filters of one group at COLUMNS consecutive positions, counted through all images;
// blockDim is THREADS. In steps of STEP products a tile of w and a tile of x are brought to shared memory, while the ones before
// are multiplied: two buffers of each, one barrier per step.
// Shared memory: sizeof(Tiles). Grid: x counts groups * filter tiles * position tiles, the filter tile fastest, so that
// blocks which read the same of x run together; a grid-stride loop over blocks.
//
// May exceed 2^31: the offset into x, w or y, the number of positions (suffix _i64). fp32.
// Overwrites y, or adds to it when accumulate is not 0. Every sum is added up in an order that depends on the geometry only.
// Bound by arithmetic for wide layers.

#pragma once

#include "implicit_gemm.h"
#include "tensor_tiles.h"

constexpr int X_PER_THREAD = STEP * COLUMNS / THREADS;  // elements that a thread brings for a tile of x

template <typename Index, int FILTERS>
struct Tiles {
    float w[2][FILTERS][PADDED_STEP];
    float x[2][STEP][PADDED_COLUMNS];
    Product<Index> products[2][STEP];

    DEVICE float left(int buffer, int filter, int product) const {
        return w[buffer][filter][product];
    }

    DEVICE float right(int buffer, int product, int position) const {
        return x[buffer][product][position];
    }
};

// The elements of one product in the filters of a group: that of the first filter, and how far it is to the next one's.
template <typename Index>
struct FilterColumn {
    Index element, step;
};

template <typename Index>
DEVICE FilterColumn<Index> filterColumn(Index m, const Block<Index>& block, const ConvGeometry& g, int rotated) {
    const int taps = filterTaps(g);
    const Index ofGroup = static_cast<Index>(block.group) * g.kg * block.products;
    return rotated ? FilterColumn<Index>{ofGroup + (m / taps * g.kg + 1) * taps - 1 - m % taps, taps}
                   : FilterColumn<Index>{ofGroup + m, block.products};
}

// What a thread brings of the tile of x and the tile of w that a step needs.
template <int W_PER_THREAD, typename Index>
DEVICE void load(float (&ofX)[X_PER_THREAD], float (&ofW)[W_PER_THREAD], const float* __restrict__ x, const float* __restrict__ w,
                 const ConvGeometry& g, const Block<Index>& block, const Column<Index>& column,
                 const Product<Index> (&products)[STEP], Index firstProduct, int rotated) {
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        ofX[i] = elementAt(x, column, products[threadIdx.x / COLUMNS + i * (THREADS / COLUMNS)], g);
    }
    const Index m = firstProduct + static_cast<Index>(threadIdx.x % STEP);
    const FilterColumn<Index> ofFilters = filterColumn(m, block, g, rotated);
#pragma unroll
    for (int i = 0; i < W_PER_THREAD; ++i) {
        const int filter = block.firstFilter + threadIdx.x / STEP + i * (THREADS / STEP);
        ofW[i] = m < block.products && filter < g.kg ? w[ofFilters.element + filter * ofFilters.step] : 0.0f;
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
DEVICE void convolveBlock(Tiles<Index, FILTERS>& tiles, const Block<Index>& block, const float* __restrict__ x,
                          const float* __restrict__ w, float* __restrict__ y, const ConvGeometry& g, int rotated, int accumulate) {
    const Index positions = outputPositions<Index>(g);
    const Column<Index> column = columnAt(block.firstPosition + static_cast<Index>(threadIdx.x % COLUMNS), positions, block.group, g);
    const bool locates = threadIdx.x < STEP;
    Sums<FILTERS> sums = {};
    float ofX[X_PER_THREAD];
    float ofW[Shape<FILTERS>::PER_THREAD];
    if (locates) {
        tiles.products[1][threadIdx.x] = productAt(static_cast<Index>(threadIdx.x), block.products, g);
    }
    __syncthreads();
    int buffer = 0;
    // The first round only brings the first step's tiles.
    for (Index m = -STEP; m < block.products; m += STEP, buffer ^= 1) {
        const bool more = m + STEP < block.products;
        if (more) {
            load(ofX, ofW, x, w, g, block, column, tiles.products[buffer ^ 1], m + STEP, rotated);
        }
        if (m >= 0) {
            multiply<Arithmetic, FILTERS>(sums, tiles, buffer);
        }
        if (more) {
            store<Arithmetic>(tiles, buffer ^ 1, ofX, ofW);
            if (locates) {
                tiles.products[buffer][threadIdx.x] = productAt(m + 2 * STEP + static_cast<Index>(threadIdx.x), block.products, g);
            }
        }
        __syncthreads();
    }
#pragma unroll
    for (int j = 0; j < COLUMNS_OF_LANE; ++j) {
        const Index position = block.firstPosition + laneColumn(j);
        if (position < g.n * positions) {
            const Index map = position / positions * g.k + static_cast<Index>(block.group) * g.kg;
            writeColumn<FILTERS>(y + map * positions + position % positions, positions, sums, j, block.firstFilter, g.kg, accumulate);
        }
    }
}

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void convolve(Tiles<Index, FILTERS>& tiles, const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y,
                     const ConvGeometry& g, int rotated, int accumulate) {
    const int filterTiles = (g.kg + FILTERS - 1) / FILTERS;
    const Index positionTiles = (g.n * outputPositions<Index>(g) + COLUMNS - 1) / COLUMNS;
    const Index blocks = static_cast<Index>(g.groups) * filterTiles * positionTiles;
    for (Index i = blockIdx.x; i < blocks; i += gridDim.x) {
        const int group = i / filterTiles / positionTiles;
        const int firstFilter = i % filterTiles * FILTERS;
        const Block<Index> block = {group, firstFilter, i / filterTiles % positionTiles * COLUMNS,
                                    static_cast<Index>(g.cg) * filterTaps(g)};
        convolveBlock<Arithmetic, FILTERS>(tiles, block, x, w, y, g, rotated, accumulate);
    }
}

#define TENSOR_GEMM(name, Arithmetic, FILTERS, Index)                                                                            \
    JCONV_KERNEL_BOUNDED(THREADS, name, const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y,         \
                         ConvGeometry g, int rotated, int accumulate) {                                                         \
        using BlockTiles = Tiles<Index, FILTERS>;                                                                                \
        SHARED_MEMORY(BlockTiles, tiles);                                                                                        \
        convolve<Arithmetic, FILTERS>(*tiles, x, w, y, g, rotated, accumulate);                                                  \
    }
