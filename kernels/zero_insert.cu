// Zero insertion with padding and crop: spreads a map so that a valid convolution with stride 1 over it is
// backward-data.
//
//   target[plane][d][h][w] = source[plane][z][p][q]   where d = z*strideD - padD, h = p*strideH - padH,
//                                                           w = q*strideW - padW
//                          = 0                        everywhere else
//
// It is the transpose of taking every stride-th point, so its geometry reads as that of a one-tap convolution: the
// target is the input (d, h, w), the source the output (z, p, q). A negative pad puts zeros in front, a positive one
// crops; the target's sizes do the same at the end. With stride 1 it is plain padding.
//
// Planes are images times channels.
//
// One thread: one element of the target. Grid: x counts them in blocks; a grid-stride loop.
// May exceed 2^31: the offset into either map.
// Overwrites the target. Bound by memory: one store per element of the target, one load per element of the source.

#include "geometry.h"

template <typename Index>
DEVICE bool isSource(Index strided, int outputs, int stride) {
    return strided >= 0 && strided % stride == 0 && strided / stride < outputs;
}

template <typename Index>
DEVICE void zeroInsert(const float* __restrict__ source, float* __restrict__ target, const ConvGeometry& g,
                       Index planes) {
    const Index positions = inputPositions<Index>(g);
    const Index threads = planes * positions;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const Position<Index> at = positionAt(i % positions, g.h, g.w);
        const Index d = at.depth + g.padD;
        const Index h = at.height + g.padH;
        const Index w = at.width + g.padW;
        float value = 0.0f;
        if (isSource(d, g.z, g.strideD) && isSource(h, g.p, g.strideH) && isSource(w, g.q, g.strideW)) {
            value = source[((i / positions * g.z + d / g.strideD) * g.p + h / g.strideH) * g.q + w / g.strideW];
        }
        target[i] = value;
    }
}

JCONV_KERNEL(jconv_zero_insert_i32, const float* __restrict__ source, float* __restrict__ target, ConvGeometry g,
             int64_t planes) {
    zeroInsert<int>(source, target, g, planes);
}

JCONV_KERNEL(jconv_zero_insert_i64, const float* __restrict__ source, float* __restrict__ target, ConvGeometry g,
             int64_t planes) {
    zeroInsert<int64_t>(source, target, g, planes);
}
