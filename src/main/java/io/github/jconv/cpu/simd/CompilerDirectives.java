package io.github.jconv.cpu.simd;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the JIT compiler is told from within a JVM, as <a href="https://openjdk.org/jeps/165">JEP 165</a> allows: for methods of this
 * project only. A JVM that takes no directives computes the same, if with less certain speed.
 */
final class CompilerDirectives {

    private static final Logger LOG = LoggerFactory.getLogger(SimdProvider.class);

    private static final String PACKAGE = CompilerDirectives.class.getPackageName().replace('.', '/');

    /**
     * Kernels are compiled on their own. The optimising compiler (C2) otherwise takes the smaller ones into the methods that call them;
     * where such a method calls several, it comes to the end of what it may take in, and leaves operations on vectors as calls,
     * for which each vector becomes an object: a convolution is then two to four times slower, in one JVM and not in the next. What
     * classes of kernels call of each other is still taken in, and so is what only tells the width: the first directive that
     * matches a method counts. The {@link VectorOperationMix} is not compiled at all: it would then no longer call what it is to call.
     */
    private static final String KERNELS_APART = """
            [{ match: ["PACKAGE/VectorOperationMix*.*"], Exclude: true },
             { match: ["PACKAGE/Vector*.*"], Enable: true },
             { match: ["io/github/jconv/*.*"], inline: ["+PACKAGE/VectorProvider*.lanes", "-PACKAGE/Vector*.*"] }]
            """.replace("PACKAGE", PACKAGE);

    private static final AtomicBoolean KEPT_APART = new AtomicBoolean();

    private CompilerDirectives() {
    }

    /** Asks for kernels that are compiled on their own, once in a JVM, and returns at once: it takes the JVM a tenth of a second. */
    static void keepKernelsApart() {
        if (KEPT_APART.compareAndSet(false, true)) {
            Thread thread = new Thread(() -> add(KERNELS_APART), "jconv-compiler-directives");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /**
     * Keeps the fast compiler (C1) away from the methods of a class of this package, so that the optimising one gets them straight from the
     * interpreter: the fast one may run out of registers on a large kernel and then hold it up for ever.
     *
     * @return whether the JVM has taken it
     */
    static boolean excludeFromFastCompiler(String className) {
        return add("[{ match: [\"" + PACKAGE + "/" + className + "*.*\"], c1: { Exclude: true } }]");
    }

    private static boolean add(String directives) {
        try {
            Path file = Files.createTempFile("jconv-directives", ".json");
            try {
                Files.writeString(file, directives);
                String answer = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"), "compilerDirectivesAdd",
                        new Object[] {new String[] {file.toString()}}, new String[] {String[].class.getName()});
                LOG.debug("compiler directives {}: {}", directives.strip(), answer.strip());
                return answer.contains("added");
            } finally {
                Files.delete(file);
            }
        } catch (IOException | JMException | RuntimeException e) {
            LOG.debug("no compiler directives {}", directives.strip(), e);
            return false;
        }
    }
}
