// Padding of the spatial axes by a rule, and its adjoint.
//
//   pad           y[plane][d][h][w] = x[plane] at the sources of d - beforeD, h - beforeH, w - beforeW; 0 where one has none
//   pad_backward  dx[plane][d][h][w] = sum of dy over the padded positions whose source it is
//
// The source of a position outside [0, size), by mode, the order of the host's PadMode: 0 none; 1 reflect, -position and
// 2 * (size - 1) - position; 2 replicate, 0 and size - 1; 3 circular, position + size and position - size.
//
// One thread: one element of y or dx, which gathers its sum in ascending order, in double: no atomics.
// Grid: x counts elements in blocks; a grid-stride loop.
//
// The suffixes are those of geometry.h, and _f64 for fp64 tensors with wide indices. May exceed 2^31: the offset into x,
// y, dx or dy, the number of threads. Both overwrite. Bound by memory.

#include "geometry.h"
#include "reals.h"

constexpr int REFLECT = 1;
constexpr int REPLICATE = 2;
constexpr int CIRCULAR = 3;

template <typename Index>
DEVICE Index padSource(int mode, Index position, int size) {
    const bool front = position < 0;
    if (inside(position, size)) {
        return position;
    }
    switch (mode) {
        case REFLECT: return front ? -position : 2 * (static_cast<Index>(size) - 1) - position;
        case REPLICATE: return front ? 0 : size - 1;
        case CIRCULAR: return front ? position + size : position - size;
        default: return -1;
    }
}

// The padded positions of one axis whose source is an input position, in ascending order: a run from `first` to `last`,
// which holds the position itself, and single ones before and behind it, or -1.
template <typename Index>
struct Copies {
    Index before, first, last, behind;
};

template <typename Index>
DEVICE Copies<Index> copiesOf(int mode, Index position, int size, int padded, int begin) {
    const Index at = position + begin;
    Copies<Index> copies = {-1, at, at, -1};
    if (mode == REPLICATE) {
        copies.first = position == 0 ? 0 : at;
        copies.last = position == size - 1 ? padded - 1 : at;
    } else if (mode == REFLECT) {
        copies.before = position > 0 ? begin - position : -1;
        copies.behind = position < size - 1 ? begin + 2 * (static_cast<Index>(size) - 1) - position : -1;
    } else if (mode == CIRCULAR) {
        copies.before = at - size;
        copies.behind = at + size;
    }
    return copies;
}

// The first copy behind `position` that is inside the padded axis; -1 if there is none.
template <typename Index>
DEVICE Index nextCopy(const Copies<Index>& copies, Index position, int padded) {
    if (copies.before > position && inside(copies.before, padded)) {
        return copies.before;
    }
    const Index inRun = max(copies.first, static_cast<Index>(position + 1));
    if (inRun <= copies.last && inside(inRun, padded)) {
        return inRun;
    }
    return copies.behind > position && inside(copies.behind, padded) ? copies.behind : -1;
}

template <typename Real, typename Index>
DEVICE void padForward(int mode, const PadGeometry& g, const Real* __restrict__ x, Real* __restrict__ y, Index planes) {
    const Index padded = static_cast<Index>(g.paddedD) * g.paddedH * g.paddedW;
    for (Index i = globalThread(); i < planes * padded; i += globalThreads()) {
        const Position<Index> at = positionAt(i % padded, g.paddedH, g.paddedW);
        const Index d = padSource(mode, at.depth - g.beforeD, g.d);
        const Index h = padSource(mode, at.height - g.beforeH, g.h);
        const Index w = padSource(mode, at.width - g.beforeW, g.w);
        y[i] = d < 0 || h < 0 || w < 0 ? Real{0} : x[((i / padded * g.d + d) * g.h + h) * g.w + w];
    }
}

template <typename Real, typename Index>
DEVICE void padBackward(int mode, const PadGeometry& g, const Real* __restrict__ dy, Real* __restrict__ dx, Index planes) {
    const Index inputs = static_cast<Index>(g.d) * g.h * g.w;
    for (Index i = globalThread(); i < planes * inputs; i += globalThreads()) {
        const Position<Index> at = positionAt(i % inputs, g.h, g.w);
        const Index plane = i / inputs * g.paddedD;
        const Copies<Index> depths = copiesOf(mode, at.depth, g.d, g.paddedD, g.beforeD);
        const Copies<Index> rows = copiesOf(mode, at.height, g.h, g.paddedH, g.beforeH);
        const Copies<Index> columns = copiesOf(mode, at.width, g.w, g.paddedW, g.beforeW);
        double sum = 0.0;
        for (Index d = nextCopy<Index>(depths, -1, g.paddedD); d >= 0; d = nextCopy(depths, d, g.paddedD)) {
            for (Index h = nextCopy<Index>(rows, -1, g.paddedH); h >= 0; h = nextCopy(rows, h, g.paddedH)) {
                for (Index w = nextCopy<Index>(columns, -1, g.paddedW); w >= 0; w = nextCopy(columns, w, g.paddedW)) {
                    sum += dy[((plane + d) * g.paddedH + h) * g.paddedW + w];
                }
            }
        }
        dx[i] = static_cast<Real>(sum);
    }
}

#define PADDING_KERNELS(suffix, Real, Index)                                                                         \
    JCONV_KERNEL(jconv_pad##suffix, int mode, PadGeometry g, const Real* __restrict__ x, Real* __restrict__ y,       \
                 int64_t planes) {                                                                                   \
        padForward<Real, Index>(mode, g, x, y, planes);                                                              \
    }                                                                                                                \
    JCONV_KERNEL(jconv_pad_backward##suffix, int mode, PadGeometry g, const Real* __restrict__ dy,                   \
                 Real* __restrict__ dx, int64_t planes) {                                                            \
        padBackward<Real, Index>(mode, g, dy, dx, planes);                                                           \
    }

FOR_EACH_REAL_AND_INDEX(PADDING_KERNELS)
