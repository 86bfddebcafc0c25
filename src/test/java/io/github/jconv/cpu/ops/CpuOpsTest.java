package io.github.jconv.cpu.ops;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.OperationCases;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The threaded operations against their definitions. */
class CpuOpsTest {

    static List<OperationCases.Case> operations() {
        return OperationCases.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void theFastOperationIsWithinItsRoundingOfTheDefinition(OperationCases.Case operation) {
        try (CpuBackend one = new CpuBackend(1); CpuBackend three = new CpuBackend(3)) {
            List<HostTensor> outputs = operation.on(one, DataType.FLOAT32);
            List<HostTensor> threaded = operation.on(three, DataType.FLOAT32);
            for (int t = 0; t < outputs.size(); t++) {
                for (int i = 0; i < outputs.get(t).length(); i++) {
                    assertEquals(outputs.get(t).get(i), threaded.get(t).get(i), operation + ": depends on the threads");
                }
            }
            operation.assertWithinItsRounding(outputs, DataType.FLOAT32);
        }
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
