package io.github.jconv.cpu.simd;

import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What can be seen of the JIT compiler from within a JVM, and told to it. */
final class CompilerWatch {

    private static final Logger LOG = LoggerFactory.getLogger(SimdProvider.class);
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

    /**
     * Keeps the fast compiler (C1) away from the methods of a class of this package, so that the optimising one gets them straight from the
     * interpreter: the fast one may run out of registers on a large kernel and then hold it up for ever.
     *
     * @return whether the JVM has taken it
     */
    static boolean excludeFromFastCompiler(String className) {
        String pattern = CompilerWatch.class.getPackageName().replace('.', '/') + "/" + className + "*.*";
        try {
            Path file = Files.createTempFile("jconv-directives", ".json");
            try {
                Files.writeString(file, "[{ match: [\"" + pattern + "\"], c1: { Exclude: true } }]");
                String answer = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"), "compilerDirectivesAdd",
                        new Object[] {new String[] {file.toString()}}, new String[] {String[].class.getName()});
                LOG.debug("compiler directive for {}: {}", pattern, answer.strip());
                return answer.contains("added");
            } finally {
                Files.delete(file);
            }
        } catch (IOException | JMException | RuntimeException e) {
            LOG.debug("no compiler directive for {}", pattern, e);
            return false;
        }
    }
}
