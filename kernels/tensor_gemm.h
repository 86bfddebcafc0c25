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
// blockDim is THREADS. In steps of STEP words of one or two products a tile of w and a tile of x are brought to shared memory, while the
// ones before are multiplied: two buffers of each, one barrier per step.
// Where a product's elements lie is worked out once for a block, by a thread each, one step ahead.
// Shared memory: sizeof(Tiles). Grid: x counts groups * filter tiles * position tiles, the filter tile fastest, so that
// blocks which read the same of the source run together; a grid-stride loop over blocks.
//
// May exceed 2^31: the offset into any of the tensors, the number of positions (suffix _i64). Tensors are of fp32, or of 16 bits; then
// a sum is rounded once when it is stored, the bias and the old value included.
// Overwrites the class's elements of the target, or adds to them when accumulate is not 0. The channel's element of bias is added, unless
// that is null, and with relu != 0 max(., 0) is stored. Every sum is added up in an order that depends
// on the geometry only.
// Bound by arithmetic for wide layers.

#pragma once

#include "implicit_gemm.h"
#include "tensor_tiles.h"

constexpr int X_PER_THREAD = STEP * COLUMNS / THREADS;  // words that a thread brings for a tile of the source

template <typename Arithmetic, int FILTERS, typename Index>
struct Tiles {
    using Word = typename Arithmetic::Word;

    Word w[2][FILTERS][PADDED_STEP];
    Word x[2][STEP][PADDED_COLUMNS];
    Located<Index, STEP_NUMBERS<Arithmetic>> located[2];

    DEVICE Word left(int buffer, int filter, int product) const {
        return w[buffer][filter][product];
    }

    DEVICE Word right(int buffer, int product, int position) const {
        return x[buffer][product][position];
    }
};

// What a thread brings of the tile of the source and the tile of w that a step needs.
template <typename Arithmetic, int FILTERS>
struct Brought {
    typename Arithmetic::Element ofX[X_PER_THREAD][Arithmetic::PER_WORD];
    typename Arithmetic::Element ofW[Shape<FILTERS>::PER_THREAD][Arithmetic::PER_WORD];
};

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void load(Brought<Arithmetic, FILTERS>& brought, const typename Arithmetic::Element* __restrict__ source,
                 const typename Arithmetic::Element* __restrict__ w, const GemmGeometry& g, const Block<Index>& block,
                 const Column<Index>& column, const Tiles<Arithmetic, FILTERS, Index>& tiles, int buffer, Index firstProduct) {
    constexpr int PER_WORD = Arithmetic::PER_WORD;
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
#pragma unroll
        for (int j = 0; j < PER_WORD; ++j) {
            const int product = (threadIdx.x / COLUMNS + i * (THREADS / COLUMNS)) * PER_WORD + j;
            brought.ofX[i][j] = elementAt(source, column, tiles.located[buffer].products[product], g);
        }
    }
    const Index ofGroup = firstFilterOf<Index>(block.group, g);
    const Index filterStep = filterStepOf<Index>(g);
#pragma unroll
    for (int j = 0; j < PER_WORD; ++j) {
        const int product = threadIdx.x % STEP * PER_WORD + j;
        const Index ofProduct = ofGroup + tiles.located[buffer].filterElements[product];
        const bool isProduct = firstProduct + product < block.products;
#pragma unroll
        for (int i = 0; i < Shape<FILTERS>::PER_THREAD; ++i) {
            const int filter = block.firstFilter + threadIdx.x / STEP + i * (THREADS / STEP);
            const bool there = isProduct && filter < g.filters;
            brought.ofW[i][j] = there ? w[ofProduct + filter * filterStep] : typename Arithmetic::Element(0);
        }
    }
}

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void store(Tiles<Arithmetic, FILTERS, Index>& tiles, int buffer, const Brought<Arithmetic, FILTERS>& brought) {
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        tiles.x[buffer][threadIdx.x / COLUMNS + i * (THREADS / COLUMNS)][threadIdx.x % COLUMNS] = Arithmetic::word(brought.ofX[i]);
    }
#pragma unroll
    for (int i = 0; i < Shape<FILTERS>::PER_THREAD; ++i) {
        tiles.w[buffer][threadIdx.x / STEP + i * (THREADS / STEP)][threadIdx.x % STEP] = Arithmetic::word(brought.ofW[i]);
    }
}

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void convolveBlock(Tiles<Arithmetic, FILTERS, Index>& tiles, const Block<Index>& block,
                          const typename Arithmetic::Element* __restrict__ source, const typename Arithmetic::Element* __restrict__ w,
                          typename Arithmetic::Element* __restrict__ target, const GemmGeometry& g,
                          const Ending<typename Arithmetic::Element>& ending) {
    constexpr int NUMBERS = STEP_NUMBERS<Arithmetic>;
    const Index positions = positionsOf<Index>(g);
    const Column<Index> column = columnAt(block.firstPosition + static_cast<Index>(threadIdx.x % COLUMNS), positions, block.group, g);
    Sums<FILTERS> sums = {};
    Brought<Arithmetic, FILTERS> brought;
    tiles.located[1].locate(0, block.products, g);
    __syncthreads();
    int buffer = 0;
    // The first round only brings the first step's tiles.
    for (Index m = -NUMBERS; m < block.products; m += NUMBERS, buffer ^= 1) {
        const bool more = m + NUMBERS < block.products;
        if (more) {
            load(brought, source, w, g, block, column, tiles, buffer ^ 1, m + NUMBERS);
        }
        if (m >= 0) {
            multiply<Arithmetic, FILTERS>(sums, tiles, buffer);
        }
        if (more) {
            store(tiles, buffer ^ 1, brought);
            tiles.located[buffer].locate(m + 2 * NUMBERS, block.products, g);
        }
        __syncthreads();
    }
    if (ending.bias) {
        addBias<FILTERS>(sums, ending.bias + block.group * g.filters + block.firstFilter, g.filters - block.firstFilter);
    }
    const Index targets = targetsOf<Index>(g);
#pragma unroll
    for (int j = 0; j < COLUMNS_OF_LANE; ++j) {
        const Index position = block.firstPosition + laneColumn(j);
        if (position < g.n * positions) {
            const Index map = (position / positions * g.groups + block.group) * g.filters;
            writeColumn<FILTERS>(target + map * targets + targetAt(position % positions, g), targets, sums, j, block.firstFilter,
                                 g.filters, ending);
        }
    }
}

// The lambda refers to a copy: of a parameter that is referred to, nvcc keeps the address, and reads its fields again and again.
#define TENSOR_GEMM(name, Arithmetic, FILTERS, Index)                                                                             \
    JCONV_KERNEL_BOUNDED(THREADS, name, const Arithmetic::Element* __restrict__ source,                                           \
                         const Arithmetic::Element* __restrict__ w, Arithmetic::Element* __restrict__ target, GemmGeometry g,     \
                         const Arithmetic::Element* __restrict__ bias, int relu, int accumulate) {                                \
        using BlockTiles = Tiles<Arithmetic, FILTERS, Index>;                                                                     \
        SHARED_MEMORY(BlockTiles, tiles);                                                                                         \
        const GemmGeometry copy = g;                                                                                              \
        forEachBlock<FILTERS, COLUMNS, Index>(copy, [&](const Block<Index>& block) {                                              \
            convolveBlock(*tiles, block, source, w, target, copy, Ending<Arithmetic::Element>{bias, relu, accumulate});           \
        });                                                                                                                       \
    }
