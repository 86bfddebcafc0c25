// Modules, functions and launches.

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "../emulation/device_memory.h"
#include "../emulation/launch.h"
#include "calls.h"
#include "streams.h"

namespace emulated::driver {
namespace {

// cuModuleLoad of a "file" with this prefix carries out commands for the emulated device; see native-test/README.md.
constexpr const char* COMMAND_PREFIX = "emulated:";

constexpr size_t DEFAULT_DYNAMIC_SHARED = 48 << 10;
constexpr int REGISTERS = 32;  // what every kernel is said to need

// The log buffers that a caller of cuModuleLoadDataEx may offer.
class JitLog {
public:
    JitLog(unsigned count, const int* options, void** values) : count_(count), options_(options), values_(values) {}

    void write(const std::string& message) const {
        char* buffer = nullptr;
        size_t room = 0;
        void** size = nullptr;
        for (unsigned i = 0; i < count_; i++) {
            if (options_[i] == JIT_ERROR_LOG_BUFFER) {
                buffer = static_cast<char*>(values_[i]);
            } else if (options_[i] == JIT_ERROR_LOG_BUFFER_SIZE_BYTES) {
                size = &values_[i];
                room = reinterpret_cast<uintptr_t>(values_[i]) & 0xffffffffu;
            }
        }
        if (buffer != nullptr && room > 0) {
            size_t length = std::min(message.size(), room - 1);
            std::memcpy(buffer, message.data(), length);
            buffer[length] = '\0';
            *size = reinterpret_cast<void*>(length + 1);
        }
    }

private:
    unsigned count_;
    const int* options_;
    void** values_;
};

ptx::PtxModule compile(const std::string& text) {
    ptx::PtxModule ptx;
    try {
        ptx = ptx::parsePtx(text);
        for (const auto& entry : ptx.entries) {
            findKernelOf(entry.second);
        }
    } catch (const ptx::PtxError& error) {
        throw Refusal{CUDA_ERROR_INVALID_PTX, error.message};
    }
    const Settings& settings = Settings::instance();
    require(ptx.version <= newestPtxVersion(settings.driverVersion), CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
            "PTX version " + std::to_string(ptx.version / 10) + "." + std::to_string(ptx.version % 10)
                + " is newer than the driver");
    require(ptx.target <= settings.computeCapability(), CUDA_ERROR_INVALID_PTX,
            "the target sm_" + std::to_string(ptx.target) + " is higher than the device's sm_"
                + std::to_string(settings.computeCapability()));
    return ptx;
}

CUmodule load(Driver& driver, Context& context, const char* image, const JitLog& log) {
    refuseDuringCapture("cuModuleLoadData");
    requireValue(image != nullptr, "no image");
    constexpr char ELF[] = "\177ELF";
    require(std::memcmp(image, ELF, 4) != 0, CUDA_ERROR_INVALID_IMAGE, "the emulated device reads PTX only");
    auto module = std::make_shared<Module>();
    module->context = &context;
    try {
        module->ptx = compile(image);
    } catch (const Refusal& refusal) {
        log.write(refusal.reason);
        throw;
    }
    return driver.modules.add(module);
}

Function& functionOf(const Driver& driver, CUfunction function) {
    for (const auto& module : driver.modules) {
        for (const auto& entry : module.second->functions) {
            if (entry.second.get() == function) {
                return *function;
            }
        }
    }
    throw Refusal{CUDA_ERROR_INVALID_HANDLE, "not a function of a loaded module"};
}

unsigned maxThreads(const Function& function, int device) {
    auto limit = static_cast<unsigned>(Settings::instance().attribute(device, MAX_THREADS_PER_BLOCK));
    return function.entry.maxThreads == 0 ? limit : std::min(limit, function.entry.maxThreads);
}

void requireWithin(unsigned value, int device, int attribute, const std::string& what) {
    auto limit = static_cast<unsigned>(Settings::instance().attribute(device, attribute));
    requireValue(value >= 1 && value <= limit, what + " is " + std::to_string(value) + ", allowed are 1 to " + std::to_string(limit));
}

void requireLaunchable(const Function& function, const Context& context, dim3 grid, dim3 block, size_t sharedBytes) {
    int device = context.device;
    const std::string& name = function.entry.name;
    requireWithin(grid.x, device, MAX_GRID_DIM_X, name + ": the grid's x");
    requireWithin(grid.y, device, MAX_GRID_DIM_Y, name + ": the grid's y");
    requireWithin(grid.z, device, MAX_GRID_DIM_Z, name + ": the grid's z");
    requireWithin(block.x, device, MAX_BLOCK_DIM_X, name + ": the block's x");
    requireWithin(block.y, device, MAX_BLOCK_DIM_Y, name + ": the block's y");
    requireWithin(block.z, device, MAX_BLOCK_DIM_Z, name + ": the block's z");
    unsigned threads = block.x * block.y * block.z;
    requireValue(threads <= maxThreads(function, device),
                 name + ": " + std::to_string(threads) + " threads per block, allowed are "
                     + std::to_string(maxThreads(function, device)));
    requireValue(sharedBytes <= function.maxDynamicShared,
                 name + ": " + std::to_string(sharedBytes) + " bytes of dynamic shared memory, allowed are "
                     + std::to_string(function.maxDynamicShared));
}

// The arguments of one launch, copied when it is enqueued, as on the device.
class Arguments {
public:
    Arguments(const Kernel& kernel, void* const* values) {
        size_t bytes = 0;
        for (const Parameter& parameter : kernel.parameters) {
            bytes = (bytes + parameter.alignment - 1) / parameter.alignment * parameter.alignment;
            offsets_.push_back(bytes);
            bytes += parameter.size;
        }
        storage_.resize(bytes / sizeof(Cell) + 1);
        for (size_t i = 0; i < kernel.parameters.size(); i++) {
            requireValue(values != nullptr && values[i] != nullptr, "argument " + std::to_string(i) + " is missing");
            addresses_.push_back(reinterpret_cast<unsigned char*>(storage_.data()) + offsets_[i]);
            std::memcpy(addresses_[i], values[i], kernel.parameters[i].size);
        }
    }

    void* const* addresses() const { return addresses_.data(); }

    // A pointer argument must be null or lie in memory that the device may use now.
    std::optional<DeviceError> wrongPointer(const Kernel& kernel, int device) const {
        for (size_t i = 0; i < kernel.parameters.size(); i++) {
            void* pointer = nullptr;
            if (kernel.parameters[i].pointer) {
                std::memcpy(&pointer, addresses_[i], sizeof pointer);
            }
            auto allocation = pointer == nullptr ? std::nullopt : DeviceMemory::instance().find(pointer);
            if (pointer != nullptr && (!allocation || (allocation->device >= 0 && allocation->device != device))) {
                return DeviceError{Fault::ILLEGAL_ADDRESS, std::string("kernel ") + kernel.name + ": argument "
                                                               + std::to_string(i) + " is "
                                                               + DeviceMemory::instance().describe(pointer)
                                                               + (allocation ? ", of another device" : "")};
            }
        }
        return std::nullopt;
    }

private:
    struct alignas(16) Cell {
        unsigned char bytes[16];
    };

    std::vector<size_t> offsets_;
    std::vector<Cell> storage_;
    std::vector<void*> addresses_;
};

// What a launch runs: the kernel as g++ compiled it, or the PTX that was loaded.
const Kernel& codeOf(Function& function) {
    if (Settings::instance().code == Code::SOURCES) {
        return *function.kernel;
    }
    if (!function.shipped) {
        Module& module = *function.module;
        try {
            if (module.program == nullptr) {
                module.program = std::make_unique<ptx::Program>(module.ptx);
            }
        } catch (const ptx::PtxError& error) {
            throw Refusal{CUDA_ERROR_INVALID_PTX, error.message};
        }
        const ptx::Function& code = module.program->kernel(function.entry.name);
        function.shipped = *function.kernel;
        function.shipped->invoke = [&code](void* const* arguments) { ptx::run(code, arguments); };
    }
    return *function.shipped;
}

Work launchWork(Function& function, const Context& context, dim3 grid, dim3 block, size_t sharedBytes,
                void* const* values) {
    const Kernel* kernel = &codeOf(function);
    auto arguments = std::make_shared<Arguments>(*kernel, values);
    int device = context.device;
    bool watched = Settings::instance().code == Code::PTX_WATCHED;
    return [=]() -> std::optional<DeviceError> {
        Settings& settings = Settings::instance();
        if (int code = settings.enterKernel(kernel->name)) {
            return DeviceError{static_cast<Fault>(code), std::string("kernel ") + kernel->name + " was asked to fail"};
        }
        if (auto wrong = arguments->wrongPointer(*kernel, device)) {
            return wrong;
        }
        AccessLog accesses;
        Grid launched{kernel, grid, block, sharedBytes, arguments->addresses(), settings.schedule, watched ? &accesses : nullptr};
        return emulated::launch(launched, watched ? 1 : settings.workers);
    };
}

int functionAttribute(const Function& function, int device, int attribute) {
    switch (attribute) {
        case FUNCTION_MAX_THREADS_PER_BLOCK: return static_cast<int>(maxThreads(function, device));
        case FUNCTION_SHARED_SIZE_BYTES:
        case FUNCTION_CONST_SIZE_BYTES:
        case FUNCTION_LOCAL_SIZE_BYTES:
        case FUNCTION_CACHE_MODE_CA: return 0;
        case FUNCTION_NUM_REGS: return REGISTERS;
        case FUNCTION_PTX_VERSION: return function.module->ptx.target;
        case FUNCTION_BINARY_VERSION: return Settings::instance().computeCapability();
        case FUNCTION_MAX_DYNAMIC_SHARED_SIZE_BYTES: return static_cast<int>(function.maxDynamicShared);
        case FUNCTION_PREFERRED_SHARED_MEMORY_CARVEOUT: return -1;
        default: throw Refusal{CUDA_ERROR_INVALID_VALUE, "no such function attribute"};
    }
}

}  // namespace
}  // namespace emulated::driver

using namespace emulated;
using namespace emulated::driver;

// --- modules -------------------------------------------------------------------------------------------------------------

DRIVER_CALL(cuModuleLoad, CUmodule* module, const char* path) {
    std::string name = path == nullptr ? "" : path;
    if (name.rfind(COMMAND_PREFIX, 0) == 0) {
        return guarded([&](Driver&) {
            auto wrong = Settings::instance().execute(name.substr(std::strlen(COMMAND_PREFIX)));
            requireValue(!wrong, wrong.value_or(""));
            *module = nullptr;
        });
    }
    return callInContext("cuModuleLoad", [&](Driver& driver, Context& context) {
        std::ifstream file(name);
        require(file.good(), CUDA_ERROR_FILE_NOT_FOUND, name);
        std::stringstream text;
        text << file.rdbuf();
        *module = load(driver, context, text.str().c_str(), JitLog(0, nullptr, nullptr));
    });
}

DRIVER_CALL(cuModuleLoadData, CUmodule* module, const void* image) {
    return callInContext("cuModuleLoadData", [&](Driver& driver, Context& context) {
        *module = load(driver, context, static_cast<const char*>(image), JitLog(0, nullptr, nullptr));
    });
}

DRIVER_CALL(cuModuleLoadDataEx, CUmodule* module, const void* image, unsigned count, int* options, void** values) {
    return callInContext("cuModuleLoadDataEx", [&](Driver& driver, Context& context) {
        *module = load(driver, context, static_cast<const char*>(image), JitLog(count, options, values));
    });
}

DRIVER_CALL(cuModuleUnload, CUmodule module) {
    return callInContext("cuModuleUnload", [&](Driver& driver, Context& context) {
        driver.modules.require(module, "module");
        finishAll(context);
        driver.modules.remove(module);
    });
}

DRIVER_CALL(cuModuleGetFunction, CUfunction* function, CUmodule handle, const char* name) {
    return callInContext("cuModuleGetFunction", [&](Driver& driver, Context&) {
        Module& module = driver.modules.require(handle, "module");
        auto entry = module.ptx.entries.find(name);
        require(entry != module.ptx.entries.end(), CUDA_ERROR_NOT_FOUND, std::string("the module has no kernel ") + name);
        std::unique_ptr<Function>& found = module.functions[name];
        if (found == nullptr) {
            found = std::make_unique<Function>(
                Function{&module, &findKernelOf(entry->second), std::nullopt, entry->second, DEFAULT_DYNAMIC_SHARED});
        }
        *function = found.get();
    });
}

// --- functions -----------------------------------------------------------------------------------------------------------

DRIVER_CALL(cuFuncGetAttribute, int* value, int attribute, CUfunction function) {
    return callInContext("cuFuncGetAttribute", [&](Driver& driver, Context& context) {
        *value = functionAttribute(functionOf(driver, function), context.device, attribute);
    });
}

DRIVER_CALL(cuFuncSetAttribute, CUfunction handle, int attribute, int value) {
    return callInContext("cuFuncSetAttribute", [&](Driver& driver, Context& context) {
        Function& function = functionOf(driver, handle);
        if (attribute == FUNCTION_PREFERRED_SHARED_MEMORY_CARVEOUT) {
            return;  // a hint
        }
        requireValue(attribute == FUNCTION_MAX_DYNAMIC_SHARED_SIZE_BYTES, "the attribute cannot be set");
        int limit = Settings::instance().attribute(context.device, MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
        requireValue(value >= 0 && value <= limit,
                     std::to_string(value) + " bytes of dynamic shared memory, allowed are " + std::to_string(limit));
        function.maxDynamicShared = static_cast<size_t>(value);
    });
}

DRIVER_CALL(cuFuncSetCacheConfig, CUfunction function, int) {
    return callInContext("cuFuncSetCacheConfig", [&](Driver& driver, Context&) { functionOf(driver, function); });
}

DRIVER_CALL(cuFuncGetModule, CUmodule* module, CUfunction function) {
    return callInContext("cuFuncGetModule",
                         [&](Driver& driver, Context&) { *module = functionOf(driver, function).module; });
}

DRIVER_CALL(cuOccupancyMaxActiveBlocksPerMultiprocessor, int* blocks, CUfunction handle, int threads, size_t sharedBytes) {
    return callInContext("cuOccupancyMaxActiveBlocksPerMultiprocessor", [&](Driver& driver, Context& context) {
        const Function& function = functionOf(driver, handle);
        requireValue(threads >= 1, "no threads");
        const Settings& settings = Settings::instance();
        int fit = std::min(settings.attribute(context.device, MAX_BLOCKS_PER_MULTIPROCESSOR),
                           settings.attribute(context.device, MAX_THREADS_PER_MULTIPROCESSOR) / threads);
        if (sharedBytes > 0) {
            fit = std::min(fit, static_cast<int>(static_cast<size_t>(settings.attribute(
                                                     context.device, MAX_SHARED_MEMORY_PER_MULTIPROCESSOR)) / sharedBytes));
        }
        bool possible = static_cast<unsigned>(threads) <= maxThreads(function, context.device)
                        && sharedBytes <= function.maxDynamicShared;
        *blocks = possible ? fit : 0;
    });
}

DRIVER_CALL(cuLaunchKernel, CUfunction handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
            unsigned blockY, unsigned blockZ, unsigned sharedBytes, CUstream stream, void** values, void** extra) {
    return callInContext("cuLaunchKernel", [&](Driver& driver, Context& context) {
        Function& function = functionOf(driver, handle);
        require(function.module->context == &context, CUDA_ERROR_INVALID_HANDLE, "the function belongs to another context");
        require(extra == nullptr, CUDA_ERROR_NOT_SUPPORTED, "the emulated device takes arguments by kernelParams only");
        dim3 grid(gridX, gridY, gridZ);
        dim3 block(blockX, blockY, blockZ);
        requireLaunchable(function, context, grid, block, sharedBytes);
        enqueue(context, stream, launchWork(function, context, grid, block, sharedBytes, values));
    });
}
