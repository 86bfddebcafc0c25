package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.tensor.HostConversion;
import io.github.jconv.tensor.HostTensor;

/** Copies elements between tensors of any types and layouts on all threads. One object serves all copies of a backend. */
final class ParallelCopy {

    /** Small enough that threads share the work evenly, large enough that taking a tile costs nothing beside it. */
    private static final int ELEMENTS_PER_TILE = 8192;

    private final WorkerPool pool;
    private HostTensor from;
    private HostTensor to;
    private long begin;
    private long first;
    private long count;

    ParallelCopy(WorkerPool pool) {
        this.pool = pool;
    }

    /** As {@link HostConversion#run}. */
    void run(HostTensor source, long sourceBegin, HostTensor target, long targetBegin, long elements) {
        from = source;
        begin = sourceBegin;
        to = target;
        first = targetBegin;
        count = elements;
        pool.run((int) ceilDiv(elements, ELEMENTS_PER_TILE), this, ParallelCopy::tile);
        from = null;
        to = null;
    }

    private static void tile(ParallelCopy copy, int tile, int worker) {
        long at = (long) tile * ELEMENTS_PER_TILE;
        HostConversion.run(copy.from, copy.begin + at, copy.to, copy.first + at, Math.min(ELEMENTS_PER_TILE, copy.count - at));
    }
}
