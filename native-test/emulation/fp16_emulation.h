// The g++ half of kernels/sixteen_bits.h.

#pragma once

#include "gpu_emulation.h"
#include "../emulation/sixteen_bits.h"

DEVICE uint16_t toFp16(float value) {
    return emulated::toHalf(value);
}

DEVICE float fromFp16(uint16_t bits) {
    return emulated::fromHalf(bits);
}
