// im2col: the column matrix whose product with the filters is the convolution.
//
//   columns[plane][t][r][s][i] = x[plane][d][h][w]
//
//   with d = z*strideD - padD + t*dilD, h = p*strideH - padH + r*dilH, w = q*strideW - padW + s*dilW, where (z, p, q) is
//   the output position first + i; 0 where (d, h, w) is padding.
//
// Planes are images times channels, contiguous in x and in columns, so the columns of one image form the matrix
// [C*T*R*S, positions]. A launch covers the output positions first .. first + positions - 1, all of them or a part.
//
// One thread: one plane and one output position, all taps. Neighbouring threads hold neighbouring positions, so that
// every store of a warp is one run of columns, and every load one run of x when the stride is 1.
// Grid: x counts planes * positions in blocks; a grid-stride loop.
// May exceed 2^31: the offset into x, the offset into columns, the number of threads.
// The suffix _b16 means tensors of either type of 16 bits, whose elements are moved as they are.
// Overwrites columns; x is only read. Bound by memory: one store per tap, loads served by the caches.

#include "geometry.h"

template <typename Index, typename Number>
DEVICE void im2col(const Number* __restrict__ x, Number* __restrict__ columns, const ConvGeometry& g, Index planes,
                   Index first, Index positions) {
    const Index threads = planes * positions;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const Index plane = i / positions;
        const Index position = i % positions;
        const Position<Index> at = firstInput(positionAt(first + position, g.p, g.q), g);
        const Index source = plane * inputPositions<Index>(g);
        Index target = plane * filterTaps(g) * positions + position;
        for (int t = 0; t < g.t; ++t) {
            const Index d = at.depth + static_cast<Index>(t) * g.dilD;
            for (int r = 0; r < g.r; ++r) {
                const Index h = at.height + static_cast<Index>(r) * g.dilH;
                const bool rowInside = inside(d, g.d) && inside(h, g.h);
                const Index row = source + (d * g.h + h) * g.w;
                for (int s = 0; s < g.s; ++s) {
                    const Index w = at.width + static_cast<Index>(s) * g.dilW;
                    columns[target] = rowInside && inside(w, g.w) ? x[row + w] : Number(0);
                    target += positions;
                }
            }
        }
    }
}

JCONV_KERNEL(jconv_im2col_i32, const float* __restrict__ x, float* __restrict__ columns, ConvGeometry g, int64_t planes,
             int64_t first, int64_t positions) {
    im2col<int>(x, columns, g, planes, first, positions);
}

JCONV_KERNEL(jconv_im2col_i64, const float* __restrict__ x, float* __restrict__ columns, ConvGeometry g, int64_t planes,
             int64_t first, int64_t positions) {
    im2col<int64_t>(x, columns, g, planes, first, positions);
}

JCONV_KERNEL(jconv_im2col_b16_i32, const uint16_t* __restrict__ x, uint16_t* __restrict__ columns, ConvGeometry g,
             int64_t planes, int64_t first, int64_t positions) {
    im2col<int>(x, columns, g, planes, first, positions);
}

JCONV_KERNEL(jconv_im2col_b16_i64, const uint16_t* __restrict__ x, uint16_t* __restrict__ columns, ConvGeometry g,
             int64_t planes, int64_t first, int64_t positions) {
    im2col<int64_t>(x, columns, g, planes, first, positions);
}
