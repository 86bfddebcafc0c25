// What the emulated driver offers to the other emulated libraries, which are loaded beside it.

#pragma once

#include <functional>
#include <optional>

#include "../emulation/device_error.h"
#include "abi.h"

#define JCONV_SHARED __attribute__((visibility("default")))

namespace emulated::driver {

// Runs a function of another library under the driver's mutex: counted, made to fail when a test asks for it, refused with
// `withoutContext` where no context is current and with `failed` where the context or the stream refuses.
JCONV_SHARED int foreignCall(const char* function, int withoutContext, int failed, const std::function<int()>& body);

// The same for a function that ends something: it does so even when the context has failed.
JCONV_SHARED int foreignEnd(const char* function, int withoutContext, int failed, const std::function<int()>& body);

// Adds work to a stream of the current context; within foreignCall only.
JCONV_SHARED void enqueueForeign(CUstream stream, std::function<std::optional<DeviceError>()> work);

// Whether the range lies in one allocation.
JCONV_SHARED bool isDeviceMemory(const void* address, size_t bytes);

// Counts the living objects of a kind, for the report.
JCONV_SHARED void countForeign(const char* kind, int change);

}  // namespace emulated::driver
