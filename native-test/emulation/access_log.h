// Who has read and written what during one launch: finds data races, whatever the order in which the threads happen to run.
//
// Two threads that touch the same bytes, one of them writing, must be kept apart by a barrier of their block; threads of
// different blocks by nothing less than the end of the launch. JConv's kernels use no atomics and no fences.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace emulated {

enum class Access { READ, READ_CONSTANT, WRITE };  // READ_CONSTANT: of memory that nobody may write during the launch

class AccessLog {
public:
    // A thread, and how many barriers its block has passed.
    struct Place {
        uint64_t block;
        uint32_t thread;
        uint32_t barriers;
    };

    // Each notes an access, and says in words what it must not do; nothing if all is well. One thread at a time may call them.
    std::optional<std::string> global(Access access, const void* address, size_t bytes, Place place);
    std::optional<std::string> shared(Access access, size_t offset, size_t bytes, Place place);

private:
    enum class Readers : uint8_t { NONE, ONE, THREADS, BLOCKS };

    // The latest write and the latest reads of two bytes. Earlier reads of the same block are in front of a barrier that the
    // latest ones are behind.
    struct Cell {
        Place writer;
        Place reader;
        bool written;
        Readers readers;
    };

    static constexpr size_t CELL_BYTES = 2;  // no kernel takes a single byte by itself
    static constexpr size_t PAGE_CELLS = 2048;

    static std::optional<std::string> note(Cell& cell, Access access, Place place);

    Cell* cellsOf(uintptr_t page);

    std::unordered_map<uintptr_t, std::unique_ptr<Cell[]>> pages_;
    uintptr_t latestPage_ = 0;
    Cell* latestCells_ = nullptr;
    std::vector<Cell> shared_;
    uint64_t sharedBlock_ = UINT64_MAX;
};

}  // namespace emulated
