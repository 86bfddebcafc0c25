// Depthwise convolution (one input channel per group, K/G filters on it) with square filters of 3, 5 or 7 taps along each axis, the same
// stride of 1 or 2 along both, no dilation and one depth: the operations of depthwise.cu for the shapes that networks are made of.
//
//   jconv_depthwise_NxN[_s2]          y[n,k,p,q] = sum over r, s: x[n, k div K/G, h, w] * w[k,r,s]; with rotated != 0 every filter is read
//                                     backwards, so that with stride 1 and one filter per channel it computes dx of dy
//   jconv_depthwise_data_NxN_s2       dx[n,c,h,w] = sum over r, s: dy[n,c,p,q] * w[c,r,s]; stride 2, one filter per channel
//   jconv_depthwise_filter_NxN[_s2]   partials[part][k][r,s] = sum over a part of n, p, q: x[n, k div K/G, h, w] * dy[n,k,p,q]
//
//   with h = p*strideH - padH + r and w = q*strideW - padW + s; positions outside are zeros.
//
// One thread: a strip, some outputs of a column below one another, of one map. It loads the elements that the strip meets once for all its
// outputs, all before the first is used; its filter and what divisions tell of its place serve the strip, too. Of data gradients a strip
// is some pairs of rows of two columns. Neighbouring threads hold neighbouring columns, so loads and stores of a warp are runs.
// Grid: x counts the strips of all maps in blocks; a grid-stride loop. Filter gradient: one block for one filter and one of `parts` equal
// ranges of the strips of all images; its threads share the range and add up in a fixed tree, and jconv_sum_parts adds up the parts.
// blockDim is a power of two there; shared memory: NxN * blockDim floats. Grid: x counts parts * K; a grid-stride loop over blocks.
//
// All counts and offsets stay below 2^30; the host asks depthwise.cu otherwise. fp32; the suffixes _fp16 and _bf16 mean tensors of 16
// bits: sums and partials are of fp32, and what is stored in y or dx is rounded once, the old value included when accumulating.
// Overwrites, or adds when accumulate is not 0; to y and dx the channel's element of bias is added, unless that is null, and with relu != 0
// max(., 0) is stored. The filter gradient overwrites partials.
// Bound by memory: each element of the maps is read from memory once, and about N times from the caches.

#include "block_sum.h"
#include "ending.h"
#include "geometry.h"
#include "sixteen_bits.h"

// Outputs of a strip: what maps of 7, 14, 28, 56 and 112 rows are multiples of, unless that takes too many registers.
template <int FILTER, int STRIDE>
DEVICE constexpr int rowsOfStrip() {
    return FILTER * STRIDE <= 6 ? 7 : 4;
}

constexpr int PAIRS = 4;  // of rows of a strip of data gradients

// Where a strip lies: the column, the first row and the map in which it is counted.
struct Strip {
    int column, row, map;
};

DEVICE Strip stripAt(int i, int columns, int strips, int rows) {
    return {i % columns, i / columns % strips * rows, i / columns / strips};
}

DEVICE int stripsOf(int size, int rows) {
    return (size + rows - 1) / rows;
}

template <int FILTER>
using Filter = float[FILTER * FILTER];

template <int FILTER, typename Number>
DEVICE void load(Filter<FILTER>& filter, const Number* __restrict__ w, int k, int rotated) {
    constexpr int TAPS = FILTER * FILTER;
    const int first = rotated ? TAPS - 1 : 0;
    const int step = rotated ? -1 : 1;
#pragma unroll
    for (int tap = 0; tap < TAPS; ++tap) {
        filter[tap] = w[k * TAPS + first + tap * step];
    }
}

// The elements of a map from a row and a column on, which may lie outside; zeros outside.
template <int HEIGHT, int WIDTH>
using Window = float[HEIGHT][WIDTH];

template <int HEIGHT, int WIDTH, typename Number>
DEVICE void load(Window<HEIGHT, WIDTH>& window, const Number* __restrict__ maps, int map, int height, int width, int row, int column) {
#pragma unroll
    for (int r = 0; r < HEIGHT; ++r) {
        const int first = (map * height + row + r) * width + column;
        const bool rowInside = inside(row + r, height);
#pragma unroll
        for (int s = 0; s < WIDTH; ++s) {
            // With one condition and nothing but the load under it this is a load that a predicate switches off.
            Number element{};
            if (rowInside & inside(column + s, width)) {
                element = maps[first + s];
            }
            window[r][s] = element;
        }
    }
}

template <int FILTER, int STRIDE, typename Number>
DEVICE void forward(const Number* __restrict__ x, const Number* __restrict__ w, Number* __restrict__ y, const ConvGeometry& g, int rotated,
                    const Ending<Number>& ending) {
    constexpr int ROWS = rowsOfStrip<FILTER, STRIDE>();
    const int strips = stripsOf(g.p, ROWS);
    const int threads = g.n * g.k * strips * g.q;
    for (int i = globalThread(); i < threads; i += globalThreads()) {
        const Strip at = stripAt(i, g.q, strips, ROWS);
        const int k = at.map % g.k;
        Window<(ROWS - 1) * STRIDE + FILTER, FILTER> window;
        load(window, x, at.map / g.k * g.c + k / g.kg, g.h, g.w, at.row * STRIDE - g.padH, at.column * STRIDE - g.padW);
        Filter<FILTER> filter;
        load<FILTER>(filter, w, k, rotated);
        const float begin = ending.biasOf(k);
#pragma unroll
        for (int j = 0; j < ROWS; ++j) {
            if (at.row + j < g.p) {
                float sum = begin;
#pragma unroll
                for (int tap = 0; tap < FILTER * FILTER; ++tap) {
                    sum += window[j * STRIDE + tap / FILTER][tap % FILTER] * filter[tap];
                }
                ending.put(y[(at.map * g.p + at.row + j) * g.q + at.column], sum);
            }
        }
    }
}

// The pairs of positions 2a and 2a + 1, counted from the begin of the padding, in which `size` positions behind `begin` of padding lie.
struct Pairs {
    int first, count;
};

DEVICE Pairs pairsOf(int size, int begin) {
    const int first = begin >> 1;
    return {first, ((size - 1 + begin) >> 1) - first + 1};
}

// With u = h + padH and v = w + padW, dy[p,q] meets dx at u = 2p + r and v = 2q + s: the pair of rows u = 2a and 2a + 1 meets the rows a,
// a - 1, ... of dy, the first row with the even taps and the other one with the odd ones; likewise the columns.
template <int FILTER, typename Number>
DEVICE void backwardData(const Number* __restrict__ dy, const Number* __restrict__ w, Number* __restrict__ dx, const ConvGeometry& g,
                         const Ending<Number>& ending) {
    constexpr int REACH = (FILTER + 1) / 2;
    const Pairs rows = pairsOf(g.h, g.padH);
    const Pairs columns = pairsOf(g.w, g.padW);
    const int strips = stripsOf(rows.count, PAIRS);
    const int threads = g.n * g.c * strips * columns.count;
    for (int i = globalThread(); i < threads; i += globalThreads()) {
        const Strip at = stripAt(i, columns.count, strips, PAIRS);
        const int a = rows.first + at.row;
        const int b = columns.first + at.column;
        Window<PAIRS + REACH - 1, REACH> window;
        load(window, dy, at.map, g.p, g.q, a - (REACH - 1), b - (REACH - 1));
        const int c = at.map % g.c;
        Filter<FILTER> filter;
        load<FILTER>(filter, w, c, 0);
        const float begin = ending.biasOf(c);
#pragma unroll
        for (int j = 0; j < 4 * PAIRS; ++j) {
            const int row = j / 2;
            const int column = j % 2;
            const int h = 2 * a + row - g.padH;
            const int v = 2 * b + column - g.padW;
            if (inside(h, g.h) & inside(v, g.w)) {
                float sum = begin;
#pragma unroll
                for (int r = row % 2; r < FILTER; r += 2) {
#pragma unroll
                    for (int s = column; s < FILTER; s += 2) {
                        sum += window[row / 2 + REACH - 1 - r / 2][REACH - 1 - s / 2] * filter[r * FILTER + s];
                    }
                }
                ending.put(dx[(at.map * g.h + h) * g.w + v], sum);
            }
        }
    }
}

// One thread's share of a part: strips begin + thread, begin + thread + threads, ... below end.
template <int FILTER, int STRIDE, typename Number>
DEVICE void sumOfStrips(Filter<FILTER>& sum, const Number* __restrict__ x, const Number* __restrict__ dy, const ConvGeometry& g, int k,
                        int begin, int end) {
    constexpr int ROWS = rowsOfStrip<FILTER, STRIDE>();
    for (int i = begin + threadIdx.x; i < end; i += blockDim.x) {
        const Strip at = stripAt(i, g.q, stripsOf(g.p, ROWS), ROWS);
        Window<ROWS, 1> gradients;
        load(gradients, dy, at.map * g.k + k, g.p, g.q, at.row, at.column);
        Window<(ROWS - 1) * STRIDE + FILTER, FILTER> window;
        load(window, x, at.map * g.c + k / g.kg, g.h, g.w, at.row * STRIDE - g.padH, at.column * STRIDE - g.padW);
#pragma unroll
        for (int j = 0; j < ROWS; ++j) {
            // What an output behind the last would meet may be infinite.
            if (at.row + j < g.p) {
#pragma unroll
                for (int tap = 0; tap < FILTER * FILTER; ++tap) {
                    sum[tap] += window[j * STRIDE + tap / FILTER][tap % FILTER] * gradients[j][0];
                }
            }
        }
    }
}

template <int FILTER, int STRIDE, typename Number>
DEVICE void filterGradient(const Number* __restrict__ x, const Number* __restrict__ dy, float* __restrict__ partials, const ConvGeometry& g,
                           int parts, float* partial) {
    constexpr int TAPS = FILTER * FILTER;
    const int terms = g.n * stripsOf(g.p, rowsOfStrip<FILTER, STRIDE>()) * g.q;
    const int perPart = (terms + parts - 1) / parts;
    for (int block = blockIdx.x; block < parts * g.k; block += gridDim.x) {
        const int begin = block / g.k * perPart;
        Filter<FILTER> sum = {};
        sumOfStrips<FILTER, STRIDE>(sum, x, dy, g, block % g.k, begin, min(begin + perPart, terms));
        addUpInBlock(sum, partial);
        for (int tap = threadIdx.x; tap < TAPS; tap += blockDim.x) {
            partials[block * TAPS + tap] = partial[tap * blockDim.x];
        }
        __syncthreads();
    }
}

#define FORWARD_KERNEL(name, FILTER, STRIDE, Number)                                                                                      \
    JCONV_KERNEL(name, const Number* __restrict__ x, const Number* __restrict__ w, Number* __restrict__ y, ConvGeometry g, int rotated,  \
                 const Number* __restrict__ bias, int relu, int accumulate) {                                                           \
        forward<FILTER, STRIDE>(x, w, y, g, rotated, Ending<Number>{bias, relu, accumulate});                                           \
    }

#define DATA_KERNEL(name, FILTER, Number)                                                                                                 \
    JCONV_KERNEL(name, const Number* __restrict__ dy, const Number* __restrict__ w, Number* __restrict__ dx, ConvGeometry g,             \
                 const Number* __restrict__ bias, int relu, int accumulate) {                                                           \
        backwardData<FILTER>(dy, w, dx, g, Ending<Number>{bias, relu, accumulate});                                                     \
    }

#define FILTER_KERNEL(name, FILTER, STRIDE, Number)                                                                                       \
    JCONV_KERNEL(name, const Number* __restrict__ x, const Number* __restrict__ dy, float* __restrict__ partials, ConvGeometry g,        \
                 int parts) {                                                                                                           \
        SHARED_MEMORY(float, partial);                                                                                                  \
        filterGradient<FILTER, STRIDE>(x, dy, partials, g, parts, partial);                                                             \
    }

#define KERNELS(suffix, Number)                                                     \
    FORWARD_KERNEL(jconv_depthwise_3x3##suffix, 3, 1, Number)                       \
    FORWARD_KERNEL(jconv_depthwise_3x3_s2##suffix, 3, 2, Number)                    \
    FORWARD_KERNEL(jconv_depthwise_5x5##suffix, 5, 1, Number)                       \
    FORWARD_KERNEL(jconv_depthwise_5x5_s2##suffix, 5, 2, Number)                    \
    FORWARD_KERNEL(jconv_depthwise_7x7##suffix, 7, 1, Number)                       \
    DATA_KERNEL(jconv_depthwise_data_3x3_s2##suffix, 3, Number)                     \
    DATA_KERNEL(jconv_depthwise_data_5x5_s2##suffix, 5, Number)                     \
    FILTER_KERNEL(jconv_depthwise_filter_3x3##suffix, 3, 1, Number)                 \
    FILTER_KERNEL(jconv_depthwise_filter_3x3_s2##suffix, 3, 2, Number)              \
    FILTER_KERNEL(jconv_depthwise_filter_5x5##suffix, 5, 1, Number)                 \
    FILTER_KERNEL(jconv_depthwise_filter_5x5_s2##suffix, 5, 2, Number)              \
    FILTER_KERNEL(jconv_depthwise_filter_7x7##suffix, 7, 1, Number)

KERNELS(, float)
KERNELS(_fp16, Half)
KERNELS(_bf16, Brain)
