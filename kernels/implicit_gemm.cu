// Convolution as a matrix product whose columns exist only in shared memory (implicit GEMM), on the ordinary cores.
//
//   target[n, f, target(i)] = sum over m: w[f, m] * source[n, source(m, i)]     i one of the positions, m one of channels * taps products
//
// What source, target and w[f, m] are, GemmGeometry says, as for tensor_gemm.h: forward, or a residue class of the data gradient. A class
// without taps has no products, and its inputs become zero.
//
// One block: FILTERS filters of one group at POSITIONS consecutive positions, counted through all images; blockDim is
// THREADS. In steps of STEP products a tile of w and a tile of x are brought to shared memory, while the ones before are
// multiplied: two buffers of each, one barrier per step. Each thread keeps OWN_FILTERS * OWN_POSITIONS sums in registers.
// Where a product's elements lie is worked out once for a block, by STEP threads one step ahead, not for each load.
// Shared memory: sizeof(Tiles). Grid: x counts groups * filter tiles * position tiles, the filter tile fastest, so that
// blocks which read the same of the source run together; a grid-stride loop over blocks.
//
// May exceed 2^31: the offset into any of the tensors, the number of positions (suffix _i64). fp32.
// Overwrites the class's elements of the target, or adds to them when accumulate is not 0. The channel's element of bias is added, unless
// that is null, and with relu != 0 max(., 0) is stored. Every sum is added up in ascending m.
// Bound by arithmetic for wide layers: 32 multiply-adds for 3 loads of shared memory.

#include "ending.h"
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
    Located<Index, STEP> located[2];
};

// What a thread brings of the tile of the source and the tile of w that a step needs.
template <typename Index>
DEVICE void load(float (&ofX)[X_PER_THREAD], float (&ofW)[W_PER_THREAD], const float* __restrict__ source,
                 const float* __restrict__ w, const GemmGeometry& g, const Block<Index>& block,
                 const Column<Index>& column, const Located<Index, STEP>& located, Index firstProduct) {
#pragma unroll
    for (int i = 0; i < X_PER_THREAD; ++i) {
        ofX[i] = elementAt(source, column, located.products[threadIdx.x / POSITIONS + i * (THREADS / POSITIONS)], g);
    }
    const Index ofProduct = firstFilterOf<Index>(block.group, g) + located.filterElements[threadIdx.x % STEP];
    const Index filterStep = filterStepOf<Index>(g);
    const bool isProduct = firstProduct + static_cast<Index>(threadIdx.x % STEP) < block.products;
#pragma unroll
    for (int i = 0; i < W_PER_THREAD; ++i) {
        const int filter = block.firstFilter + threadIdx.x / STEP + i * (THREADS / STEP);
        ofW[i] = isProduct && filter < g.filters ? w[ofProduct + filter * filterStep] : 0.0f;
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

// To the sums of each filter its element of bias, of which there are `filters` from the block's first one on.
DEVICE void addBias(float (&sum)[OWN_FILTERS][OWN_POSITIONS], const float* __restrict__ bias, int filters) {
#pragma unroll
    for (int i = 0; i < OWN_FILTERS; ++i) {
        const int filter = threadIdx.x / LANES * OWN_FILTERS + i;
        const float ofFilter = filter < filters ? bias[filter] : 0.0f;
#pragma unroll
        for (int j = 0; j < OWN_POSITIONS; ++j) {
            sum[i][j] += ofFilter;
        }
    }
}

template <typename Index>
DEVICE void write(float* __restrict__ target, const float (&sum)[OWN_FILTERS][OWN_POSITIONS], const Block<Index>& block,
                  Index positions, const GemmGeometry& g, const Ending<float>& ending) {
    const Index targets = targetsOf<Index>(g);
#pragma unroll
    for (int j = 0; j < OWN_POSITIONS; ++j) {
        const int lane = threadIdx.x % LANES * (OWN_POSITIONS / 2) + j % (OWN_POSITIONS / 2) + (j < OWN_POSITIONS / 2 ? 0 : HALF);
        const Index position = block.firstPosition + lane;
        if (position < g.n * positions) {
            const Index map = (position / positions * g.groups + block.group) * g.filters;
            float* const ofPosition = target + map * targets + targetAt(position % positions, g);
#pragma unroll
            for (int i = 0; i < OWN_FILTERS; ++i) {
                const int filter = block.firstFilter + threadIdx.x / LANES * OWN_FILTERS + i;
                if (filter < g.filters) {
                    ending.put(ofPosition[filter * targets], sum[i][j]);
                }
            }
        }
    }
}

template <typename Index>
DEVICE void convolveBlock(Tiles<Index>& tiles, const Block<Index>& block, const float* __restrict__ source,
                          const float* __restrict__ w, float* __restrict__ target, const GemmGeometry& g, const Ending<float>& ending) {
    const Index positions = positionsOf<Index>(g);
    const Column<Index> column = columnAt(block.firstPosition + static_cast<Index>(threadIdx.x % POSITIONS), positions, block.group, g);
    float sum[OWN_FILTERS][OWN_POSITIONS] = {};
    float ofX[X_PER_THREAD];
    float ofW[W_PER_THREAD];
    tiles.located[1].locate(0, block.products, g);
    __syncthreads();
    int buffer = 0;
    // The first round only brings the first step's tiles.
    for (Index m = -STEP; m < block.products; m += STEP, buffer ^= 1) {
        const bool more = m + STEP < block.products;
        if (more) {
            load(ofX, ofW, source, w, g, block, column, tiles.located[buffer ^ 1], m + STEP);
        }
        if (m >= 0) {
            multiply(sum, tiles, buffer);
        }
        if (more) {
            store(tiles, buffer ^ 1, ofX, ofW);
            tiles.located[buffer].locate(m + 2 * STEP, block.products, g);
        }
        __syncthreads();
    }
    if (ending.bias) {
        addBias(sum, ending.bias + block.group * g.filters + block.firstFilter, g.filters - block.firstFilter);
    }
    write(target, sum, block, positions, g, ending);
}

// The lambda refers to a copy: of a parameter that is referred to, nvcc keeps the address, and reads its fields again and again.
#define IMPLICIT_GEMM(name, Index)                                                                                                  \
    JCONV_KERNEL_BOUNDED(THREADS, name, const float* __restrict__ source, const float* __restrict__ w, float* __restrict__ target,  \
                         GemmGeometry g, const float* __restrict__ bias, int relu, int accumulate) {                                \
        SHARED_MEMORY(Tiles<Index>, tiles);                                                                                         \
        const GemmGeometry copy = g;                                                                                                \
        forEachBlock<FILTERS, POSITIONS, Index>(copy, [&](const Block<Index>& block) {                                              \
            convolveBlock(*tiles, block, source, w, target, copy, Ending<float>{bias, relu, accumulate});                           \
        });                                                                                                                         \
    }

IMPLICIT_GEMM(jconv_implicit_gemm_i32, int)
IMPLICIT_GEMM(jconv_implicit_gemm_i64, int64_t)
