// What went wrong on the emulated device, in the driver's error codes and in words.

#pragma once

#include <string>

namespace emulated {

// The values of CUresult that a kernel can cause.
enum class Fault : int {
    ILLEGAL_ADDRESS = 700,
    MISALIGNED_ADDRESS = 716,
    LAUNCH_FAILED = 719,
};

// One failed launch: the code that the driver reports from then on, and what a person wants to know.
struct DeviceError {
    Fault fault;
    std::string message;
};

}  // namespace emulated
