// The g++ half of kernels/tensor_cores.h.

#pragma once

#include "gpu_emulation.h"

namespace emulated {

// A lane's elements of sum [16, 8] += a [16, 8] * b [8, 8].
struct Tf32Pieces {
    float* sum;
    const float* a;
    const float* b;
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

}  // namespace emulated

inline void multiplyTf32(float (&sum)[4], const float (&a)[4], const float (&b)[2], JCONV_SITE) {
    const emulated::Tf32Pieces pieces = {sum, a, b};
    emulated::warpMeeting(emulated::WarpOperation::MULTIPLY_TF32, 0xffffffffu, reinterpret_cast<uint64_t>(&pieces), 0, warpSize, {file, line});
}

DEVICE float roundToTf32(float value) {
    return emulated::roundToTf32(value);
}
