// What the matrix products on tensor cores have in common: the tiles that a block of THREADS threads multiplies, [FILTERS, STEP] from shared
// memory with [STEP, COLUMNS] at a time, and the arithmetic.
//
// Lengths along the sum are counted in words: one number of TF32 or fp32, or two neighbours of 16 bits, of which twice as many are
// multiplied at once. Words lie in tiles, and in what a lane holds, at the same places whatever they are.
//
// 8 warps, of which two share the filters and four the columns. `Tiles` hands out what lies in its buffers: left(buffer, filter, depth)
// and right(buffer, depth, column). Rows in shared memory are so long that the lanes of a warp read from different banks.

#pragma once

#include "ending.h"
#include "sixteen_bits.h"
#include "tensor_cores.h"

constexpr int COLUMNS = 128;
constexpr int STEP = 16;
constexpr int THREADS = 256;
constexpr int WARP = 32;  // a number that the compiler knows, unlike warpSize
constexpr int PADDED_STEP = STEP + 4;
constexpr int PADDED_COLUMNS = COLUMNS + 8;
constexpr int PIECE_ROWS = 16;  // of what a warp multiplies at once: [16, 8 words] * [8 words, 8]
constexpr int PIECE_COLUMNS = 8;
constexpr int PIECE_DEPTH = 8;
constexpr int WARPS_ALONG_FILTERS = 2;
constexpr int WARPS_ALONG_COLUMNS = 4;
constexpr int WARP_COLUMNS = COLUMNS / WARPS_ALONG_COLUMNS;
constexpr int PIECES_ALONG_COLUMNS = WARP_COLUMNS / PIECE_COLUMNS;

// How many numbers a step is deep.
template <typename Arithmetic>
constexpr int STEP_NUMBERS = STEP * Arithmetic::PER_WORD;

template <int FILTERS>
struct Shape {
    static constexpr int WARP_FILTERS = FILTERS / WARPS_ALONG_FILTERS;
    static constexpr int PIECES = WARP_FILTERS / PIECE_ROWS;    // of a warp along the filters
    static constexpr int PER_THREAD = STEP * FILTERS / THREADS;  // words that a thread brings for a tile of the left factor
};

// What a warp has added up, a piece of [16, 8] in four elements of each lane.
template <int FILTERS>
using Sums = float[Shape<FILTERS>::PIECES][PIECES_ALONG_COLUMNS][4];

// --- arithmetic: what tensors hold, how their numbers become a word, what a word is when it is multiplied, how a piece is added up ----------

// A factor is multiplied as it is stored.
template <typename StoredWord>
struct AsStored {
    using Word = StoredWord;

    template <int COUNT>
    struct Factor {
        Word value[COUNT];
    };

    template <int COUNT>
    static DEVICE Factor<COUNT> factor(const Word (&value)[COUNT]) {
        Factor<COUNT> result;
#pragma unroll
        for (int i = 0; i < COUNT; ++i) {
            result.value[i] = value[i];
        }
        return result;
    }
};

// Factors are rounded to TF32 before they are put into shared memory.
struct OneProduct : AsStored<float> {
    using Element = float;
    static constexpr int PER_WORD = 1;

    static DEVICE float word(const float (&value)[1]) {
        return roundToTf32(value[0]);
    }

    static DEVICE void add(float (&sum)[4], const Factor<4>& a, const Factor<2>& b) {
        multiplyTf32(sum, a.value, b.value);
    }
};

// Factors of 16 bits, the first of two in the lower half of a word.
template <typename Type>
struct Pairs : AsStored<uint32_t> {
    using Element = Narrow<Type>;
    static constexpr int PER_WORD = 2;

    static DEVICE uint32_t word(const Element (&value)[2]) {
        return static_cast<uint32_t>(value[1].bits) << 16 | value[0].bits;
    }
};

struct Fp16Pairs : Pairs<Fp16> {
    static DEVICE void add(float (&sum)[4], const Factor<4>& a, const Factor<2>& b) {
        multiplyFp16(sum, a.value, b.value);
    }
};

struct Bf16Pairs : Pairs<Bf16> {
    static DEVICE void add(float (&sum)[4], const Factor<4>& a, const Factor<2>& b) {
        multiplyBf16(sum, a.value, b.value);
    }
};

// Each factor is the sum of two numbers of TF32, f = high + low to within 2^-23 |f|, and of the four products of their parts the three that
// matter are added up. Tensor cores cut off where others round, so they add up only eight products at a time, and what comes out is added
// to the sum outside of them (H. Ootomo, R. Yokota, Recovering single precision accuracy from Tensor Cores while surpassing the FP32
// theoretical peak performance, IJHPCA 36(4), 2022).
struct ThreeProducts {
    using Element = float;
    using Word = float;
    static constexpr int PER_WORD = 1;

    template <int COUNT>
    struct Factor {
        float high[COUNT];
        float low[COUNT];
    };

    static DEVICE float word(const float (&value)[1]) {
        return value[0];
    }

    template <int COUNT>
    static DEVICE Factor<COUNT> factor(const float (&value)[COUNT]) {
        Factor<COUNT> result;
#pragma unroll
        for (int i = 0; i < COUNT; ++i) {
            result.high[i] = roundToTf32(value[i]);
            result.low[i] = roundToTf32(value[i] - result.high[i]);
        }
        return result;
    }

    // The small ones first.
    static DEVICE void add(float (&sum)[4], const Factor<4>& a, const Factor<2>& b) {
        float part[4] = {};
        multiplyTf32(part, a.low, b.high);
        multiplyTf32(part, a.high, b.low);
        multiplyTf32(part, a.high, b.high);
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            sum[i] += part[i];
        }
    }
};

// --- a warp's share --------------------------------------------------------------------------------------------------------

// Where in the block's tile it begins.
template <int FILTERS>
DEVICE int warpFilter() {
    return threadIdx.x / WARP % WARPS_ALONG_FILTERS * Shape<FILTERS>::WARP_FILTERS;
}

DEVICE int warpColumn() {
    return threadIdx.x / WARP / WARPS_ALONG_FILTERS * WARP_COLUMNS;
}

// Adds the product of a buffer's tiles.
template <typename Arithmetic, int FILTERS, typename Tiles>
DEVICE void multiply(Sums<FILTERS>& sums, const Tiles& tiles, int buffer) {
    constexpr int PIECES = Shape<FILTERS>::PIECES;
    const int group = threadIdx.x % WARP / 4;
    const int four = threadIdx.x % 4;
#pragma unroll
    for (int depth = four; depth < STEP + four; depth += PIECE_DEPTH) {
        typename Arithmetic::template Factor<4> left[PIECES];
        typename Arithmetic::template Factor<2> right[PIECES_ALONG_COLUMNS];
#pragma unroll
        for (int i = 0; i < PIECES; ++i) {
            const int filter = warpFilter<FILTERS>() + i * PIECE_ROWS + group;
            left[i] = Arithmetic::factor({tiles.left(buffer, filter, depth), tiles.left(buffer, filter + 8, depth),
                                          tiles.left(buffer, filter, depth + 4), tiles.left(buffer, filter + 8, depth + 4)});
        }
#pragma unroll
        for (int j = 0; j < PIECES_ALONG_COLUMNS; ++j) {
            const int column = warpColumn() + j * PIECE_COLUMNS + group;
            right[j] = Arithmetic::factor({tiles.right(buffer, depth, column), tiles.right(buffer, depth + 4, column)});
        }
#pragma unroll
        for (int i = 0; i < PIECES; ++i) {
#pragma unroll
            for (int j = 0; j < PIECES_ALONG_COLUMNS; ++j) {
                Arithmetic::add(sums[i][j], left[i], right[j]);
            }
        }
    }
}

constexpr int COLUMNS_OF_LANE = 2 * PIECES_ALONG_COLUMNS;

// The j-th column of the tile of which this lane holds sums.
DEVICE int laneColumn(int j) {
    return warpColumn() + j / 2 * PIECE_COLUMNS + threadIdx.x % 4 * 2 + j % 2;
}

// The filter of the block's tile whose sums are the i-th of this lane, of 2 * PIECES.
template <int FILTERS>
DEVICE int laneFilter(int i) {
    return warpFilter<FILTERS>() + i / 2 * PIECE_ROWS + i % 2 * 8 + threadIdx.x % WARP / 4;
}

// To each of this lane's sums the element of bias for its filter, of which there are `filters` from the block's first one on.
template <int FILTERS, typename Number>
DEVICE void addBias(Sums<FILTERS>& sums, const Number* __restrict__ bias, int filters) {
#pragma unroll
    for (int i = 0; i < 2 * Shape<FILTERS>::PIECES; ++i) {
        const int filter = laneFilter<FILTERS>(i);
        const float ofFilter = filter < filters ? static_cast<float>(bias[filter]) : 0.0f;
#pragma unroll
        for (int j = 0; j < COLUMNS_OF_LANE; ++j) {
            sums[i / 2][j / 2][i % 2 * 2 + j % 2] += ofFilter;
        }
    }
}

// Stores the sums of this lane's j-th column: that of filter f, counted in the group, in out[f * step].
template <int FILTERS, typename Number, typename Index>
DEVICE void writeColumn(Number* out, Index step, const Sums<FILTERS>& sums, int j, int firstFilter, int filters,
                        const Ending<Number>& ending) {
#pragma unroll
    for (int i = 0; i < 2 * Shape<FILTERS>::PIECES; ++i) {
        const int filter = firstFilter + laneFilter<FILTERS>(i);
        if (filter < filters) {
            ending.put(out[filter * step], sums[i / 2][j / 2][i % 2 * 2 + j % 2]);
        }
    }
}
