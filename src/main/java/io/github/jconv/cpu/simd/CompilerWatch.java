package io.github.jconv.cpu.simd;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/** What can be seen of the JIT compiler from within a JVM. */
final class CompilerWatch {

    private static final com.sun.management.ThreadMXBean THREADS = threads();

    private final double restSeconds;
    private long compiledMillis;
    private long restsSince;

    /** @param restSeconds how long the JIT compiler must have finished nothing to have come to rest */
    CompilerWatch(double restSeconds) {
        this.restSeconds = restSeconds;
    }

    private static com.sun.management.ThreadMXBean threads() {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean counting
                && counting.isThreadAllocatedMemorySupported() && counting.isThreadAllocatedMemoryEnabled() ? counting : null;
    }

    /**
     * Bytes that the calling thread has allocated so far: exact, whatever else the machine does. Asking allocates nothing. Always 0 in a
     * JVM that does not count them.
     */
    static long allocatedBytes() {
        return THREADS == null ? 0 : THREADS.getCurrentThreadAllocatedBytes();
    }

    /** From now on the compiler's rest is counted. */
    void startWatching() {
        compiledMillis = -1;
    }

    /** Whether the JIT compiler has come to rest, as seen from the calls of this method. */
    boolean isAtRest() {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        long now = compiler != null && compiler.isCompilationTimeMonitoringSupported() ? compiler.getTotalCompilationTime() : 0;
        if (now != compiledMillis) {
            compiledMillis = now;
            restsSince = System.nanoTime();
        }
        return (System.nanoTime() - restsSince) * 1e-9 >= restSeconds;
    }
}
