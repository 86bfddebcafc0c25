package io.github.jconv.nn;

import io.github.jconv.algorithm.RecordedWork;

/**
 * Work that is done again and again on the same tensors: plainly the first time, then recorded where the engine's backend can, and run
 * from the record from there on. The results are the same bits either way.
 */
final class RepeatedWork {

    private final NetworkContext context;
    private final Runnable work;
    private RecordedWork recorded;
    private boolean doneOnce;

    RepeatedWork(NetworkContext context, Runnable work) {
        this.context = context;
        this.work = work;
        context.closeWithNetwork(this::forget);
        context.whenMemoryMoves(this::forget);
    }

    /** @param mayRecord whether a record may be made and used */
    void run(boolean mayRecord) {
        context.settleMemory();
        if (mayRecord && doneOnce && recorded == null) {
            recorded = context.record(work).orElse(null);
        }
        if (mayRecord && recorded != null) {
            recorded.run();
        } else {
            work.run();
            doneOnce = true;
        }
    }

    /** Must be called when what the work does has changed. */
    void forget() {
        if (recorded != null) {
            recorded.close();
            recorded = null;
        }
        doneOnce = false;
    }
}
