// The device under the laboratory: the emulated one, linked in (device_emulated.cpp), or a real one through the CUDA driver
// (device_driver.cpp). Errors end the running test with an exception.

#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace lab {

struct DeviceFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Size3 {
    unsigned x = 1, y = 1, z = 1;
};

// How a kernel is launched.
struct Shape {
    Size3 grid;
    Size3 block;
    size_t sharedBytes = 0;
};

// A kernel's arguments: where each lies and how large it is.
struct Arguments {
    std::vector<void*> addresses;
    std::vector<size_t> sizes;
};

// One way in which the threads may be let run. A real device has a single one, which nobody chooses.
struct Ordering {
    std::string name;
};

std::string deviceName();
std::vector<Ordering> orderings();
void useOrdering(const Ordering& ordering);

void* allocate(size_t bytes);
void release(void* address);
void upload(void* to, const void* from, size_t bytes);
void download(void* to, const void* from, size_t bytes);

// Whether the device is older than the oldest that the kernel is compiled for.
bool lacks(const std::string& kernel);

// Runs a kernel to its end.
void launch(const std::string& kernel, const Shape& shape, const Arguments& arguments);

}  // namespace lab
