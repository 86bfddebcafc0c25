package io.github.jconv.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed number of threads that share the tiles of one job at a time; the caller is one of them. Handing out a job allocates
 * nothing. Each thread begins with a share of neighbouring tiles, the same in each job of as many: so what it wrote in one job is in its
 * caches in the next. Who has finished takes over tiles of the others. Which thread runs which tile is not fixed, therefore, so tiles must
 * write disjoint outputs and use only the scratch memory of their worker; then results do not depend on the number of threads.
 *
 * <p>Threads write to a memory location of their own until their share is done: one that all write to goes from processor to processor,
 * which takes longer than a short tile.
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

    /** From one thread's share to the next: two cache lines, which processors fetch together. */
    private static final int APART = 16;

    private final int spinsBeforeSleep;
    private final Thread[] workers;
    private final AtomicReferenceArray<Thread> sleeping;

    /** Tiles of each thread's share that are not taken: the first in the high half, the end in the low half; one compare-and-set takes some. */
    private final AtomicLongArray shares;
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    // Written before the shares of the job, read after a tile of it was taken.
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
        shares = new AtomicLongArray(threads * APART);
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
            throw new IllegalStateException("the engine that these threads work for is closed");
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
        body = (Tile<Object>) bodyOfJob;
        job = arguments;
        unfinished.set(tileCount);
        int threads = threads();
        for (int worker = 0; worker < threads; worker++) {
            shares.set(worker * APART, share(beginOfShare(tileCount, worker, threads), beginOfShare(tileCount, worker + 1, threads)));
            Thread sleeper = worker == 0 ? null : sleeping.get(worker - 1);
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

    /** The shares of the first threads, of which the caller is one and has no way to go, are the larger ones. */
    private static int beginOfShare(int tileCount, int worker, int threads) {
        return (int) (((long) tileCount * worker + threads - 1) / threads);
    }

    private static long share(int first, int end) {
        return (long) first << 32 | end;
    }

    private void work(int index) {
        int worker = index + 1;
        int spins = 0;
        while (!closed) {
            if (hasShare(worker)) {
                takeTiles(worker);
                spins = 0;
            } else if (++spins < spinsBeforeSleep) {
                Thread.onSpinWait();
            } else {
                sleeping.set(index, Thread.currentThread());
                if (!hasShare(worker) && !closed) {
                    LockSupport.park(this);
                }
                sleeping.set(index, null);
                spins = 0;
            }
        }
    }

    private boolean hasShare(int worker) {
        long share = shares.get(worker * APART);
        return (int) (share >>> 32) < (int) share;
    }

    /** Takes the tiles of a thread's share, and then those that are left of the others', until there are none. */
    private void takeTiles(int worker) {
        int done = 0;
        while (runFirst(worker)) {
            done++;
        }
        if (done > 0) {
            unfinished.addAndGet(-done);
        }
        for (int other = 1; other < threads(); other++) {
            int owner = (worker + other) % threads();
            for (done = runLast(owner, worker); done > 0; done = runLast(owner, worker)) {
                unfinished.addAndGet(-done);
            }
        }
    }

    /** Runs the first tile of a thread's own share; whether there was one. */
    private boolean runFirst(int worker) {
        while (true) {
            long seen = shares.get(worker * APART);
            int first = (int) (seen >>> 32);
            int end = (int) seen;
            if (first >= end) {
                return false;
            }
            if (shares.compareAndSet(worker * APART, seen, share(first + 1, end))) {
                run(first, worker);
                return true;
            }
        }
    }

    /** Runs some of the last tiles of another's share, of many more than of few, which all threads are still to share; how many. */
    private int runLast(int owner, int worker) {
        while (true) {
            long seen = shares.get(owner * APART);
            int first = (int) (seen >>> 32);
            int end = (int) seen;
            if (first >= end) {
                return 0;
            }
            int begin = end - Math.max(1, (end - first) / (2 * threads()));
            if (shares.compareAndSet(owner * APART, seen, share(first, begin))) {
                for (int tile = begin; tile < end; tile++) {
                    run(tile, worker);
                }
                return end - begin;
            }
        }
    }

    /** Whoever has taken a tile keeps its job from ending until it has said that it is done with it. */
    private void run(int tile, int worker) {
        try {
            body.run(job, tile, worker);
        } catch (Throwable t) {
            failure.compareAndSet(null, t);
        }
    }

    private static RuntimeException rethrown(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return (RuntimeException) thrown;
    }
}
