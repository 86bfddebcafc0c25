// What tensor cores do with numbers of TF32 and of 16 bits, as functions with an emulation. From sm_80 on: a kernel file
// that uses them says so at its head, in a line "Needs sm_80".

#pragma once

#include "gpu.h"

#ifdef __CUDACC__

// The number with the 11 significant bits of TF32 that is nearest, of two the larger one; NaN and infinities stay what they are.
DEVICE float roundToTf32(float value) {
    unsigned rounded;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(value));
    return __uint_as_float(rounded);
}

// sum [16, 8] += a [16, 8] * b [8, 8] on tensor cores, by all lanes of a warp together. With group = lane / 4 and four = lane % 4 a lane
// holds a[group][four], a[group + 8][four], a[group][four + 4], a[group + 8][four + 4]; b[four][group], b[four + 4][group]; and
// sum[group][2 * four], sum[group][2 * four + 1], sum[group + 8][2 * four], sum[group + 8][2 * four + 1]. The factors are numbers of
// TF32. Products are exact, and what does not fit into fp32 when they are added may be cut off.
DEVICE void multiplyTf32(float (&sum)[4], const float (&a)[4], const float (&b)[2]) {
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])), "r"(__float_as_uint(a[3])),
                   "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
}

// The same of twice the depth, sum [16, 8] += a [16, 16] * b [16, 8], with numbers of fp16, two of which make a word: those of the depths
// 2 * i and 2 * i + 1, the first in the lower half. The words are held as the numbers of TF32 are, a as [16, 8 words], b as [8 words, 8].
DEVICE void multiplyFp16(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// The same with numbers of bfloat16.
DEVICE void multiplyBf16(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#else
#include "tensor_emulation.h"
#endif
