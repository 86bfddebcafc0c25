#include "extension.h"

#include "../emulation/device_memory.h"
#include "calls.h"
#include "streams.h"

namespace emulated::driver {

namespace {

int call(const char* function, int withoutContext, int failed, bool needsHealth, const std::function<int()>& body) {
    int asked = CUDA_SUCCESS;
    int status = failed;
    CUresult result = guarded([&](Driver&) {
        asked = Settings::instance().enter(function);
        if (asked == CUDA_SUCCESS) {
            Context& context = currentContext();
            if (needsHealth) {
                requireHealthy(context);
            }
            status = body();
        }
    });
    bool noContext = result == CUDA_ERROR_INVALID_CONTEXT || result == CUDA_ERROR_CONTEXT_IS_DESTROYED;
    return asked != CUDA_SUCCESS ? asked : noContext ? withoutContext : result != CUDA_SUCCESS ? failed : status;
}

}  // namespace

int foreignCall(const char* function, int withoutContext, int failed, const std::function<int()>& body) {
    return call(function, withoutContext, failed, true, body);
}

int foreignAnywhere(const char* function, const std::function<int()>& body) {
    int status = CUDA_SUCCESS;
    guarded([&](Driver&) {
        status = Settings::instance().enter(function);
        if (status == CUDA_SUCCESS) {
            status = body();
        }
    });
    return status;
}

int foreignEnd(const char* function, int withoutContext, int failed, const std::function<int()>& body) {
    return call(function, withoutContext, failed, false, body);
}

void enqueueForeign(CUstream stream, std::function<std::optional<DeviceError>()> work) {
    enqueue(currentContext(), stream, std::move(work));
}

void foreignAllocation(const char* function) {
    refuseDuringCapture(function);
}

bool isRecording(CUstream stream) {
    return isCapturing(*streamOf(currentContext(), stream));
}

bool isDeviceMemory(const void* address, size_t bytes) {
    return DeviceMemory::instance().contains(address, bytes);
}

void countForeign(const char* kind, int change) {
    Driver::instance().foreign[kind] += change;
}

const CudnnSettings& cudnnSettings() {
    return Settings::instance().cudnn;
}

}  // namespace emulated::driver
