package io.github.jconv.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.device.DeviceException;
import io.github.jconv.device.DeviceScope;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every call of the driver and of cuBLAS fails once in turn during a forward-backward step: one exception that names it each time,
 * nothing leaked, and the next step right.
 */
class CudaFaultsTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n3c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2");

    /** A single product, not a batch. */
    private static final ConvProblem ONE_GROUP = ConvProblem.parse("n3c6h5w4k8r5s4");

    private static final int OUT_OF_MEMORY = 2;
    private static final int ALLOCATION_FAILED = 3;
    private static final int ILLEGAL_ADDRESS = 700;

    /** Of one function of the driver; each call of cuBLAS fails. */
    private static final int MOST_CALLS = 12;

    private static final List<String> CALLS = List.of("cuModuleLoadDataEx", "cuModuleGetFunction", "cuMemAllocAsync", "cuMemHostAlloc",
            "cuMemsetD8Async", "cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuEventCreate", "cuEventRecord", "cuEventSynchronize",
            "cuLaunchKernel", "cuCtxSetCurrent", "cublasCreate", "cublasSetStream", "cublasSetWorkspace", "cublasSetMathMode",
            "cublasSgemm", "cublasSgemmStridedBatched", "cublasGemmEx", "cublasGemmStridedBatchedEx");

    /** Where there is a second way: the PTX of a lower target, or memory that was kept for later. */
    private static final Set<String> RECOVERABLE = Set.of("cuModuleLoadDataEx", "cuMemAllocAsync");

    private long contexts;
    private long allocations;

    @BeforeEach
    void count() {
        EmulatedDevice.open().close();
        contexts = EmulatedDevice.report("contexts");
        allocations = EmulatedDevice.report("allocations");
    }

    @AfterEach
    void fail() {
        EmulatedDevice.command("fail nothing");
    }

    @TestFactory
    List<DynamicTest> everyCallFailsOnceInTurn() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String call : CALLS) {
            tests.add(DynamicTest.dynamicTest(call, () -> {
                int times = callsOfAStep(call);
                assertTrue(times > 0, call + " is not part of a step");
                int failures = call.startsWith("cublas") ? times : Math.min(times, MOST_CALLS);
                for (int nth = 1; nth <= failures; nth++) {
                    oneFailure(call, nth);
                }
            }));
        }
        return tests;
    }

    private static int callsOfAStep(String call) {
        try (CudaBackend backend = new CudaBackend(EmulatedDevice.open())) {
            EmulatedDevice.command("forget calls");
            step(backend);
            return (int) EmulatedDevice.calls(call);
        }
    }

    private void oneFailure(String call, int nth) {
        String what = call + " number " + nth;
        try (CudaBackend backend = new CudaBackend(EmulatedDevice.open())) {
            EmulatedDevice.command("fail " + call + " " + nth + " " + (call.startsWith("cublas") ? ALLOCATION_FAILED
                    : OUT_OF_MEMORY));
            if (RECOVERABLE.contains(call)) {
                stepOrException(backend, call, what);
            } else {
                assertTells(assertThrows(DeviceException.class, () -> step(backend), what), call, what);
            }
            step(backend);
        }
        assertNothingIsLeft(what);
    }

    private static void stepOrException(CudaBackend backend, String call, String what) {
        try {
            step(backend);
        } catch (DeviceException e) {
            assertTells(e, call, what);
        }
    }

    private static void assertTells(DeviceException error, String call, String what) {
        assertTrue(error.getMessage().contains(call), () -> what + ": " + error.getMessage());
        assertFalse(error.contextLost(), what);
    }

    @Test
    void aKernelThatFailsLosesTheContextAndSaysSo() {
        try (CudaBackend backend = new CudaBackend(EmulatedDevice.open())) {
            step(backend);
            EmulatedDevice.command("fail kernel jconv_im2col_i32 1 " + ILLEGAL_ADDRESS);
            DeviceException error = assertThrows(DeviceException.class, () -> step(backend));
            assertTrue(error.contextLost(), error::getMessage);
            DeviceException later = assertThrows(DeviceException.class, () -> step(backend));
            assertTrue(later.getMessage().contains("lost the device context"), later::getMessage);
        }
        try (CudaBackend backend = new CudaBackend(EmulatedDevice.open())) {
            step(backend);
        }
        assertNothingIsLeft("a lost context");
    }

    private void assertNothingIsLeft(String what) {
        assertEquals(contexts, EmulatedDevice.report("contexts"), what);
        assertEquals(allocations, EmulatedDevice.report("allocations"), what);
    }

    /** Forward and both gradients in fp32 and in 16 bits, with kernels and cuBLAS; the results are checked. */
    private static void step(CudaBackend backend) {
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT16)) {
            run(backend, PROBLEM, ConvOperation.FORWARD, type, "im2col-gemm");
            run(backend, PROBLEM, ConvOperation.BACKWARD_DATA, type, "residue-gemm");
            run(backend, PROBLEM, ConvOperation.BACKWARD_DATA, type, "gemm-col2im");
            run(backend, PROBLEM, ConvOperation.BACKWARD_FILTER, type, "im2col-gemm");
            for (ConvOperation operation : ConvOperation.values()) {
                run(backend, ONE_GROUP, operation, type, "gemm-full");
            }
        }
        run(backend, PROBLEM, ConvOperation.BACKWARD_FILTER, DataType.FLOAT32, "direct");
        runNetworkOps(backend);
    }

    /** A kernel of one launch, and one with scratch memory of its own. */
    private static void runNetworkOps(CudaBackend backend) {
        TensorOps ops = backend.networkOps().orElseThrow();
        HostTensor total = HostTensor.zeros(DataType.FLOAT64, TensorShape.of(1));
        try (DeviceScope scope = backend.context().newScope()) {
            DeviceTensor y = scope.upload(HostTensor.of(TensorShape.of(3), -2f, 3f, 4f));
            DeviceTensor sum = scope.upload(total);
            ops.activation(Activation.RELU, 0, y, y);
            ops.addSumOfSquares(y, sum);
            sum.copyTo(total);
        }
        assertEquals(25, total.get(0));
    }

    /** On integers whose sums stay below 2048, up to which fp16 has every integer. */
    private static void run(CudaBackend backend, ConvProblem problem, ConvOperation operation, DataType type, String name) {
        ConvRequest request = new ConvRequest(problem, operation, type);
        CudaAlgorithm algorithm = backend.algorithms().stream().filter(a -> a.name().equals(name)).findFirst().orElseThrow();
        HostTensor x = Tensors.integers(type, problem.xShape(), 1);
        HostTensor w = Tensors.integers(type, problem.wShape(), 2);
        HostTensor y = Tensors.integers(type, problem.yShape(), 3);
        HostTensor expected = HostTensor.zeros(type, operation.outputShape(problem));
        ReferenceConvolution.run(problem, operation, operation == ConvOperation.BACKWARD_DATA ? expected : x,
                operation == ConvOperation.BACKWARD_FILTER ? expected : w,
                operation == ConvOperation.FORWARD ? expected : y, false);
        backend.run(new ConvPlan(request, backend.name(), algorithm, "under test", List.of()), x, w, y, false);
        Tensors.assertSameNumbers(expected, operation.outputOf(x, w, y), name + " " + request);
    }
}
