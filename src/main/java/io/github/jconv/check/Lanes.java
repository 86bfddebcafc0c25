package io.github.jconv.check;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Several sets of the same things, with which as many tasks run at the same time, each with a set of its own.
 *
 * @param <L> a set
 */
final class Lanes<L> implements AutoCloseable {

    private final BlockingQueue<L> free;
    private final ExecutorService threads;

    Lanes(List<L> lanes) {
        free = new ArrayBlockingQueue<>(lanes.size(), false, lanes);
        threads = Executors.newFixedThreadPool(lanes.size());
    }

    /** Has a task run when a lane is free, in the order of the calls. */
    <T> Future<T> submit(Function<L, T> task) {
        Callable<T> inLane = () -> {
            L lane = free.take();
            try {
                return task.apply(lane);
            } finally {
                free.add(lane);
            }
        };
        return threads.submit(inLane);
    }

    /** The result of a task, when it is there; rethrows what it threw. */
    static <T> T await(Future<T> task) {
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a check", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }

    /** Waits for the tasks that have begun; others are dropped. */
    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = false;
        while (!threads.isTerminated()) {
            try {
                threads.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
