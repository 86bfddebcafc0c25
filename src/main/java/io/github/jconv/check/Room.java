package io.github.jconv.check;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Memory for several tasks at the same time, of which a large one has all to itself. */
final class Room {

    /** What one of several tasks may take of the heap: checks of a problem hold several copies of its tensors, and sums in fp64. */
    private static final double SHARE_OF_HEAP = 0.02;

    private final int tasks;
    private final long bytesOfEach;
    private final Semaphore free;

    Room(int tasks, long bytesOfEach) {
        this.tasks = tasks;
        this.bytesOfEach = bytesOfEach;
        // Fair, so that a large task has its turn.
        free = new Semaphore(tasks, true);
    }

    /** On the heap of this JVM. */
    static Room onHeap(int tasks) {
        return new Room(tasks, (long) (SHARE_OF_HEAP * Runtime.getRuntime().maxMemory() / tasks));
    }

    /** Runs a task when there is room for its tensors. */
    <T> T run(long bytes, Supplier<T> task) {
        int taken = bytes <= bytesOfEach ? 1 : tasks;
        free.acquireUninterruptibly(taken);
        try {
            return task.get();
        } finally {
            free.release(taken);
        }
    }
}
