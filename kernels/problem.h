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

// A map of d * h * w positions with `before` positions in front of it and behind it as many as lead to the padded size. The
// host writes the fields in this order.
struct PadGeometry {
    int d, h, w;
    int paddedD, paddedH, paddedW;
    int beforeD, beforeH, beforeW;
};
