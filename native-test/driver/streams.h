// Streams: work in order. In the immediate mode work is done when it is enqueued; in the deferred mode only when somebody
// waits for it, the latest moment that the rules of streams allow, so that a missing synchronisation is not hidden by luck.

#pragma once

#include "objects.h"

namespace emulated::driver {

// The stream of a handle in this context; the null handle is the legacy default stream.
std::shared_ptr<Stream> streamOf(Context& context, CUstream handle);

// Adds work to a stream, or to the graph that the stream records.
void enqueue(Context& context, CUstream handle, Work work);

// Whether the stream records a graph. A spoilt recording refuses everything.
bool isCapturing(const Stream& stream);

// Does what was enqueued before `position`.
void finish(Stream& stream, uint64_t position);

// Does everything that was enqueued on any stream of the context.
void finishAll(Context& context);

// Does everything that work on the legacy default stream waits for.
void finishBlocking(Context& context);

}  // namespace emulated::driver
