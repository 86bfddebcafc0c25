// Initialisation, devices and contexts.

#include <cstdio>
#include <cstring>

#include "../emulation/device_memory.h"
#include "calls.h"
#include "streams.h"

namespace emulated::driver {
namespace {

void requireDevice(CUdevice device) {
    require(device >= 0 && device < Settings::instance().deviceCount, CUDA_ERROR_INVALID_DEVICE,
            "there is no device " + std::to_string(device));
}

Context* primaryOf(const Driver& driver, CUdevice device) {
    auto found = driver.primary.find(device);
    return found == driver.primary.end() ? nullptr : found->second;
}

void requireContext(const Driver& driver, CUcontext context) {
    require(driver.isAlive(context), CUDA_ERROR_INVALID_CONTEXT, "not a living context");
}

}  // namespace
}  // namespace emulated::driver

using namespace emulated;
using namespace emulated::driver;

DRIVER_CALL(cuInit, unsigned flags) {
    return callAnywhere("cuInit", [&](Driver& driver) {
        requireValue(flags == 0, "flags must be 0");
        require(Settings::instance().deviceCount > 0, CUDA_ERROR_NO_DEVICE, "the emulation is set to no device");
        driver.initialised = true;
    });
}

DRIVER_CALL(cuDriverGetVersion, int* version) {
    return callAnywhere("cuDriverGetVersion", [&](Driver&) { *version = Settings::instance().driverVersion; });
}

DRIVER_CALL(cuDeviceGetCount, int* count) {
    return callInitialised("cuDeviceGetCount", [&](Driver&) { *count = Settings::instance().deviceCount; });
}

DRIVER_CALL(cuDeviceGet, CUdevice* device, int ordinal) {
    return callInitialised("cuDeviceGet", [&](Driver&) {
        requireDevice(ordinal);
        *device = ordinal;
    });
}

DRIVER_CALL(cuDeviceGetName, char* name, int length, CUdevice device) {
    return callInitialised("cuDeviceGetName", [&](Driver&) {
        requireDevice(device);
        requireValue(length > 0, "no room for the name");
        std::snprintf(name, static_cast<size_t>(length), "Emulated device %d", device);
    });
}

DRIVER_CALL(cuDeviceGetUuid, char* uuid, CUdevice device) {
    return callInitialised("cuDeviceGetUuid", [&](Driver&) {
        requireDevice(device);
        std::memset(uuid, 0, 16);
        uuid[15] = static_cast<char>(device + 1);
    });
}

DRIVER_CALL(cuDeviceGetPCIBusId, char* text, int length, CUdevice device) {
    return callInitialised("cuDeviceGetPCIBusId", [&](Driver&) {
        requireDevice(device);
        requireValue(length > 0, "no room for the bus number");
        std::snprintf(text, static_cast<size_t>(length), "0000:%02x:00.0", device);
    });
}

DRIVER_CALL(cuDeviceTotalMem_v2, size_t* bytes, CUdevice device) {
    return callInitialised("cuDeviceTotalMem", [&](Driver&) {
        requireDevice(device);
        *bytes = DeviceMemory::instance().capacity();
    });
}

DRIVER_CALL(cuDeviceGetAttribute, int* value, int attribute, CUdevice device) {
    return callInitialised("cuDeviceGetAttribute", [&](Driver&) {
        requireDevice(device);
        requireValue(attribute >= 1, "no such attribute");
        *value = Settings::instance().attribute(device, attribute);
    });
}

DRIVER_CALL(cuDeviceComputeCapability, int* major, int* minor, CUdevice device) {
    return callInitialised("cuDeviceComputeCapability", [&](Driver&) {
        requireDevice(device);
        *major = Settings::instance().computeCapability() / 10;
        *minor = Settings::instance().computeCapability() % 10;
    });
}

DRIVER_CALL(cuDeviceCanAccessPeer, int* can, CUdevice device, CUdevice peer) {
    return callInitialised("cuDeviceCanAccessPeer", [&](Driver&) {
        requireDevice(device);
        requireDevice(peer);
        *can = 0;
    });
}

DRIVER_CALL(cuDevicePrimaryCtxRetain, CUcontext* context, CUdevice device) {
    return callInitialised("cuDevicePrimaryCtxRetain", [&](Driver& driver) {
        requireDevice(device);
        Context* existing = primaryOf(driver, device);
        if (existing != nullptr) {
            existing->references++;
        }
        *context = existing != nullptr ? existing : &driver.createContext(device, true, 0);
    });
}

DRIVER_CALL(cuDevicePrimaryCtxRelease_v2, CUdevice device) {
    return callInitialised("cuDevicePrimaryCtxRelease", [&](Driver& driver) {
        requireDevice(device);
        Context* context = primaryOf(driver, device);
        require(context != nullptr, CUDA_ERROR_INVALID_CONTEXT, "the primary context is not retained");
        if (--context->references == 0) {
            driver.destroyContext(*context);
        }
    });
}

DRIVER_CALL(cuDevicePrimaryCtxReset_v2, CUdevice device) {
    return callInitialised("cuDevicePrimaryCtxReset", [&](Driver& driver) {
        requireDevice(device);
        if (Context* context = primaryOf(driver, device)) {
            driver.destroyContext(*context);
        }
    });
}

DRIVER_CALL(cuDevicePrimaryCtxSetFlags_v2, CUdevice device, unsigned flags) {
    return callInitialised("cuDevicePrimaryCtxSetFlags", [&](Driver& driver) {
        requireDevice(device);
        if (Context* context = primaryOf(driver, device)) {
            context->flags = flags;
        }
    });
}

DRIVER_CALL(cuDevicePrimaryCtxGetState, CUdevice device, unsigned* flags, int* active) {
    return callInitialised("cuDevicePrimaryCtxGetState", [&](Driver& driver) {
        requireDevice(device);
        Context* context = primaryOf(driver, device);
        *flags = context == nullptr ? 0 : context->flags;
        *active = context == nullptr ? PRIMARY_CONTEXT_INACTIVE : PRIMARY_CONTEXT_ACTIVE;
    });
}

DRIVER_CALL(cuCtxCreate_v2, CUcontext* context, unsigned flags, CUdevice device) {
    return callInitialised("cuCtxCreate", [&](Driver& driver) {
        requireDevice(device);
        *context = &driver.createContext(device, false, flags);
        contextStack().push_back(*context);
    });
}

DRIVER_CALL(cuCtxDestroy_v2, CUcontext context) {
    return callInitialised("cuCtxDestroy", [&](Driver& driver) {
        requireContext(driver, context);
        require(!context->primary, CUDA_ERROR_INVALID_CONTEXT, "a primary context is released, not destroyed");
        std::vector<Context*>& stack = contextStack();
        if (!stack.empty() && stack.back() == context) {
            stack.pop_back();
        }
        driver.destroyContext(*context);
    });
}

DRIVER_CALL(cuCtxSetCurrent, CUcontext context) {
    return callInitialised("cuCtxSetCurrent", [&](Driver& driver) {
        std::vector<Context*>& stack = contextStack();
        if (context != nullptr) {
            requireContext(driver, context);
        }
        if (!stack.empty()) {
            stack.pop_back();
        }
        if (context != nullptr) {
            stack.push_back(context);
        }
    });
}

DRIVER_CALL(cuCtxGetCurrent, CUcontext* context) {
    return callInitialised("cuCtxGetCurrent", [&](Driver&) {
        *context = contextStack().empty() ? nullptr : contextStack().back();
    });
}

DRIVER_CALL(cuCtxPushCurrent_v2, CUcontext context) {
    return callInitialised("cuCtxPushCurrent", [&](Driver& driver) {
        requireContext(driver, context);
        contextStack().push_back(context);
    });
}

DRIVER_CALL(cuCtxPopCurrent_v2, CUcontext* context) {
    return callInitialised("cuCtxPopCurrent", [&](Driver&) {
        Context& current = currentContext();
        contextStack().pop_back();
        if (context != nullptr) {
            *context = &current;
        }
    });
}

DRIVER_CALL(cuCtxGetDevice, CUdevice* device) {
    return callInitialised("cuCtxGetDevice", [&](Driver&) { *device = currentContext().device; });
}

DRIVER_CALL(cuCtxGetFlags, unsigned* flags) {
    return callInitialised("cuCtxGetFlags", [&](Driver&) { *flags = currentContext().flags; });
}

DRIVER_CALL(cuCtxGetApiVersion, CUcontext, unsigned* version) {
    return callInitialised("cuCtxGetApiVersion", [&](Driver&) { *version = 3020; });
}

DRIVER_CALL(cuCtxGetStreamPriorityRange, int* least, int* greatest) {
    return callInContext("cuCtxGetStreamPriorityRange", [&](Driver&, Context&) {
        *least = 0;
        *greatest = 0;
    });
}

DRIVER_CALL(cuCtxSynchronize) {
    return callInContext("cuCtxSynchronize", [&](Driver&, Context& context) {
        refuseDuringCapture("cuCtxSynchronize");
        finishAll(context);
        requireHealthy(context);
    });
}
