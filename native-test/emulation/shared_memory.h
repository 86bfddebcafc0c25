// The dynamic shared memory of one block: poisoned before the block runs, and bounded. It ends at a guard page, so that an
// access behind it faults; the bytes before it and the few between its end and the page are watched for writes.

#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace emulated {

class SharedMemory {
public:
    // The most that a chip of any target grants one block (227 KB).
    static constexpr size_t LIMIT = 232448;

    SharedMemory();
    ~SharedMemory();
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    // Makes room for `bytes` and fills them with signalling NaNs.
    void prepare(size_t bytes);

    unsigned char* data() const { return data_; }

    // What a block has written outside its memory, in words; nothing if all is well.
    std::optional<std::string> damage() const;

    // How far behind the end of the memory the address lies, if it lies in the guard page there; -1 elsewhere.
    long beyond(const void* address) const;

private:
    size_t pageSize_;
    size_t room_;
    unsigned char* mapping_;
    unsigned char* end_;
    unsigned char* data_;
    size_t bytes_ = 0;
};

}  // namespace emulated
