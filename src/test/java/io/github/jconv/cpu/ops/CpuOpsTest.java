package io.github.jconv.cpu.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceOps;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.OperationCases;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The threaded operations against their definitions. */
class CpuOpsTest {

    static List<OperationCases.Case> operations() {
        return OperationCases.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void theFastOperationIsWithinItsRoundingOfTheDefinition(OperationCases.Case operation) {
        try (CpuBackend one = new CpuBackend(1, SimdProvider.named("scalar"))) {
            List<HostTensor> outputs = operation.on(one, DataType.FLOAT32);
            operation.assertWithinItsRoundingInSingle(outputs);
            for (SimdProvider simd : SimdProvider.all()) {
                try (CpuBackend three = new CpuBackend(3, simd)) {
                    assertSame(outputs, operation.on(three, DataType.FLOAT32), operation + " with three threads and " + simd.description());
                }
            }
        }
    }

    private static void assertSame(List<HostTensor> expected, List<HostTensor> actual, String what) {
        for (int t = 0; t < expected.size(); t++) {
            for (int i = 0; i < expected.get(t).length(); i++) {
                assertEquals(expected.get(t).get(i), actual.get(t).get(i), what);
            }
        }
    }

    /** Equal values, values that are no numbers, and a gradient that is infinite, in each of the two forms that a maximum has. */
    @ParameterizedTest
    @ValueSource(strings = {"n1c1h2w8k1r2s2_sh2sw2_g1", "n1c1d1h2w8k1t1r2s2_sd1sh2sw2_pd0ph0pw0:1_g1"})
    void theFirstOfTheLargestTakesTheWholeGradient(String line) {
        ConvProblem window = ConvProblem.parse(line);
        HostTensor x = HostTensor.of(window.xShape(), 2f, 2f, 1f, Float.NaN, 5f, 6f, -1f, -2f,
                2f, 2f, Float.NaN, 9f, 7f, 7f, -3f, -1f);
        HostTensor y = HostTensor.zeros(window.yShape());
        HostTensor dx = HostTensor.zeros(x.shape());
        try (CpuBackend backend = new CpuBackend(1)) {
            TensorOps ops = backend.networkOps().orElseThrow();
            ops.maxPool(window, x, y);
            ops.maxPoolBackward(window, x, HostTensor.of(y.shape(), 10f, 20f, Float.POSITIVE_INFINITY, 40f), dx);
        }
        assertArrayEquals(new float[] {2, Float.NaN, 7, -1}, y.floats());
        assertArrayEquals(new float[] {10, 0, 0, 20, 0, 0, 40, 0, 0, 0, 0, 0, Float.POSITIVE_INFINITY, 0, 0, 0}, dx.floats());
    }

    /** Rows and columns that belong to no window, windows of which some values are equal, and rows around the widths of vectors. */
    @ParameterizedTest
    @ValueSource(strings = {"n2c3h2w2k3r2s2_sh2sw2_g3", "n1c2h5w8k2r2s2_sh2sw2_g2", "n2c2h8w8k2r2s2_sh2sw2_g2", "n1c3h7w9k3r2s2_sh3sw2_g3",
        "n1c2h6w14k2r2s2_sh2sw2_g2", "n1c2h4w31k2r2s2_sh2sw2_g2", "n1c2h3w32k2r2s2_sh2sw2_g2", "n1c2h4w33k2r2s2_sh2sw2_g2",
        "n1c2h4w34k2r2s2_sh2sw2_g2", "n2c2h9w66k2r2s2_sh2sw2_g2", "n1c2h6w9k2r2s2_sh2sw3_g2"})
    void theLargestOfTwoByTwoAreThoseOfTheDefinitionInEveryWidth(String line) {
        ConvProblem window = ConvProblem.parse(line);
        SplittableRandom random = new SplittableRandom(3);
        HostTensor x = HostTensor.zeros(window.xShape());
        for (int i = 0; i < x.length(); i++) {
            x.set(i, random.nextInt(-2, 3));
        }
        HostTensor dy = HostTensor.zeros(window.yShape());
        for (int i = 0; i < dy.length(); i++) {
            dy.set(i, 1 + i);
        }
        List<HostTensor> expected = maxima(new ReferenceOps(), window, x, dy);
        for (SimdProvider simd : SimdProvider.all()) {
            for (int threads = 1; threads <= 3; threads++) {
                try (CpuBackend backend = new CpuBackend(threads, simd)) {
                    assertSame(expected, maxima(backend.networkOps().orElseThrow(), window, x, dy), line + " with " + simd.description());
                }
            }
        }
    }

    private static List<HostTensor> maxima(TensorOps ops, ConvProblem window, HostTensor x, HostTensor dy) {
        HostTensor y = HostTensor.zeros(window.yShape());
        HostTensor dx = HostTensor.zeros(window.xShape());
        y.fill(-7);
        dx.fill(-7);
        ops.maxPool(window, x, y);
        ops.maxPoolBackward(window, x, dy, dx);
        return List.of(y, dx);
    }

    @Test
    void aMissingTensorIsRefusedAndTheNextOperationRuns() {
        try (CpuBackend backend = new CpuBackend(2)) {
            TensorOps ops = backend.networkOps().orElseThrow();
            HostTensor y = HostTensor.zeros(TensorShape.of(3, 5));
            assertThrows(IllegalArgumentException.class, () -> ops.addScaled(null, 1, y));
            assertThrows(IllegalArgumentException.class, () -> ops.addSumOfSquares(y, null));
            assertDoesNotThrow(() -> CompletableFuture.runAsync(() -> ops.fill(y, 2)).get(10, TimeUnit.SECONDS));
        }
    }
}
