// Runs the blocks of a grid one after another on one worker thread: every CUDA thread of a block on a fiber.
//
// A fiber that finishes a CUDA thread takes the next one that has not started, so a kernel without barriers runs as a plain
// loop on one fiber. Only when a thread must wait for others is another fiber started.

#pragma once

#include <csignal>
#include <memory>
#include <optional>
#include <vector>

#include "access_log.h"
#include "device_error.h"
#include "fiber.h"
#include "gpu_emulation.h"
#include "schedule.h"
#include "shared_memory.h"

namespace emulated {

// What the blocks of one grid have in common.
struct Grid {
    const Kernel* kernel;
    dim3 size;
    dim3 block;
    size_t sharedBytes;
    void* const* arguments;
    Schedule schedule;
    AccessLog* accesses = nullptr;  // where every access to memory is noted, if the kernel tells of them
};

class BlockRunner {
public:
    // Runs the block with this number; the error of its first thread that failed, or nothing.
    std::optional<DeviceError> run(const Grid& grid, uint64_t blockNumber);

    // The runner whose fiber the calling thread stands on; null elsewhere, above all on every thread of the host program.
    static BlockRunner* onFiber();

    // The next ones are called on a fiber, by the running CUDA thread.
    void barrier(Site site);
    uint64_t meet(WarpOperation operation, unsigned mask, uint64_t value, int operand, int width, Site site);
    void* sharedMemory() { return shared_.data(); }
    size_t sharedBytes() const { return grid_->sharedBytes; }
    AccessLog* accesses() const { return grid_->accesses; }
    AccessLog::Place accessPlace() const { return {blockNumber_, static_cast<uint32_t>(current_), barriers_}; }
    [[noreturn]] void fail(Fault fault, std::string what);

    // Called by the signal handler for a fault that the running CUDA thread has caused.
    [[noreturn]] void faulted(int signal, const siginfo_t& info, bool writing);

private:
    enum class State : uint8_t { UNSTARTED, READY, AT_BARRIER, AT_MEETING, EXITED };

    struct CudaThread {
        uint3 index;
        State state;
        Fiber* fiber;
        Site site;
        WarpOperation operation;
        unsigned mask;
        uint64_t value;  // what the thread brings to a meeting, then what it takes away
        int operand;
        int width;
    };

    // Which lanes of a warp wait in a meeting, and which have left.
    struct Warp {
        unsigned waiting;
        unsigned gone;
    };

    void prepare(const Grid& grid, uint64_t blockNumber);
    void prepareThreads(dim3 size);
    void startAll();
    bool resumeReady();
    void releaseBarrier();
    std::optional<DeviceError> finish();

    static void fiberMain();
    void runThreads();
    void resume(Fiber& fiber);
    Fiber& idleFiber();
    void suspend();
    void setCurrent(int thread);

    bool completeMeeting(int anyLane);
    void meetingsAfterExit(int thread);
    void exchange(int firstThread, unsigned present);
    void multiplyMatrices(int firstThread, unsigned present);
    void release(int firstThread, unsigned lanes);
    int sourceLane(const CudaThread& thread, int lane) const;

    [[noreturn]] void leaveForGood();
    std::string place() const;
    std::string describe(int thread) const;
    std::string waitingAt(const CudaThread& thread) const;
    std::string stuck() const;

    const Grid* grid_ = nullptr;
    uint64_t blockNumber_ = 0;
    uint32_t barriers_ = 0;  // that the block has passed
    int threadCount_ = 0;
    int live_ = 0;
    int current_ = 0;
    size_t nextUnstarted_ = 0;
    std::vector<CudaThread> threads_;
    std::vector<Warp> warps_;
    dim3 indexed_{0, 0, 0};  // the block size that the threads' indices are for
    std::vector<uint16_t> order_;
    Random random_{0};
    std::optional<DeviceError> error_;

    SharedMemory shared_;
    Continuation scheduler_;
    Fiber* running_ = nullptr;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    std::vector<Fiber*> idle_;
};

}  // namespace emulated
