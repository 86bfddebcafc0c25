// Device memory, pinned host memory, copies and fills.

#include <cstring>

#include "../emulation/device_memory.h"
#include "calls.h"
#include "streams.h"

namespace emulated::driver {
namespace {

// The device number of memory that lies on the host but is known to the driver.
constexpr int HOST = -1;

unsigned char* bytesAt(CUdeviceptr address) {
    return reinterpret_cast<unsigned char*>(address);
}

void* allocate(Driver& driver, Context& context, size_t bytes, bool onHost) {
    requireValue(bytes > 0, "an allocation of 0 bytes");
    void* address = DeviceMemory::instance().allocate(bytes, onHost ? HOST : context.device);
    require(address != nullptr, CUDA_ERROR_OUT_OF_MEMORY,
            std::to_string(bytes) + " bytes asked for, "
                + std::to_string(DeviceMemory::instance().liveBytes(onHost ? HOST : context.device)) + " of "
                + std::to_string(DeviceMemory::instance().capacity()) + " in use");
    driver.memory[address] = MemoryOwner{&context, onHost, false, bytes};
    return address;
}

void release(Driver& driver, void* address, bool onHost) {
    auto found = driver.memory.find(address);
    requireValue(found != driver.memory.end() && found->second.onHost == onHost && !found->second.registered,
                 onHost ? "no pinned memory starts at this address" : "no device memory starts at this address");
    DeviceMemory::instance().free(address);
    driver.memory.erase(found);
}

// Pinned memory takes part in asynchronous copies itself; anything else is copied while the caller waits.
bool isPinned(const Driver& driver, const void* address, size_t bytes) {
    auto* first = static_cast<const unsigned char*>(address);
    for (const auto& [start, owner] : driver.memory) {
        auto* begin = static_cast<const unsigned char*>(start);
        if (owner.onHost && first >= begin && first + bytes <= begin + owner.bytes) {
            return true;
        }
    }
    return false;
}

// A range must lie in one allocation on the context's device; pinned memory is as good, since addresses are unified.
void requireDeviceRange(const Context& context, CUdeviceptr address, size_t bytes) {
    auto allocation = DeviceMemory::instance().find(bytesAt(address));
    requireValue(allocation && DeviceMemory::instance().contains(bytesAt(address), bytes),
                 std::to_string(bytes) + " bytes at " + DeviceMemory::instance().describe(bytesAt(address))
                     + " are not in one device allocation");
    requireValue(allocation->device == context.device || allocation->device == HOST, "the memory belongs to another device");
}

// The copy itself, when its turn comes: the memory may have been freed since it was enqueued.
Work copyWork(unsigned char* to, const unsigned char* from, size_t bytes, bool checkTo, bool checkFrom) {
    return [=]() -> std::optional<DeviceError> {
        DeviceMemory& memory = DeviceMemory::instance();
        if ((checkTo && !memory.contains(to, bytes)) || (checkFrom && !memory.contains(from, bytes))) {
            return DeviceError{Fault::ILLEGAL_ADDRESS, "a copy of " + std::to_string(bytes) + " bytes whose memory has been freed"};
        }
        std::memmove(to, from, bytes);
        return std::nullopt;
    };
}

void copyNow(Context& context, void* to, const void* from, size_t bytes, const char* function) {
    refuseDuringCapture(function);
    enqueue(context, nullptr, [=]() -> std::optional<DeviceError> {
        std::memmove(to, from, bytes);
        return std::nullopt;
    });
    requireHealthy(context);
}

// A fill with `count` elements of `width` bytes each.
void fill(Context& context, CUstream stream, CUdeviceptr address, uint32_t value, size_t width, size_t count) {
    requireValue(address % width == 0, "the address is not aligned to the elements");
    requireDeviceRange(context, address, width * count);
    enqueue(context, stream, [=]() -> std::optional<DeviceError> {
        if (!DeviceMemory::instance().contains(bytesAt(address), width * count)) {
            return DeviceError{Fault::ILLEGAL_ADDRESS, "a fill of memory that has been freed"};
        }
        for (size_t i = 0; i < count; i++) {
            std::memcpy(bytesAt(address) + i * width, &value, width);
        }
        return std::nullopt;
    });
}

void fillNow(Context& context, CUdeviceptr address, uint32_t value, size_t width, size_t count, const char* function) {
    refuseDuringCapture(function);
    fill(context, nullptr, address, value, width, count);
    requireHealthy(context);
}

}  // namespace
}  // namespace emulated::driver

using namespace emulated;
using namespace emulated::driver;

// --- allocations ---------------------------------------------------------------------------------------------------------

DRIVER_CALL(cuMemGetInfo_v2, size_t* free, size_t* total) {
    return callInContext("cuMemGetInfo", [&](Driver&, Context& context) {
        *total = DeviceMemory::instance().capacity();
        size_t used = DeviceMemory::instance().liveBytes(context.device);
        *free = used < *total ? *total - used : 0;
    });
}

DRIVER_CALL(cuMemAlloc_v2, CUdeviceptr* address, size_t bytes) {
    return callInContext("cuMemAlloc", [&](Driver& driver, Context& context) {
        refuseDuringCapture("cuMemAlloc");
        *address = reinterpret_cast<CUdeviceptr>(allocate(driver, context, bytes, false));
    });
}

// Freeing waits for the device.
DRIVER_CALL(cuMemFree_v2, CUdeviceptr address) {
    return callInContext("cuMemFree", [&](Driver& driver, Context& context) {
        refuseDuringCapture("cuMemFree");
        finishAll(context);
        requireHealthy(context);
        if (address != 0) {
            release(driver, bytesAt(address), false);
        }
    });
}

DRIVER_CALL(cuMemAllocAsync, CUdeviceptr* address, size_t bytes, CUstream stream) {
    return callInContext("cuMemAllocAsync", [&](Driver& driver, Context& context) {
        require(!isCapturing(*streamOf(context, stream)), CUDA_ERROR_NOT_SUPPORTED,
                "the emulated device has no allocations inside graphs");
        *address = reinterpret_cast<CUdeviceptr>(allocate(driver, context, bytes, false));
    });
}

DRIVER_CALL(cuMemFreeAsync, CUdeviceptr address, CUstream stream) {
    return callInContext("cuMemFreeAsync", [&](Driver& driver, Context& context) {
        require(!isCapturing(*streamOf(context, stream)), CUDA_ERROR_NOT_SUPPORTED,
                "the emulated device has no allocations inside graphs");
        requireValue(driver.memory.count(bytesAt(address)) != 0, "no device memory starts at this address");
        enqueue(context, stream, [address]() -> std::optional<DeviceError> {
            try {
                release(Driver::instance(), bytesAt(address), false);
                return std::nullopt;
            } catch (const Refusal& refusal) {
                return DeviceError{Fault::ILLEGAL_ADDRESS, "cuMemFreeAsync: " + refusal.reason};
            }
        });
    });
}

DRIVER_CALL(cuMemAllocFromPoolAsync, CUdeviceptr* address, size_t bytes, CUmemoryPool pool, CUstream stream) {
    return callInContext("cuMemAllocFromPoolAsync", [&](Driver& driver, Context& context) {
        driver.pools.require(pool, "memory pool");
        require(!isCapturing(*streamOf(context, stream)), CUDA_ERROR_NOT_SUPPORTED,
                "the emulated device has no allocations inside graphs");
        *address = reinterpret_cast<CUdeviceptr>(allocate(driver, context, bytes, false));
    });
}

// Pools exist so that they can be counted; all memory comes from one place.
DRIVER_CALL(cuMemPoolCreate, CUmemoryPool* pool, const void*) {
    return callInContext("cuMemPoolCreate", [&](Driver& driver, Context& context) {
        *pool = driver.pools.add(std::make_shared<MemoryPool>(MemoryPool{&context}));
    });
}

DRIVER_CALL(cuMemPoolDestroy, CUmemoryPool pool) {
    return callInContext("cuMemPoolDestroy", [&](Driver& driver, Context&) {
        driver.pools.require(pool, "memory pool");
        driver.pools.remove(pool);
    });
}

DRIVER_CALL(cuMemPoolTrimTo, CUmemoryPool pool, size_t) {
    return callInContext("cuMemPoolTrimTo",
                         [&](Driver& driver, Context&) { driver.pools.require(pool, "memory pool"); });
}

DRIVER_CALL(cuMemGetAddressRange_v2, CUdeviceptr* base, size_t* bytes, CUdeviceptr address) {
    return callInContext("cuMemGetAddressRange", [&](Driver&, Context&) {
        auto allocation = DeviceMemory::instance().find(bytesAt(address));
        require(allocation.has_value(), CUDA_ERROR_NOT_FOUND, "no allocation has this address");
        if (base != nullptr) {
            *base = reinterpret_cast<CUdeviceptr>(allocation->address);
        }
        if (bytes != nullptr) {
            *bytes = allocation->bytes;
        }
    });
}

DRIVER_CALL(cuMemHostAlloc, void** address, size_t bytes, unsigned) {
    return callInContext("cuMemHostAlloc", [&](Driver& driver, Context& context) {
        refuseDuringCapture("cuMemHostAlloc");
        *address = allocate(driver, context, bytes, true);
    });
}

DRIVER_CALL(cuMemAllocHost_v2, void** address, size_t bytes) {
    return callInContext("cuMemAllocHost", [&](Driver& driver, Context& context) {
        refuseDuringCapture("cuMemAllocHost");
        *address = allocate(driver, context, bytes, true);
    });
}

DRIVER_CALL(cuMemFreeHost, void* address) {
    return callInContext("cuMemFreeHost", [&](Driver& driver, Context& context) {
        refuseDuringCapture("cuMemFreeHost");
        finishAll(context);
        requireHealthy(context);
        release(driver, address, true);
    });
}

DRIVER_CALL(cuMemHostRegister_v2, void* address, size_t bytes, unsigned) {
    return callInContext("cuMemHostRegister", [&](Driver& driver, Context& context) {
        refuseDuringCapture("cuMemHostRegister");
        requireValue(address != nullptr && bytes > 0, "no memory to register");
        requireValue(driver.memory.count(address) == 0, "the memory is registered already");
        driver.memory[address] = MemoryOwner{&context, true, true, bytes};
    });
}

DRIVER_CALL(cuMemHostUnregister, void* address) {
    return callInContext("cuMemHostUnregister", [&](Driver& driver, Context& context) {
        refuseDuringCapture("cuMemHostUnregister");
        auto found = driver.memory.find(address);
        requireValue(found != driver.memory.end() && found->second.registered, "no registered memory starts at this address");
        finishAll(context);
        driver.memory.erase(found);
    });
}

DRIVER_CALL(cuMemHostGetDevicePointer_v2, CUdeviceptr* device, void* host, unsigned) {
    return callInContext("cuMemHostGetDevicePointer", [&](Driver& driver, Context&) {
        requireValue(isPinned(driver, host, 1), "not in pinned memory");
        *device = reinterpret_cast<CUdeviceptr>(host);
    });
}

// --- copies --------------------------------------------------------------------------------------------------------------

DRIVER_CALL(cuMemcpyHtoD_v2, CUdeviceptr to, const void* from, size_t bytes) {
    return callInContext("cuMemcpyHtoD", [&](Driver&, Context& context) {
        requireDeviceRange(context, to, bytes);
        copyNow(context, bytesAt(to), from, bytes, "cuMemcpyHtoD");
    });
}

DRIVER_CALL(cuMemcpyDtoH_v2, void* to, CUdeviceptr from, size_t bytes) {
    return callInContext("cuMemcpyDtoH", [&](Driver&, Context& context) {
        requireDeviceRange(context, from, bytes);
        copyNow(context, to, bytesAt(from), bytes, "cuMemcpyDtoH");
    });
}

// Copies inside a device are ordered by the legacy stream but not waited for.
DRIVER_CALL(cuMemcpyDtoD_v2, CUdeviceptr to, CUdeviceptr from, size_t bytes) {
    return callInContext("cuMemcpyDtoD", [&](Driver&, Context& context) {
        requireDeviceRange(context, to, bytes);
        requireDeviceRange(context, from, bytes);
        copyNow(context, bytesAt(to), bytesAt(from), bytes, "cuMemcpyDtoD");
    });
}

DRIVER_CALL(cuMemcpyHtoDAsync_v2, CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
    return callInContext("cuMemcpyHtoDAsync", [&](Driver& driver, Context& context) {
        requireDeviceRange(context, to, bytes);
        if (isPinned(driver, from, bytes)) {
            enqueue(context, stream, copyWork(bytesAt(to), static_cast<const unsigned char*>(from), bytes, true, false));
            return;
        }
        require(!isCapturing(*streamOf(context, stream)), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                "a graph would read memory that is not pinned when it is launched");
        auto staged = std::make_shared<std::vector<unsigned char>>(bytes);
        std::memcpy(staged->data(), from, bytes);
        Work copy = copyWork(bytesAt(to), staged->data(), bytes, true, false);
        enqueue(context, stream, [staged, copy] { return copy(); });
    });
}

DRIVER_CALL(cuMemcpyDtoHAsync_v2, void* to, CUdeviceptr from, size_t bytes, CUstream handle) {
    return callInContext("cuMemcpyDtoHAsync", [&](Driver& driver, Context& context) {
        requireDeviceRange(context, from, bytes);
        bool pinned = isPinned(driver, to, bytes);
        std::shared_ptr<Stream> stream = streamOf(context, handle);
        require(pinned || !isCapturing(*stream), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                "a graph would write memory that is not pinned when it is launched");
        enqueue(context, handle, copyWork(static_cast<unsigned char*>(to), bytesAt(from), bytes, false, true));
        if (!pinned) {
            finish(*stream, stream->enqueued);
            requireHealthy(context);
        }
    });
}

DRIVER_CALL(cuMemcpyDtoDAsync_v2, CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
    return callInContext("cuMemcpyDtoDAsync", [&](Driver&, Context& context) {
        requireDeviceRange(context, to, bytes);
        requireDeviceRange(context, from, bytes);
        enqueue(context, stream, copyWork(bytesAt(to), bytesAt(from), bytes, true, true));
    });
}

// --- fills ---------------------------------------------------------------------------------------------------------------

DRIVER_CALL(cuMemsetD8_v2, CUdeviceptr address, unsigned char value, size_t count) {
    return callInContext("cuMemsetD8", [&](Driver&, Context& context) {
        fillNow(context, address, value, 1, count, "cuMemsetD8");
    });
}

DRIVER_CALL(cuMemsetD16_v2, CUdeviceptr address, unsigned short value, size_t count) {
    return callInContext("cuMemsetD16", [&](Driver&, Context& context) {
        fillNow(context, address, value, 2, count, "cuMemsetD16");
    });
}

DRIVER_CALL(cuMemsetD32_v2, CUdeviceptr address, unsigned value, size_t count) {
    return callInContext("cuMemsetD32", [&](Driver&, Context& context) {
        fillNow(context, address, value, 4, count, "cuMemsetD32");
    });
}

DRIVER_CALL(cuMemsetD8Async, CUdeviceptr address, unsigned char value, size_t count, CUstream stream) {
    return callInContext("cuMemsetD8Async",
                         [&](Driver&, Context& context) { fill(context, stream, address, value, 1, count); });
}

DRIVER_CALL(cuMemsetD16Async, CUdeviceptr address, unsigned short value, size_t count, CUstream stream) {
    return callInContext("cuMemsetD16Async",
                         [&](Driver&, Context& context) { fill(context, stream, address, value, 2, count); });
}

DRIVER_CALL(cuMemsetD32Async, CUdeviceptr address, unsigned value, size_t count, CUstream stream) {
    return callInContext("cuMemsetD32Async",
                         [&](Driver&, Context& context) { fill(context, stream, address, value, 4, count); });
}
