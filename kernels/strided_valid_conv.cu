// Direct convolution, the three operations, without scratch memory: the algorithm that always applies.
//
//   forward          y[n,k,z,p,q] = sum over c, t, r, s: x[n, group*C/G + c, d, h, w] * w[k, c, t, r, s]
//   rotated          the same sum with the filter rotated by 180 degrees and its two channel axes exchanged:
//                    w[group*C/G + c, k mod K/G, T-1-t, R-1-r, S-1-s] in the place of w[k, c, t, r, s]
//   backward data    dx[n,c,d,h,w] = sum over k of the group, t, r, s: dy[n,k,z,p,q] * w[k, c mod C/G, t, r, s]
//   filter gradient  dw[k,c,t,r,s] = sum over n, z, p, q: x[n, group*C/G + c, d, h, w] * dy[n,k,z,p,q]
//
//   with d = z*strideD - padD + t*dilD, h = p*strideH - padH + r*dilH, w = q*strideW - padW + s*dilW; positions outside
//   x are padding and contribute nothing.
//
// "rotated" over a zero-inserted dy is backward data as a valid convolution; its geometry is that of the valid
// convolution, so its C and K are the K and C of the problem. Without a pad in the geometry, forward and rotated are
// valid convolutions. The filter gradient reads alternate points of the larger map (every stride-th from each tap's
// offset) inside its one sum.
//
// One thread of forward, rotated and backward data: one output position of one image for TILE filters (channels) of
// one group; a value is loaded once for all of them. Grid: x counts images * groups * tiles * positions in blocks; a
// grid-stride loop.
// One block of the filter gradient: one tap of one channel for TILE filters; its threads share the positions of all
// images, thread i taking every blockDim-th from i on, and add up in a fixed tree. blockDim is a power of two; shared
// memory: TILE * blockDim numbers.
// Grid: x counts groups * tiles * C/G * T*R*S; a grid-stride loop over blocks.
//
// May exceed 2^31: the offset into x, w or y, the number of threads.
// The suffix _f64 means fp64 tensors and sums, for checking gradients; it always counts in 64 bits.
// Overwrites the output, or adds to it when accumulate is not 0. The order of every sum is fixed by the problem alone.
// Bound by the load units: TILE multiply-adds for each load of a value and TILE loads of filters, which a warp shares.

#include "block_sum.h"
#include "geometry.h"

constexpr int TILE = 4;

DEVICE int tilesOf(int perGroup) {
    return (perGroup + TILE - 1) / TILE;
}

// Which output a thread computes: position of image n, and the filters first .. first + TILE - 1 of group.
template <typename Index>
struct Task {
    Index n, position;
    int group, first;
};

template <typename Index>
DEVICE Task<Index> taskAt(Index i, Index positions, int groups, int perGroup) {
    const int tiles = tilesOf(perGroup);
    const Index tile = i / positions % (static_cast<Index>(groups) * tiles);
    const int group = tile / tiles;
    const int first = tile % tiles * TILE;
    return {i / positions / groups / tiles, i % positions, group, first};
}

// The member of a tile, or the last of its group where the tile reaches beyond: computed twice, stored once.
DEVICE int member(int first, int i, int perGroup) {
    return min(first + i, perGroup - 1);
}

template <typename Real, typename Index>
DEVICE void storeTile(Real* __restrict__ output, const Real (&sum)[TILE], const Task<Index>& task, Index positions,
                      int channels, int perGroup, int accumulate) {
    for (int i = 0; i < TILE; ++i) {
        if (task.first + i < perGroup) {
            const Index channel = static_cast<Index>(task.group) * perGroup + task.first + i;
            const Index at = (task.n * channels + channel) * positions + task.position;
            output[at] = accumulate ? output[at] + sum[i] : sum[i];
        }
    }
}

// Adds one channel's share: x + source is the channel's map, w + filter[f] its taps for filter f, read backwards when
// rotated; `at` is the input position of the first tap.
template <typename Real, typename Index, bool ROTATED>
DEVICE void addChannel(Real (&sum)[TILE], const Real* __restrict__ x, Index source, const Real* __restrict__ w,
                       const Index (&filter)[TILE], const ConvGeometry& g, Position<Index> at) {
    Index tap = 0;
    for (int t = 0; t < g.t; ++t) {
        const Index d = at.depth + static_cast<Index>(t) * g.dilD;
        for (int r = 0; r < g.r; ++r) {
            const Index h = at.height + static_cast<Index>(r) * g.dilH;
            const bool rowInside = inside(d, g.d) && inside(h, g.h);
            for (int s = 0; s < g.s; ++s, ++tap) {
                const Index v = at.width + static_cast<Index>(s) * g.dilW;
                if (rowInside && inside(v, g.w)) {
                    const Real value = x[source + (d * g.h + h) * g.w + v];
                    for (int f = 0; f < TILE; ++f) {
                        sum[f] += value * w[ROTATED ? filter[f] - tap : filter[f] + tap];
                    }
                }
            }
        }
    }
}

template <typename Real, typename Index, bool ROTATED>
DEVICE void convolve(const Real* __restrict__ x, const Real* __restrict__ w, Real* __restrict__ y,
                     const ConvGeometry& g, int accumulate) {
    const Index positions = outputPositions<Index>(g);
    const Index taps = filterTaps(g);
    const Index threads = static_cast<Index>(g.n) * g.groups * tilesOf(g.kg) * positions;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const Task<Index> task = taskAt(i, positions, g.groups, g.kg);
        const Position<Index> first = firstInput(positionAt(task.position, g.p, g.q), g);
        Real sum[TILE] = {};
        for (int c = 0; c < g.cg; ++c) {
            const Index channel = static_cast<Index>(task.group) * g.cg + c;
            Index filter[TILE];
            for (int f = 0; f < TILE; ++f) {
                const Index k = member(task.first, f, g.kg);
                filter[f] = ROTATED ? (channel * g.kg + k) * taps + taps - 1
                                    : ((static_cast<Index>(task.group) * g.kg + k) * g.cg + c) * taps;
            }
            const Index source = (task.n * g.c + channel) * inputPositions<Index>(g);
            addChannel<Real, Index, ROTATED>(sum, x, source, w, filter, g, first);
        }
        storeTile(y, sum, task, positions, g.k, g.kg, accumulate);
    }
}

template <typename Real, typename Index>
DEVICE void backwardData(const Real* __restrict__ dy, const Real* __restrict__ w, Real* __restrict__ dx,
                         const ConvGeometry& g, int accumulate) {
    const Index positions = inputPositions<Index>(g);
    const Index taps = filterTaps(g);
    const Index threads = static_cast<Index>(g.n) * g.groups * tilesOf(g.cg) * positions;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const Task<Index> task = taskAt(i, positions, g.groups, g.cg);
        const BoxWalk<Index> walk = firstTaps(positionAt(task.position, g.h, g.w), g);
        Real sum[TILE] = {};
        for (int j = 0; j < g.kg; ++j) {
            const Index k = static_cast<Index>(task.group) * g.kg + j;
            const Index source = (task.n * g.k + k) * outputPositions<Index>(g);
            forEachMeeting(walk, g, [&](Index tap, Index output) {
                const Real value = dy[source + output];
                for (int f = 0; f < TILE; ++f) {
                    sum[f] += value * w[(k * g.cg + member(task.first, f, g.cg)) * taps + tap];
                }
            });
        }
        storeTile(dx, sum, task, positions, g.c, g.cg, accumulate);
    }
}

// The sums of one thread for one tap of one channel, over the positions thread, thread + threads, ... of all images.
template <typename Real, typename Index>
DEVICE void sumOfPositions(Real (&sum)[TILE], const Real* __restrict__ x, const Real* __restrict__ dy,
                           const ConvGeometry& g, int group, int firstFilter, Index channel, Position<Index> offset) {
    const Index positions = outputPositions<Index>(g);
    const Index terms = g.n * positions;
    OutputWalk<Index> at = walkFrom<Index>(threadIdx.x, blockDim.x, g);
    for (Index i = threadIdx.x; i < terms; i += blockDim.x, advance(at, g)) {
        const Index d = at.z * g.strideD + offset.depth;
        const Index h = at.p * g.strideH + offset.height;
        const Index v = at.q * g.strideW + offset.width;
        if (inside(d, g.d) && inside(h, g.h) && inside(v, g.w)) {
            const Real value = x[(((at.n * g.c + channel) * g.d + d) * g.h + h) * g.w + v];
            const Index position = (at.z * g.p + at.p) * g.q + at.q;
            for (int f = 0; f < TILE; ++f) {
                const Index k = static_cast<Index>(group) * g.kg + member(firstFilter, f, g.kg);
                sum[f] += value * dy[(at.n * g.k + k) * positions + position];
            }
        }
    }
}

template <typename Real, typename Index>
DEVICE void filterGradient(const Real* __restrict__ x, const Real* __restrict__ dy, Real* __restrict__ dw,
                           const ConvGeometry& g, int accumulate, Real* partial) {
    const Index taps = filterTaps(g);
    const int tiles = tilesOf(g.kg);
    const Index blocks = static_cast<Index>(g.groups) * tiles * g.cg * taps;
    for (Index block = blockIdx.x; block < blocks; block += gridDim.x) {
        const Position<Index> tap = positionAt(block % taps, g.r, g.s);
        const int c = block / taps % g.cg;
        const int first = block / taps / g.cg % tiles * TILE;
        const int group = block / taps / g.cg / tiles;
        const Position<Index> offset = inputOffset(tap, g);
        Real sum[TILE] = {};
        sumOfPositions(sum, x, dy, g, group, first, static_cast<Index>(group) * g.cg + c, offset);
        addUpInBlock(sum, partial);
        for (int f = threadIdx.x; f < TILE && first + f < g.kg; f += blockDim.x) {
            const Index out = ((static_cast<Index>(group) * g.kg + first + f) * g.cg + c) * taps + block % taps;
            const Real total = partial[f * blockDim.x];
            dw[out] = accumulate ? dw[out] + total : total;
        }
        __syncthreads();
    }
}

JCONV_KERNEL(jconv_strided_valid_conv_i32, const float* __restrict__ x, const float* __restrict__ w,
             float* __restrict__ y, ConvGeometry g, int accumulate) {
    convolve<float, int, false>(x, w, y, g, accumulate);
}

JCONV_KERNEL(jconv_strided_valid_conv_i64, const float* __restrict__ x, const float* __restrict__ w,
             float* __restrict__ y, ConvGeometry g, int accumulate) {
    convolve<float, int64_t, false>(x, w, y, g, accumulate);
}

JCONV_KERNEL(jconv_strided_valid_conv_f64, const double* __restrict__ x, const double* __restrict__ w,
             double* __restrict__ y, ConvGeometry g, int accumulate) {
    convolve<double, int64_t, false>(x, w, y, g, accumulate);
}

JCONV_KERNEL(jconv_rotated_valid_conv_i32, const float* __restrict__ x, const float* __restrict__ w,
             float* __restrict__ y, ConvGeometry g, int accumulate) {
    convolve<float, int, true>(x, w, y, g, accumulate);
}

JCONV_KERNEL(jconv_rotated_valid_conv_i64, const float* __restrict__ x, const float* __restrict__ w,
             float* __restrict__ y, ConvGeometry g, int accumulate) {
    convolve<float, int64_t, true>(x, w, y, g, accumulate);
}

JCONV_KERNEL(jconv_direct_backward_data_i32, const float* __restrict__ dy, const float* __restrict__ w,
             float* __restrict__ dx, ConvGeometry g, int accumulate) {
    backwardData<float, int>(dy, w, dx, g, accumulate);
}

JCONV_KERNEL(jconv_direct_backward_data_i64, const float* __restrict__ dy, const float* __restrict__ w,
             float* __restrict__ dx, ConvGeometry g, int accumulate) {
    backwardData<float, int64_t>(dy, w, dx, g, accumulate);
}

JCONV_KERNEL(jconv_direct_backward_data_f64, const double* __restrict__ dy, const double* __restrict__ w,
             double* __restrict__ dx, ConvGeometry g, int accumulate) {
    backwardData<double, int64_t>(dy, w, dx, g, accumulate);
}

JCONV_KERNEL(jconv_valid_conv_filter_i32, const float* __restrict__ x, const float* __restrict__ dy,
             float* __restrict__ dw, ConvGeometry g, int accumulate) {
    SHARED_MEMORY(float, partial);
    filterGradient<float, int>(x, dy, dw, g, accumulate, partial);
}

JCONV_KERNEL(jconv_valid_conv_filter_i64, const float* __restrict__ x, const float* __restrict__ dy,
             float* __restrict__ dw, ConvGeometry g, int accumulate) {
    SHARED_MEMORY(float, partial);
    filterGradient<float, int64_t>(x, dy, dw, g, accumulate, partial);
}

JCONV_KERNEL(jconv_valid_conv_filter_f64, const double* __restrict__ x, const double* __restrict__ dy,
             double* __restrict__ dw, ConvGeometry g, int accumulate) {
    SHARED_MEMORY(double, partial);
    filterGradient<double, int64_t>(x, dy, dw, g, accumulate, partial);
}
