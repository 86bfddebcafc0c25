// Kernels that exist for several types of numbers and indices, written once.

#pragma once

#include "gpu.h"

// Calls a macro (suffix, number) for fp32 and fp64 tensors: the kernel's name is the same, with _f64 behind it for fp64.
#define FOR_EACH_REAL(define) define(, float) define(_f64, double)

// Calls a macro (suffix, number, index) for fp32 tensors with either index and fp64 tensors with the wide one.
#define FOR_EACH_REAL_AND_INDEX(define) \
    define(_i32, float, int) define(_i64, float, int64_t) define(_f64, double, int64_t)
