// The laboratory's device, real: the CUDA driver, found when the program starts, and the PTX that JConv ships. The environment
// variable JCONV_PTX names another folder of PTX files, for example of kernels compiled with line numbers.

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "device.h"

namespace lab {
namespace {

using Result = int;
using Handle = void*;
using Address = uint64_t;

constexpr int CAPABILITY_MAJOR = 75;         // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
constexpr int CAPABILITY_MINOR = 76;         // and _MINOR
constexpr int MAX_DYNAMIC_SHARED_BYTES = 8;  // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
constexpr size_t SHARED_WITHOUT_ASKING = 48 << 10;

// The driver's functions by name; a missing one ends the program with a sentence.
class Driver {
public:
    Driver() : library_(dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL)) {
        if (library_ == nullptr) {
            throw DeviceFailure(std::string("the CUDA driver cannot be loaded: ") + dlerror());
        }
    }

    // call<Arguments...>("cuInit", 0): an error becomes an exception with the driver's own text.
    template <typename... Arguments>
    void call(const char* function, Arguments... arguments) const {
        Result result = find<Result(Arguments...)>(function)(arguments...);
        if (result != 0) {
            const char* text = nullptr;
            find<Result(Result, const char**)>("cuGetErrorString")(result, &text);
            throw DeviceFailure(std::string(function) + ": " + (text == nullptr ? std::to_string(result) : text));
        }
    }

private:
    template <typename Signature>
    Signature* find(const char* function) const {
        void* symbol = dlsym(library_, function);
        if (symbol == nullptr) {
            throw DeviceFailure(std::string("the CUDA driver has no ") + function);
        }
        return reinterpret_cast<Signature*>(symbol);
    }

    void* library_;
};

std::string read(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

// The target of FAMILY_smNN.ptx, and 0 of any other name.
int targetOf(const std::filesystem::path& file) {
    std::string name = file.stem().string();
    size_t mark = name.rfind("_sm");
    return file.extension() != ".ptx" || mark == std::string::npos ? 0 : std::atoi(name.c_str() + mark + 3);
}

// The first device, with all kernels loaded.
class Device {
public:
    static Device& instance() {
        static Device device;
        return device;
    }

    const Driver& driver() const { return driver_; }
    const std::string& name() const { return name_; }

    Handle kernel(const std::string& kernel) {
        Handle& found = kernels_[kernel];
        for (auto module = modules_.begin(); found == nullptr && module != modules_.end(); ++module) {
            if (has(module->first, kernel)) {
                driver_.call<Handle*, Handle, const char*>("cuModuleGetFunction", &found, module->second, kernel.c_str());
            }
        }
        if (found == nullptr) {
            throw DeviceFailure("no PTX file has the kernel " + kernel);
        }
        return found;
    }

    bool lacks(const std::string& kernel) const {
        return std::any_of(beyond_.begin(), beyond_.end(), [&](const auto& file) { return has(file, kernel); });
    }

private:
    Device() {
        int device = 0, major = 0, minor = 0;
        char name[256] = "";
        Handle context = nullptr;
        driver_.call<unsigned>("cuInit", 0);
        driver_.call<int*, int>("cuDeviceGet", &device, 0);
        driver_.call<char*, int, int>("cuDeviceGetName", name, sizeof name, device);
        driver_.call<int*, int, int>("cuDeviceGetAttribute", &major, CAPABILITY_MAJOR, device);
        driver_.call<int*, int, int>("cuDeviceGetAttribute", &minor, CAPABILITY_MINOR, device);
        driver_.call<Handle*, int>("cuDevicePrimaryCtxRetain", &context, device);
        driver_.call<Handle>("cuCtxSetCurrent", context);
        name_ = std::string(name) + " (sm_" + std::to_string(major * 10 + minor) + ")";
        loadModules(major * 10 + minor);
    }

    static bool has(const std::filesystem::path& file, const std::string& kernel) {
        return read(file).find(".entry " + kernel + "(") != std::string::npos;
    }

    // Of each family the file with the highest target that the device reaches.
    void loadModules(int capability) {
        const char* named = std::getenv("JCONV_PTX");
        std::filesystem::path folder = named != nullptr ? std::filesystem::path(named) : shippedPtx();
        std::map<std::string, std::filesystem::path> best, above;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            int target = targetOf(entry.path());
            std::string stem = entry.path().stem().string();
            std::filesystem::path& chosen = best[stem.substr(0, stem.rfind("_sm"))];
            if (target > 0 && target <= capability && (chosen.empty() || targetOf(chosen) < target)) {
                chosen = entry.path();
            }
            if (target > capability) {
                above[stem.substr(0, stem.rfind("_sm"))] = entry.path();
            }
        }
        for (const auto& [family, file] : best) {
            if (!file.empty()) {
                driver_.call<Handle*, const void*>("cuModuleLoadData", &modules_[file], read(file).c_str());
            } else if (above.count(family) > 0) {
                beyond_.push_back(above[family]);
            }
        }
    }

    // Where the sources of this program lie, the PTX lies too.
    static std::filesystem::path shippedPtx() {
        std::filesystem::path built = std::filesystem::canonical("/proc/self/exe").parent_path();
        return built / "../../src/main/resources/io/github/jconv/kernels";
    }

    Driver driver_;
    std::string name_;
    std::map<std::filesystem::path, Handle> modules_;
    std::vector<std::filesystem::path> beyond_;  // of the families that the device is too old for
    std::map<std::string, Handle> kernels_;
};

const Driver& driver() {
    return Device::instance().driver();
}

Address addressOf(const void* pointer) {
    return reinterpret_cast<Address>(pointer);
}

}  // namespace

std::string deviceName() {
    return Device::instance().name();
}

std::vector<Ordering> orderings() {
    return {{"first run"}, {"second run"}};
}

void useOrdering(const Ordering&) {}

void* allocate(size_t bytes) {
    Address address = 0;
    driver().call<Address*, size_t>("cuMemAlloc_v2", &address, bytes);
    return reinterpret_cast<void*>(address);
}

// Called while an error unwinds, too, when the device answers everything with that error.
void release(void* address) {
    try {
        driver().call<Address>("cuMemFree_v2", addressOf(address));
    } catch (const DeviceFailure&) {
    }
}

void upload(void* to, const void* from, size_t bytes) {
    driver().call<Address, const void*, size_t>("cuMemcpyHtoD_v2", addressOf(to), from, bytes);
}

void download(void* to, const void* from, size_t bytes) {
    driver().call<void*, Address, size_t>("cuMemcpyDtoH_v2", to, addressOf(from), bytes);
}

bool lacks(const std::string& kernel) {
    return Device::instance().lacks(kernel);
}

void launch(const std::string& kernel, const Shape& shape, const Arguments& arguments) {
    Handle function = Device::instance().kernel(kernel);
    if (shape.sharedBytes > SHARED_WITHOUT_ASKING) {
        driver().call<Handle, int, int>("cuFuncSetAttribute", function, MAX_DYNAMIC_SHARED_BYTES,
                                        static_cast<int>(shape.sharedBytes));
    }
    driver().call<Handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle, void* const*, void**>(
        "cuLaunchKernel", function, shape.grid.x, shape.grid.y, shape.grid.z, shape.block.x, shape.block.y, shape.block.z,
        static_cast<unsigned>(shape.sharedBytes), nullptr, arguments.addresses.data(), nullptr);
    driver().call("cuCtxSynchronize");
}

}  // namespace lab
