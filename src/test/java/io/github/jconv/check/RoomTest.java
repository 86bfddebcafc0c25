package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class RoomTest {

    private static final int TASKS = 3;
    private static final long BYTES = 100;

    /** With whoever runs at the same time: a large task with nobody, however the threads take turns. */
    @Test
    void largeTasksRunAlone() throws InterruptedException {
        Room room = new Room(TASKS, BYTES);
        AtomicInteger running = new AtomicInteger();
        AtomicIntegerArray beside = new AtomicIntegerArray(2);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < TASKS; t++) {
            int first = t;
            threads.add(new Thread(() -> {
                for (int i = 0; i < 200; i++) {
                    boolean large = (first + i) % 3 == 0;
                    room.run(large ? BYTES + 1 : BYTES, () -> {
                        int now = running.incrementAndGet();
                        Thread.yield();
                        beside.accumulateAndGet(large ? 1 : 0, Math.max(now, running.get()), Math::max);
                        return running.decrementAndGet();
                    });
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, beside.get(1));
    }

    @Test
    void smallTasksRunAtTheSameTime() throws InterruptedException {
        Room room = new Room(TASKS, BYTES);
        CyclicBarrier all = new CyclicBarrier(TASKS);
        AtomicInteger met = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < TASKS; t++) {
            threads.add(new Thread(() -> room.run(BYTES, () -> {
                try {
                    all.await(5, TimeUnit.MINUTES);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
                return met.incrementAndGet();
            })));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(TASKS, met.get());
    }
}
