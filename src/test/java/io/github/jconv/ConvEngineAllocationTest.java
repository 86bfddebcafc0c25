package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.testing.ChildJvm;
import io.github.jconv.testing.Tensors;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Once an engine has seen a problem, calls with given outputs allocate nothing: not on the caller's thread, not on the workers'.
 * The JVM's own counters of allocated bytes per thread say so, for every algorithm.
 */
class ConvEngineAllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final ConvProblem GROUPED = ConvProblem.parse("n2c12h7w9k14r3s2_sh2sw1_ph1:0pw0:2_dh1dw2_g2");
    private static final ConvProblem POINTWISE = ConvProblem.parse("n2c6h7w9k4r1s1");
    private static final ConvProblem THREE_BY_THREE = ConvProblem.parse("n2c8h7w9k6r3s3_ph1pw1");
    private static final ConvProblem FULL_WIDTH = ConvProblem.parse("n1c1h40w24k13r3s24");
    private static final ConvProblem DEPTHWISE = ConvProblem.parse("n2c18h7w9k18r3s2_sh2sw1_ph1:0pw0:2_g18");
    private static final ConvProblem DEPTHWISE_3X3 = ConvProblem.parse("n2c18h7w9k18r3s3_sh2sw2_ph1pw1_g18");
    private static final ConvProblem DILATED = ConvProblem.parse("n2c8h7w9k6r3s3_ph3pw4_dh3dw4");
    private static final ConvProblem WINDOWS = ConvProblem.parse("n2c2h5w96k9r2s16_sh2sw16");
    private static final ConvProblem NARROW_WINDOWS = ConvProblem.parse("n1c2h5w96k2r2s16_sh2sw16_g2");
    private static final int CALLS = 20;
    private static final String RESULT = " allocates ";
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    /** Usually half a minute for all algorithms; where one or two need all the patience there is, their lines shall be seen. */
    private static final int CHILD_MINUTES = 5;

    /** In a JVM of its own: in one that has run much else, the JIT compiler may leave vectors on the heap that are no doing of ours. */
    @TestFactory
    Stream<DynamicTest> everyAlgorithmOnOneToThreeThreads() throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of("-XX:TieredStopAtLevel=4", "-Xmx1g"));
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            options.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        }
        List<String> lines = ChildJvm.run(CHILD_MINUTES, ConvEngineAllocationTest.class, options, List.of()).lines()
                .filter(line -> line.contains(RESULT)).toList();
        assertEquals(3 * algorithms().size(), lines.size(), "algorithms on one to three threads");
        return lines.stream().map(line -> line.split(RESULT)).map(parts -> DynamicTest.dynamicTest(parts[0],
                () -> assertEquals(0, Long.parseLong(parts[1]), "bytes allocated by " + CALLS + " calls of each operation")));
    }

    /** Prints a line for each algorithm and number of threads: what is allocated in the steady state. */
    public static void main(String[] args) {
        for (int workers = 0; workers <= 2; workers++) {
            for (String algorithm : algorithms()) {
                System.out.println(algorithm + ", " + workers + " workers" + RESULT + measure(algorithm, workers + 1));
            }
        }
    }

    private static List<String> algorithms() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            return engine.backend().algorithms().stream().map(ConvAlgorithm::name).toList();
        }
    }

    private static long measure(String algorithm, int threads) {
        List<Thread> before = workers();
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(threads).algorithm(algorithm).open()) {
            List<Thread> workers = workers();
            workers.removeAll(before);
            assertEquals(threads - 1, workers.size(), "worker threads of this engine");
            List<Runnable> calls = calls(engine);
            assertTrue(!calls.isEmpty(), algorithm + " serves none of the problems");
            long[] ids = workers.stream().mapToLong(Thread::getId).toArray();
            // The first rounds load classes and make plans, and vectors are objects until their loops are compiled; after that a
            // single round without a byte shows the steady state.
            long least = Long.MAX_VALUE;
            long begin = System.nanoTime();
            while (least > 0 && System.nanoTime() - begin < PATIENCE_NANOS) {
                least = Math.min(least, allocatedBy(calls, ids));
            }
            return least;
        }
    }

    /** Every operation that the engine's algorithm serves, with all tensors given. */
    private static List<Runnable> calls(ConvEngine engine) {
        List<Runnable> calls = new ArrayList<>();
        for (ConvProblem problem : List.of(GROUPED, POINTWISE, THREE_BY_THREE, FULL_WIDTH, DEPTHWISE, DEPTHWISE_3X3, DILATED, WINDOWS,
                NARROW_WINDOWS)) {
            HostTensor x = Tensors.integers(problem.xShape(), 1);
            HostTensor w = Tensors.integers(problem.wShape(), 2);
            HostTensor constant = w.copy().constant();
            HostTensor bias = Tensors.integers(problem.biasShape(), 3);
            HostTensor y = HostTensor.zeros(problem.yShape());
            HostTensor dx = HostTensor.zeros(problem.xShape());
            HostTensor dw = HostTensor.zeros(problem.wShape());
            if (serves(engine, problem, ConvOperation.FORWARD)) {
                calls.add(() -> engine.forward(problem, x, w, bias, y));
                calls.add(() -> engine.forward(problem, x, constant, bias, y));
                calls.add(() -> engine.backwardBias(problem, y, bias, WriteMode.ACCUMULATE));
            }
            if (serves(engine, problem, ConvOperation.BACKWARD_DATA)) {
                TransposedConvolution layer = TransposedConvolution.inverseOf(problem);
                calls.add(() -> engine.backwardData(problem, y, w, dx, WriteMode.ACCUMULATE));
                calls.add(() -> engine.forward(layer, y, w, null, dx));
                calls.add(() -> engine.forward(layer, y, constant, null, dx));
            }
            if (serves(engine, problem, ConvOperation.BACKWARD_FILTER)) {
                calls.add(() -> engine.backwardFilter(problem, x, y, dw, WriteMode.OVERWRITE));
            }
        }
        return calls;
    }

    private static boolean serves(ConvEngine engine, ConvProblem problem, ConvOperation operation) {
        try {
            engine.plan(problem, operation);
            return true;
        } catch (UnsupportedRequestException refused) {
            return false;
        }
    }

    private static long allocatedBy(List<Runnable> calls, long[] workers) {
        long before = allocated(workers);
        long beforeCaller = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            for (int c = 0; c < calls.size(); c++) {
                calls.get(c).run();
            }
        }
        long caller = THREADS.getCurrentThreadAllocatedBytes() - beforeCaller;
        return caller + allocated(workers) - before;
    }

    private static long allocated(long[] threads) {
        long bytes = 0;
        for (long thread : threads) {
            bytes += THREADS.getThreadAllocatedBytes(thread);
        }
        return bytes;
    }

    private static List<Thread> workers() {
        return new ArrayList<>(Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("jconv-cpu-")).toList());
    }
}
