// What stands behind the driver's handles, and the tables that know which handles are alive.

#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "../emulation/device_error.h"
#include "../emulation/gpu_emulation.h"
#include "../ptx/program.h"
#include "abi.h"
#include "contract.h"

namespace emulated::driver {

// The refusal of a call: the code for the caller, and the reason that cuGetErrorString adds to its text.
struct Refusal {
    CUresult code;
    std::string reason;
};

// A piece of work for a stream; what it returns is the device's error.
using Work = std::function<std::optional<DeviceError>()>;

struct Capture;

struct Stream {
    Context* context;
    unsigned flags;
    bool legacy = false;
    std::deque<Work> pending;
    uint64_t enqueued = 0;
    uint64_t finished = 0;
    std::shared_ptr<Capture> capture;

    bool blocking() const { return !legacy && (flags & STREAM_NON_BLOCKING) == 0; }
};

// A recording in progress, shared by the streams that have joined it.
struct Capture {
    CaptureMode mode;
    std::thread::id thread;
    Stream* origin;
    std::vector<Work> work;
    std::map<Stream*, size_t> lastWork;  // of every stream that takes part: how much had been recorded after its last work
    std::map<Stream*, size_t> joined;    // how far the origin has waited for the others
    bool invalid = false;
};

// One cuEventRecord: a place in a stream, and when the stream passed it.
struct Record {
    std::shared_ptr<Stream> stream;
    uint64_t position = 0;
    std::optional<std::chrono::steady_clock::time_point> passed;
    std::shared_ptr<Capture> capture;  // set if it was recorded during a capture
    size_t capturePosition = 0;
};

struct Event {
    Context* context;
    unsigned flags;
    std::shared_ptr<Record> record;
};

struct Function {
    Module* module;
    const Kernel* kernel;  // as g++ compiled it
    std::optional<Kernel> shipped;  // the module's PTX, interpreted; once that has been wanted
    ptx::PtxEntry entry;
    size_t maxDynamicShared;
};

struct Module {
    Context* context;
    ptx::PtxModule ptx;
    std::unique_ptr<ptx::Program> program;  // the PTX, ready to be run; once that has been wanted
    std::map<std::string, std::unique_ptr<Function>> functions;
};

struct Graph {
    Context* context;
    std::vector<Work> work;
};

struct GraphExec {
    Context* context;
    std::vector<Work> work;
};

struct MemoryPool {
    Context* context;
};

struct Context {
    int device;
    bool primary;
    unsigned flags;
    unsigned references;
    std::optional<DeviceError> failure;  // sticks: nothing works in this context from then on
    std::shared_ptr<Stream> legacyStream;
};

// The handles of one kind that are alive.
template <typename T>
class Table {
public:
    T* add(std::shared_ptr<T> object) {
        T* handle = object.get();
        entries_[handle] = std::move(object);
        return handle;
    }

    bool has(T* handle) const { return entries_.count(handle) != 0; }

    std::shared_ptr<T> find(T* handle) const {
        auto found = entries_.find(handle);
        return found == entries_.end() ? nullptr : found->second;
    }

    // The object of a handle that must be alive.
    T& require(T* handle, const char* what) const {
        if (!has(handle)) {
            throw Refusal{CUDA_ERROR_INVALID_HANDLE, std::string("not the handle of a living ") + what};
        }
        return *handle;
    }

    void remove(T* handle) { entries_.erase(handle); }

    void removeOf(const Context* context) {
        for (auto entry = entries_.begin(); entry != entries_.end();) {
            entry = entry->first->context == context ? entries_.erase(entry) : std::next(entry);
        }
    }

    size_t size() const { return entries_.size(); }

    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

private:
    std::map<T*, std::shared_ptr<T>> entries_;
};

// Where memory belongs: to a context, on its device or pinned on the host.
struct MemoryOwner {
    Context* context;
    bool onHost;
    bool registered;  // the program's own memory, pinned by cuMemHostRegister
    size_t bytes;
};

// The whole driver. Its mutex is held during every call, so everything in it may be used freely there.
struct Driver {
    static Driver& instance();

    std::mutex mutex;
    bool initialised = false;
    std::map<int, Context*> primary;
    std::map<void*, MemoryOwner> memory;

    Table<Stream> streams;
    Table<Event> events;
    Table<Module> modules;
    Table<Graph> graphs;
    Table<GraphExec> graphExecs;
    Table<MemoryPool> pools;
    std::map<std::string, long> foreign;  // living objects of other libraries, by kind

    Context& createContext(int device, bool primary, unsigned flags);
    void destroyContext(Context& context);
    bool isAlive(const Context* context) const;
    size_t contextCount() const { return contexts_.size(); }

    // The text of an error code, with the latest reason for it.
    const char* explain(int code);
    void remember(const Refusal& refusal);

    // Everything that a test asks of the device, as lines `key value`.
    std::string report() const;

private:
    std::map<const Context*, std::unique_ptr<Context>> contexts_;
    std::map<int, std::string> reasons_;
    std::set<std::string> texts_;  // handed out to callers, kept for good
};

// The contexts that the calling thread has made current, the latest last.
std::vector<Context*>& contextStack();

}  // namespace emulated::driver
