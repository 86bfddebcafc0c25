package io.github.jconv.cpu;

import io.github.jconv.cpu.simd.SimdProvider;

/**
 * What the algorithms of one backend share. They get it when they are built, so that workspace sizes can be known before a run.
 *
 * @param simd    the inner loops
 * @param threads how many threads share the work of a call, the caller included; worker numbers are below it
 */
public record CpuRuntime(SimdProvider simd, int threads) {

    /** As {@code 2 threads, 512-bit vectors}. */
    public String description() {
        return threads + (threads == 1 ? " thread, " : " threads, ") + simd.description();
    }
}
