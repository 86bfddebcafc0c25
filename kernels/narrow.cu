// fp32 tensors as 16-bit ones with the channels last, which is what tensor cores take, and back.
//
//   narrow   to[b][column][row] = from[b][row][column] rounded to the nearest, ties to even
//   widen    to[b][row][column] = from[b][column][row], or +=
//
// An image's channels are the rows and its positions the columns; of a filter, K is b. Overflow gives infinity; a NaN stays one.
//
// One block: one square of SIDE * SIDE elements, through shared memory (SIDE * (SIDE + 1) floats), so that both loads and
// stores are runs; blockDim is SIDE * ROWS. Grid: x counts squares; a grid-stride loop over blocks.
//
// The suffixes _fp16 and _bf16 name the 16-bit type.
// May exceed 2^31: every offset and count. narrow overwrites; widen overwrites or, when accumulate is not 0, adds. Bound by memory.

#include <cmath>
#include <cstring>

#include "gpu.h"

constexpr int SIDE = 32;
constexpr int ROWS = 8;

DEVICE uint32_t bitsOf(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

DEVICE float fromBits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

struct Fp16 {
    static DEVICE uint16_t narrow(float value) {
        const uint32_t sign = bitsOf(value) >> 16 & 0x8000u;
        const uint32_t magnitude = bitsOf(value) & 0x7fffffffu;
        if (magnitude > 0x7f800000u) {
            return static_cast<uint16_t>(sign | 0x7e00u);
        }
        if (magnitude >= 0x477ff000u) {  // 65520, halfway to what would be 2^16
            return static_cast<uint16_t>(sign | 0x7c00u);
        }
        if (magnitude < 0x38800000u) {  // below 2^-14 the steps are 2^-24
            return static_cast<uint16_t>(sign | static_cast<uint32_t>(rintf(fromBits(magnitude) * 0x1p24f)));
        }
        const uint32_t rebiased = magnitude - (112u << 23);
        return static_cast<uint16_t>(sign | ((rebiased + 0xfffu + (rebiased >> 13 & 1u)) >> 13));
    }

    static DEVICE float widen(uint16_t value) {
        const uint32_t sign = static_cast<uint32_t>(value & 0x8000u) << 16;
        const uint32_t exponent = value >> 10 & 0x1fu;
        const uint32_t fraction = value & 0x3ffu;
        if (exponent == 0) {
            return fromBits(sign | bitsOf(static_cast<float>(fraction) * 0x1p-24f));
        }
        return fromBits(sign | (exponent == 31 ? 0x7f800000u : (exponent + 112u) << 23) | fraction << 13);
    }
};

struct Bf16 {
    static DEVICE uint16_t narrow(float value) {
        const uint32_t bits = bitsOf(value);
        if ((bits & 0x7fffffffu) > 0x7f800000u) {
            return static_cast<uint16_t>(bits >> 16 | 0x40u);
        }
        return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
    }

    static DEVICE float widen(uint16_t value) { return fromBits(static_cast<uint32_t>(value) << 16); }
};

// Every element of [b][row][column]: `first` gets its place in the square and its offset; when the whole square is done, `second`
// gets the place and the offset in [b][column][row].
template <typename First, typename Second>
DEVICE void inSquares(int64_t batch, int64_t rows, int64_t columns, First first, Second second) {
    const int64_t squaresDown = (rows + SIDE - 1) / SIDE;
    const int64_t squaresAcross = (columns + SIDE - 1) / SIDE;
    const int x = threadIdx.x % SIDE;
    for (int64_t block = blockIdx.x; block < batch * squaresDown * squaresAcross; block += gridDim.x) {
        const int64_t left = block % squaresAcross * SIDE;
        const int64_t top = block / squaresAcross % squaresDown * SIDE;
        const int64_t matrix = block / squaresAcross / squaresDown * rows * columns;
        for (int y = threadIdx.x / SIDE; y < SIDE; y += ROWS) {
            if (top + y < rows && left + x < columns) {
                first(y * (SIDE + 1) + x, matrix + (top + y) * columns + left + x);
            }
        }
        __syncthreads();
        for (int y = threadIdx.x / SIDE; y < SIDE; y += ROWS) {
            if (left + y < columns && top + x < rows) {
                second(x * (SIDE + 1) + y, matrix + (left + y) * rows + top + x);
            }
        }
        __syncthreads();
    }
}

template <typename Type>
DEVICE void narrow(const float* __restrict__ from, uint16_t* __restrict__ to, int64_t batch, int64_t rows,
                   int64_t columns) {
    SHARED_MEMORY(float, square);
    inSquares(batch, rows, columns, [&](int place, int64_t offset) { square[place] = from[offset]; },
              [&](int place, int64_t offset) { to[offset] = Type::narrow(square[place]); });
}

// The same squares with rows and columns exchanged: `from` is read along its own runs.
template <typename Type>
DEVICE void widen(const uint16_t* __restrict__ from, float* __restrict__ to, int64_t batch, int64_t rows,
                  int64_t columns, int accumulate) {
    SHARED_MEMORY(float, square);
    inSquares(batch, columns, rows, [&](int place, int64_t offset) { square[place] = Type::widen(from[offset]); },
              [&](int place, int64_t offset) { to[offset] = accumulate ? to[offset] + square[place] : square[place]; });
}

JCONV_KERNEL(jconv_narrow_fp16, const float* __restrict__ from, uint16_t* __restrict__ to, int64_t batch, int64_t rows,
             int64_t columns) {
    narrow<Fp16>(from, to, batch, rows, columns);
}

JCONV_KERNEL(jconv_narrow_bf16, const float* __restrict__ from, uint16_t* __restrict__ to, int64_t batch, int64_t rows,
             int64_t columns) {
    narrow<Bf16>(from, to, batch, rows, columns);
}

JCONV_KERNEL(jconv_widen_fp16, const uint16_t* __restrict__ from, float* __restrict__ to, int64_t batch, int64_t rows,
             int64_t columns, int accumulate) {
    widen<Fp16>(from, to, batch, rows, columns, accumulate);
}

JCONV_KERNEL(jconv_widen_bf16, const uint16_t* __restrict__ from, float* __restrict__ to, int64_t batch, int64_t rows,
             int64_t columns, int accumulate) {
    widen<Bf16>(from, to, batch, rows, columns, accumulate);
}
