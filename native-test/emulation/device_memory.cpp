#include "device_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sanitizers.h"

namespace emulated {
namespace {

constexpr size_t ALIGNMENT = 256;
constexpr size_t GIB = size_t{1} << 30;
constexpr unsigned char FILL = 0xff;  // every four bytes of it are a NaN
constexpr unsigned char WATCHED = 0xa5;
constexpr size_t WATCHED_BEFORE = 256;  // the rest of the page before an allocation is only poisoned

// From here on the fill is mapped, not written: pages that are never touched cost nothing.
constexpr size_t FILL_CHUNK = 16 << 20;

size_t roundUp(size_t value, size_t unit) {
    return (value + unit - 1) / unit * unit;
}

[[noreturn]] void giveUp(const char* what) {
    std::perror(what);
    std::abort();
}

// A file in memory with FILL_CHUNK bytes of FILL, of which large allocations are private copies.
int fillFile() {
    static const int file = [] {
        int created = memfd_create("emulated-device-fill", MFD_CLOEXEC);
        if (created < 0 || ftruncate(created, FILL_CHUNK) != 0) {
            giveUp("emulated device: no file for the fill of large allocations");
        }
        void* chunk = mmap(nullptr, FILL_CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED, created, 0);
        std::memset(chunk, FILL, FILL_CHUNK);
        munmap(chunk, FILL_CHUNK);
        return created;
    }();
    return file;
}

bool mapFilled(unsigned char* pages, size_t bytes) {
    if (bytes < FILL_CHUNK) {
        if (mprotect(pages, bytes, PROT_READ | PROT_WRITE) != 0) {
            return false;
        }
        std::memset(pages, FILL, bytes);
        return true;
    }
    for (size_t done = 0; done < bytes; done += FILL_CHUNK) {
        void* mapped = mmap(pages + done, std::min(FILL_CHUNK, bytes - done), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fillFile(), 0);
        if (mapped == MAP_FAILED) {
            return false;
        }
    }
    return true;
}

void unmap(unsigned char* pages, size_t bytes) {
    mmap(pages, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

}  // namespace

DeviceMemory& DeviceMemory::instance() {
    static auto* memory = new DeviceMemory();  // never destroyed: worker threads outlive static objects
    return *memory;
}

DeviceMemory::DeviceMemory() : pageSize_(static_cast<size_t>(sysconf(_SC_PAGESIZE))), capacity_(USUAL_CAPACITY) {
    void* region = MAP_FAILED;
    for (reservedBytes_ = 512 * GIB; region == MAP_FAILED && reservedBytes_ >= GIB; reservedBytes_ /= 2) {
        region = mmap(nullptr, reservedBytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (region != MAP_FAILED) {
            break;
        }
    }
    if (region == MAP_FAILED) {
        giveUp("emulated device: no address space for device memory");
    }
    reserved_ = static_cast<unsigned char*>(region);
    cursor_ = reserved_;
}

void* DeviceMemory::allocate(size_t bytes, int device) {
    std::lock_guard<std::mutex> lock(mutex_);
    size_t used = 0;
    for (const auto& entry : blocks_) {
        used += entry.second.device == device ? entry.second.bytes : 0;
    }
    if (bytes > capacity_ || used > capacity_ - bytes) {
        return nullptr;
    }
    size_t pageBytes = roundUp(roundUp(bytes, ALIGNMENT), pageSize_);
    unsigned char* gap = findGap(pageBytes + 2 * pageSize_);
    if (gap == nullptr || !mapFilled(gap + pageSize_, pageBytes)) {
        return nullptr;
    }
    unsigned char* pages = gap + pageSize_;
    unsigned char* address = pages + pageBytes - roundUp(bytes, ALIGNMENT);
    std::memset(pages, WATCHED, static_cast<size_t>(address - pages));
    std::memset(address + bytes, WATCHED, roundUp(bytes, ALIGNMENT) - bytes);
    ASAN_POISON_MEMORY_REGION(pages, static_cast<size_t>(address - pages));
    ASAN_POISON_MEMORY_REGION(address + bytes, roundUp(bytes, ALIGNMENT) - bytes);
    blocks_[address] = Block{pages, pageBytes, bytes, device};
    cursor_ = pages + pageBytes + pageSize_;
    return address;
}

// Address space for `bytes` from the cursor on, or else from the start; null if there is none.
unsigned char* DeviceMemory::findGap(size_t bytes) const {
    for (unsigned char* from : {cursor_, reserved_}) {
        unsigned char* gap = from;
        for (auto next = blocks_.lower_bound(from); next != blocks_.end(); ++next) {
            if (static_cast<size_t>(std::max(next->second.pages - pageSize_, gap) - gap) >= bytes) {
                return gap;
            }
            gap = next->second.pages + next->second.pageBytes + pageSize_;
        }
        if (static_cast<size_t>(reserved_ + reservedBytes_ - gap) >= bytes) {
            return gap;
        }
    }
    return nullptr;
}

bool DeviceMemory::free(void* address) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = blocks_.find(static_cast<unsigned char*>(address));
    if (found == blocks_.end()) {
        return false;
    }
    const Block& block = found->second;
    ASAN_UNPOISON_MEMORY_REGION(block.pages, block.pageBytes);
    unmap(block.pages, block.pageBytes);
    blocks_.erase(found);
    return true;
}

// The last allocation that starts at or before the address.
DeviceMemory::Blocks::const_iterator DeviceMemory::nearest(const void* address) const {
    auto after = blocks_.upper_bound(static_cast<unsigned char*>(const_cast<void*>(address)));
    return after == blocks_.begin() ? blocks_.end() : std::prev(after);
}

std::optional<DeviceMemory::Allocation> DeviceMemory::find(const void* address) const {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = nearest(address);
    if (found == blocks_.end() || static_cast<const unsigned char*>(address) > found->first + found->second.bytes) {
        return std::nullopt;
    }
    return Allocation{found->first, found->second.bytes, found->second.device};
}

bool DeviceMemory::contains(const void* address, size_t bytes) const {
    auto allocation = find(address);
    return allocation
           && bytes <= allocation->bytes - static_cast<size_t>(static_cast<const unsigned char*>(address) - allocation->address);
}

std::optional<std::string> DeviceMemory::damage() {
    std::lock_guard<std::mutex> lock(mutex_);
#ifndef __SANITIZE_ADDRESS__  // which has reported the write itself, and does not let us look
    auto watched = [](unsigned char byte) { return byte == WATCHED; };
    for (auto& [address, block] : blocks_) {
        unsigned char* end = address + block.bytes;
        unsigned char* pageEnd = block.pages + block.pageBytes;
        if (!std::all_of(end, pageEnd, watched)) {
            std::fill(end, pageEnd, WATCHED);
            return "wrote behind the end of an allocation of " + std::to_string(block.bytes) + " bytes";
        }
        unsigned char* before = address - std::min<size_t>(WATCHED_BEFORE, address - block.pages);
        if (!std::all_of(before, address, watched)) {
            std::fill(before, address, WATCHED);
            return "wrote before the start of an allocation of " + std::to_string(block.bytes) + " bytes";
        }
    }
#endif
    return std::nullopt;
}

std::string DeviceMemory::describe(const void* address) const {
    char text[32];
    std::snprintf(text, sizeof text, "address %p", address);
    std::string place = text;
    std::lock_guard<std::mutex> lock(mutex_);
    auto* byte = static_cast<const unsigned char*>(address);
    if (byte < reserved_ || byte >= reserved_ + reservedBytes_) {
        return place + ", which is no device memory";
    }
    auto before = nearest(address);
    auto after = blocks_.upper_bound(const_cast<unsigned char*>(byte));
    size_t behind = before == blocks_.end() ? SIZE_MAX : static_cast<size_t>(byte - before->first - before->second.bytes);
    size_t ahead = after == blocks_.end() ? SIZE_MAX : static_cast<size_t>(after->first - byte);
    if (std::min(behind, ahead) > 64 * pageSize_) {
        return place + ", where no allocation is (any more)";
    }
    return behind <= ahead ? place + ", " + std::to_string(behind) + " bytes after the end of an allocation of "
                                 + std::to_string(before->second.bytes) + " bytes"
                           : place + ", " + std::to_string(ahead) + " bytes before an allocation of "
                                 + std::to_string(after->second.bytes) + " bytes";
}

size_t DeviceMemory::liveAllocations() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return blocks_.size();
}

size_t DeviceMemory::liveBytes(int device) const {
    std::lock_guard<std::mutex> lock(mutex_);
    size_t bytes = 0;
    for (const auto& entry : blocks_) {
        bytes += entry.second.device == device ? entry.second.bytes : 0;
    }
    return bytes;
}

size_t DeviceMemory::capacity() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return capacity_;
}

void DeviceMemory::setCapacity(size_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    capacity_ = bytes;
}

}  // namespace emulated
