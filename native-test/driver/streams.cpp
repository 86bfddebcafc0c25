// Streams, events, capture and graphs.

#include "streams.h"

#include "calls.h"

namespace emulated::driver {
namespace {

// Every capture that is going on.
std::vector<std::shared_ptr<Capture>> activeCaptures() {
    std::vector<std::shared_ptr<Capture>> captures;
    for (const auto& entry : Driver::instance().streams) {
        if (entry.second->capture != nullptr && entry.second->capture->origin == entry.first) {
            captures.push_back(entry.second->capture);
        }
    }
    return captures;
}

// The legacy stream would wait for streams that record; that cannot be recorded.
void refuseImplicitDependency(const Context& context) {
    for (const auto& entry : Driver::instance().streams) {
        Stream& stream = *entry.second;
        if (stream.context == &context && stream.blocking() && stream.capture != nullptr) {
            stream.capture->invalid = true;
            throw Refusal{CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "a blocking stream is recording a graph"};
        }
    }
}

void doOne(Stream& stream) {
    Work work = std::move(stream.pending.front());
    stream.pending.pop_front();
    stream.finished++;
    if (!stream.context->failure) {
        stream.context->failure = work();
    }
}

void refuseWhileRecording(Stream& stream, const char* function) {
    if (stream.capture != nullptr) {
        stream.capture->invalid = true;
        throw Refusal{CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, std::string(function) + " on a stream that records a graph"};
    }
}

// Lets a stream take part in a recording that began elsewhere.
void joinCapture(Stream& stream, const Record& record) {
    require(stream.capture == nullptr || stream.capture == record.capture, CUDA_ERROR_STREAM_CAPTURE_ISOLATION,
            "the stream takes part in another recording");
    Capture& capture = *record.capture;
    if (&stream == capture.origin) {
        capture.joined[record.stream.get()] = record.capturePosition;
        return;
    }
    stream.capture = record.capture;
    capture.lastWork.emplace(&stream, 0);
}

// Work that the origin has not waited for when the recording ends.
bool hasUnjoinedWork(const Capture& capture) {
    for (const auto& [stream, last] : capture.lastWork) {
        auto joined = capture.joined.find(stream);
        if (stream != capture.origin && (joined == capture.joined.end() || joined->second < last)) {
            return true;
        }
    }
    return false;
}

void leaveCapture(const std::shared_ptr<Capture>& capture) {
    for (const auto& entry : Driver::instance().streams) {
        if (entry.second->capture == capture) {
            entry.second->capture = nullptr;
        }
    }
}

Record& recordOf(Event& event) {
    require(event.record != nullptr, CUDA_ERROR_INVALID_HANDLE, "the event has not been recorded");
    require(event.record->capture == nullptr, CUDA_ERROR_CAPTURED_EVENT, "the event was recorded during a capture");
    return *event.record;
}

Event& eventOf(Driver& driver, CUevent handle) {
    return driver.events.require(handle, "event");
}

CUstream createStream(Driver& driver, Context& context, unsigned flags) {
    requireValue((flags & ~STREAM_NON_BLOCKING) == 0, "unknown stream flags");
    auto stream = std::make_shared<Stream>();
    stream->context = &context;
    stream->flags = flags;
    return driver.streams.add(stream);
}

}  // namespace

std::shared_ptr<Stream> streamOf(Context& context, CUstream handle) {
    if (isLegacyStream(handle)) {
        return context.legacyStream;
    }
    std::shared_ptr<Stream> stream = Driver::instance().streams.find(handle);
    require(stream != nullptr, CUDA_ERROR_INVALID_HANDLE, "not the handle of a living stream");
    require(stream->context == &context, CUDA_ERROR_INVALID_HANDLE, "the stream belongs to another context");
    return stream;
}

bool isCapturing(const Stream& stream) {
    if (stream.capture != nullptr && stream.capture->invalid) {
        throw Refusal{CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "an earlier call has spoilt the recording"};
    }
    return stream.capture != nullptr;
}

void enqueue(Context& context, CUstream handle, Work work) {
    std::shared_ptr<Stream> stream = streamOf(context, handle);
    if (isCapturing(*stream)) {
        Capture& capture = *stream->capture;
        capture.work.push_back(std::move(work));
        capture.lastWork[stream.get()] = capture.work.size();
        return;
    }
    if (stream->legacy) {
        refuseImplicitDependency(context);
        finishBlocking(context);
    }
    stream->pending.push_back(std::move(work));
    stream->enqueued++;
    if (stream->legacy || !Settings::instance().deferred) {
        finish(*stream, stream->enqueued);
    }
}

void finish(Stream& stream, uint64_t position) {
    while (stream.finished < position) {
        doOne(stream);
    }
}

void finishAll(Context& context) {
    for (const auto& entry : Driver::instance().streams) {
        if (entry.second->context == &context) {
            finish(*entry.second, entry.second->enqueued);
        }
    }
}

void finishBlocking(Context& context) {
    for (const auto& entry : Driver::instance().streams) {
        if (entry.second->context == &context && entry.second->blocking()) {
            finish(*entry.second, entry.second->enqueued);
        }
    }
}

void refuseDuringCapture(const char* function) {
    for (const auto& capture : activeCaptures()) {
        bool ours = capture->thread == std::this_thread::get_id();
        if (capture->mode == CaptureMode::GLOBAL || (capture->mode == CaptureMode::THREAD_LOCAL && ours)) {
            capture->invalid = true;
            throw Refusal{CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, std::string(function) + " while a graph is recorded"};
        }
    }
}

}  // namespace emulated::driver

using namespace emulated;
using namespace emulated::driver;

// --- streams -------------------------------------------------------------------------------------------------------------

DRIVER_CALL(cuStreamCreate, CUstream* stream, unsigned flags) {
    return callInContext("cuStreamCreate",
                         [&](Driver& driver, Context& context) { *stream = createStream(driver, context, flags); });
}

DRIVER_CALL(cuStreamCreateWithPriority, CUstream* stream, unsigned flags, int) {
    return callInContext("cuStreamCreateWithPriority",
                         [&](Driver& driver, Context& context) { *stream = createStream(driver, context, flags); });
}

DRIVER_CALL(cuStreamDestroy_v2, CUstream handle) {
    return callInContext("cuStreamDestroy", [&](Driver& driver, Context&) {
        std::shared_ptr<Stream> stream = driver.streams.find(handle);
        require(stream != nullptr, CUDA_ERROR_INVALID_HANDLE, "not the handle of a living stream");
        refuseWhileRecording(*stream, "cuStreamDestroy");
        finish(*stream, stream->enqueued);
        driver.streams.remove(handle);
    });
}

DRIVER_CALL(cuStreamSynchronize, CUstream handle) {
    return callInContext("cuStreamSynchronize", [&](Driver&, Context& context) {
        std::shared_ptr<Stream> stream = streamOf(context, handle);
        refuseWhileRecording(*stream, "cuStreamSynchronize");
        refuseDuringCapture("cuStreamSynchronize");
        if (stream->legacy) {
            finishBlocking(context);
        }
        finish(*stream, stream->enqueued);
        requireHealthy(context);
    });
}

// In the deferred mode a question is answered with "not ready" once for each piece of work that it then lets be done.
DRIVER_CALL(cuStreamQuery, CUstream handle) {
    return callInContext("cuStreamQuery", [&](Driver&, Context& context) {
        std::shared_ptr<Stream> stream = streamOf(context, handle);
        refuseWhileRecording(*stream, "cuStreamQuery");
        refuseDuringCapture("cuStreamQuery");
        if (stream->finished < stream->enqueued) {
            doOne(*stream);
            requireHealthy(context);
            throw Refusal{CUDA_ERROR_NOT_READY, "the stream still has work"};
        }
    });
}

DRIVER_CALL(cuStreamGetFlags, CUstream handle, unsigned* flags) {
    return callInContext("cuStreamGetFlags",
                         [&](Driver&, Context& context) { *flags = streamOf(context, handle)->flags; });
}

DRIVER_CALL(cuStreamGetPriority, CUstream handle, int* priority) {
    return callInContext("cuStreamGetPriority", [&](Driver&, Context& context) {
        streamOf(context, handle);
        *priority = 0;
    });
}

DRIVER_CALL(cuStreamGetCtx, CUstream handle, CUcontext* owner) {
    return callInContext("cuStreamGetCtx",
                         [&](Driver&, Context& context) { *owner = streamOf(context, handle)->context; });
}

// --- events --------------------------------------------------------------------------------------------------------------

DRIVER_CALL(cuEventCreate, CUevent* event, unsigned flags) {
    return callInContext("cuEventCreate", [&](Driver& driver, Context& context) {
        *event = driver.events.add(std::make_shared<Event>(Event{&context, flags, nullptr}));
    });
}

DRIVER_CALL(cuEventDestroy_v2, CUevent event) {
    return callInContext("cuEventDestroy", [&](Driver& driver, Context&) {
        eventOf(driver, event);
        driver.events.remove(event);
    });
}

DRIVER_CALL(cuEventRecord, CUevent handle, CUstream streamHandle) {
    return callInContext("cuEventRecord", [&](Driver& driver, Context& context) {
        Event& event = eventOf(driver, handle);
        require(event.context == &context, CUDA_ERROR_INVALID_HANDLE, "the event belongs to another context");
        auto record = std::make_shared<Record>();
        record->stream = streamOf(context, streamHandle);
        if (isCapturing(*record->stream)) {
            record->capture = record->stream->capture;
            record->capturePosition = record->capture->work.size();
            event.record = record;
            return;
        }
        enqueue(context, streamHandle, [record]() -> std::optional<DeviceError> {
            record->passed = std::chrono::steady_clock::now();
            return std::nullopt;
        });
        record->position = record->stream->enqueued;
        event.record = record;
    });
}

DRIVER_CALL(cuEventQuery, CUevent handle) {
    return callInContext("cuEventQuery", [&](Driver& driver, Context& context) {
        refuseDuringCapture("cuEventQuery");
        Event& event = eventOf(driver, handle);
        if (event.record == nullptr) {
            return;
        }
        Record& record = recordOf(event);
        if (!record.passed) {
            doOne(*record.stream);
            requireHealthy(context);
            throw Refusal{CUDA_ERROR_NOT_READY, "the event has not been passed"};
        }
    });
}

DRIVER_CALL(cuEventSynchronize, CUevent handle) {
    return callInContext("cuEventSynchronize", [&](Driver& driver, Context& context) {
        refuseDuringCapture("cuEventSynchronize");
        Event& event = eventOf(driver, handle);
        if (event.record != nullptr) {
            Record& record = recordOf(event);
            finish(*record.stream, record.position);
            requireHealthy(context);
        }
    });
}

DRIVER_CALL(cuEventElapsedTime, float* milliseconds, CUevent startHandle, CUevent endHandle) {
    return callInContext("cuEventElapsedTime", [&](Driver& driver, Context&) {
        Event& start = eventOf(driver, startHandle);
        Event& end = eventOf(driver, endHandle);
        require(((start.flags | end.flags) & EVENT_DISABLE_TIMING) == 0, CUDA_ERROR_INVALID_HANDLE,
                "an event was created without timing");
        Record& from = recordOf(start);
        Record& to = recordOf(end);
        require(from.passed && to.passed, CUDA_ERROR_NOT_READY, "an event has not been passed");
        *milliseconds = std::chrono::duration<float, std::milli>(*to.passed - *from.passed).count();
    });
}

DRIVER_CALL(cuStreamWaitEvent, CUstream streamHandle, CUevent eventHandle, unsigned) {
    return callInContext("cuStreamWaitEvent", [&](Driver& driver, Context& context) {
        std::shared_ptr<Stream> stream = streamOf(context, streamHandle);
        Event& event = eventOf(driver, eventHandle);
        std::shared_ptr<Record> record = event.record;
        if (record == nullptr) {
            return;
        }
        if (record->capture != nullptr) {
            joinCapture(*stream, *record);
            return;
        }
        if (isCapturing(*stream)) {
            stream->capture->invalid = true;
            throw Refusal{CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "the event was recorded outside the recording"};
        }
        enqueue(context, streamHandle, [record]() -> std::optional<DeviceError> {
            finish(*record->stream, record->position);
            return record->stream->context->failure;
        });
    });
}

// --- recording graphs ----------------------------------------------------------------------------------------------------

DRIVER_CALL(cuStreamBeginCapture_v2, CUstream handle, CaptureMode mode) {
    return callInContext("cuStreamBeginCapture", [&](Driver&, Context& context) {
        std::shared_ptr<Stream> stream = streamOf(context, handle);
        require(!stream->legacy, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the legacy default stream cannot record");
        require(stream->capture == nullptr, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the stream records already");
        requireValue(mode >= CaptureMode::GLOBAL && mode <= CaptureMode::RELAXED, "unknown capture mode");
        stream->capture = std::make_shared<Capture>();
        stream->capture->mode = mode;
        stream->capture->thread = std::this_thread::get_id();
        stream->capture->origin = stream.get();
    });
}

DRIVER_CALL(cuStreamEndCapture, CUstream handle, CUgraph* graph) {
    return callInContext("cuStreamEndCapture", [&](Driver& driver, Context& context) {
        *graph = nullptr;
        std::shared_ptr<Capture> capture = streamOf(context, handle)->capture;
        require(capture != nullptr && capture->origin == handle, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED,
                "no recording began on this stream");
        require(capture->mode == CaptureMode::RELAXED || capture->thread == std::this_thread::get_id(),
                CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "another thread began the recording");
        leaveCapture(capture);
        require(!capture->invalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "an earlier call has spoilt the recording");
        require(!hasUnjoinedWork(*capture), CUDA_ERROR_STREAM_CAPTURE_UNJOINED,
                "the first stream has not waited for another that took part");
        *graph = driver.graphs.add(std::make_shared<Graph>(Graph{&context, capture->work}));
    });
}

DRIVER_CALL(cuStreamIsCapturing, CUstream handle, CaptureStatus* status) {
    return callInContext("cuStreamIsCapturing", [&](Driver&, Context& context) {
        std::shared_ptr<Capture> capture = streamOf(context, handle)->capture;
        *status = capture == nullptr ? CaptureStatus::NONE
                  : capture->invalid ? CaptureStatus::INVALIDATED
                                     : CaptureStatus::ACTIVE;
    });
}

DRIVER_CALL(cuGraphDestroy, CUgraph graph) {
    return callInContext("cuGraphDestroy", [&](Driver& driver, Context&) {
        driver.graphs.require(graph, "graph");
        driver.graphs.remove(graph);
    });
}

// Tells how many nodes there are; their handles cannot be used, so asking for them is refused.
DRIVER_CALL(cuGraphGetNodes, CUgraph graph, void** nodes, size_t* count) {
    return callInContext("cuGraphGetNodes", [&](Driver& driver, Context&) {
        require(nodes == nullptr, CUDA_ERROR_NOT_SUPPORTED, "the emulated device has no handles for nodes");
        *count = driver.graphs.require(graph, "graph").work.size();
    });
}

DRIVER_CALL(cuGraphInstantiateWithFlags, CUgraphExec* executable, CUgraph graph, unsigned long long) {
    return callInContext("cuGraphInstantiateWithFlags", [&](Driver& driver, Context& context) {
        Graph& source = driver.graphs.require(graph, "graph");
        *executable = driver.graphExecs.add(std::make_shared<GraphExec>(GraphExec{&context, source.work}));
    });
}

DRIVER_CALL(cuGraphExecDestroy, CUgraphExec executable) {
    return callInContext("cuGraphExecDestroy", [&](Driver& driver, Context&) {
        driver.graphExecs.require(executable, "executable graph");
        driver.graphExecs.remove(executable);
    });
}

DRIVER_CALL(cuGraphUpload, CUgraphExec executable, CUstream stream) {
    return callInContext("cuGraphUpload", [&](Driver& driver, Context& context) {
        driver.graphExecs.require(executable, "executable graph");
        streamOf(context, stream);
    });
}

DRIVER_CALL(cuGraphLaunch, CUgraphExec handle, CUstream stream) {
    return callInContext("cuGraphLaunch", [&](Driver& driver, Context& context) {
        driver.graphExecs.require(handle, "executable graph");
        std::shared_ptr<GraphExec> executable = driver.graphExecs.find(handle);
        enqueue(context, stream, [executable]() -> std::optional<DeviceError> {
            for (const Work& work : executable->work) {
                if (auto error = work()) {
                    return error;
                }
            }
            return std::nullopt;
        });
    });
}
