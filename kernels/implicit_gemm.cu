// Forward convolution as a matrix product whose columns exist only in shared memory (implicit GEMM).
//
//   y[n, k, i] = sum over m: w[k, m] * x[n, source(m, i)]        i one of Z*P*Q positions, m one of C/G * T*R*S products
//
// source(m, i) is the element of x that tap m mod T*R*S of channel m div T*R*S of the group meets at output position i, a
// zero in the padding.
//
// One block: FILTERS filters of one group at POSITIONS consecutive positions, counted through all images; blockDim is
// THREADS. In steps of STEP products a tile of w and a tile of x are brought to shared memory, while the ones before are
// multiplied: two buffers of each, one barrier per step. Each thread keeps OWN_FILTERS * OWN_POSITIONS sums in registers.
// Where a product's tap lies is worked out once for a block, by STEP threads one step ahead, not for each load.
// Shared memory: sizeof(Tiles). Grid: x counts groups * filter tiles * position tiles, the filter tile fastest, so that
// blocks which read the same of x run together; a grid-stride loop over blocks.
//
// May exceed 2^31: the offset into x, w or y, the number of positions (suffix _i64). fp32.
// Overwrites y, or adds to it when accumulate is not 0. Every sum is added up in ascending m.
// Bound by arithmetic for wide layers: 32 multiply-adds for 3 loads of shared memory.

#include "implicit_gemm.h"

constexpr int FILTERS = 64;
constexpr int POSITIONS = 128;
constexpr int STEP = 8;
constexpr int THREADS = 256;
constexpr int OWN_FILTERS = 4;
constexpr int OWN_POSITIONS = 8;
constexpr int LANES = POSITIONS / OWN_POSITIONS;           // threads along the positions
constexpr int HALF = POSITIONS / 2;                        // a thread's positions are two runs of four, HALF apart
constexpr int X_PER_THREAD = STEP * POSITIONS / THREADS;   // elements that a thread brings for a tile of x
constexpr int W_PER_THREAD = STEP * FILTERS / THREADS;
constexpr int PADDED_FILTERS = FILTERS + 4;                // so that the threads of a warp write to different banks

template <typename Index>
struct Tiles {
    float w[2][STEP][PADDED_FILTERS];
    float x[2][STEP][POSITIONS];
    Product<Index> products[2][STEP];
};

// What a thread brings of the tile of x and the tile of w that a step needs.
template <typename Index>
DEVICE void load(float (&ofX)[X_PER_THREAD], float (&ofW)[W_PER_THREAD], const float* __restrict__ x,
                 const float* __restrict__ w, const GemmGeometry& g, const Block<Index>& block,
                 const Column<Index>& column, const Product<Index> (&products)[STEP], Index firstProduct) {
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        ofX[i] = elementAt(x, column, products[threadIdx.x / POSITIONS + i * (THREADS / POSITIONS)], g);
    }
#pragma unroll
    for (int i = 0; i < W_PER_THREAD; ++i) {
        const Index m = firstProduct + threadIdx.x % STEP;
        const int filter = block.firstFilter + threadIdx.x / STEP + i * (THREADS / STEP);
        const bool there = m < block.products && filter < g.filters;
        ofW[i] = there ? w[(static_cast<Index>(block.group) * g.filters + filter) * block.products + m] : 0.0f;
    }
}

template <typename Index>
DEVICE void store(Tiles<Index>& tiles, int buffer, const float (&ofX)[X_PER_THREAD], const float (&ofW)[W_PER_THREAD]) {
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        tiles.x[buffer][threadIdx.x / POSITIONS + i * (THREADS / POSITIONS)][threadIdx.x % POSITIONS] = ofX[i];
    }
#pragma unroll
    for (int i = 0; i < W_PER_THREAD; ++i) {
        tiles.w[buffer][threadIdx.x % STEP][threadIdx.x / STEP + i * (THREADS / STEP)] = ofW[i];
    }
}

// Four neighbours from shared memory in one load.
DEVICE float4 four(const float* address) {
    return *reinterpret_cast<const float4*>(address);
}

template <typename Index>
DEVICE void multiply(float (&sum)[OWN_FILTERS][OWN_POSITIONS], const Tiles<Index>& tiles, int buffer) {
    const int filter = threadIdx.x / LANES * OWN_FILTERS;
    const int position = threadIdx.x % LANES * (OWN_POSITIONS / 2);
#pragma unroll
    for (int m = 0; m < STEP; ++m) {
        const float4 w = four(&tiles.w[buffer][m][filter]);
        const float4 left = four(&tiles.x[buffer][m][position]);
        const float4 right = four(&tiles.x[buffer][m][position + HALF]);
        const float ofW[OWN_FILTERS] = {w.x, w.y, w.z, w.w};
        const float ofX[OWN_POSITIONS] = {left.x, left.y, left.z, left.w, right.x, right.y, right.z, right.w};
#pragma unroll
        for (int i = 0; i < OWN_FILTERS; ++i) {
#pragma unroll
            for (int j = 0; j < OWN_POSITIONS; ++j) {
                sum[i][j] += ofW[i] * ofX[j];
            }
        }
    }
}

template <typename Index>
DEVICE void write(float* __restrict__ y, const float (&sum)[OWN_FILTERS][OWN_POSITIONS], const Block<Index>& block,
                  Index positions, const GemmGeometry& g, int accumulate) {
    for (int j = 0; j < OWN_POSITIONS; ++j) {
        const int lane = threadIdx.x % LANES * (OWN_POSITIONS / 2) + j % (OWN_POSITIONS / 2) + (j < OWN_POSITIONS / 2 ? 0 : HALF);
        const Index position = block.firstPosition + lane;
        for (int i = 0; i < OWN_FILTERS; ++i) {
            const int filter = block.firstFilter + threadIdx.x / LANES * OWN_FILTERS + i;
            if (position < g.n * positions && filter < g.filters) {
                const Index map = (position / positions * g.groups + block.group) * g.filters + filter;
                float& out = y[map * positions + position % positions];
                out = accumulate ? out + sum[i][j] : sum[i][j];
            }
        }
    }
}

template <typename Index>
DEVICE void convolveBlock(Tiles<Index>& tiles, const Block<Index>& block, const float* __restrict__ x,
                          const float* __restrict__ w, float* __restrict__ y, const GemmGeometry& g, int accumulate) {
    const Index positions = positionsOf<Index>(g);
    const Column<Index> column = columnAt(block.firstPosition + static_cast<Index>(threadIdx.x % POSITIONS), positions, block.group, g);
    const bool locates = threadIdx.x < STEP;
    float sum[OWN_FILTERS][OWN_POSITIONS] = {};
    float ofX[X_PER_THREAD];
    float ofW[W_PER_THREAD];
    if (locates) {
        tiles.products[1][threadIdx.x] = productAt(static_cast<Index>(threadIdx.x), block.products, g);
    }
    __syncthreads();
    int buffer = 0;
    // The first round only brings the first step's tiles.
    for (Index m = -STEP; m < block.products; m += STEP, buffer ^= 1) {
        const bool more = m + STEP < block.products;
        if (more) {
            load(ofX, ofW, x, w, g, block, column, tiles.products[buffer ^ 1], m + STEP);
        }
        if (m >= 0) {
            multiply(sum, tiles, buffer);
        }
        if (more) {
            store(tiles, buffer ^ 1, ofX, ofW);
            if (locates) {
                tiles.products[buffer][threadIdx.x] = productAt(m + 2 * STEP + static_cast<Index>(threadIdx.x), block.products, g);
            }
        }
        __syncthreads();
    }
    write(y, sum, block, positions, g, accumulate);
}

#define IMPLICIT_GEMM(name, Index)                                                                                       \
    JCONV_KERNEL_BOUNDED(THREADS, name, const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y, \
                         ConvGeometry g, int accumulate) {                                                               \
        SHARED_MEMORY(Tiles<Index>, tiles);                                                                              \
        const GemmGeometry forward = forwardOf(g);                                                                       \
        forEachBlock<FILTERS, POSITIONS, Index>(forward, [&](const Block<Index>& block) {                                \
            convolveBlock(*tiles, block, x, w, y, forward, accumulate);                                                  \
        });                                                                                                              \
    }

IMPLICIT_GEMM(jconv_implicit_gemm_i32, int)
IMPLICIT_GEMM(jconv_implicit_gemm_i64, int64_t)
