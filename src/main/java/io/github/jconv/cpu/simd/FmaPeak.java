package io.github.jconv.cpu.simd;

import java.util.Arrays;

/** The fastest rate at which a thread can multiply and add with a provider, measured: what the speed of a kernel is a part of. */
public final class FmaPeak {

    /** Many short calls: the JIT compiler replaces a method when it is called, not in the middle of a long loop. */
    private static final int ROUNDS = 256;
    private static final int CALLS = 16;

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
}
