// col2im: adds the columns of a gradient up into the gradient of the input. A scatter written as a gather: no
// atomics, the same bits in every run.
//
//   dx[plane][d][h][w] = sum over t, r, s: columns[plane][t][r][s][z][p][q]
//
//   over those taps for which z = (d + padD - t*dilD) / strideD is a whole number in [0, Z), and likewise p and q.
//
// Planes are images times channels, contiguous in dx and in columns.
//
// One thread: one element of dx; it walks only the taps that meet it. The sum runs over t, r, s in ascending order.
// Grid: x counts the elements of dx in blocks; a grid-stride loop.
// May exceed 2^31: the offset into dx, the offset into columns.
// Columns are of fp32; the suffixes _fp16 and _bf16 name the type of a dx of 16 bits, to which the sum in fp32 is rounded when it is
// stored, dx's old value included when accumulating.
// Overwrites dx, or adds to it when accumulate is not 0. Bound by memory: each element of columns is read once, each
// of dx written once.

#include "geometry.h"
#include "sixteen_bits.h"

template <typename Index, typename Number>
DEVICE void col2im(const float* __restrict__ columns, Number* __restrict__ dx, const ConvGeometry& g, Index planes,
                   int accumulate) {
    const Index positions = inputPositions<Index>(g);
    const Index outputs = outputPositions<Index>(g);
    const Index threads = planes * positions;
    for (Index i = globalThread(); i < threads; i += globalThreads()) {
        const Index firstRow = i / positions * filterTaps(g);
        float sum = 0.0f;
        forEachMeeting(firstTaps(positionAt(i % positions, g.h, g.w), g), g, [&](Index tap, Index output) {
            sum += columns[(firstRow + tap) * outputs + output];
        });
        dx[i] = Number(accumulate ? dx[i] + sum : sum);
    }
}

JCONV_KERNEL(jconv_col2im_i32, const float* __restrict__ columns, float* __restrict__ dx, ConvGeometry g,
             int64_t planes, int accumulate) {
    col2im<int>(columns, dx, g, planes, accumulate);
}

JCONV_KERNEL(jconv_col2im_i64, const float* __restrict__ columns, float* __restrict__ dx, ConvGeometry g,
             int64_t planes, int accumulate) {
    col2im<int64_t>(columns, dx, g, planes, accumulate);
}

#define COL2IM_KERNEL(suffix, Number, Index)                                                                       \
    JCONV_KERNEL(jconv_col2im##suffix, const float* __restrict__ columns, Number* __restrict__ dx, ConvGeometry g, \
                 int64_t planes, int accumulate) {                                                                 \
        col2im<Index>(columns, dx, g, planes, accumulate);                                                         \
    }

COL2IM_KERNEL(_fp16_i32, Half, int)
COL2IM_KERNEL(_fp16_i64, Half, int64_t)
COL2IM_KERNEL(_bf16_i32, Brain, int)
COL2IM_KERNEL(_bf16_i64, Brain, int64_t)
