// The emulated device's memory: every allocation stands alone between pages that fault, filled with NaN bytes.
//
// An allocation starts at a multiple of 256 bytes, as on the device, and ends less than 256 bytes before a guard page; the
// bytes between are watched for writes. Addresses are not used again soon, so an access after a free faults too.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace emulated {

class DeviceMemory {
public:
    struct Allocation {
        unsigned char* address;
        size_t bytes;
        int device;
    };

    static constexpr size_t USUAL_CAPACITY = size_t{16} << 30;

    // The memory of this process's emulated devices.
    static DeviceMemory& instance();

    // Room for `bytes` (at least 1) on a device; null if the device's capacity does not allow it.
    void* allocate(size_t bytes, int device);

    // False if no allocation starts at this address.
    bool free(void* address);

    // The allocation in which the address lies; an address just behind its end counts as well.
    std::optional<Allocation> find(const void* address) const;

    // Whether the whole range lies in one allocation.
    bool contains(const void* address, size_t bytes) const;

    // The first allocation behind or before whose end something was written, in words; its watch is set anew.
    std::optional<std::string> damage();

    // Where an address lies, for a message.
    std::string describe(const void* address) const;

    size_t liveAllocations() const;
    size_t liveBytes(int device) const;

    // How many bytes each device has.
    size_t capacity() const;
    void setCapacity(size_t bytes);

private:
    struct Block {
        unsigned char* pages;  // the first page of the allocation; a guard page stands before and behind
        size_t pageBytes;
        size_t bytes;
        int device;
    };
    using Blocks = std::map<unsigned char*, Block>;

    DeviceMemory();

    unsigned char* findGap(size_t bytes) const;
    Blocks::const_iterator nearest(const void* address) const;

    mutable std::mutex mutex_;
    Blocks blocks_;  // by the address handed out
    size_t pageSize_;
    size_t reservedBytes_;
    unsigned char* reserved_;
    unsigned char* cursor_;
    size_t capacity_;
};

}  // namespace emulated
