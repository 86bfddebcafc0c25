// The laboratory's device, emulated: the kernels are linked into the program.

#include "../emulation/device_memory.h"
#include "../emulation/launch.h"
#include "device.h"

namespace lab {
namespace {

emulated::Schedule schedule;

dim3 size(const Size3& from) {
    return {from.x, from.y, from.z};
}

}  // namespace

std::string deviceName() {
    return "the emulated device";
}

// Sanitizers take many times as long and look at each access, in whatever order: two show that they come to the same.
std::vector<Ordering> orderings() {
#ifdef __SANITIZE_ADDRESS__
    return {{"ascending"}, {"random 1"}};
#else
    return {{"ascending"}, {"descending"}, {"random 1"}, {"random 2"}};
#endif
}

void useOrdering(const Ordering& ordering) {
    using Order = emulated::Schedule::Order;
    if (ordering.name == "ascending") {
        schedule = {Order::ASCENDING, 0};
    } else if (ordering.name == "descending") {
        schedule = {Order::DESCENDING, 0};
    } else {
        schedule = {Order::RANDOM, std::stoull(ordering.name.substr(ordering.name.find(' ')))};
    }
}

void* allocate(size_t bytes) {
    void* memory = emulated::DeviceMemory::instance().allocate(bytes, 0);
    if (memory == nullptr) {
        throw DeviceFailure("no device memory for " + std::to_string(bytes) + " bytes");
    }
    return memory;
}

void release(void* address) {
    emulated::DeviceMemory::instance().free(address);
}

void upload(void* to, const void* from, size_t bytes) {
    std::memcpy(to, from, bytes);
}

void download(void* to, const void* from, size_t bytes) {
    std::memcpy(to, from, bytes);
}

bool lacks(const std::string&) {
    return false;
}

void launch(const std::string& name, const Shape& shape, const Arguments& arguments) {
    const emulated::Kernel* kernel = emulated::findKernel(name);
    if (kernel == nullptr) {
        throw DeviceFailure("there is no kernel " + name);
    }
    std::vector<size_t> expected;
    for (const emulated::Parameter& parameter : kernel->parameters) {
        expected.push_back(parameter.size);
    }
    if (expected != arguments.sizes) {
        throw DeviceFailure("the arguments do not have the number and sizes of " + name + "'s parameters");
    }
    emulated::Grid grid{kernel, size(shape.grid), size(shape.block), shape.sharedBytes, arguments.addresses.data(), schedule};
    if (auto error = emulated::launch(grid, emulated::defaultWorkers())) {
        throw DeviceFailure(error->message);
    }
}

}  // namespace lab
