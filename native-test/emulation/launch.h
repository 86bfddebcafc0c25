// Kernels by name, and grids of blocks over the worker threads.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "block_runner.h"

namespace emulated {

// The kernel with this name; null if no kernel source that was linked in has it.
const Kernel* findKernel(const std::string& name);

// Runs a grid to its end; the error of a block that failed, or nothing. One grid runs at a time. Uses `workers` threads
// (at least 1) but never the caller's, whose stack belongs to the host program.
std::optional<DeviceError> launch(const Grid& grid, unsigned workers);

// As many workers as this machine has processors, and no more than four.
unsigned defaultWorkers();

}  // namespace emulated
