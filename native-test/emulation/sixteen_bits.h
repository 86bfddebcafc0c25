// The two types of 16 bits for the emulated libraries; bf16 written once more than in kernels/sixteen_bits.h, which is held against them.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace emulated {

inline float fromBits(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

inline uint32_t bitsOf(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

inline float fromBfloat(uint16_t value) {
    return fromBits(uint32_t{value} << 16);
}

// To the nearest, ties to even; a NaN stays one.
inline uint16_t toBfloat(float value) {
    uint32_t bits = bitsOf(value);
    if (std::isnan(value)) {
        return static_cast<uint16_t>(bits >> 16 | 0x40);
    }
    return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Every NaN is the same, with all bits but the sign set, as on a chip; likewise in toHalf.
inline float fromHalf(uint16_t value) {
    uint32_t sign = uint32_t{value & 0x8000u} << 16;
    int exponent = value >> 10 & 0x1f;
    uint32_t fraction = value & 0x3ffu;
    if (exponent == 31) {
        return fromBits(fraction != 0 ? 0x7fffffffu : sign | 0x7f800000u);
    }
    float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                    : std::ldexp(static_cast<float>(fraction | 0x400u), exponent - 25);
    return sign != 0 ? -magnitude : magnitude;
}

// To the nearest, ties to even, as the arithmetic of the host rounds.
inline uint16_t toHalf(float value) {
    uint16_t sign = static_cast<uint16_t>(bitsOf(value) >> 16 & 0x8000u);
    float magnitude = std::fabs(value);
    if (std::isnan(value)) {
        return 0x7fff;
    }
    if (magnitude >= 65520.0f) {
        return sign | 0x7c00;
    }
    int exponent;
    std::frexp(magnitude, &exponent);
    int unit = std::max(exponent - 11, -24);  // of the last bit
    auto steps = static_cast<uint32_t>(std::nearbyint(std::ldexp(magnitude, -unit)));
    if (steps == 0x800) {
        steps = 0x400;
        unit++;
    }
    uint32_t bits = steps < 0x400 ? steps : static_cast<uint32_t>(unit + 25) << 10 | (steps & 0x3ffu);
    return static_cast<uint16_t>(sign | bits);
}

}  // namespace emulated
