// What the kernels understand when the host hands them its records: lets a test compare both sides field by field.
//
//   fields[i] = the i-th field of the geometry, then of the residue box, the padding and the matrix product
//
// One thread does everything; grid and block of one. Overwrites fields[0 .. 92].

#include "geometry.h"

JCONV_KERNEL(jconv_geometry_fields, ConvGeometry g, ResidueBox box, PadGeometry pad,
             GemmGeometry gemm, int* __restrict__ fields) {
    const int values[] = {g.n, g.c, g.k, g.groups, g.cg, g.kg, g.d, g.h, g.w, g.t, g.r, g.s, g.z, g.p, g.q,
                          g.strideD, g.strideH, g.strideW, g.padD, g.padH, g.padW, g.dilD, g.dilH, g.dilW,
                          g.stepD, g.stepH, g.stepW,
                          box.depth.first, box.depth.inputs, box.depth.firstTap, box.depth.taps, box.depth.shift,
                          box.height.first, box.height.inputs, box.height.firstTap, box.height.taps, box.height.shift,
                          box.width.first, box.width.inputs, box.width.firstTap, box.width.taps, box.width.shift,
                          pad.d, pad.h, pad.w, pad.paddedD, pad.paddedH, pad.paddedW,
                          pad.beforeD, pad.beforeH, pad.beforeW,
                          gemm.n, gemm.groups, gemm.filters, gemm.channels, gemm.filterStep, gemm.channelStep,
                          gemm.depth.positions, gemm.depth.taps, gemm.depth.sources, gemm.depth.firstSource,
                          gemm.depth.sourceStride, gemm.depth.sourceStep, gemm.depth.filter, gemm.depth.firstTap,
                          gemm.depth.tapStep, gemm.depth.targets, gemm.depth.firstTarget, gemm.depth.targetStride,
                          gemm.height.positions, gemm.height.taps, gemm.height.sources, gemm.height.firstSource,
                          gemm.height.sourceStride, gemm.height.sourceStep, gemm.height.filter, gemm.height.firstTap,
                          gemm.height.tapStep, gemm.height.targets, gemm.height.firstTarget, gemm.height.targetStride,
                          gemm.width.positions, gemm.width.taps, gemm.width.sources, gemm.width.firstSource,
                          gemm.width.sourceStride, gemm.width.sourceStep, gemm.width.filter, gemm.width.firstTap,
                          gemm.width.tapStep, gemm.width.targets, gemm.width.firstTarget, gemm.width.targetStride};
    for (int i = 0; i < static_cast<int>(sizeof(values) / sizeof(values[0])); ++i) {
        fields[i] = values[i];
    }
}
