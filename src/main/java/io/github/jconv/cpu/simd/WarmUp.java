package io.github.jconv.cpu.simd;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the kernels that an algorithm is about to use, in the background, until the JIT compiler has finished with them, and checks that it
 * has. Before that every vector is an object, a hundred times slower; in a large convolution the compiler would notice late, because it
 * counts calls and each of them takes milliseconds. Short calls bring it there in a fraction of a second.
 *
 * <p>Whether a kernel is fast is not a matter of time, which depends on what else the machine does: one that is makes no objects, and the
 * JVM counts what a thread allocates. Only which of two such kernels is the faster one is measured.
 */
public final class WarmUp {

    private static final Logger LOG = LoggerFactory.getLogger(SimdProvider.class);

    /** First the program itself calls the kernels that it needs, with nobody in its way. */
    private static final long DELAY_MILLIS = 300;

    /** How often operations of all kinds are mixed in: the compiler takes longer from the first profile of a method to its final code. */
    private static final int MIX_MILLIS = 1;

    /** Calls of a kernel in a row; and in all, after which the JIT compiler has been asked for the best that it can do: it counts to 5000. */
    private static final int CALLS = 25;
    private static final int ENOUGH_CALLS = 8_000;
    /** Then a few calls now and then. */
    private static final int CALLS_NOW_AND_THEN = 5;
    /** Pauses for each time of calls, where the compiler and the program itself have no other processor. */
    private static final int PAUSES = Runtime.getRuntime().availableProcessors() > 1 ? 0 : 3;
    private static final long PAUSE_NANOS = 5_000_000;

    /**
     * A compiler that has finished nothing for so long has left a kernel aside; one that is busy is waited for. On a crowded machine
     * a single kernel may take it many seconds.
     */
    private static final double REST_SECONDS = 60;
    private static final double PATIENCE_SECONDS = 600;

    /** Of so many times that so many calls take the shortest counts, which nothing has disturbed. */
    private static final int TIMES = 200;
    private static final int TIMED_CALLS = 5;

    private final SimdProvider simd;
    private final Map<KernelFamily, KernelState> states = new EnumMap<>(KernelFamily.class);
    private int running;

    WarmUp(SimdProvider simd) {
        this.simd = simd;
    }

    /**
     * Asks for families of kernels and returns at once. Each is warmed up once in a JVM, and only for the {@link SimdProvider#chosen()
     * provider of the JVM}: others serve tests and comparisons.
     */
    public static void request(SimdProvider simd, Set<KernelFamily> families) {
        WarmUp warmUp = SimdChoice.warmUp(simd);
        if (warmUp != null) {
            warmUp.request(families);
        }
    }

    /** What has become of a family of kernels of a provider. */
    static KernelState state(SimdProvider simd, KernelFamily family) {
        WarmUp warmUp = SimdChoice.warmUp(simd);
        return warmUp == null ? KernelState.NOT_ASKED_FOR : warmUp.state(family);
    }

    /** Whether kernels of a provider are being warmed up, those that nobody has asked for among them: that takes a processor. */
    public static boolean isRunning(SimdProvider simd) {
        WarmUp warmUp = SimdChoice.warmUp(simd);
        return warmUp != null && warmUp.isRunning();
    }

    private synchronized boolean isRunning() {
        return running > 0;
    }

    private synchronized void ended() {
        running--;
    }

    private synchronized KernelState state(KernelFamily family) {
        return states.getOrDefault(family, KernelState.NOT_ASKED_FOR);
    }

    private synchronized void set(KernelFamily family, KernelState state) {
        states.put(family, state);
    }

    /** The families that are asked for first, and then the others: the longer a JVM has run other code, the less well it compiles them. */
    private synchronized void request(Set<KernelFamily> families) {
        Set<KernelFamily> inOrder = new LinkedHashSet<>(families);
        if (!families.isEmpty()) {
            inOrder.addAll(EnumSet.allOf(KernelFamily.class));
        }
        List<KernelFamily> missing = new ArrayList<>(inOrder);
        missing.removeAll(states.keySet());
        if (!missing.isEmpty()) {
            missing.forEach(family -> states.put(family, KernelState.WARMING_UP));
            running++;
            Thread thread = daemon("jconv-warm-up", () -> {
                try {
                    warmUp(missing);
                } finally {
                    ended();
                }
            });
            thread.start();
            daemon("jconv-operation-mix", () -> mixOperationsBeside(thread)).start();
        }
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** So that the JIT compiler sees them whenever it comes to what they have in common. */
    private void mixOperationsBeside(Thread warmUp) {
        Runnable operationMix = VectorProviders.operationMix(simd.lanes() * Float.SIZE);
        try {
            do {
                operationMix.run();
                Thread.sleep(MIX_MILLIS);
            } while (warmUp.isAlive());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void warmUp(List<KernelFamily> families) {
        try {
            Thread.sleep(DELAY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        KernelCalls calls = new KernelCalls(simd);
        try {
            for (KernelFamily family : families) {
                callOften(new ArrayList<>(calls.of(family)));
            }
            // What is compiled by then says so at once; what is not, or has wider kernels, is waited for.
            List<KernelFamily> waiting = new ArrayList<>();
            for (KernelFamily family : families) {
                if (family != KernelFamily.SHIFTED_TILES && calls.of(family).stream().allMatch(kernel -> makesNoObjects(kernel, CALLS))) {
                    set(family, KernelState.FAST);
                } else {
                    waiting.add(family);
                }
            }
            CompilerWatch compiler = new CompilerWatch(REST_SECONDS);
            for (KernelFamily family : waiting) {
                warmUp(family, calls, compiler);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void warmUp(KernelFamily family, KernelCalls calls, CompilerWatch compiler) throws InterruptedException {
        long begin = System.nanoTime();
        KernelState state = warmUp(calls.of(family), compiler, () -> CompilerDirectives.excludeFromFastCompiler(family.className()));
        set(family, state);
        LOG.debug("JConv's {} of {}: {} after {} ms", family.text(), simd.description(), state, (System.nanoTime() - begin) / 1_000_000);
        switch (state) {
            case BOXED -> LOG.warn("JConv's {} of {} are slow in this JVM: the JIT compiler has left them aside; the property {}=scalar"
                    + " or the JVM option -XX:-TieredCompilation may help", family.text(), simd.description(), SimdChoice.PROPERTY);
            case REPAIRED -> LOG.info("JConv's {} of {} had been left aside by the JVM's fast compiler, and are compiled without it",
                    family.text(), simd.description());
            default -> { }
        }
        if (family == KernelFamily.SHIFTED_TILES && state != KernelState.BOXED && areCompiled(calls.widerShiftedTiles(), compiler)) {
            // The widest tiles take almost all registers: at times the compiler moves some of their vectors to memory and back in each step.
            if (keepPace(calls.widerShiftedTiles(), calls.widestUsedShiftedTiles(), System::nanoTime)) {
                simd.widenShiftedTile();
            } else {
                LOG.debug("JConv's widest {} of {} are slow in this JVM, and not used", family.text(), simd.description());
            }
        }
    }

    /**
     * Whether each of the kernels takes no longer than two calls of its like, which does half as much or more.
     *
     * @param nanos what the time is
     */
    static boolean keepPace(List<Runnable> kernels, List<Runnable> halves, LongSupplier nanos) {
        return IntStream.range(0, kernels.size()).allMatch(i -> shortest(kernels.get(i), nanos) <= 2 * shortest(halves.get(i), nanos));
    }

    private static long shortest(Runnable kernel, LongSupplier nanos) {
        long shortest = Long.MAX_VALUE;
        for (int time = 0; time < TIMES; time++) {
            long begin = nanos.getAsLong();
            for (int call = 0; call < TIMED_CALLS; call++) {
                kernel.run();
            }
            shortest = Math.min(shortest, nanos.getAsLong() - begin);
        }
        return shortest;
    }

    /**
     * Calls kernels until they make no objects.
     *
     * @param repair what may help when the compiler has left one aside; whether it was possible
     */
    static KernelState warmUp(List<Runnable> kernels, CompilerWatch compiler, BooleanSupplier repair) throws InterruptedException {
        if (areCompiled(kernels, compiler)) {
            return KernelState.FAST;
        }
        return repair.getAsBoolean() && areCompiled(kernels, compiler) ? KernelState.REPAIRED : KernelState.BOXED;
    }

    private static boolean areCompiled(List<Runnable> kernels, CompilerWatch compiler) throws InterruptedException {
        List<Runnable> boxed = new ArrayList<>(kernels);
        callOften(boxed);
        compiler.startWatching();
        long end = System.nanoTime() + (long) (PATIENCE_SECONDS * 1e9);
        while (!boxed.isEmpty() && !compiler.isAtRest() && System.nanoTime() < end) {
            TimeUnit.NANOSECONDS.sleep(PAUSE_NANOS);
            boxed.removeIf(kernel -> makesNoObjects(kernel, CALLS_NOW_AND_THEN));
        }
        return boxed.isEmpty();
    }

    /** Calls kernels until they make no objects or have been called often enough; removes those that make none. */
    private static void callOften(List<Runnable> boxed) throws InterruptedException {
        for (int calls = 0; calls < ENOUGH_CALLS && !boxed.isEmpty(); calls += CALLS) {
            long begin = System.nanoTime();
            boxed.removeIf(kernel -> makesNoObjects(kernel, CALLS));
            TimeUnit.NANOSECONDS.sleep(boxed.isEmpty() ? 0 : PAUSES * (System.nanoTime() - begin));
        }
    }

    private static boolean makesNoObjects(Runnable kernel, int calls) {
        long before = CompilerWatch.allocatedBytes();
        for (int i = 0; i < calls; i++) {
            kernel.run();
        }
        return CompilerWatch.allocatedBytes() == before;
    }
}
