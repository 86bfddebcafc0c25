// Depthwise convolution (one input channel per group, K/G filters on it), direct, the three operations.
//
//   forward          y[n,k,z,p,q] = sum over t, r, s: x[n, k div K/G, d, h, w] * w[k, t, r, s]
//   backward data    dx[n,c,d,h,w] = sum over k of channel c, t, r, s: dy[n,k,z,p,q] * w[k, t, r, s]
//   filter gradient  dw[k,t,r,s] = sum over n, z, p, q: x[n, k div K/G, d, h, w] * dy[n,k,z,p,q]
//
//   with d = z*strideD - padD + t*dilD and likewise h and w; positions outside x are padding.
//
// One thread of forward and backward data: one element of y or dx. Grid: x counts them in blocks; a grid-stride loop.
// Neighbouring threads hold neighbours of a row, so loads and stores of a warp are runs; the taps of a filter are the
// same for a warp.
// One block of the filter gradient: TAPS taps of one filter over one of `parts` equal ranges of the positions of all
// images; its threads share the range and add up in a fixed tree. It writes partials[part][k][tap], which
// jconv_sum_parts adds up. blockDim is a power of two; shared memory: TAPS * blockDim floats. Grid: x counts parts *
// K * ceil(T*R*S / TAPS); a grid-stride loop over blocks.
//
// May exceed 2^31: the offset into x, y, dx or dy, the number of threads.
// The suffixes _fp16 and _bf16 mean tensors of 16 bits: sums and partials are of fp32, and what is stored in y or dx is rounded once, the
// old value included when accumulating.
// forward and backward data overwrite, or add when accumulate is not 0; the filter gradient overwrites partials.
// Bound by memory: each element of the maps is read from memory once (T*R*S times from the caches) and written once.

#include "block_sum.h"
#include "geometry.h"
#include "sixteen_bits.h"

constexpr int TAPS = 9;

template <typename Index, typename Number>
DEVICE void depthwiseForward(const Number* __restrict__ x, const Number* __restrict__ w, Number* __restrict__ y,
                             const ConvGeometry& g, int accumulate) {
    const Index positions = outputPositions<Index>(g);
    const Index threads = static_cast<Index>(g.n) * g.k * positions;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const Index k = i / positions % g.k;
        const Index source = (i / positions / g.k * g.c + k / g.kg) * inputPositions<Index>(g);
        const Position<Index> at = firstInput(positionAt(i % positions, g.p, g.q), g);
        Index tap = k * filterTaps(g);
        float sum = 0.0f;
        for (int t = 0; t < g.t; ++t) {
            const Index d = at.depth + static_cast<Index>(t) * g.dilD;
            for (int r = 0; r < g.r; ++r) {
                const Index h = at.height + static_cast<Index>(r) * g.dilH;
                const bool rowInside = inside(d, g.d) && inside(h, g.h);
                for (int s = 0; s < g.s; ++s, ++tap) {
                    const Index v = at.width + static_cast<Index>(s) * g.dilW;
                    sum += rowInside && inside(v, g.w) ? x[source + (d * g.h + h) * g.w + v] * w[tap] : 0.0f;
                }
            }
        }
        y[i] = Number(accumulate ? y[i] + sum : sum);
    }
}

template <typename Index, typename Number>
DEVICE void depthwiseBackwardData(const Number* __restrict__ dy, const Number* __restrict__ w, Number* __restrict__ dx,
                                  const ConvGeometry& g, int accumulate) {
    const Index positions = inputPositions<Index>(g);
    const Index outputs = outputPositions<Index>(g);
    const Index threads = static_cast<Index>(g.n) * g.c * positions;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const BoxWalk<Index> walk = firstTaps(positionAt(i % positions, g.h, g.w), g);
        const Index c = i / positions % g.c;
        const Index n = i / positions / g.c;
        float sum = 0.0f;
        for (int j = 0; j < g.kg; ++j) {
            const Index k = c * g.kg + j;
            forEachMeeting(walk, g, [&](Index tap, Index output) {
                sum += dy[(n * g.k + k) * outputs + output] * w[k * filterTaps(g) + tap];
            });
        }
        dx[i] = Number(accumulate ? dx[i] + sum : sum);
    }
}

// One thread's share of the sums of TAPS taps from `firstTap` on: positions begin + thread, begin + thread + threads,
// ... below end.
template <typename Index, typename Number>
DEVICE void sumOfTaps(float (&sum)[TAPS], const Number* __restrict__ x, const Number* __restrict__ dy,
                      const ConvGeometry& g, Index k, int firstTapOfBlock, Index begin, Index end) {
    Position<Index> offset[TAPS];
    for (int j = 0; j < TAPS; ++j) {
        offset[j] = inputOffset(positionAt<Index>(min(firstTapOfBlock + j, filterTaps(g) - 1), g.r, g.s), g);
    }
    OutputWalk<Index> at = walkFrom<Index>(begin + threadIdx.x, blockDim.x, g);
    for (Index i = begin + threadIdx.x; i < end; i += blockDim.x, advance(at, g)) {
        const float gradient = dy[(((at.n * g.k + k) * g.z + at.z) * g.p + at.p) * g.q + at.q];
        const Index source = (at.n * g.c + k / g.kg) * inputPositions<Index>(g);
        for (int j = 0; j < TAPS; ++j) {
            const Index d = at.z * g.strideD + offset[j].depth;
            const Index h = at.p * g.strideH + offset[j].height;
            const Index v = at.q * g.strideW + offset[j].width;
            if (inside(d, g.d) && inside(h, g.h) && inside(v, g.w)) {
                sum[j] += x[source + (d * g.h + h) * g.w + v] * gradient;
            }
        }
    }
}

template <typename Index, typename Number>
DEVICE void depthwiseFilter(const Number* __restrict__ x, const Number* __restrict__ dy, float* __restrict__ partials,
                            const ConvGeometry& g, int parts, float* partial) {
    const int taps = filterTaps(g);
    const int tiles = (taps + TAPS - 1) / TAPS;
    const Index terms = g.n * outputPositions<Index>(g);
    const Index perPart = (terms + parts - 1) / parts;
    const Index blocks = static_cast<Index>(parts) * g.k * tiles;
    for (Index block = blockIdx.x; block < blocks; block += gridDim.x) {
        const int first = block % tiles * TAPS;
        const Index k = block / tiles % g.k;
        const Index part = block / tiles / g.k;
        float sum[TAPS] = {};
        sumOfTaps(sum, x, dy, g, k, first, part * perPart, min((part + 1) * perPart, terms));
        addUpInBlock(sum, partial);
        for (int j = threadIdx.x; j < TAPS && first + j < taps; j += blockDim.x) {
            partials[(part * g.k + k) * taps + first + j] = partial[j * blockDim.x];
        }
        __syncthreads();
    }
}

JCONV_KERNEL(jconv_depthwise_forward_i32, const float* __restrict__ x, const float* __restrict__ w,
             float* __restrict__ y, ConvGeometry g, int accumulate) {
    depthwiseForward<int>(x, w, y, g, accumulate);
}

JCONV_KERNEL(jconv_depthwise_forward_i64, const float* __restrict__ x, const float* __restrict__ w,
             float* __restrict__ y, ConvGeometry g, int accumulate) {
    depthwiseForward<int64_t>(x, w, y, g, accumulate);
}

JCONV_KERNEL(jconv_depthwise_backward_data_i32, const float* __restrict__ dy, const float* __restrict__ w,
             float* __restrict__ dx, ConvGeometry g, int accumulate) {
    depthwiseBackwardData<int>(dy, w, dx, g, accumulate);
}

JCONV_KERNEL(jconv_depthwise_backward_data_i64, const float* __restrict__ dy, const float* __restrict__ w,
             float* __restrict__ dx, ConvGeometry g, int accumulate) {
    depthwiseBackwardData<int64_t>(dy, w, dx, g, accumulate);
}

JCONV_KERNEL(jconv_depthwise_filter_i32, const float* __restrict__ x, const float* __restrict__ dy,
             float* __restrict__ partials, ConvGeometry g, int parts) {
    SHARED_MEMORY(float, partial);
    depthwiseFilter<int>(x, dy, partials, g, parts, partial);
}

JCONV_KERNEL(jconv_depthwise_filter_i64, const float* __restrict__ x, const float* __restrict__ dy,
             float* __restrict__ partials, ConvGeometry g, int parts) {
    SHARED_MEMORY(float, partial);
    depthwiseFilter<int64_t>(x, dy, partials, g, parts, partial);
}

#define DEPTHWISE_KERNELS(suffix, Number, Index)                                                                     \
    JCONV_KERNEL(jconv_depthwise_forward##suffix, const Number* __restrict__ x, const Number* __restrict__ w,        \
                 Number* __restrict__ y, ConvGeometry g, int accumulate) {                                           \
        depthwiseForward<Index>(x, w, y, g, accumulate);                                                             \
    }                                                                                                                \
    JCONV_KERNEL(jconv_depthwise_backward_data##suffix, const Number* __restrict__ dy, const Number* __restrict__ w, \
                 Number* __restrict__ dx, ConvGeometry g, int accumulate) {                                          \
        depthwiseBackwardData<Index>(dy, w, dx, g, accumulate);                                                      \
    }                                                                                                                \
    JCONV_KERNEL(jconv_depthwise_filter##suffix, const Number* __restrict__ x, const Number* __restrict__ dy,        \
                 float* __restrict__ partials, ConvGeometry g, int parts) {                                          \
        SHARED_MEMORY(float, partial);                                                                               \
        depthwiseFilter<Index>(x, dy, partials, g, parts, partial);                                                  \
    }

DEPTHWISE_KERNELS(_fp16_i32, Half, int)
DEPTHWISE_KERNELS(_fp16_i64, Half, int64_t)
DEPTHWISE_KERNELS(_bf16_i32, Brain, int)
DEPTHWISE_KERNELS(_bf16_i64, Brain, int64_t)
