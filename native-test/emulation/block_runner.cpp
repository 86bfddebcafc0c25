#include "block_runner.h"

#include <cmath>
#include <cstdlib>

#include "device_memory.h"
#include "sixteen_bits.h"
#include "tensor_emulation.h"

namespace emulated {

__thread uint3 threadIndex;
__thread uint3 blockIndex;
__thread uint3 blockSize;
__thread uint3 gridSize;

namespace {

constexpr unsigned FULL_WARP_MASK = 0xffffffffu;

__thread BlockRunner* runnerOnFiber;

uint3 coordinates(uint64_t number, dim3 size) {
    uint64_t rows = number / size.x;
    return {static_cast<unsigned>(number % size.x), static_cast<unsigned>(rows % size.y),
            static_cast<unsigned>(rows / size.y)};
}

std::string text(uint3 index) {
    return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," + std::to_string(index.z) + ")";
}

std::string text(Site site) {
    std::string path = site.file;
    return path.substr(path.rfind('/') + 1) + ":" + std::to_string(site.line);
}

bool same(Site a, Site b) {
    return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

const char* name(WarpOperation operation) {
    switch (operation) {
        case WarpOperation::SYNC: return "__syncwarp";
        case WarpOperation::SHUFFLE_INDEX: return "__shfl_sync";
        case WarpOperation::SHUFFLE_UP: return "__shfl_up_sync";
        case WarpOperation::SHUFFLE_DOWN: return "__shfl_down_sync";
        case WarpOperation::SHUFFLE_XOR: return "__shfl_xor_sync";
        case WarpOperation::BALLOT: return "__ballot_sync";
        case WarpOperation::MULTIPLY_MATRICES: return "a matrix product";
    }
    return "";
}

std::string text(WarpOperation operation, Site site) {
    return std::string(name(operation)) + " at " + text(site);
}

std::string hexadecimal(unsigned mask) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "0x%08x", mask);
    return buffer;
}

// The numbers that a tensor core sees in a word; the bits that a number of TF32 has not are not looked at. How many there are.
int numbersOf(Factors factors, uint32_t word, float (&numbers)[2]) {
    switch (factors) {
        case Factors::TF32:
            numbers[0] = fromBits(word & 0xffffe000u);
            return 1;
        case Factors::FP16:
            numbers[0] = fromHalf(static_cast<uint16_t>(word));
            numbers[1] = fromHalf(static_cast<uint16_t>(word >> 16));
            return 2;
        default:
            numbers[0] = fromBfloat(static_cast<uint16_t>(word));
            numbers[1] = fromBfloat(static_cast<uint16_t>(word >> 16));
            return 2;
    }
}

// A sum as fp32 that is never larger than it: the worst that tensor cores do, and the same in one direction for every sum.
float cutOff(double sum) {
    auto rounded = static_cast<float>(sum);
    return std::fabs(rounded) > std::fabs(sum) ? std::nextafter(rounded, 0.0f) : rounded;
}

}  // namespace

// --- what kernels call ---------------------------------------------------------------------------------------------------

void blockBarrier(Site site) {
    BlockRunner::onFiber()->barrier(site);
}

uint64_t warpMeeting(WarpOperation operation, unsigned mask, uint64_t value, int operand, int width, Site site) {
    return BlockRunner::onFiber()->meet(operation, mask, value, operand, width, site);
}

void* sharedMemory() {
    return BlockRunner::onFiber()->sharedMemory();
}

// --- one block -----------------------------------------------------------------------------------------------------------

BlockRunner* BlockRunner::onFiber() {
    return runnerOnFiber;
}

std::optional<DeviceError> BlockRunner::run(const Grid& grid, uint64_t blockNumber) {
    prepare(grid, blockNumber);
    startAll();
    while (!error_ && live_ > 0) {
        if (!resumeReady()) {
            releaseBarrier();
        }
        arrange(order_, grid.schedule.order, random_);
    }
    return finish();
}

void BlockRunner::prepare(const Grid& grid, uint64_t blockNumber) {
    grid_ = &grid;
    blockNumber_ = blockNumber;
    barriers_ = 0;
    threadCount_ = static_cast<int>(grid.block.x * grid.block.y * grid.block.z);
    live_ = threadCount_;
    nextUnstarted_ = 0;
    error_.reset();
    random_ = Random(grid.schedule.seed ^ (blockNumber * 0x2545f4914f6cdd1du));
    prepareThreads(grid.block);
    order_.resize(threadCount_);
    arrange(order_, grid.schedule.order, random_);
    shared_.prepare(grid.sharedBytes);
    blockIndex = coordinates(blockNumber, grid.size);
    blockSize = {grid.block.x, grid.block.y, grid.block.z};
    gridSize = {grid.size.x, grid.size.y, grid.size.z};
}

void BlockRunner::prepareThreads(dim3 size) {
    bool sameSize = size.x == indexed_.x && size.y == indexed_.y && size.z == indexed_.z;
    threads_.resize(threadCount_);
    for (int i = 0; i < threadCount_; i++) {
        threads_[i].state = State::UNSTARTED;
        if (!sameSize) {
            threads_[i].index = coordinates(static_cast<uint64_t>(i), size);
        }
    }
    indexed_ = size;
    // The lanes that a last, partial warp lacks count as gone.
    warps_.assign((threadCount_ + WARP_SIZE - 1) / WARP_SIZE, Warp{0, 0});
    if (threadCount_ % WARP_SIZE != 0) {
        warps_.back().gone = FULL_WARP_MASK << (threadCount_ % WARP_SIZE);
    }
}

void BlockRunner::startAll() {
    while (!error_ && nextUnstarted_ < order_.size()) {
        resume(idleFiber());
    }
}

// Lets every thread that can go on do so; false if there was none.
bool BlockRunner::resumeReady() {
    bool any = false;
    for (uint16_t thread : order_) {
        if (threads_[thread].state == State::READY && !error_) {
            any = true;
            setCurrent(thread);
            resume(*threads_[thread].fiber);
        }
    }
    return any;
}

// Nobody can go on: either all threads stand at the same barrier, or something is wrong.
void BlockRunner::releaseBarrier() {
    const CudaThread& first = threads_[order_[0]];
    bool together = live_ == threadCount_;
    for (const CudaThread& thread : threads_) {
        together = together && thread.state == State::AT_BARRIER && same(thread.site, first.site);
    }
    if (!together) {
        error_ = DeviceError{Fault::LAUNCH_FAILED, stuck()};
        return;
    }
    barriers_++;
    for (CudaThread& thread : threads_) {
        thread.state = State::READY;
    }
}

std::optional<DeviceError> BlockRunner::finish() {
    if (error_) {
        idle_.clear();
        for (const auto& fiber : fibers_) {
            fiber->rewind();
            idle_.push_back(fiber.get());
        }
        return error_;
    }
    if (auto damage = shared_.damage()) {
        return DeviceError{Fault::ILLEGAL_ADDRESS, place() + ": " + *damage};
    }
    return std::nullopt;
}

// --- fibers --------------------------------------------------------------------------------------------------------------

void BlockRunner::fiberMain() {
    for (;;) {
        BlockRunner& runner = *runnerOnFiber;
        runner.runThreads();
        runner.idle_.push_back(runner.running_);
        runner.suspend();
    }
}

void BlockRunner::runThreads() {
    while (nextUnstarted_ < order_.size()) {
        setCurrent(order_[nextUnstarted_++]);
        threads_[current_].fiber = running_;
        threads_[current_].state = State::READY;
        grid_->kernel->invoke(grid_->arguments);
        threads_[current_].state = State::EXITED;
        live_--;
        warps_[current_ / WARP_SIZE].gone |= 1u << (current_ % WARP_SIZE);
        meetingsAfterExit(current_);
    }
}

void BlockRunner::resume(Fiber& fiber) {
    running_ = &fiber;
    runnerOnFiber = this;
    switchTo(scheduler_, fiber.continuation);
    runnerOnFiber = nullptr;
}

Fiber& BlockRunner::idleFiber() {
    if (idle_.empty()) {
        fibers_.push_back(std::make_unique<Fiber>(&BlockRunner::fiberMain));
        return *fibers_.back();
    }
    Fiber* fiber = idle_.back();
    idle_.pop_back();
    return *fiber;
}

void BlockRunner::suspend() {
    switchTo(running_->continuation, scheduler_);
}

void BlockRunner::setCurrent(int thread) {
    current_ = thread;
    threadIndex = threads_[thread].index;
}

void BlockRunner::leaveForGood() {
    suspend();
    std::abort();
}

// --- meetings ------------------------------------------------------------------------------------------------------------

void BlockRunner::barrier(Site site) {
    CudaThread& thread = threads_[current_];
    thread.state = State::AT_BARRIER;
    thread.site = site;
    suspend();
}

uint64_t BlockRunner::meet(WarpOperation operation, unsigned mask, uint64_t value, int operand, int width, Site site) {
    int self = current_;
    CudaThread& thread = threads_[self];
    if ((mask >> (self % WARP_SIZE) & 1) == 0) {
        fail(Fault::LAUNCH_FAILED, text(operation, site) + ": its own lane is missing in the mask " + hexadecimal(mask));
    }
    if (width < 1 || width > WARP_SIZE || (width & (width - 1)) != 0) {
        fail(Fault::LAUNCH_FAILED, text(operation, site) + ": width " + std::to_string(width)
                                       + " is not a power of two from 1 to 32");
    }
    thread = {thread.index, State::AT_MEETING, thread.fiber, site, operation, mask, value, operand, width};
    warps_[self / WARP_SIZE].waiting |= 1u << (self % WARP_SIZE);
    if (!completeMeeting(self)) {
        suspend();
    }
    return thread.value;
}

// Completes the meeting that this thread waits for, if all lanes of its mask that live have come.
bool BlockRunner::completeMeeting(int self) {
    const CudaThread& asked = threads_[self];
    const Warp& warp = warps_[self / WARP_SIZE];
    unsigned present = asked.mask & ~warp.gone;
    if ((present & ~warp.waiting) != 0) {
        return false;
    }
    int firstThread = self / WARP_SIZE * WARP_SIZE;
    for (int lane = 0; lane < WARP_SIZE; lane++) {
        if ((present >> lane & 1) == 0) {
            continue;
        }
        const CudaThread& other = threads_[firstThread + lane];
        if (other.operation != asked.operation || other.mask != asked.mask || !same(other.site, asked.site)) {
            fail(Fault::LAUNCH_FAILED, "its warp does not meet: it " + waitingAt(asked) + ", while thread "
                                           + describe(firstThread + lane) + " " + waitingAt(other));
        }
    }
    if (asked.operation == WarpOperation::MULTIPLY_MATRICES) {
        multiplyMatrices(firstThread, present);
    } else {
        exchange(firstThread, present);
    }
    release(firstThread, present);
    return true;
}

// A thread that has left may have been the last that others of its warp waited for.
void BlockRunner::meetingsAfterExit(int exited) {
    Warp& warp = warps_[exited / WARP_SIZE];
    for (int lane = 0; lane < WARP_SIZE && warp.waiting != 0; lane++) {
        int thread = exited / WARP_SIZE * WARP_SIZE + lane;
        if ((warp.waiting >> lane & 1) != 0 && (threads_[thread].mask >> (exited % WARP_SIZE) & 1) != 0) {
            completeMeeting(thread);
        }
    }
}

void BlockRunner::release(int firstThread, unsigned lanes) {
    for (int lane = 0; lane < WARP_SIZE; lane++) {
        if ((lanes >> lane & 1) != 0) {
            threads_[firstThread + lane].state = State::READY;
        }
    }
    warps_[firstThread / WARP_SIZE].waiting &= ~lanes;
}

// Every lane that is present gets its result.
void BlockRunner::exchange(int firstThread, unsigned present) {
    uint64_t brought[WARP_SIZE] = {};
    unsigned ballot = 0;
    for (int lane = 0; lane < WARP_SIZE; lane++) {
        if ((present >> lane & 1) != 0) {
            brought[lane] = threads_[firstThread + lane].value;
            ballot |= static_cast<unsigned>(brought[lane] != 0) << lane;
        }
    }
    for (int lane = 0; lane < WARP_SIZE; lane++) {
        if ((present >> lane & 1) == 0) {
            continue;
        }
        CudaThread& thread = threads_[firstThread + lane];
        if (thread.operation == WarpOperation::BALLOT) {
            thread.value = ballot;
        } else if (thread.operation != WarpOperation::SYNC) {
            int source = sourceLane(thread, lane);
            if ((present >> source & 1) == 0) {
                fail(Fault::LAUNCH_FAILED, text(thread.operation, thread.site) + ": thread "
                                               + describe(firstThread + lane) + " reads lane " + std::to_string(source)
                                               + ", which takes no part");
            }
            thread.value = brought[source];
        }
    }
}

// The pieces of a matrix product, gathered from the lanes as the PTX manual has it for m16n8k8 in TF32, and for m16n8k16 in 16 bits, where
// each register holds two neighbours along k.
void BlockRunner::multiplyMatrices(int firstThread, unsigned present) {
    if (present != FULL_WARP_MASK) {
        fail(Fault::LAUNCH_FAILED, "a matrix product needs all lanes of its warp; present are " + hexadecimal(present));
    }
    const auto piecesOf = [&](int lane) -> const MatrixPieces& {
        return *reinterpret_cast<const MatrixPieces*>(threads_[firstThread + lane].value);
    };
    const Factors factors = piecesOf(0).factors;
    float a[16][16], b[16][8];
    int depth = 8;
    for (int lane = 0; lane < WARP_SIZE; lane++) {
        const MatrixPieces& pieces = piecesOf(lane);
        int group = lane / 4, four = lane % 4;
        float numbers[2];
        for (int i = 0; i < 4; i++) {
            int perWord = numbersOf(factors, pieces.a[i], numbers);
            depth = 8 * perWord;
            for (int j = 0; j < perWord; j++) {
                a[group + i % 2 * 8][(four + i / 2 * 4) * perWord + j] = numbers[j];
            }
        }
        for (int i = 0; i < 2; i++) {
            int perWord = numbersOf(factors, pieces.b[i], numbers);
            for (int j = 0; j < perWord; j++) {
                b[(four + i * 4) * perWord + j][group] = numbers[j];
            }
        }
    }
    for (int lane = 0; lane < WARP_SIZE; lane++) {
        const MatrixPieces& pieces = piecesOf(lane);
        for (int i = 0; i < 4; i++) {
            int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
            double sum = pieces.sum[i];
            for (int k = 0; k < depth; k++) {
                sum += static_cast<double>(a[row][k]) * b[k][column];
            }
            pieces.sum[i] = cutOff(sum);
        }
    }
}

// The lane that a shuffle reads; its own where the answer would lie outside its segment of `width` lanes.
int BlockRunner::sourceLane(const CudaThread& thread, int lane) const {
    int first = lane & ~(thread.width - 1);
    int last = first + thread.width - 1;
    switch (thread.operation) {
        case WarpOperation::SHUFFLE_INDEX: return first | (thread.operand & (thread.width - 1));
        case WarpOperation::SHUFFLE_UP: return lane - thread.operand >= first ? lane - thread.operand : lane;
        case WarpOperation::SHUFFLE_DOWN: return lane + thread.operand <= last ? lane + thread.operand : lane;
        default: return (lane ^ thread.operand) <= last ? (lane ^ thread.operand) : lane;
    }
}

// --- errors --------------------------------------------------------------------------------------------------------------

// Takes the text by value and hands it on: nothing may be left to destroy on a stack that is never returned to.
void BlockRunner::fail(Fault fault, std::string what) {
    what.insert(0, place() + ", thread " + describe(current_) + ": ");
    error_ = DeviceError{fault, std::move(what)};
    leaveForGood();
}

void BlockRunner::faulted(int signal, const siginfo_t& info, bool writing) {
    if (signal == SIGFPE) {
        fail(Fault::LAUNCH_FAILED, "integer division by zero");
    }
    if (running_->guards(info.si_addr)) {
        fail(Fault::ILLEGAL_ADDRESS, "stack overflow");
    }
    if (info.si_code == SI_KERNEL) {
        fail(Fault::MISALIGNED_ADDRESS, "access to an address that is misaligned or no address at all");
    }
    const char* access = writing ? "writes " : "reads ";
    long beyond = shared_.beyond(info.si_addr);
    if (beyond >= 0) {
        fail(Fault::ILLEGAL_ADDRESS, access + std::to_string(beyond) + " bytes after the end of its shared memory");
    }
    fail(Fault::ILLEGAL_ADDRESS, access + DeviceMemory::instance().describe(info.si_addr));
}

std::string BlockRunner::place() const {
    return std::string("kernel ") + grid_->kernel->name + ", block " + text(blockIndex);
}

std::string BlockRunner::describe(int thread) const {
    return text(threads_[thread].index);
}

std::string BlockRunner::waitingAt(const CudaThread& thread) const {
    switch (thread.state) {
        case State::EXITED: return "has left the kernel";
        case State::AT_BARRIER: return "waits in __syncthreads at " + text(thread.site);
        default:
            return "waits in " + text(thread.operation, thread.site) + " with mask " + hexadecimal(thread.mask);
    }
}

// Names one waiting thread, and the first whose place differs from its.
std::string BlockRunner::stuck() const {
    int waiting = 0;
    while (threads_[waiting].state == State::EXITED) {
        waiting++;
    }
    int other = 0;
    while (other < threadCount_ && threads_[other].state == threads_[waiting].state
           && same(threads_[other].site, threads_[waiting].site)) {
        other++;
    }
    std::string message = place() + ": thread " + describe(waiting) + " " + waitingAt(threads_[waiting]);
    if (other < threadCount_) {
        message += ", but thread " + describe(other) + " " + waitingAt(threads_[other]);
    }
    return message;
}

}  // namespace emulated
