package io.github.jconv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.SubjectTimer;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.cuda.CudaBackend;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.testing.EmulatedDevice;
import org.junit.jupiter.api.Test;

class BackendTimerTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n1c2h5w4k3r3s2");

    @Test
    void everyTypeIsTimed() {
        try (CpuBackend backend = new CpuBackend(1)) {
            for (DataType type : DataType.values()) {
                SubjectTimer.Timing timing = new BackendTimer(1, 3).time(BackendSubject.named(backend, "reference"),
                        new ConvRequest(PROBLEM, ConvOperation.FORWARD, type)).orElseThrow();
                assertTrue(timing.medianSeconds() > 0 && timing.runs() >= 3, timing.toString());
            }
        }
    }

    /** What a ceiling is compared with: cuBLAS multiplies in the arithmetic of the context, whatever the tensors; a kernel in fp32. */
    @Test
    void theTypeThatIsMultipliedIsNamed() {
        try (CudaBackend backend = new CudaBackend(EmulatedDevice.open(DeviceOptions.defaults().withMathMode(MathMode.TF32)))) {
            assertEquals("tf32", operandType(backend, "im2col-gemm", DataType.FLOAT32));
            assertEquals("fp32", operandType(backend, "direct", DataType.FLOAT32));
            assertEquals("fp32", operandType(backend, "direct", DataType.BFLOAT16));
            assertEquals("fp64", operandType(backend, "direct", DataType.FLOAT64));
        }
    }

    private static String operandType(CudaBackend backend, String algorithm, DataType type) {
        return new BackendTimer(1, 1).time(BackendSubject.named(backend, algorithm), new ConvRequest(PROBLEM, ConvOperation.FORWARD, type))
                .orElseThrow().operandType();
    }

    /** A sweep times thousands of requests. */
    @Test
    void nothingIsLeftInTheMemoryOfADevice() {
        try (CudaBackend backend = new CudaBackend(EmulatedDevice.open())) {
            long before = tensors(backend);
            for (ConvolutionUnderTest subject : BackendSubject.allOf(backend)) {
                ConvRequest request = ConvRequest.fp32(PROBLEM, ConvOperation.FORWARD);
                if (subject.supports(request).yes()) {
                    assertTrue(new BackendTimer(1, 1).time(subject, request).isPresent());
                }
            }
            assertEquals(before, tensors(backend));
        }
    }

    private static long tensors(CudaBackend backend) {
        return backend.context().liveAllocations().stream().filter(allocation -> allocation.what().contains("[")).count();
    }
}
