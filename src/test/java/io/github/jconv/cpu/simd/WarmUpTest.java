package io.github.jconv.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.jconv.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WarmUpTest {

    /** In the compiler's log, a method of vector kernels, in a hidden class; C2 names no level. */
    private static final Pattern KERNEL = Pattern.compile("method='io\\.github\\.jconv\\.cpu\\.simd\\.(Vector\\S+ \\w+)");
    private static final Pattern WRONG_GUESSES = Pattern.compile("<observe trap='class_check' count='\\d+' total='(\\d+)'");

    private static volatile Object made;

    /** A kernel that makes an object in each call, as one with boxed vectors does, until something is done about it. */
    private static Runnable boxedUntil(AtomicBoolean repaired) {
        return () -> {
            if (!repaired.get()) {
                made = new float[3];
            }
        };
    }

    @Test
    void aKernelThatMakesNoObjectsIsFast() throws InterruptedException {
        assertEquals(KernelState.FAST, WarmUp.warmUp(List.of(() -> { }), new CompilerWatch(60), () -> {
            throw new AssertionError("there is nothing to repair");
        }));
    }

    @Test
    void aKernelThatIsLeftAsideIsRepairedOrNamed() throws InterruptedException {
        AtomicBoolean repaired = new AtomicBoolean();
        assertEquals(KernelState.REPAIRED, WarmUp.warmUp(List.of(boxedUntil(repaired)), new CompilerWatch(0.2), () -> {
            repaired.set(true);
            return true;
        }));
        assertEquals(KernelState.BOXED, WarmUp.warmUp(List.of(boxedUntil(new AtomicBoolean())), new CompilerWatch(0.2), () -> false));
    }

    /** On a clock of its own, which other things that the machine does disturb at times. */
    @Test
    void widerKernelsAreUsedIfTheyKeepPace() {
        AtomicLong clock = new AtomicLong();
        AtomicLong calls = new AtomicLong();
        IntFunction<Runnable> lasting = nanos -> () -> clock.addAndGet(calls.incrementAndGet() % 7 == 0 ? 1_000_000 : nanos);
        List<Runnable> halves = List.of(lasting.apply(100), lasting.apply(60));
        assertTrue(WarmUp.keepPace(List.of(lasting.apply(200), lasting.apply(110)), halves, clock::get));
        assertFalse(WarmUp.keepPace(List.of(lasting.apply(150), lasting.apply(121)), halves, clock::get));
        assertFalse(WarmUp.keepPace(List.of(lasting.apply(201), lasting.apply(20)), halves, clock::get));
        assertTrue(WarmUp.keepPace(List.of(), halves, clock::get), "there are none in narrow vectors");
    }

    @ParameterizedTest
    @EnumSource(KernelFamily.class)
    void theCallsOfAFamilyAreInBoundsInEveryWidth(KernelFamily family) {
        for (SimdProvider simd : SimdProvider.all()) {
            KernelCalls calls = new KernelCalls(simd);
            List<Runnable> all = new ArrayList<>(calls.of(family));
            if (family == KernelFamily.SHIFTED_TILES) {
                all.addAll(calls.widerShiftedTiles());
                assertTrue(List.of(0, calls.widestUsedShiftedTiles().size()).contains(calls.widerShiftedTiles().size()), simd.name());
            }
            all.forEach(call -> assertDoesNotThrow(call::run));
        }
    }

    @Test
    void onlyTheProviderOfTheJvmIsWarmedUp() {
        SimdProvider chosen = SimdProvider.chosen();
        for (SimdProvider simd : SimdProvider.all()) {
            WarmUp.request(simd, Set.of(KernelFamily.GEMM_TILES));
            boolean asked = WarmUp.state(simd, KernelFamily.GEMM_TILES) != KernelState.NOT_ASKED_FOR;
            assertEquals(simd == chosen && !simd.isScalar(), asked, simd.description());
        }
    }

    /**
     * In a JVM of its own: in one that has run much else, it may take the JIT compiler long. Its log counts wrong guesses about the
     * classes of what it compiles: 100 in one kernel spoil it, and without {@link VectorOperationMix} the larger ones come to 70 and
     * more. With it there are none as a rule; a fourth of 100 does no harm.
     */
    @Test
    void whatIsAskedForIsCompiledInTheEndWithFewWrongGuesses(@TempDir Path folder) throws IOException, InterruptedException {
        assumeFalse(SimdProvider.chosen().isScalar(), "scalar code needs no warm-up");
        Path log = folder.resolve("compilations.xml");
        String printed = ChildJvm.run(WarmUpTest.class, List.of("-XX:TieredStopAtLevel=4", "-XX:+UnlockDiagnosticVMOptions",
                "-XX:+LogCompilation", "-XX:LogFile=" + log, "--add-modules", "jdk.incubator.vector"), List.of());
        assertTrue(printed.contains("tiles are FAST") || printed.contains("tiles are REPAIRED"), printed);
        Map<String, Integer> kernels = wrongGuesses(log);
        assertTrue(kernels.size() > 20, kernels::toString);
        assertTrue(Collections.max(kernels.values()) < 25, kernels::toString);
    }

    /** By kernels that C2 has compiled: the most wrong guesses that it counted in a compilation. */
    private static Map<String, Integer> wrongGuesses(Path log) throws IOException {
        Map<String, Integer> most = new TreeMap<>();
        String kernel = null;
        for (String line : Files.readAllLines(log)) {
            Matcher guesses = WRONG_GUESSES.matcher(line);
            if (line.startsWith("<task ")) {
                Matcher method = KERNEL.matcher(line);
                kernel = method.find() && !line.contains(" level='") ? method.group(1) : null;
                if (kernel != null) {
                    most.putIfAbsent(kernel, 0);
                }
            } else if (kernel != null && guesses.find()) {
                most.merge(kernel, Integer.parseInt(guesses.group(1)), Math::max);
            }
        }
        return most;
    }

    /** Prints what becomes of the tiles of the provider of the JVM; small kernels first, so that large ones are compiled after them. */
    public static void main(String[] args) throws InterruptedException {
        SimdProvider chosen = SimdProvider.chosen();
        WarmUp.request(chosen, Set.of(KernelFamily.ROWS));
        while (WarmUp.state(chosen, KernelFamily.GEMM_TILES) == KernelState.WARMING_UP) {
            Thread.sleep(10);
        }
        System.out.println("tiles are " + WarmUp.state(chosen, KernelFamily.GEMM_TILES));
    }
}
