package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerPoolTest {

    private static final int MOST_TILES = 70;
    private static final int JOBS = 3_000;

    /** How often each tile was run, and in how many of them each worker is. */
    private record Counts(AtomicIntegerArray runs, AtomicIntegerArray inWorker) {

        void count(int tile, int worker) {
            assertEquals(1, inWorker.incrementAndGet(worker), "a worker runs one tile at a time");
            runs.incrementAndGet(tile);
            inWorker.decrementAndGet(worker);
        }
    }

    /** More threads than processors, too: then whole jobs pass while a thread stands between two of its steps. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void eachTileOfEachJobIsRunOnceBeforeTheJobEnds(int threads) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            for (int number = 0; number < JOBS; number++) {
                int tiles = number % (MOST_TILES + 1);
                Counts counts = new Counts(new AtomicIntegerArray(tiles), new AtomicIntegerArray(threads));
                pool.run(tiles, counts, Counts::count);
                for (int tile = 0; tile < tiles; tile++) {
                    assertEquals(1, counts.runs.get(tile), "tile " + tile + " of " + tiles + " of job " + number);
                }
            }
        }
    }

    /** One that never comes back from its first tile until all others are done. */
    @Test
    void theTilesOfAThreadThatIsHeldUpAreRunByTheOthers() {
        int tiles = 40;
        CountDownLatch others = new CountDownLatch(tiles - 1);
        try (WorkerPool pool = new WorkerPool(2)) {
            pool.run(tiles, others, (latch, tile, worker) -> {
                if (tile == 0) {
                    await(latch);
                } else {
                    latch.countDown();
                }
            });
        }
        assertEquals(0, others.getCount());
    }

    @Test
    void theFailureOfATileEndsTheJobWhenTheOthersAreDone() {
        try (WorkerPool pool = new WorkerPool(3)) {
            for (int failing : IntStream.range(0, 20).toArray()) {
                IllegalStateException failure = new IllegalStateException("tile " + failing);
                AtomicIntegerArray runs = new AtomicIntegerArray(20);
                assertSame(failure, assertThrows(IllegalStateException.class, () -> pool.run(20, runs, (all, tile, worker) -> {
                    all.incrementAndGet(tile);
                    if (tile == failing) {
                        throw failure;
                    }
                })));
                assertEquals(20, IntStream.range(0, 20).map(runs::get).sum());
            }
            AtomicIntegerArray after = new AtomicIntegerArray(5);
            pool.run(5, after, (all, tile, worker) -> all.incrementAndGet(tile));
            assertEquals(5, IntStream.range(0, 5).map(after::get).sum());
        }
    }

    @Test
    void aClosedPoolRefusesJobs() {
        WorkerPool pool = new WorkerPool(2);
        pool.close();
        assertThrows(IllegalStateException.class, () -> pool.run(2, "", (nothing, tile, worker) -> { }));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
