#include "launch.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>

#include "device_memory.h"
#include "fault_handler.h"

namespace emulated {
namespace {

std::map<std::string, Kernel>& kernels() {
    static auto* all = new std::map<std::string, Kernel>();
    return *all;
}

// The numbers 0 .. count-1 in the order of a schedule. RANDOM is a walk with a stride that has no factor in common with
// the count: enough to separate neighbours, without a table.
class BlockOrder {
public:
    BlockOrder(uint64_t count, const Schedule& schedule) : count_(count), order_(schedule.order) {
        Random random(schedule.seed);
        first_ = random.below(count);
        stride_ = random.below(std::min<uint64_t>(count, 1u << 30)) + 1;
        while (std::gcd(stride_, count) != 1) {
            stride_++;
        }
    }

    uint64_t at(uint64_t position) const {
        switch (order_) {
            case Schedule::Order::ASCENDING: return position;
            case Schedule::Order::DESCENDING: return count_ - 1 - position;
            default: return static_cast<uint64_t>((static_cast<unsigned __int128>(position) * stride_ + first_) % count_);
        }
    }

private:
    uint64_t count_;
    Schedule::Order order_;
    uint64_t first_;
    uint64_t stride_;
};

// One launch, shared by the workers.
struct Job {
    const Grid& grid;
    BlockOrder order;
    uint64_t blocks;
    std::atomic<uint64_t> next{0};
    std::mutex mutex;
    std::optional<DeviceError> error;

    Job(const Grid& grid_, uint64_t blocks_) : grid(grid_), order(blocks_, grid_.schedule), blocks(blocks_) {}

    void work(BlockRunner& runner) {
        for (uint64_t position = next++; position < blocks; position = next++) {
            if (auto failed = runner.run(grid, order.at(position))) {
                std::lock_guard<std::mutex> lock(mutex);
                error = error ? error : failed;
                next = blocks;
            }
        }
    }
};

// The worker threads; they wait between launches and are never joined.
class Pool {
public:
    static Pool& instance() {
        static auto* pool = new Pool();
        return *pool;
    }

    void run(Job& job, unsigned workers) {
        std::lock_guard<std::mutex> oneLaunch(launching_);
        std::unique_lock<std::mutex> lock(mutex_);
        while (threads_ < workers) {
            start(threads_++);
        }
        job_ = &job;
        wanted_ = workers;
        running_ = workers;
        launches_++;
        wake_.notify_all();
        done_.wait(lock, [this] { return running_ == 0; });
        job_ = nullptr;
    }

private:
    void start(unsigned number) {
        // A worker takes no signals but those that it causes itself; the program's own threads see to the others.
        sigset_t all, before;
        sigfillset(&all);
        for (int caused : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
            sigdelset(&all, caused);
        }
        pthread_sigmask(SIG_SETMASK, &all, &before);
        std::thread([this, number, seen = launches_] { serve(number, seen); }).detach();
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void serve(unsigned number, uint64_t seen) {
        useSignalStack();
        BlockRunner runner;
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return launches_ != seen; });
            seen = launches_;
            if (number < wanted_) {
                Job* job = job_;
                lock.unlock();
                job->work(runner);
                lock.lock();
                if (--running_ == 0) {
                    done_.notify_one();
                }
            }
        }
    }

    std::mutex launching_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable done_;
    Job* job_ = nullptr;
    uint64_t launches_ = 0;
    unsigned threads_ = 0;
    unsigned wanted_ = 0;
    unsigned running_ = 0;
};

}  // namespace

int registerKernel(Kernel kernel) {
    std::string name = kernel.name;
    if (!kernels().emplace(name, std::move(kernel)).second) {
        std::fprintf(stderr, "emulated device: there are two kernels named %s\n", name.c_str());
        std::abort();
    }
    return static_cast<int>(kernels().size());
}

const Kernel* findKernel(const std::string& name) {
    auto found = kernels().find(name);
    return found == kernels().end() ? nullptr : &found->second;
}

std::optional<DeviceError> launch(const Grid& grid, unsigned workers) {
    installFaultHandler();
    uint64_t blocks = static_cast<uint64_t>(grid.size.x) * grid.size.y * grid.size.z;
    Job job(grid, blocks);
    Pool::instance().run(job, static_cast<unsigned>(std::min<uint64_t>(std::max(workers, 1u), blocks)));
    if (!job.error) {
        if (auto damage = DeviceMemory::instance().damage()) {
            return DeviceError{Fault::ILLEGAL_ADDRESS, std::string("kernel ") + grid.kernel->name + " " + *damage};
        }
    }
    return job.error;
}

unsigned defaultWorkers() {
    return std::clamp(std::thread::hardware_concurrency(), 1u, 4u);
}

}  // namespace emulated
