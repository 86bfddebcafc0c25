#include "shared_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sanitizers.h"

namespace emulated {
namespace {

constexpr size_t ALIGNMENT = 16;
constexpr uint32_t SIGNALLING_NAN = 0x7fa00000u;
constexpr unsigned char WATCHED = 0xa5;
constexpr size_t WATCHED_BEFORE = 256;

size_t roundUp(size_t value, size_t unit) {
    return (value + unit - 1) / unit * unit;
}

}  // namespace

SharedMemory::SharedMemory() : pageSize_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    room_ = roundUp(LIMIT + WATCHED_BEFORE, pageSize_);
    void* memory = mmap(nullptr, room_ + 2 * pageSize_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        std::perror("emulated device: no memory for shared memory");
        std::abort();
    }
    mapping_ = static_cast<unsigned char*>(memory);
    mprotect(mapping_ + pageSize_, room_, PROT_READ | PROT_WRITE);
    end_ = mapping_ + pageSize_ + room_;
    data_ = end_;
}

SharedMemory::~SharedMemory() {
    ASAN_UNPOISON_MEMORY_REGION(mapping_, room_ + 2 * pageSize_);
    munmap(mapping_, room_ + 2 * pageSize_);
}

void SharedMemory::prepare(size_t bytes) {
    ASAN_UNPOISON_MEMORY_REGION(mapping_ + pageSize_, room_);
    bytes_ = bytes;
    data_ = end_ - roundUp(bytes, ALIGNMENT);
    std::memset(data_ - WATCHED_BEFORE, WATCHED, WATCHED_BEFORE);
    std::fill_n(reinterpret_cast<uint32_t*>(data_), roundUp(bytes, ALIGNMENT) / sizeof(uint32_t), SIGNALLING_NAN);
    std::memset(data_ + bytes, WATCHED, static_cast<size_t>(end_ - data_) - bytes);
    ASAN_POISON_MEMORY_REGION(mapping_ + pageSize_, static_cast<size_t>(data_ - mapping_) - pageSize_);
    ASAN_POISON_MEMORY_REGION(data_ + bytes, static_cast<size_t>(end_ - data_) - bytes);
}

std::optional<std::string> SharedMemory::damage() const {
#ifndef __SANITIZE_ADDRESS__  // which has reported the write itself, and does not let us look
    auto watched = [](unsigned char byte) { return byte == WATCHED; };
    if (!std::all_of(data_ - WATCHED_BEFORE, data_, watched)) {
        return "wrote before the start of its shared memory";
    }
    if (!std::all_of(data_ + bytes_, end_, watched)) {
        return "wrote behind the end of its " + std::to_string(bytes_) + " bytes of shared memory";
    }
#endif
    return std::nullopt;
}

long SharedMemory::beyond(const void* address) const {
    auto* byte = static_cast<const unsigned char*>(address);
    return byte >= end_ && byte < end_ + pageSize_ ? byte - data_ - static_cast<long>(bytes_) : -1;
}

}  // namespace emulated
