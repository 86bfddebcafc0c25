// Filter gradient as a matrix product on tensor cores, whose columns exist only in shared memory: what the files tensor_filter_*.cu have
// in common.
//
//   part[p, k, m] = sum over i of part p: dy[n, k, i] * x[n, source(m, i)]        i one of N * Z*P*Q positions, m of C/G * T*R*S products
//
// source(m, i) is the element of x that tap m mod T*R*S of channel m div T*R*S of the group meets at output position i, a zero in the
// padding. The sum is long and the matrix small, so the positions are divided among parts, `perPart` consecutive ones for each (a
// multiple of what a step is deep: 16 in fp32, 32 of 16 bits), all parts at once; another kernel adds them up in a fixed order.
//
// One block: FILTERS (64 or 128, by suffix) filters of one group and COLUMNS products in one part; blockDim is THREADS. In steps of STEP
// words of one or two positions a tile of dy and a tile of x are brought to shared memory, while the ones before are multiplied: two
// buffers of each, one barrier per step. A thread brings the elements of a word's positions, over which it walks without a division per
// step.
// Shared memory: sizeof(FilterTiles). Grid: x counts parts * groups * filter tiles * product tiles, the product tile fastest, so that
// blocks which read the same of dy run together; a grid-stride loop over blocks.
//
// May exceed 2^31: the offset into x, dy or the parts, the number of positions (suffix _i64). Tensors are of fp32, or of 16 bits;
// parts are of fp32.
// Overwrites the parts, or adds to them when accumulate is not 0. Every sum is added up in an order that depends on the arguments only.
// Bound by arithmetic for wide layers.

#pragma once

#include "implicit_gemm.h"
#include "tensor_tiles.h"

constexpr int ROWS_BESIDE = THREADS / STEP;          // rows of a tile that the threads bring at once
constexpr int X_PER_THREAD = COLUMNS / ROWS_BESIDE;  // words that a thread brings for a tile of x

template <typename Arithmetic, int FILTERS, typename Index>
struct FilterTiles {
    using Word = typename Arithmetic::Word;

    Word dy[2][FILTERS][PADDED_STEP];
    Word x[2][COLUMNS][PADDED_STEP];
    Product<Index> products[COLUMNS];

    DEVICE Word left(int buffer, int filter, int position) const {
        return dy[buffer][filter][position];
    }

    DEVICE Word right(int buffer, int position, int product) const {
        return x[buffer][product][position];
    }
};

// One block's share of a part.
template <typename Index>
struct FilterBlock {
    int group, firstFilter;
    Index firstProduct, products, firstPosition, endPosition;
};

// What a thread brings of the tile of dy and the tile of x that a step needs.
template <typename Arithmetic, int FILTERS>
struct Brought {
    typename Arithmetic::Element ofDy[Shape<FILTERS>::PER_THREAD][Arithmetic::PER_WORD];
    typename Arithmetic::Element ofX[X_PER_THREAD][Arithmetic::PER_WORD];
};

// The numbers at the `at`-th position of the words, where its walk stands.
template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void load(Brought<Arithmetic, FILTERS>& brought, int at, const typename Arithmetic::Element* __restrict__ x,
                 const typename Arithmetic::Element* __restrict__ dy, const ConvGeometry& g, const FilterBlock<Index>& block,
                 const FilterTiles<Arithmetic, FILTERS, Index>& tiles, const OutputWalk<Index>& walk, bool there) {
    const GemmGeometry forward = forwardOf(g);
    const Index positions = outputPositions<Index>(g);
    const Index ofGroup = (walk.n * g.k + static_cast<Index>(block.group) * g.kg) * positions + (walk.z * g.p + walk.p) * g.q + walk.q;
    const Column<Index> column = there ? columnOf(walk.n, Position<Index>{walk.z, walk.p, walk.q}, block.group, forward) : noColumn<Index>();
    const int row = threadIdx.x / STEP;
#pragma unroll
    for (int i = 0; i < Shape<FILTERS>::PER_THREAD; ++i) {
        const int filter = block.firstFilter + row + i * ROWS_BESIDE;
        brought.ofDy[i][at] = there && filter < g.kg ? dy[ofGroup + filter * positions] : typename Arithmetic::Element(0);
    }
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        brought.ofX[i][at] = elementAt(x, column, tiles.products[row + i * ROWS_BESIDE], forward);
    }
}

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void store(FilterTiles<Arithmetic, FILTERS, Index>& tiles, int buffer, const Brought<Arithmetic, FILTERS>& brought) {
#pragma unroll
    for (int i = 0; i < Shape<FILTERS>::PER_THREAD; ++i) {
        tiles.dy[buffer][threadIdx.x / STEP + i * ROWS_BESIDE][threadIdx.x % STEP] = Arithmetic::word(brought.ofDy[i]);
    }
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        tiles.x[buffer][threadIdx.x / STEP + i * ROWS_BESIDE][threadIdx.x % STEP] = Arithmetic::word(brought.ofX[i]);
    }
}

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void filterBlock(FilterTiles<Arithmetic, FILTERS, Index>& tiles, const FilterBlock<Index>& block,
                        const typename Arithmetic::Element* __restrict__ x, const typename Arithmetic::Element* __restrict__ dy,
                        float* __restrict__ part, const ConvGeometry& g, int accumulate) {
    constexpr int NUMBERS = STEP_NUMBERS<Arithmetic>;
    constexpr int PER_WORD = Arithmetic::PER_WORD;
    Sums<FILTERS> sums = {};
    Brought<Arithmetic, FILTERS> brought;
    Index position = block.firstPosition + static_cast<Index>(threadIdx.x % STEP * PER_WORD);
    OutputWalk<Index> walks[PER_WORD];
#pragma unroll
    for (int j = 0; j < PER_WORD; ++j) {
        walks[j] = walkFrom(position + j, static_cast<Index>(NUMBERS), g);
    }
    if (threadIdx.x < COLUMNS) {
        tiles.products[threadIdx.x] = productAt(block.firstProduct + static_cast<Index>(threadIdx.x), block.products, forwardOf(g));
    }
    __syncthreads();
    int buffer = 0;
    // The first round only brings the first step's tiles.
    for (Index first = block.firstPosition - NUMBERS; first < block.endPosition; first += NUMBERS, buffer ^= 1) {
        const bool more = first + NUMBERS < block.endPosition;
        if (more) {
#pragma unroll
            for (int j = 0; j < PER_WORD; ++j) {
                load(brought, j, x, dy, g, block, tiles, walks[j], position + j < block.endPosition);
                advance(walks[j], g);
            }
            position += NUMBERS;
        }
        if (first >= block.firstPosition) {
            multiply<Arithmetic, FILTERS>(sums, tiles, buffer);
        }
        if (more) {
            store(tiles, buffer ^ 1, brought);
        }
        __syncthreads();
    }
#pragma unroll
    for (int j = 0; j < COLUMNS_OF_LANE; ++j) {
        const Index product = block.firstProduct + laneColumn(j);
        if (product < block.products) {
            float* const ofProduct = part + static_cast<Index>(block.group) * g.kg * block.products + product;
            writeColumn<FILTERS>(ofProduct, block.products, sums, j, block.firstFilter, g.kg, Ending<float>{nullptr, 0, accumulate});
        }
    }
}

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void filterGradient(FilterTiles<Arithmetic, FILTERS, Index>& tiles, const typename Arithmetic::Element* __restrict__ x,
                           const typename Arithmetic::Element* __restrict__ dy, float* __restrict__ parts, const ConvGeometry& g,
                           int count, int64_t perPart, int accumulate) {
    const Index products = static_cast<Index>(g.cg) * filterTaps(g);
    const int filterTiles = (g.kg + FILTERS - 1) / FILTERS;
    const Index productTiles = (products + COLUMNS - 1) / COLUMNS;
    const Index ofPart = g.groups * filterTiles * productTiles;
    for (Index i = blockIdx.x; i < ofPart * count; i += gridDim.x) {
        const Index part = i / ofPart;
        const int tile = i % ofPart / productTiles;
        const Index first = part * static_cast<Index>(perPart);
        const FilterBlock<Index> block = {tile / filterTiles, tile % filterTiles * FILTERS, i % productTiles * COLUMNS, products, first,
                                          min(first + static_cast<Index>(perPart), g.n * outputPositions<Index>(g))};
        filterBlock(tiles, block, x, dy, parts + part * g.k * products, g, accumulate);
    }
}

#define TENSOR_FILTER(name, Arithmetic, FILTERS, Index)                                                                  \
    JCONV_KERNEL_BOUNDED(THREADS, name, const Arithmetic::Element* __restrict__ x,                                       \
                         const Arithmetic::Element* __restrict__ dy, float* __restrict__ parts, ConvGeometry g,          \
                         int count, int64_t perPart, int accumulate) {                                                   \
        using BlockTiles = FilterTiles<Arithmetic, FILTERS, Index>;                                                      \
        SHARED_MEMORY(BlockTiles, tiles);                                                                                \
        filterGradient(*tiles, x, dy, parts, g, count, perPart, accumulate);                                             \
    }
