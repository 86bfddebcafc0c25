package io.github.jconv.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.OperationCases;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The network operations on a device against their definitions, by the cases that hold for the CPU. */
class CudaOpsTest {

    private static CudaBackend backend;
    private static CudaBackend wide;

    static List<OperationCases.Case> operations() {
        return OperationCases.all();
    }

    @BeforeAll
    static void open() {
        backend = new CudaBackend(EmulatedDevice.open());
        wide = new CudaBackend(EmulatedDevice.open(), Scratch.OF_A_CACHE, true);
    }

    @AfterAll
    static void close() {
        wide.close();
        backend.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void anOperationIsWithinItsRoundingOfTheDefinition(OperationCases.Case operation) {
        for (DataType type : DataType.values()) {
            operation.assertWithinItsRounding(operation.on(backend, type), type);
        }
        operation.assertWithinItsRounding(operation.on(wide, DataType.FLOAT32), DataType.FLOAT32);
        assertEquals(0, tensorsOf(backend));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void theOrderOfThreadsDoesNotShowInTheBits(OperationCases.Case operation) {
        List<HostTensor> ascending = operation.on(backend, DataType.FLOAT32);
        try {
            for (String order : List.of("schedule descending", "schedule random 3", "workers 2")) {
                EmulatedDevice.command(order);
                assertSameBits(ascending, operation.on(backend, DataType.FLOAT32), order);
            }
        } finally {
            EmulatedDevice.command("schedule ascending; workers 1");
        }
    }

    /** The masks are a function of seed, step and position alone. */
    @Test
    void dropoutDropsTheSameElementsAsOnTheCpu() {
        OperationCases.Case dropout = operations().stream().filter(c -> c.toString().equals("dropout")).findFirst().orElseThrow();
        try (CpuBackend cpu = new CpuBackend(1)) {
            assertSameBits(dropout.on(cpu, DataType.FLOAT32), dropout.on(backend, DataType.FLOAT32), "dropout");
        }
    }

    /** Beyond one block of partial sums. */
    @Test
    void aLargeTensorIsSummedWhole() {
        HostTensor values = HostTensor.zeros(TensorShape.of(300_000));
        values.fill(0.5);
        TensorOps ops = backend.networkOps().orElseThrow();
        HostTensor total = HostTensor.zeros(DataType.FLOAT64, TensorShape.of(1));
        try (Tensor x = backend.context().upload(values); Tensor sum = backend.context().upload(total)) {
            ops.addSumOfSquares(x, sum);
            ops.addSumOfSquares(x, sum);
            backend.download(sum, total);
        }
        assertEquals(150_000, total.get(0));
    }

    @Test
    void aLabelThatIsNoClassMakesTheLossNoNumber() {
        HostTensor scores = HostTensor.of(TensorShape.of(2, 3), 0.5f, 1f, -1f, 0f, 2f, 1f);
        HostTensor losses = HostTensor.zeros(TensorShape.of(2));
        try (Tensor x = backend.context().upload(scores); Tensor labels = backend.context().upload(HostTensor.of(losses.shape(), 3f, 2f));
             Tensor loss = backend.context().upload(losses); Tensor dx = backend.context().upload(scores)) {
            backend.networkOps().orElseThrow().softmaxCrossEntropy(x, labels, 1, loss, dx);
            backend.download(loss, losses);
        }
        assertTrue(Double.isNaN(losses.get(0)));
        assertTrue(losses.get(1) > 0);
    }

    @Test
    void tensorsFromElsewhereAreRefused() {
        TensorOps ops = backend.networkOps().orElseThrow();
        HostTensor heap = HostTensor.zeros(TensorShape.of(4));
        String message = assertThrows(IllegalArgumentException.class, () -> ops.scale(heap, 2)).getMessage();
        assertEquals("a tensor is a HostTensor; allowed on the cuda backend: a DeviceTensor of its context", message);
        assertThrows(IllegalArgumentException.class, () -> ops.scale(null, 2));
        try (Tensor foreign = wide.newTensor(DataType.FLOAT32, heap.shape())) {
            assertThrows(IllegalArgumentException.class, () -> ops.scale(foreign, 2));
        }
    }

    private static long tensorsOf(CudaBackend of) {
        return of.context().liveAllocations().stream().filter(allocation -> allocation.what().contains("[")).count();
    }

    private static void assertSameBits(List<HostTensor> expected, List<HostTensor> actual, String what) {
        for (int t = 0; t < expected.size(); t++) {
            for (int i = 0; i < expected.get(t).length(); i++) {
                assertEquals(expected.get(t).get(i), actual.get(t).get(i), what + ", output " + t + ", element " + i);
            }
        }
    }
}
