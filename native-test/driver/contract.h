// What the shipped PTX and the emulated device must agree on.

#pragma once

#include "../emulation/gpu_emulation.h"
#include "../ptx/module.h"

namespace emulated::driver {

// The kernel that was built from the same source; its parameters must be those that the PTX states.
const Kernel& findKernelOf(const ptx::PtxEntry& entry);

// The newest PTX version that the driver of a CUDA version reads: 85 for 12050.
int newestPtxVersion(int driverVersion);

}  // namespace emulated::driver
