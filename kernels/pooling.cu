// Pooling: the windows are those of a convolution with one channel per group.
//
//   max_pool               y[plane][z][p][q] = the largest x of the window inside x; -infinity where there is none
//   max_pool_backward      dx[plane][d][h][w] = sum of dy over the windows whose largest x is the one at d, h, w
//   average_pool           y[plane][z][p][q] = sum of x of the window / divisor
//   average_pool_backward  dx[plane][d][h][w] = sum of dy / divisor over the windows that hold d, h, w
//
// Of several largest x the first in row-major order counts, and a NaN is larger than everything. The divisor is T*R*S when
// countPadding is not 0, otherwise the number of taps inside x, and at least 1.
//
// One thread: one element of y or dx. The backward passes gather, without atomics; that of the maximum looks for the
// largest value of each window again. Sums in double, in a fixed order. Grid: x counts elements in blocks; a grid-stride
// loop.
//
// The suffixes are those of geometry.h, and _f64 for fp64 tensors with wide indices. May exceed 2^31: the offset into x,
// y, dx or dy, the number of threads. All overwrite. Bound by memory, max_pool_backward by the caches.

#include "geometry.h"
#include "reals.h"

// The taps of one axis that lie inside the input: first, first + 1, ... below end.
template <typename Index>
struct TapRange {
    Index first, end;
};

template <typename Index>
DEVICE TapRange<Index> tapsInside(Index start, int taps, int size, int dilation) {
    const Index first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    const Index end = start >= size ? 0 : min(static_cast<Index>(taps), (size - 1 - start) / dilation + 1);
    return {first, max(first, end)};
}

// What a window reads of the input: its first position, outside the input perhaps, and its taps inside.
template <typename Index>
struct Window {
    Position<Index> start;
    TapRange<Index> depth, height, width;
};

template <typename Index>
DEVICE Window<Index> windowAt(Index output, const ConvGeometry& g) {
    const Position<Index> start = firstInput(positionAt(output, g.p, g.q), g);
    return {start, tapsInside(start.depth, g.t, g.d, g.dilD), tapsInside(start.height, g.r, g.h, g.dilH),
            tapsInside(start.width, g.s, g.w, g.dilW)};
}

// Calls `meet` with every input of the window, in row-major order.
template <typename Index, typename Meet>
DEVICE void forEachInput(const Window<Index>& window, const ConvGeometry& g, Meet meet) {
    for (Index t = window.depth.first; t < window.depth.end; ++t) {
        const Index d = window.start.depth + t * g.dilD;
        for (Index r = window.height.first; r < window.height.end; ++r) {
            const Index h = window.start.height + r * g.dilH;
            for (Index s = window.width.first; s < window.width.end; ++s) {
                meet((d * g.h + h) * g.w + window.start.width + s * g.dilW);
            }
        }
    }
}

// Where the largest value of the window lies, or -1 when the whole window is padding.
template <typename Real, typename Index>
DEVICE Index placeOfMaximum(const Real* __restrict__ plane, const Window<Index>& window, const ConvGeometry& g) {
    Index place = -1;
    Real largest = 0;
    forEachInput(window, g, [&](Index input) {
        const Real value = plane[input];
        if (place < 0 || value > largest || (value != value && largest == largest)) {
            place = input;
            largest = value;
        }
    });
    return place;
}

template <typename Index>
DEVICE Index divisor(const Window<Index>& window, const ConvGeometry& g, int countPadding) {
    const Index taps = (window.depth.end - window.depth.first) * (window.height.end - window.height.first)
                       * (window.width.end - window.width.first);
    return countPadding ? filterTaps(g) : max(taps, static_cast<Index>(1));
}

template <typename Real, typename Index>
DEVICE void maxPool(const Real* __restrict__ x, Real* __restrict__ y, const ConvGeometry& g, Index planes) {
    const Index outputs = outputPositions<Index>(g);
    for (Index i = globalThread(); i < planes * outputs; i += globalThreads()) {
        const Real* plane = x + i / outputs * inputPositions<Index>(g);
        const Index place = placeOfMaximum(plane, windowAt(i % outputs, g), g);
        y[i] = place < 0 ? -static_cast<Real>(INFINITY) : plane[place];
    }
}

template <typename Real, typename Index>
DEVICE void maxPoolBackward(const Real* __restrict__ x, const Real* __restrict__ dy, Real* __restrict__ dx,
                            const ConvGeometry& g, Index planes) {
    const Index inputs = inputPositions<Index>(g);
    const Index outputs = outputPositions<Index>(g);
    for (Index i = globalThread(); i < planes * inputs; i += globalThreads()) {
        const Index plane = i / inputs;
        double sum = 0.0;
        forEachMeeting(firstTaps(positionAt(i % inputs, g.h, g.w), g), g, [&](Index, Index output) {
            if (placeOfMaximum(x + plane * inputs, windowAt(output, g), g) == i % inputs) {
                sum += dy[plane * outputs + output];
            }
        });
        dx[i] = static_cast<Real>(sum);
    }
}

template <typename Real, typename Index>
DEVICE void averagePool(const Real* __restrict__ x, Real* __restrict__ y, const ConvGeometry& g, Index planes,
                        int countPadding) {
    const Index outputs = outputPositions<Index>(g);
    for (Index i = globalThread(); i < planes * outputs; i += globalThreads()) {
        const Real* plane = x + i / outputs * inputPositions<Index>(g);
        const Window<Index> window = windowAt(i % outputs, g);
        double sum = 0.0;
        forEachInput(window, g, [&](Index input) { sum += plane[input]; });
        y[i] = static_cast<Real>(sum / divisor(window, g, countPadding));
    }
}

template <typename Real, typename Index>
DEVICE void averagePoolBackward(const Real* __restrict__ dy, Real* __restrict__ dx, const ConvGeometry& g, Index planes,
                                int countPadding) {
    const Index inputs = inputPositions<Index>(g);
    const Index outputs = outputPositions<Index>(g);
    for (Index i = globalThread(); i < planes * inputs; i += globalThreads()) {
        const Index plane = i / inputs;
        double sum = 0.0;
        forEachMeeting(firstTaps(positionAt(i % inputs, g.h, g.w), g), g, [&](Index, Index output) {
            sum += dy[plane * outputs + output] / static_cast<double>(divisor(windowAt(output, g), g, countPadding));
        });
        dx[i] = static_cast<Real>(sum);
    }
}

#define POOLING_KERNELS(suffix, Real, Index)                                                                         \
    JCONV_KERNEL(jconv_max_pool##suffix, const Real* __restrict__ x, Real* __restrict__ y, ConvGeometry g,           \
                 int64_t planes) {                                                                                   \
        maxPool<Real, Index>(x, y, g, planes);                                                                       \
    }                                                                                                                \
    JCONV_KERNEL(jconv_max_pool_backward##suffix, const Real* __restrict__ x, const Real* __restrict__ dy,           \
                 Real* __restrict__ dx, ConvGeometry g, int64_t planes) {                                            \
        maxPoolBackward<Real, Index>(x, dy, dx, g, planes);                                                          \
    }                                                                                                                \
    JCONV_KERNEL(jconv_average_pool##suffix, const Real* __restrict__ x, Real* __restrict__ y, ConvGeometry g,       \
                 int64_t planes, int countPadding) {                                                                 \
        averagePool<Real, Index>(x, y, g, planes, countPadding);                                                     \
    }                                                                                                                \
    JCONV_KERNEL(jconv_average_pool_backward##suffix, const Real* __restrict__ dy, Real* __restrict__ dx,            \
                 ConvGeometry g, int64_t planes, int countPadding) {                                                 \
        averagePoolBackward<Real, Index>(dy, dx, g, planes, countPadding);                                           \
    }

FOR_EACH_REAL_AND_INDEX(POOLING_KERNELS)
