// What the emulated driver offers to the other emulated libraries, which are loaded beside it.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "../emulation/device_error.h"
#include "abi.h"

#define JCONV_SHARED __attribute__((visibility("default")))

namespace emulated::driver {

// Runs a function of another library under the driver's mutex: counted, made to fail when a test asks for it, refused with
// `withoutContext` where no context is current and with `failed` where the context or the stream refuses.
JCONV_SHARED int foreignCall(const char* function, int withoutContext, int failed, const std::function<int()>& body);

// The same for a function that needs no context.
JCONV_SHARED int foreignAnywhere(const char* function, const std::function<int()>& body);

// The same for a function that ends something: it does so even when the context has failed.
JCONV_SHARED int foreignEnd(const char* function, int withoutContext, int failed, const std::function<int()>& body);

// Adds work to a stream of the current context; within foreignCall only.
JCONV_SHARED void enqueueForeign(CUstream stream, std::function<std::optional<DeviceError>()> work);

// Says that the library allocates memory now, which spoils a recording that the calling thread makes; within foreignCall only.
JCONV_SHARED void foreignAllocation(const char* function);

// Whether the stream of the current context records a graph; within foreignCall only.
JCONV_SHARED bool isRecording(CUstream stream);

// Whether the range lies in one allocation.
JCONV_SHARED bool isDeviceMemory(const void* address, size_t bytes);

// Counts the living objects of a kind, for the report.
JCONV_SHARED void countForeign(const char* kind, int change);

// A mistake for the emulated cuDNN to make, in one of its algorithms or, without a name, in all.
struct CudnnDefect {
    enum class Kind { NONE, END_PADDING, GROUP_OFFSET, ZEROS_PAST, UNINITIALISED, VARYING };

    Kind kind = Kind::NONE;
    int64_t limit = 0;  // of ZEROS_PAST: how many elements are right
    std::string algorithm;
};

// What the emulated cuDNN is, as commands have said it.
struct CudnnSettings {
    int version;  // 8907 for 8.9.7, 90501 for 9.5.1; 0 for that of the library's name
    CudnnDefect defect;
};

JCONV_SHARED const CudnnSettings& cudnnSettings();

}  // namespace emulated::driver
