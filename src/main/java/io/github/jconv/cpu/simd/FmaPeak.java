package io.github.jconv.cpu.simd;

import java.util.Arrays;

/** The fastest rate at which a thread can multiply and add with a provider, measured: what the speed of a kernel is a part of. */
public final class FmaPeak {

    /** Many short calls: the JIT compiler replaces a method when it is called, not in the middle of a long loop. */
    private static final int ROUNDS = 256;
    private static final int CALLS = 16;

    private static final double SLICE_SECONDS = 0.1;
    private static final int STEADY_SLICES = 5;
    private static final double STEADY = 0.8;

    private FmaPeak() {
    }

    /**
     * The best of many short bursts on the calling thread; other load on the machine lowers it, so measure it side by side with
     * what it is compared with.
     *
     * @param seconds how long to try, above 0; the first call in a JVM needs about half a second for the JIT compiler
     * @return GFLOP/s, two operations for each multiply-add
     */
    public static double gflops(SimdProvider simd, double seconds) {
        float[] values = new float[2 * simd.lanes()];
        Arrays.fill(values, 1e-3f);
        long end = System.nanoTime() + (long) (seconds * 1e9);
        double best = 0;
        do {
            long begin = System.nanoTime();
            long multiplyAdds = 0;
            for (int i = 0; i < CALLS; i++) {
                multiplyAdds += simd.burst(ROUNDS, values);
            }
            best = Math.max(best, 2.0 * multiplyAdds / (System.nanoTime() - begin));
        } while (System.nanoTime() < end);
        return best;
    }

    /**
     * Measures until the rate stays as it is: until then the JIT compiler has not replaced what is measured. Where other load
     * keeps the compiler waiting, that takes seconds.
     *
     * @param atMostSeconds when to give up
     */
    public static void awaitCompiled(SimdProvider simd, double atMostSeconds) {
        long end = System.nanoTime() + (long) (atMostSeconds * 1e9);
        double best = 0;
        for (int steady = 0; steady < STEADY_SLICES && System.nanoTime() < end; ) {
            double rate = gflops(simd, SLICE_SECONDS);
            steady = rate > STEADY * best && rate * STEADY < best ? steady + 1 : 0;
            best = Math.max(best, rate);
        }
    }
}
