// The problem as the kernels see it, and the arithmetic of one axis.
//
//   x [N, C, D, H, W]    w [K, C/G, T, R, S]    y [N, K, Z, P, Q]        row-major, fp32
//
// One- and two-dimensional problems come as three-dimensional ones whose outer axes have one position and one tap.
//
// Index is the type of positions and of offsets into a tensor: int where every count of the launch stays below 2^30,
// else int64_t. A kernel exists for both, with the suffix _i32 or _i64; the host chooses.

#pragma once

#include "gpu.h"
#include "problem.h"

template <typename Index>
DEVICE Index inputPositions(const ConvGeometry& g) {
    return static_cast<Index>(g.d) * g.h * g.w;
}

template <typename Index>
DEVICE Index outputPositions(const ConvGeometry& g) {
    return static_cast<Index>(g.z) * g.p * g.q;
}

DEVICE int filterTaps(const ConvGeometry& g) {
    return g.t * g.r * g.s;
}

template <typename Index>
DEVICE bool inside(Index position, int size) {
    return position >= 0 && position < size;
}

// A position of a [Z, P, Q] or [D, H, W] box.
template <typename Index>
struct Position {
    Index depth, height, width;
};

template <typename Index>
DEVICE Position<Index> positionAt(Index flat, int height, int width) {
    return {flat / width / height, flat / width % height, flat % width};
}

// The input position that an output position meets with the first tap; each further tap lies a dilation behind.
template <typename Index>
DEVICE Position<Index> firstInput(Position<Index> out, const ConvGeometry& g) {
    return {out.depth * g.strideD - g.padD, out.height * g.strideH - g.padH, out.width * g.strideW - g.padW};
}

// How far from the stride-th multiples of an output position a tap meets the input.
template <typename Index>
DEVICE Position<Index> inputOffset(Position<Index> tap, const ConvGeometry& g) {
    return {tap.depth * g.dilD - g.padD, tap.height * g.dilH - g.padH, tap.width * g.dilW - g.padW};
}

// The taps of one axis that meet one input, in ascending order: tap, tap + step, ..., and the outputs they meet it
// at: output, output - back, ... The walk ends when the taps or the outputs do.
template <typename Index>
struct TapWalk {
    Index tap, output, step, back;
};

// The walk of the input at `padded` = position + begin padding: it begins at the first tap whose output exists, or at
// `filter` if there is none.
template <typename Index>
DEVICE TapWalk<Index> firstTap(Index padded, int filter, int outputs, int stride, int dilation, int step) {
    const Index back = static_cast<Index>(step) * dilation / stride;
    for (Index tap = 0; tap < min(filter, step); ++tap) {
        const Index strided = padded - tap * dilation;
        if (strided < 0) {
            break;
        }
        if (strided % stride == 0) {
            const Index beyond = strided / stride - (outputs - 1);
            const Index skipped = beyond > 0 ? (beyond + back - 1) / back : 0;
            return {tap + skipped * step, strided / stride - skipped * back, step, back};
        }
    }
    return {filter, 0, step, back};
}

// The walks of the three axes.
template <typename Index>
struct BoxWalk {
    TapWalk<Index> depth, height, width;
};

template <typename Index>
DEVICE BoxWalk<Index> firstTaps(Position<Index> in, const ConvGeometry& g) {
    return {firstTap(in.depth + g.padD, g.t, g.z, g.strideD, g.dilD, g.stepD),
            firstTap(in.height + g.padH, g.r, g.p, g.strideH, g.dilH, g.stepH),
            firstTap(in.width + g.padW, g.s, g.q, g.strideW, g.dilW, g.stepW)};
}

// Calls `meet` for every tap of the filter that meets the input, in ascending order, with the tap's and the output's
// number in their boxes [T, R, S] and [Z, P, Q].
template <typename Index, typename Meet>
DEVICE void forEachMeeting(const BoxWalk<Index>& walk, const ConvGeometry& g, Meet meet) {
    const TapWalk<Index>& d = walk.depth;
    const TapWalk<Index>& h = walk.height;
    const TapWalk<Index>& w = walk.width;
    for (Index t = d.tap, z = d.output; t < g.t && z >= 0; t += d.step, z -= d.back) {
        for (Index r = h.tap, p = h.output; r < g.r && p >= 0; r += h.step, p -= h.back) {
            for (Index s = w.tap, q = w.output; s < g.s && q >= 0; s += w.step, q -= w.back) {
                meet((t * g.r + r) * g.s + s, (z * g.p + p) * g.q + q);
            }
        }
    }
}

// A walk over [N, Z, P, Q] in steps of a fixed number of elements, without a division per step.
template <typename Index>
struct OutputWalk {
    Index n, z, p, q;
    Index stepN, stepZ, stepP, stepQ;
};

template <typename Index>
DEVICE OutputWalk<Index> walkFrom(Index start, Index step, const ConvGeometry& g) {
    return {start / g.q / g.p / g.z, start / g.q / g.p % g.z, start / g.q % g.p, start % g.q,
            step / g.q / g.p / g.z,  step / g.q / g.p % g.z,  step / g.q % g.p,  step % g.q};
}

template <typename Index>
DEVICE void advance(OutputWalk<Index>& walk, const ConvGeometry& g) {
    walk.q += walk.stepQ;
    const bool carryQ = walk.q >= g.q;
    walk.q -= carryQ ? g.q : 0;
    walk.p += walk.stepP + carryQ;
    const bool carryP = walk.p >= g.p;
    walk.p -= carryP ? g.p : 0;
    walk.z += walk.stepZ + carryP;
    const bool carryZ = walk.z >= g.z;
    walk.z -= carryZ ? g.z : 0;
    walk.n += walk.stepN + carryZ;
}
