// The g++ half of kernels/tensor_cores.h.

#pragma once

#include "gpu_emulation.h"

namespace emulated {

// What factors are. A word is one number of TF32, or two of 16 bits, the first in its lower half.
enum class Factors { TF32, FP16, BF16 };

// A lane's elements of sum [16, 8] += a [16, 8 words] * b [8 words, 8].
struct MatrixPieces {
    Factors factors;
    float* sum;
    const uint32_t* a;
    const uint32_t* b;
};

// To 11 significant bits, to the nearest, ties away from zero. NaN keeps a bit that says so.
inline float roundToTf32(float value) {
    if (!std::isfinite(value)) {
        return value;
    }
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0x1000u) & 0xffffe000u;
    std::memcpy(&value, &bits, sizeof bits);
    return value;
}

inline void multiplyMatrices(Factors factors, float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], Site site) {
    const MatrixPieces pieces = {factors, sum, a, b};
    warpMeeting(WarpOperation::MULTIPLY_MATRICES, 0xffffffffu, reinterpret_cast<uint64_t>(&pieces), 0, warpSize, site);
}

}  // namespace emulated

inline void multiplyTf32(float (&sum)[4], const float (&a)[4], const float (&b)[2], JCONV_SITE) {
    uint32_t wordsOfA[4], wordsOfB[2];
    std::memcpy(wordsOfA, a, sizeof a);
    std::memcpy(wordsOfB, b, sizeof b);
    emulated::multiplyMatrices(emulated::Factors::TF32, sum, wordsOfA, wordsOfB, {file, line});
}

inline void multiplyFp16(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], JCONV_SITE) {
    emulated::multiplyMatrices(emulated::Factors::FP16, sum, a, b, {file, line});
}

inline void multiplyBf16(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], JCONV_SITE) {
    emulated::multiplyMatrices(emulated::Factors::BF16, sum, a, b, {file, line});
}

DEVICE float roundToTf32(float value) {
    return emulated::roundToTf32(value);
}
