#include "objects.h"

#include <algorithm>

#include "../emulation/device_memory.h"
#include "calls.h"
#include "streams.h"

namespace emulated::driver {
namespace {

struct ErrorText {
    const char* name;
    const char* text;
};

const std::map<int, ErrorText>& errorTexts() {
#define TEXT(code, text) {code, {#code, text}}
    static const std::map<int, ErrorText> all = {
        TEXT(CUDA_SUCCESS, "no error"),
        TEXT(CUDA_ERROR_INVALID_VALUE, "invalid argument"),
        TEXT(CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
        TEXT(CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
        TEXT(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
        TEXT(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
        TEXT(CUDA_ERROR_INVALID_IMAGE, "device kernel image is invalid"),
        TEXT(CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
        TEXT(CUDA_ERROR_INVALID_PTX, "a PTX JIT compilation failed"),
        TEXT(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, "the provided PTX was compiled with an unsupported toolchain."),
        TEXT(CUDA_ERROR_FILE_NOT_FOUND, "file not found"),
        TEXT(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
        TEXT(CUDA_ERROR_NOT_FOUND, "named symbol not found"),
        TEXT(CUDA_ERROR_NOT_READY, "device not ready"),
        TEXT(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered"),
        TEXT(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "too many resources requested for launch"),
        TEXT(CUDA_ERROR_LAUNCH_TIMEOUT, "the launch timed out and was terminated"),
        TEXT(CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE, "cannot set while device is active in this process"),
        TEXT(CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed"),
        TEXT(CUDA_ERROR_HARDWARE_STACK_ERROR, "hardware stack error"),
        TEXT(CUDA_ERROR_ILLEGAL_INSTRUCTION, "an illegal instruction was encountered"),
        TEXT(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned address"),
        TEXT(CUDA_ERROR_INVALID_ADDRESS_SPACE, "operation not supported on global/shared address space"),
        TEXT(CUDA_ERROR_INVALID_PC, "invalid program counter"),
        TEXT(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure"),
        TEXT(CUDA_ERROR_NOT_PERMITTED, "operation not permitted"),
        TEXT(CUDA_ERROR_NOT_SUPPORTED, "operation not supported"),
        TEXT(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "operation not permitted when stream is capturing"),
        TEXT(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "operation failed due to a previous error during capture"),
        TEXT(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "capture was not initiated in this stream"),
        TEXT(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "capturing stream has unjoined work"),
        TEXT(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "dependency created on uncaptured work in another stream"),
        TEXT(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "operation would make the legacy stream depend on a capturing blocking stream"),
        TEXT(CUDA_ERROR_CAPTURED_EVENT, "operation not permitted on an event last recorded in a capturing stream"),
        TEXT(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD,
             "attempt to terminate a thread-local capture sequence from another thread"),
        TEXT(CUDA_ERROR_UNKNOWN, "unknown error"),
    };
#undef TEXT
    return all;
}

// A negative code asks for the report of the emulated device; see native-test/README.md.
constexpr int REPORT = -1;

bool isDeviceError(int code) {
    return code == CUDA_ERROR_ILLEGAL_ADDRESS || code == CUDA_ERROR_LAUNCH_TIMEOUT
           || (code >= CUDA_ERROR_HARDWARE_STACK_ERROR && code <= CUDA_ERROR_LAUNCH_FAILED);
}

}  // namespace

Driver& Driver::instance() {
    static auto* driver = new Driver();
    return *driver;
}

std::vector<Context*>& contextStack() {
    static thread_local std::vector<Context*> stack;
    return stack;
}

Context& Driver::createContext(int device, bool isPrimary, unsigned flags) {
    auto context = std::make_unique<Context>(Context{device, isPrimary, flags, 1, std::nullopt, nullptr});
    context->legacyStream = std::make_shared<Stream>();
    context->legacyStream->context = context.get();
    context->legacyStream->flags = 0;
    context->legacyStream->legacy = true;
    Context& created = *context;
    contexts_[&created] = std::move(context);
    if (isPrimary) {
        primary[device] = &created;
    }
    return created;
}

// Ends a context with everything that belongs to it; what its streams still had to do is done first.
void Driver::destroyContext(Context& context) {
    finishAll(context);
    for (auto entry = memory.begin(); entry != memory.end();) {
        if (entry->second.context == &context) {
            DeviceMemory::instance().free(entry->first);
            entry = memory.erase(entry);
        } else {
            ++entry;
        }
    }
    graphExecs.removeOf(&context);
    graphs.removeOf(&context);
    events.removeOf(&context);
    streams.removeOf(&context);
    modules.removeOf(&context);
    pools.removeOf(&context);
    if (context.primary) {
        primary.erase(context.device);
    }
    contexts_.erase(&context);
}

bool Driver::isAlive(const Context* context) const {
    return contexts_.count(context) != 0;
}

const char* Driver::explain(int code) {
    if (code == REPORT) {
        return texts_.insert(report()).first->c_str();
    }
    auto known = errorTexts().find(code);
    if (known == errorTexts().end()) {
        return nullptr;
    }
    auto reason = reasons_.find(code);
    std::string text = known->second.text;
    text += reason == reasons_.end() ? "" : " (" + reason->second + ")";
    return texts_.insert(text).first->c_str();
}

void Driver::remember(const Refusal& refusal) {
    reasons_[refusal.code] = refusal.reason;
}

std::string Driver::report() const {
    long pinned = std::count_if(memory.begin(), memory.end(), [](const auto& entry) { return entry.second.onHost; });
    std::string lines;
    auto add = [&](const std::string& key, size_t value) { lines += key + " " + std::to_string(value) + "\n"; };
    add("contexts", contextCount());
    add("allocations", memory.size() - static_cast<size_t>(pinned));
    add("pinned-allocations", static_cast<size_t>(pinned));
    add("streams", streams.size());
    add("events", events.size());
    add("modules", modules.size());
    add("graphs", graphs.size());
    add("graph-executables", graphExecs.size());
    add("memory-pools", pools.size());
    for (const auto& [kind, count] : foreign) {
        add(kind, static_cast<size_t>(count));
    }
    return lines + Settings::instance().calls();
}

Context& currentContext() {
    std::vector<Context*>& stack = contextStack();
    require(!stack.empty() && stack.back() != nullptr, CUDA_ERROR_INVALID_CONTEXT, "no context is current on this thread");
    require(Driver::instance().isAlive(stack.back()), CUDA_ERROR_CONTEXT_IS_DESTROYED, "the current context has been destroyed");
    return *stack.back();
}

void requireHealthy(const Context& context) {
    if (context.failure) {
        throw Refusal{static_cast<CUresult>(context.failure->fault), context.failure->message};
    }
}

void failIfAsked(const char* function) {
    int code = Settings::instance().enter(function);
    if (code == CUDA_SUCCESS) {
        return;
    }
    std::string reason = std::string(function) + " was asked to fail";
    std::vector<Context*>& stack = contextStack();
    if (isDeviceError(code) && !stack.empty() && Driver::instance().isAlive(stack.back())) {
        stack.back()->failure = DeviceError{static_cast<Fault>(code), reason};
    }
    throw Refusal{static_cast<CUresult>(code), reason};
}

}  // namespace emulated::driver

using namespace emulated::driver;

DRIVER_CALL(cuGetErrorName, int code, const char** name) {
    return guarded([&](Driver&) {
        auto known = errorTexts().find(code);
        *name = known == errorTexts().end() ? nullptr : known->second.name;
        requireValue(*name != nullptr, "no such error code");
    });
}

DRIVER_CALL(cuGetErrorString, int code, const char** text) {
    return guarded([&](Driver& driver) {
        *text = driver.explain(code);
        requireValue(*text != nullptr, "no such error code");
    });
}
