// The two types of 16 bits, converted with integers, so that every chip rounds alike. Arithmetic is in fp32.

#pragma once

#include <cmath>
#include <cstring>

#include "gpu.h"

DEVICE uint32_t bitsOf(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

DEVICE float fromBits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

struct Fp16 {
    static DEVICE uint16_t narrow(float value) {
        const uint32_t sign = bitsOf(value) >> 16 & 0x8000u;
        const uint32_t magnitude = bitsOf(value) & 0x7fffffffu;
        if (magnitude > 0x7f800000u) {
            return static_cast<uint16_t>(sign | 0x7e00u);
        }
        if (magnitude >= 0x477ff000u) {  // 65520, halfway to what would be 2^16
            return static_cast<uint16_t>(sign | 0x7c00u);
        }
        if (magnitude < 0x38800000u) {  // below 2^-14 the steps are 2^-24
            return static_cast<uint16_t>(sign | static_cast<uint32_t>(rintf(fromBits(magnitude) * 0x1p24f)));
        }
        const uint32_t rebiased = magnitude - (112u << 23);
        return static_cast<uint16_t>(sign | ((rebiased + 0xfffu + (rebiased >> 13 & 1u)) >> 13));
    }

    static DEVICE float widen(uint16_t value) {
        const uint32_t sign = static_cast<uint32_t>(value & 0x8000u) << 16;
        const uint32_t exponent = value >> 10 & 0x1fu;
        const uint32_t fraction = value & 0x3ffu;
        if (exponent == 0) {
            return fromBits(sign | bitsOf(static_cast<float>(fraction) * 0x1p-24f));
        }
        return fromBits(sign | (exponent == 31 ? 0x7f800000u : (exponent + 112u) << 23) | fraction << 13);
    }
};

struct Bf16 {
    static DEVICE uint16_t narrow(float value) {
        const uint32_t bits = bitsOf(value);
        if ((bits & 0x7fffffffu) > 0x7f800000u) {
            return static_cast<uint16_t>(bits >> 16 | 0x40u);
        }
        return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
    }

    static DEVICE float widen(uint16_t value) { return fromBits(static_cast<uint32_t>(value) << 16); }
};

// A number in memory: read as fp32, rounded to the nearest, ties to even, when it is stored. Overflow gives infinity; a NaN stays one.
template <typename Type>
struct Narrow {
    uint16_t bits;

    Narrow() = default;
    DEVICE explicit Narrow(float value) : bits(Type::narrow(value)) {}
    DEVICE operator float() const { return Type::widen(bits); }
};

using Half = Narrow<Fp16>;
using Brain = Narrow<Bf16>;
