// How every function of the driver begins and ends: it is counted, may be made to fail, finds its context, and turns a
// refusal into its return value.

#pragma once

#include <new>

#include "objects.h"
#include "settings.h"

#define JCONV_EXPORT extern "C" __attribute__((visibility("default")))

// DRIVER_CALL(cuMemAlloc_v2, CUdeviceptr* address, size_t bytes) { ... }
#define DRIVER_CALL(name, ...) JCONV_EXPORT CUresult name(__VA_ARGS__)

namespace emulated::driver {

inline void require(bool condition, CUresult code, const std::string& reason) {
    if (!condition) {
        throw Refusal{code, reason};
    }
}

inline void requireValue(bool condition, const std::string& reason) {
    require(condition, CUDA_ERROR_INVALID_VALUE, reason);
}

// The calling thread's context.
Context& currentContext();

// Throws the context's failure, if it has one.
void requireHealthy(const Context& context);

// Throws if a capture forbids calls like this one on this thread, and spoils that capture, as the driver does.
void refuseDuringCapture(const char* function);

// The error that a test has asked this call to return. A device error sticks to the current context.
void failIfAsked(const char* function);

template <typename Body>
CUresult guarded(Body body) {
    Driver& driver = Driver::instance();
    std::lock_guard<std::mutex> lock(driver.mutex);
    try {
        body(driver);
        return CUDA_SUCCESS;
    } catch (const Refusal& refusal) {
        driver.remember(refusal);
        return refusal.code;
    } catch (const std::bad_alloc&) {
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
}

// A call that needs no more than the library.
template <typename Body>
CUresult callAnywhere(const char* function, Body body) {
    return guarded([&](Driver& driver) {
        failIfAsked(function);
        body(driver);
    });
}

// A call that needs cuInit.
template <typename Body>
CUresult callInitialised(const char* function, Body body) {
    return callAnywhere(function, [&](Driver& driver) {
        require(driver.initialised, CUDA_ERROR_NOT_INITIALIZED, "cuInit has not been called");
        body(driver);
    });
}

// A call that needs a current context in which nothing has failed.
template <typename Body>
CUresult callInContext(const char* function, Body body) {
    return callInitialised(function, [&](Driver& driver) {
        Context& context = currentContext();
        requireHealthy(context);
        body(driver, context);
    });
}

}  // namespace emulated::driver
