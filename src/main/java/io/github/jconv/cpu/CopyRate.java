package io.github.jconv.cpu;

/** The rate at which the threads of a pool copy memory, measured. */
final class CopyRate {

    /** Together far more than caches hold. */
    private static final int FLOATS_PER_THREAD = 1 << 24;

    /** Arrays of one thread each: what a thread touches first lies near it. */
    private record Copies(float[][] from, float[][] to) {
    }

    private CopyRate() {
    }

    /** Bytes read plus bytes written per second; the best of the copies that fit into the time, two at least. */
    static double bytesPerSecond(WorkerPool pool, double seconds) {
        int threads = pool.threads();
        Copies copies = new Copies(new float[threads][], new float[threads][]);
        pool.run(threads, copies, (c, tile, worker) -> {
            c.from[tile] = new float[FLOATS_PER_THREAD];
            c.to[tile] = new float[FLOATS_PER_THREAD];
        });
        double bytes = 2.0 * threads * FLOATS_PER_THREAD * Float.BYTES;
        double best = 0;
        long end = System.nanoTime() + (long) (seconds * 1e9);
        for (int i = 0; i < 2 || System.nanoTime() < end; i++) {
            long begin = System.nanoTime();
            pool.run(threads, copies, (c, tile, worker) -> System.arraycopy(c.from[tile], 0, c.to[tile], 0, FLOATS_PER_THREAD));
            best = Math.max(best, bytes / ((System.nanoTime() - begin) * 1e-9));
        }
        return best;
    }
}
