#include "access_log.h"

namespace emulated {
namespace {

// Whether nothing but the order in which they happen to run keeps two threads apart.
bool sideBySide(AccessLog::Place a, AccessLog::Place b) {
    return a.block != b.block || (a.thread != b.thread && a.barriers == b.barriers);
}

std::string other(AccessLog::Place place, AccessLog::Place self) {
    std::string thread = "thread " + std::to_string(place.thread);
    return place.block == self.block ? thread + " of the same block" : thread + " of block " + std::to_string(place.block);
}

}  // namespace

std::optional<std::string> AccessLog::note(Cell& cell, Access access, Place place) {
    bool writes = access == Access::WRITE;
    if (cell.written && sideBySide(cell.writer, place)) {
        return (writes ? "writes what " : "reads what ") + other(cell.writer, place) + " writes, with no barrier between them";
    }
    if (cell.written && access == Access::READ_CONSTANT) {
        return "reads as constant what " + other(cell.writer, place) + " has written in this launch";
    }
    if (writes) {
        bool read = cell.readers == Readers::BLOCKS
                    || (cell.readers != Readers::NONE && sideBySide(cell.reader, place))
                    || (cell.readers == Readers::THREADS && cell.reader.barriers == place.barriers);
        if (read) {
            return "writes what " + other(cell.reader, place) + (cell.readers == Readers::ONE ? " reads" : " and others read")
                   + ", with no barrier between them";
        }
        cell.writer = place;
        cell.written = true;
    } else if (cell.readers == Readers::NONE
               || (cell.readers != Readers::BLOCKS && cell.reader.block == place.block && cell.reader.barriers != place.barriers)) {
        cell.reader = place;
        cell.readers = Readers::ONE;
    } else if (cell.reader.block != place.block) {
        cell.readers = Readers::BLOCKS;
    } else if (cell.readers == Readers::ONE && cell.reader.thread != place.thread) {
        cell.readers = Readers::THREADS;
    }
    return std::nullopt;
}

AccessLog::Cell* AccessLog::cellsOf(uintptr_t page) {
    if (latestCells_ == nullptr || page != latestPage_) {
        auto& cells = pages_[page];
        if (cells == nullptr) {
            cells = std::make_unique<Cell[]>(PAGE_CELLS);
        }
        latestPage_ = page;
        latestCells_ = cells.get();
    }
    return latestCells_;
}

std::optional<std::string> AccessLog::global(Access access, const void* address, size_t bytes, Place place) {
    uintptr_t first = reinterpret_cast<uintptr_t>(address) / CELL_BYTES;
    uintptr_t last = (reinterpret_cast<uintptr_t>(address) + bytes - 1) / CELL_BYTES;
    for (uintptr_t cell = first; cell <= last; cell++) {
        if (auto wrong = note(cellsOf(cell / PAGE_CELLS)[cell % PAGE_CELLS], access, place)) {
            return "of device memory, " + *wrong;
        }
    }
    return std::nullopt;
}

std::optional<std::string> AccessLog::shared(Access access, size_t offset, size_t bytes, Place place) {
    if (place.block != sharedBlock_) {
        shared_.clear();
        sharedBlock_ = place.block;
    }
    size_t last = (offset + bytes - 1) / CELL_BYTES;
    if (shared_.size() <= last) {
        shared_.resize(last + 1);
    }
    for (size_t cell = offset / CELL_BYTES; cell <= last; cell++) {
        if (access != Access::WRITE && !shared_[cell].written) {
            return "of shared memory, reads byte " + std::to_string(cell * CELL_BYTES) + ", which nobody has written";
        }
        if (auto wrong = note(shared_[cell], access, place)) {
            return "of shared memory, " + *wrong;
        }
    }
    return std::nullopt;
}

}  // namespace emulated
