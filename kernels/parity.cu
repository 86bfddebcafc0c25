// Backward data by residue classes: the elements of dx whose positions leave the same remainders modulo the strides
// meet the same taps, and are a dense convolution of dy with stride 1. Each class is one matrix product; nothing is
// multiplied by an inserted zero, and positions that no tap reaches cost their zero only.
//
//   in a class, per axis:  h = first + i*stride, i < inputs;  r = firstTap + j*step, j < taps;  p = i + shift - j*back
//                          with back = step * dilation / stride
//   filters  A[group][c][k, j]    = w[group*K/G + k, c, tap j]                         matrix C/G x (K/G * taps)
//   columns  B[group][k, j][n, i] = dy[n, group*K/G + k, p] or 0 where p is outside    matrix (K/G * taps) x (N * inputs)
//   product  A * B                = dx[n, group*C/G + c, input i of the class]         matrix C/G x (N * inputs)
//   scatter  dx[n, c, h] = product of h's class at i, or 0 where the class has no tap
//
// The products of the classes lie one behind the other in ascending order of the classes' remainders (depth
// outermost), each [C, N * inputs], also those without taps, which nobody writes or reads.
//
// One thread of filters: one element of A. One thread of columns: one filter k and one column first + m, all taps;
// neighbouring threads hold neighbouring columns. One thread of scatter: one element of dx. Grid: x counts threads in
// blocks; grid-stride loops.
// May exceed 2^31: the offset into any of the tensors, the number of threads.
// The suffix _b16 means tensors of either type of 16 bits, whose elements are moved as they are; products are of fp32, and scatter
// rounds them to a dx of type _fp16 or _bf16 when it stores them, dx's old value included when accumulating.
// filters and columns overwrite; scatter overwrites dx, or adds to it when accumulate is not 0. All bound by memory.

#include "geometry.h"
#include "sixteen_bits.h"

DEVICE int tapsOf(const ResidueBox& box) {
    return box.depth.taps * box.height.taps * box.width.taps;
}

template <typename Index, typename Number>
DEVICE void parityFilters(const Number* __restrict__ w, Number* __restrict__ a, const ConvGeometry& g,
                          const ResidueBox& box) {
    const int taps = tapsOf(box);
    const Index threads = static_cast<Index>(g.c) * g.kg * taps;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const Position<int> j = positionAt<int>(i % taps, box.height.taps, box.width.taps);
        const Index k = i / taps % g.kg;
        const Index c = i / taps / g.kg;
        const Index filter = c / g.cg * g.kg + k;
        const Index t = box.depth.firstTap + j.depth * g.stepD;
        const Index r = box.height.firstTap + j.height * g.stepH;
        const Index s = box.width.firstTap + j.width * g.stepW;
        a[i] = w[(((filter * g.cg + c % g.cg) * g.t + t) * g.r + r) * g.s + s];
    }
}

template <typename Index, typename Number>
DEVICE void parityColumns(const Number* __restrict__ dy, Number* __restrict__ b, const ConvGeometry& g,
                          const ResidueBox& box, Index first, Index count) {
    const Index inputs = static_cast<Index>(box.depth.inputs) * box.height.inputs * box.width.inputs;
    const Index backD = static_cast<Index>(g.stepD) * g.dilD / g.strideD;
    const Index backH = static_cast<Index>(g.stepH) * g.dilH / g.strideH;
    const Index backW = static_cast<Index>(g.stepW) * g.dilW / g.strideW;
    const Index threads = g.k * count;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const Index k = i / count;
        const Index column = i % count;
        const Position<Index> in = positionAt((first + column) % inputs, box.height.inputs, box.width.inputs);
        const Index source = ((first + column) / inputs * g.k + k) * outputPositions<Index>(g);
        Index target = k * tapsOf(box) * count + column;
        for (int t = 0; t < box.depth.taps; ++t) {
            const Index z = in.depth + box.depth.shift - t * backD;
            for (int r = 0; r < box.height.taps; ++r) {
                const Index p = in.height + box.height.shift - r * backH;
                const bool rowInside = inside(z, g.z) && inside(p, g.p);
                for (int s = 0; s < box.width.taps; ++s) {
                    const Index q = in.width + box.width.shift - s * backW;
                    b[target] = rowInside && inside(q, g.q) ? dy[source + (z * g.p + p) * g.q + q] : Number(0);
                    target += count;
                }
            }
        }
    }
}

// How many positions of an axis leave the remainder, and how many leave a smaller one.
DEVICE int inputsWith(int remainder, int size, int stride) {
    return (size - 1 - remainder) / stride + 1;
}

DEVICE int inputsBelow(int remainder, int size, int stride) {
    return remainder * (size / stride) + min(remainder, size % stride);
}

// The element of `products` that belongs to position `in` of channel c in image n.
template <typename Index>
DEVICE Index productAt(Position<Index> in, Index c, Index n, int images, const ConvGeometry& g) {
    const int d = in.depth % g.strideD;
    const int h = in.height % g.strideH;
    const int w = in.width % g.strideW;
    const Index depths = inputsWith(d, g.d, g.strideD);
    const Index heights = inputsWith(h, g.h, g.strideH);
    const Index widths = inputsWith(w, g.w, g.strideW);
    const Index before = inputsBelow(d, g.d, g.strideD) * static_cast<Index>(g.h) * g.w
                       + depths * (inputsBelow(h, g.h, g.strideH) * static_cast<Index>(g.w)
                                   + heights * inputsBelow(w, g.w, g.strideW));
    const Index i = (in.depth / g.strideD * heights + in.height / g.strideH) * widths + in.width / g.strideW;
    return before * g.c * images + (c * images + n) * depths * heights * widths + i;
}

DEVICE bool hasTap(uint64_t remaindersWithTaps, int remainder) {
    return remaindersWithTaps >> remainder & 1;
}

template <typename Index, typename Number>
DEVICE void parityScatter(const float* __restrict__ products, Number* __restrict__ dx, const ConvGeometry& g, int images,
                          uint64_t tapsD, uint64_t tapsH, uint64_t tapsW, int accumulate) {
    const Index positions = inputPositions<Index>(g);
    const Index threads = static_cast<Index>(images) * g.c * positions;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const Position<Index> in = positionAt(i % positions, g.h, g.w);
        const bool reached = hasTap(tapsD, in.depth % g.strideD) && hasTap(tapsH, in.height % g.strideH)
                          && hasTap(tapsW, in.width % g.strideW);
        const float value = reached ? products[productAt(in, i / positions % g.c, i / positions / g.c, images, g)] : 0.0f;
        dx[i] = Number(accumulate ? dx[i] + value : value);
    }
}

JCONV_KERNEL(jconv_parity_filters_i32, const float* __restrict__ w, float* __restrict__ a, ConvGeometry g,
             ResidueBox box) {
    parityFilters<int>(w, a, g, box);
}

JCONV_KERNEL(jconv_parity_filters_i64, const float* __restrict__ w, float* __restrict__ a, ConvGeometry g,
             ResidueBox box) {
    parityFilters<int64_t>(w, a, g, box);
}

JCONV_KERNEL(jconv_parity_columns_i32, const float* __restrict__ dy, float* __restrict__ b, ConvGeometry g,
             ResidueBox box, int64_t first, int64_t count) {
    parityColumns<int>(dy, b, g, box, first, count);
}

JCONV_KERNEL(jconv_parity_columns_i64, const float* __restrict__ dy, float* __restrict__ b, ConvGeometry g,
             ResidueBox box, int64_t first, int64_t count) {
    parityColumns<int64_t>(dy, b, g, box, first, count);
}

JCONV_KERNEL(jconv_parity_scatter_i32, const float* __restrict__ products, float* __restrict__ dx, ConvGeometry g,
             int images, uint64_t tapsD, uint64_t tapsH, uint64_t tapsW, int accumulate) {
    parityScatter<int>(products, dx, g, images, tapsD, tapsH, tapsW, accumulate);
}

JCONV_KERNEL(jconv_parity_scatter_i64, const float* __restrict__ products, float* __restrict__ dx, ConvGeometry g,
             int images, uint64_t tapsD, uint64_t tapsH, uint64_t tapsW, int accumulate) {
    parityScatter<int64_t>(products, dx, g, images, tapsD, tapsH, tapsW, accumulate);
}

#define B16_KERNELS(suffix, Index)                                                                                       \
    JCONV_KERNEL(jconv_parity_filters_b16##suffix, const uint16_t* __restrict__ w, uint16_t* __restrict__ a,             \
                 ConvGeometry g, ResidueBox box) {                                                                       \
        parityFilters<Index>(w, a, g, box);                                                                              \
    }                                                                                                                    \
    JCONV_KERNEL(jconv_parity_columns_b16##suffix, const uint16_t* __restrict__ dy, uint16_t* __restrict__ b,            \
                 ConvGeometry g, ResidueBox box, int64_t first, int64_t count) {                                         \
        parityColumns<Index>(dy, b, g, box, first, count);                                                               \
    }

B16_KERNELS(_i32, int)
B16_KERNELS(_i64, int64_t)

#define SCATTER_KERNEL(suffix, Number, Index)                                                                  \
    JCONV_KERNEL(jconv_parity_scatter##suffix, const float* __restrict__ products, Number* __restrict__ dx,    \
                 ConvGeometry g, int images, uint64_t tapsD, uint64_t tapsH, uint64_t tapsW, int accumulate) { \
        parityScatter<Index>(products, dx, g, images, tapsD, tapsH, tapsW, accumulate);                        \
    }

SCATTER_KERNEL(_fp16_i32, Half, int)
SCATTER_KERNEL(_fp16_i64, Half, int64_t)
SCATTER_KERNEL(_bf16_i32, Brain, int)
SCATTER_KERNEL(_bf16_i64, Brain, int64_t)
