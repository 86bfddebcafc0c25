// Filter gradient as a matrix product on tensor cores, whose columns exist only in shared memory: what the files tensor_filter_*.cu have
// in common.
//
//   part[p, k, m] = sum over i of part p: dy[n, k, i] * x[n, source(m, i)]        i one of N * Z*P*Q positions, m of C/G * T*R*S products
//
// source(m, i) is the element of x that tap m mod T*R*S of channel m div T*R*S of the group meets at output position i, a zero in the
// padding. The sum is long and the matrix small, so the positions are divided among parts, `perPart` (a multiple
// of STEP) consecutive ones for each, all parts at once; another kernel adds them up in a fixed order.
//
// One block: FILTERS (64 or 128, by suffix) filters of one group and COLUMNS products in one part; blockDim is THREADS. In steps of STEP
// positions a tile of dy and a tile of x are brought to shared memory, while the ones before are multiplied: two buffers of each, one
// barrier per step. A thread brings elements of one position, and walks over the positions without a division per step.
// Shared memory: sizeof(FilterTiles). Grid: x counts parts * groups * filter tiles * product tiles, the product tile fastest, so that
// blocks which read the same of dy run together; a grid-stride loop over blocks.
//
// May exceed 2^31: the offset into x, dy or the parts, the number of positions (suffix _i64). fp32.
// Overwrites the parts, or adds to them when accumulate is not 0. Every sum is added up in an order that depends on the arguments only.
// Bound by arithmetic for wide layers.

#pragma once

#include "implicit_gemm.h"
#include "tensor_tiles.h"

constexpr int ROWS_BESIDE = THREADS / STEP;          // rows of a tile that the threads bring at once
constexpr int X_PER_THREAD = COLUMNS / ROWS_BESIDE;  // elements that a thread brings for a tile of x

template <typename Index, int FILTERS>
struct FilterTiles {
    float dy[2][FILTERS][PADDED_STEP];
    float x[2][COLUMNS][PADDED_STEP];
    Product<Index> products[COLUMNS];

    DEVICE float left(int buffer, int filter, int position) const {
        return dy[buffer][filter][position];
    }

    DEVICE float right(int buffer, int position, int product) const {
        return x[buffer][product][position];
    }
};

// One block's share of a part.
template <typename Index>
struct FilterBlock {
    int group, firstFilter;
    Index firstProduct, products, firstPosition, endPosition;
};

// What a thread brings of the tile of dy and the tile of x that a step needs, at the position where its walk stands.
template <int DY_PER_THREAD, typename Index, typename Tiles>
DEVICE void load(float (&ofDy)[DY_PER_THREAD], float (&ofX)[X_PER_THREAD], const float* __restrict__ x, const float* __restrict__ dy,
                 const ConvGeometry& g, const FilterBlock<Index>& block, const Tiles& tiles, const OutputWalk<Index>& walk, bool there) {
    const GemmGeometry forward = forwardOf(g);
    const Index positions = outputPositions<Index>(g);
    const Index ofGroup = (walk.n * g.k + static_cast<Index>(block.group) * g.kg) * positions + (walk.z * g.p + walk.p) * g.q + walk.q;
    const Column<Index> column = there ? columnOf(walk.n, Position<Index>{walk.z, walk.p, walk.q}, block.group, forward) : noColumn<Index>();
    const int row = threadIdx.x / STEP;
#pragma unroll
    for (int i = 0; i < DY_PER_THREAD; ++i) {
        const int filter = block.firstFilter + row + i * ROWS_BESIDE;
        ofDy[i] = there && filter < g.kg ? dy[ofGroup + filter * positions] : 0.0f;
    }
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        ofX[i] = elementAt(x, column, tiles.products[row + i * ROWS_BESIDE], forward);
    }
}

template <typename Arithmetic, int DY_PER_THREAD, typename Tiles>
DEVICE void store(Tiles& tiles, int buffer, const float (&ofDy)[DY_PER_THREAD], const float (&ofX)[X_PER_THREAD]) {
#pragma unroll
    for (int i = 0; i < DY_PER_THREAD; ++i) {
        tiles.dy[buffer][threadIdx.x / STEP + i * ROWS_BESIDE][threadIdx.x % STEP] = Arithmetic::stored(ofDy[i]);
    }
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        tiles.x[buffer][threadIdx.x / STEP + i * ROWS_BESIDE][threadIdx.x % STEP] = Arithmetic::stored(ofX[i]);
    }
}

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void filterBlock(FilterTiles<Index, FILTERS>& tiles, const FilterBlock<Index>& block, const float* __restrict__ x,
                        const float* __restrict__ dy, float* __restrict__ part, const ConvGeometry& g, int accumulate) {
    Sums<FILTERS> sums = {};
    float ofDy[Shape<FILTERS>::PER_THREAD];
    float ofX[X_PER_THREAD];
    Index position = block.firstPosition + static_cast<Index>(threadIdx.x % STEP);
    OutputWalk<Index> walk = walkFrom(position, static_cast<Index>(STEP), g);
    if (threadIdx.x < COLUMNS) {
        tiles.products[threadIdx.x] = productAt(block.firstProduct + static_cast<Index>(threadIdx.x), block.products, forwardOf(g));
    }
    __syncthreads();
    int buffer = 0;
    // The first round only brings the first step's tiles.
    for (Index first = block.firstPosition - STEP; first < block.endPosition; first += STEP, buffer ^= 1) {
        const bool more = first + STEP < block.endPosition;
        if (more) {
            load(ofDy, ofX, x, dy, g, block, tiles, walk, position < block.endPosition);
            position += STEP;
            advance(walk, g);
        }
        if (first >= block.firstPosition) {
            multiply<Arithmetic, FILTERS>(sums, tiles, buffer);
        }
        if (more) {
            store<Arithmetic>(tiles, buffer ^ 1, ofDy, ofX);
        }
        __syncthreads();
    }
#pragma unroll
    for (int j = 0; j < COLUMNS_OF_LANE; ++j) {
        const Index product = block.firstProduct + laneColumn(j);
        if (product < block.products) {
            float* const ofProduct = part + static_cast<Index>(block.group) * g.kg * block.products + product;
            writeColumn<FILTERS>(ofProduct, block.products, sums, j, block.firstFilter, g.kg, accumulate);
        }
    }
}

template <typename Arithmetic, int FILTERS, typename Index>
DEVICE void filterGradient(FilterTiles<Index, FILTERS>& tiles, const float* __restrict__ x, const float* __restrict__ dy,
                           float* __restrict__ parts, const ConvGeometry& g, int count, int64_t perPart, int accumulate) {
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
        filterBlock<Arithmetic, FILTERS>(tiles, block, x, dy, parts + part * g.k * products, g, accumulate);
    }
}

#define TENSOR_FILTER(name, Arithmetic, FILTERS, Index)                                                                          \
    JCONV_KERNEL_BOUNDED(THREADS, name, const float* __restrict__ x, const float* __restrict__ dy, float* __restrict__ parts,    \
                         ConvGeometry g, int count, int64_t perPart, int accumulate) {                                          \
        using BlockTiles = FilterTiles<Index, FILTERS>;                                                                          \
        SHARED_MEMORY(BlockTiles, tiles);                                                                                        \
        filterGradient<Arithmetic, FILTERS>(*tiles, x, dy, parts, g, count, perPart, accumulate);                                \
    }
