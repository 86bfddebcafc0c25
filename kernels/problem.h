// The structs that the host hands to kernels: plain numbers, the same in C++ and in Java.

#pragma once

// The host's record of the same name, field by field. cg and kg are channels and filters per group. Only the begin
// padding appears, the end is implied by the output sizes. step is stride / gcd(stride, dilation): the distance
// between two taps that meet the same input.
struct ConvGeometry {
    int n, c, k, groups, cg, kg;
    int d, h, w;
    int t, r, s;
    int z, p, q;
    int strideD, strideH, strideW;
    int padD, padH, padW;
    int dilD, dilH, dilW;
    int stepD, stepH, stepW;
};

// One residue class of the inputs of an axis modulo its stride: input first + i*stride, i < inputs, and tap firstTap
// + j*step, j < taps, meet at output i + shift - j*back with back = step * dilation / stride. The host's record
// ResidueClass.
struct ResidueAxis {
    int first, inputs, firstTap, taps, shift;
};

struct ResidueBox {
    ResidueAxis depth, height, width;
};

// One axis of a convolution as a matrix product. Position i and tap j, i < positions, j < taps, meet at
//
//   source  firstSource + i*sourceStride + j*sourceStep,   a zero outside of 0 .. sources - 1
//   tap     firstTap + j*tapStep                            of the filter's `filter`
//   target  firstTarget + i*targetStride                    of `targets`
//
// The host's record GemmAxis.
struct GemmAxis {
    int positions, taps;
    int sources, firstSource, sourceStride, sourceStep;
    int filter, firstTap, tapStep;
    int targets, firstTarget, targetStride;
};

// A convolution from a source [N, groups * channels, sources] to a target [N, groups * filters, targets], forward or one residue class of
// a data gradient; `filters` counts the maps of the target in a group, rows of the matrix, and `channels` those of the source. The
// element of row f, channel c and a tap lies (f * filterStep + c * channelStep) * taps of a filter + tap behind the first of its group.
// The host's record GemmGeometry.
struct GemmGeometry {
    int n, groups, filters, channels;
    int filterStep, channelStep;
    GemmAxis depth, height, width;
};

// A map of d * h * w positions with `before` positions in front of it and behind it as many as lead to the padded size. The
// host writes the fields in this order.
struct PadGeometry {
    int d, h, w;
    int paddedD, paddedH, paddedW;
    int beforeD, beforeH, beforeW;
};
