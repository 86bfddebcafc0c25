// The algorithms that cuDNN has for each operation: their names, what each serves, and the workspace that it asks for.

#pragma once

#include <string>
#include <vector>

#include "descriptors.h"

namespace emulated::cudnn {

enum class Operation { FORWARD, BACKWARD_DATA, BACKWARD_FILTER };

// One operation on tensors that fit together.
struct Problem {
    Operation operation;
    Tensor x, y;
    Filter w;
    Convolution convolution;
};

struct Algorithm {
    const char* name;
    bool deterministic;
};

// By cuDNN's number; the names are those of cudnnConvolution{Fwd,BwdData,BwdFilter}Algo_t without what they have in common.
const std::vector<Algorithm>& algorithms(Operation operation);

// The size of an axis of y; 0 or less when the filter does not fit.
int64_t outputSize(const Problem& problem, size_t axis);

// Whether the shapes and types belong together.
bool isConsistent(const Problem& problem);

// As cuDNN's documentation says of its algorithms: which types, filters, strides and dilations each serves.
bool serves(const Problem& problem, int algorithm);

// Bytes that a run needs, and writes.
size_t workspaceBytes(const Problem& problem, int algorithm);

// The numbers of all algorithms, the one to try first in front; those that do not serve are at the end.
std::vector<int> ranking(const Problem& problem);

}  // namespace emulated::cudnn
