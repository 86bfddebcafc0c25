// The two types of 16 bits. Arithmetic is in fp32. bf16 is converted with integers, as its instruction is not on every chip.

#pragma once

#include <cstring>

#include "gpu.h"

#ifdef __CUDACC__

// The bits of the number of fp16 that is nearest, ties to even. Overflow gives infinity, a NaN one without its bits.
DEVICE uint16_t toFp16(float value) {
    uint16_t bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
}

DEVICE float fromFp16(uint16_t bits) {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
}

#else
#include "fp16_emulation.h"
#endif

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
        return toFp16(value);
    }

    static DEVICE float widen(uint16_t value) {
        return fromFp16(value);
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
