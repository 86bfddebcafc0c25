package io.github.jconv.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed number of threads that share the tiles of one job at a time; the caller is one of them. Handing out a job allocates
 * nothing. Which thread takes which tile is not fixed, so tiles must write disjoint outputs and use only the scratch memory of
 * their worker; then results do not depend on the number of threads.
 *
 * <p>Not reentrant, and one job at a time: the owner serialises the callers.
 */
public final class WorkerPool implements AutoCloseable {

    /**
     * The work on one tile. A static method, so that a reference to it captures nothing.
     *
     * @param <C> the arguments of the job
     */
    @FunctionalInterface
    public interface Tile<C> {
        void run(C job, int tile, int worker);
    }

    /** Rounds of waiting before a thread goes to sleep, while there is a processor for each: some ten microseconds, the time to wake it. */
    private static final int SPINS = 2_000;

    private final int spinsBeforeSleep;
    private final Thread[] workers;
    private final AtomicReferenceArray<Thread> sleeping;

    /** Job number in the high half, tiles not yet taken in the low half; taking a tile is one compare-and-set. */
    private final AtomicLong state = new AtomicLong();
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    // Written before the state that announces the job, read after a tile of it was taken.
    private int tiles;
    private Tile<Object> body;
    private Object job;
    private volatile boolean closed;

    /** @param threads how many threads work on a job, the caller included; 1 and up */
    public WorkerPool(int threads) {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads is " + threads + "; allowed: 1..1024");
        }
        // Who waits on the processor of another keeps it from its work.
        spinsBeforeSleep = threads <= Runtime.getRuntime().availableProcessors() ? SPINS : 0;
        workers = new Thread[threads - 1];
        sleeping = new AtomicReferenceArray<>(workers.length);
        for (int i = 0; i < workers.length; i++) {
            int index = i;
            workers[i] = new Thread(() -> work(index), "jconv-cpu-" + (i + 1));
            workers[i].setDaemon(true);
            workers[i].start();
        }
    }

    public int threads() {
        return workers.length + 1;
    }

    /** Runs tiles 0 to {@code tileCount - 1} and returns when all are done; rethrows the first failure of a tile. */
    @SuppressWarnings("unchecked") // body and job are stored together and used together
    public <C> void run(int tileCount, C arguments, Tile<C> bodyOfJob) {
        if (closed) {
            throw new IllegalStateException("the worker pool is closed");
        }
        if (tileCount == 1 || workers.length == 0) {
            for (int tile = 0; tile < tileCount; tile++) {
                bodyOfJob.run(arguments, tile, 0);
            }
            return;
        }
        if (tileCount == 0) {
            return;
        }
        tiles = tileCount;
        body = (Tile<Object>) bodyOfJob;
        job = arguments;
        unfinished.set(tileCount);
        long number = (state.get() >>> 32) + 1;
        state.set(number << 32 | tileCount);
        for (int i = 0; i < workers.length; i++) {
            Thread sleeper = sleeping.get(i);
            if (sleeper != null) {
                LockSupport.unpark(sleeper);
            }
        }
        takeTiles(0);
        // The last tiles are in other hands and short: yielding lets them run where there are fewer cores than threads.
        for (int spins = 0; unfinished.get() > 0; spins++) {
            if (spins < spinsBeforeSleep) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        Throwable thrown = failure.getAndSet(null);
        if (thrown != null) {
            throw rethrown(thrown);
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private void work(int index) {
        int spins = 0;
        while (!closed) {
            if (takeTiles(index + 1)) {
                spins = 0;
            } else if (++spins < spinsBeforeSleep) {
                Thread.onSpinWait();
            } else {
                sleeping.set(index, Thread.currentThread());
                if ((int) state.get() == 0 && !closed) {
                    LockSupport.park(this);
                }
                sleeping.set(index, null);
                spins = 0;
            }
        }
    }

    /** Takes tiles until none is left; whether there was one. */
    private boolean takeTiles(int worker) {
        boolean any = false;
        while (true) {
            long seen = state.get();
            int left = (int) seen;
            if (left == 0) {
                return any;
            }
            if (state.compareAndSet(seen, seen - 1)) {
                any = true;
                try {
                    body.run(job, tiles - left, worker);
                } catch (Throwable t) {
                    failure.compareAndSet(null, t);
                } finally {
                    unfinished.decrementAndGet();
                }
            }
        }
    }

    private static RuntimeException rethrown(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return (RuntimeException) thrown;
    }
}
