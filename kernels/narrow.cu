// fp32 tensors as 16-bit ones and back, with the channels last, which is what tensor cores take, or in the order that they have.
//
//   narrow   to[b][column][row] = from[b][row][column] rounded to the nearest, ties to even
//   widen    to[b][row][column] = from[b][column][row], or +=
//   round    to[i] = from[i] rounded in the same way
//   extend   to[i] = from[i]
//
// An image's channels are the rows and its positions the columns; of a filter, K is b. Overflow gives infinity; a NaN stays one.
//
// One block of narrow and widen: one square of SIDE * SIDE elements, through shared memory (SIDE * (SIDE + 1) floats), so that both
// loads and stores are runs; blockDim is SIDE * ROWS. Grid: x counts squares; a grid-stride loop over blocks.
// One thread of round and extend: one element. Grid: x counts elements in blocks; a grid-stride loop.
//
// The suffixes _fp16 and _bf16 name the 16-bit type.
// May exceed 2^31: every offset and count. All overwrite, but widen adds when accumulate is not 0. Bound by memory.

#include "gpu.h"
#include "sixteen_bits.h"

constexpr int SIDE = 32;
constexpr int ROWS = 8;

// Every element of [b][row][column]: `first` gets its place in the square and its offset; when the whole square is done, `second`
// gets the place and the offset in [b][column][row].
template <typename First, typename Second>
DEVICE void inSquares(int64_t batch, int64_t rows, int64_t columns, First first, Second second) {
    const int64_t squaresDown = (rows + SIDE - 1) / SIDE;
    const int64_t squaresAcross = (columns + SIDE - 1) / SIDE;
    const int x = threadIdx.x % SIDE;
    const int firstY = threadIdx.x / SIDE;
    for (int64_t block = blockIdx.x; block < batch * squaresDown * squaresAcross; block += gridDim.x) {
        const int64_t left = block % squaresAcross * SIDE;
        const int64_t top = block / squaresAcross % squaresDown * SIDE;
        const int64_t matrix = block / squaresAcross / squaresDown * rows * columns;
        for (int step = 0; step < SIDE / ROWS; ++step) {
            const int y = firstY + step * ROWS;
            if (top + y < rows && left + x < columns) {
                first(y * (SIDE + 1) + x, matrix + (top + y) * columns + left + x);
            }
        }
        __syncthreads();
        for (int step = 0; step < SIDE / ROWS; ++step) {
            const int y = firstY + step * ROWS;
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

template <typename Number>
DEVICE void round(const float* __restrict__ from, Number* __restrict__ to, int64_t count) {
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        to[i] = Number(from[i]);
    }
}

template <typename Number>
DEVICE void extend(const Number* __restrict__ from, float* __restrict__ to, int64_t count) {
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        to[i] = from[i];
    }
}

JCONV_KERNEL(jconv_round_fp16, const float* __restrict__ from, Half* __restrict__ to, int64_t count) {
    round(from, to, count);
}

JCONV_KERNEL(jconv_round_bf16, const float* __restrict__ from, Brain* __restrict__ to, int64_t count) {
    round(from, to, count);
}

JCONV_KERNEL(jconv_extend_fp16, const Half* __restrict__ from, float* __restrict__ to, int64_t count) {
    extend(from, to, count);
}

JCONV_KERNEL(jconv_extend_bf16, const Brain* __restrict__ from, float* __restrict__ to, int64_t count) {
    extend(from, to, count);
}
