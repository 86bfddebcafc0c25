// The convolutions themselves: plain loops over what the descriptors say.

#pragma once

#include "../driver/extension.h"
#include "algorithms.h"

namespace emulated::cudnn {

// How a run goes wrong, for the tests of those who check it.
struct Flaw {
    driver::CudnnDefect::Kind kind = driver::CudnnDefect::Kind::NONE;
    int64_t limit = 0;
    bool backwards = false;  // the products are added in descending order
};

// result = alpha * operation + beta * result; where beta is 0, the result is not read. The pointers are those of the problem's
// tensors; which of them is written says the operation.
void convolve(const Problem& problem, const Flaw& flaw, double alpha, double beta, void* x, void* w, void* y);

// The values of a tensor in row-major order of its axes, and back.
std::vector<double> gathered(const Tensor& tensor, const void* values);
void scatter(const Tensor& tensor, const std::vector<double>& values, void* target);

}  // namespace emulated::cudnn
