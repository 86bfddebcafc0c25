// What the emulated driver reads in PTX text: the version, the target, and the kernels with their parameters.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "../emulation/gpu_emulation.h"

namespace emulated::driver {

struct PtxParameter {
    size_t size;
    size_t alignment;
};

struct PtxEntry {
    std::string name;
    std::vector<PtxParameter> parameters;
    unsigned maxThreads = 0;  // from .maxntid or .reqntid; 0 if there is none
};

struct PtxModule {
    int version = 0;  // 70 for 7.0
    int target = 0;   // 80 for sm_80
    std::map<std::string, PtxEntry> entries;
};

// Thrown with the line that a compiler's log would have.
struct PtxError {
    std::string message;
};

PtxModule parsePtx(const std::string& text);

// The kernel that was built from the same source; its parameters must be those that the PTX states.
const Kernel& findKernelOf(const PtxEntry& entry);

// The newest PTX version that the driver of a CUDA version reads: 85 for 12050.
int newestPtxVersion(int driverVersion);

}  // namespace emulated::driver
