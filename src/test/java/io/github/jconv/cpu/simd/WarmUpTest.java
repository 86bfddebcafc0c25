package io.github.jconv.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.jconv.testing.ChildJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WarmUpTest {

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

    /** In a JVM of its own: in one that has run much else, it may take the JIT compiler long. */
    @Test
    void whatIsAskedForIsCompiledInTheEnd() throws IOException, InterruptedException {
        assumeFalse(SimdProvider.chosen().isScalar(), "scalar code needs no warm-up");
        String printed = ChildJvm.run(WarmUpTest.class,
                List.of("-XX:TieredStopAtLevel=4", "--add-modules", "jdk.incubator.vector"), List.of());
        assertTrue(printed.contains("tiles are FAST") || printed.contains("tiles are REPAIRED"), printed);
    }

    /** Prints what becomes of the tiles of the provider of the JVM. */
    public static void main(String[] args) throws InterruptedException {
        SimdProvider chosen = SimdProvider.chosen();
        WarmUp.request(chosen, Set.of(KernelFamily.GEMM_TILES));
        while (WarmUp.state(chosen, KernelFamily.GEMM_TILES) == KernelState.WARMING_UP) {
            Thread.sleep(10);
        }
        System.out.println("tiles are " + WarmUp.state(chosen, KernelFamily.GEMM_TILES));
    }
}
