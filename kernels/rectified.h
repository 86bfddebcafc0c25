// The ReLU of kernels that end with one.

#pragma once

#include "gpu.h"

// max(value, 0), with 0 for both zeros; a NaN stays one.
template <typename Real>
DEVICE Real rectified(Real value) {
    return value > 0 || value != value ? value : 0;
}
