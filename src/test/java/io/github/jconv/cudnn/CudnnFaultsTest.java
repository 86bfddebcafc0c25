package io.github.jconv.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.device.DeviceException;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.testing.EmulatedCudnn;
import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of calls of cuDNN that fail or decline: another algorithm, or one clear error; nothing leaked. */
class CudnnFaultsTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c3h6w8k5r3s3_ph1pw1");
    private static final int NOT_SUPPORTED = 9;
    private static final int EXECUTION_FAILED = 8;
    private static final int ALLOCATION_FAILED = 2;

    private Map<String, Long> alive;

    @BeforeAll
    static void build() {
        EmulatedDevice.build();
        EmulatedCudnn.open().close();
    }

    @BeforeEach
    void count() {
        alive = EmulatedDevice.alive();
    }

    @AfterEach
    void nothingIsLeft() {
        EmulatedDevice.command("fail nothing");
        assertEquals(alive, EmulatedDevice.alive());
    }

    private static ConvEngine open() {
        return ConvEngine.builder().device(DeviceRequest.parse("emulated")).backend("cudnn").open();
    }

    private static void assertForwardIsRight(ConvEngine engine) {
        HostTensor x = Tensors.integers(PROBLEM.xShape(), 1);
        HostTensor w = Tensors.integers(PROBLEM.wShape(), 2);
        HostTensor expected = HostTensor.zeros(PROBLEM.yShape());
        ReferenceConvolution.run(PROBLEM, ConvOperation.FORWARD, x, w, expected, false);
        Tensors.assertSameNumbers(expected, engine.forward(PROBLEM, x, w), "y");
    }

    /** The heuristic proposes an algorithm, and the library then declines it. */
    @Test
    void whatDeclinesWhenItRunsIsRecordedAndTheNextIsTaken() {
        try (ConvEngine engine = open()) {
            assertEquals("WINOGRAD", engine.plan(PROBLEM, ConvOperation.FORWARD).algorithm().name());
            EmulatedDevice.command("fail cudnnConvolutionForward 1 " + NOT_SUPPORTED);
            assertForwardIsRight(engine);
            ConvPlan plan = engine.plan(PROBLEM, ConvOperation.FORWARD);
            assertEquals("WINOGRAD_NONFUSED", plan.algorithm().name());
            assertEquals(List.of(new ConvPlan.PassedOver("WINOGRAD", "cuDNN said CUDNN_STATUS_NOT_SUPPORTED when it was run")),
                    plan.passedOver());
        }
    }

    @Test
    void aDeclinedGradientIsNotAddedTwice() {
        try (ConvEngine engine = open()) {
            HostTensor x = Tensors.integers(PROBLEM.xShape(), 1);
            HostTensor dy = Tensors.integers(PROBLEM.yShape(), 2);
            HostTensor dw = Tensors.integers(PROBLEM.wShape(), 3);
            HostTensor expected = dw.copy();
            ReferenceConvolution.run(PROBLEM, ConvOperation.BACKWARD_FILTER, x, expected, dy, true);
            EmulatedDevice.command("fail cudnnConvolutionBackwardFilter 1 " + NOT_SUPPORTED);
            engine.backwardFilter(PROBLEM, x, dy, dw, WriteMode.ACCUMULATE);
            Tensors.assertSameNumbers(expected, dw, "dw");
        }
    }

    /** One that declines while it is measured is out; the others are measured all the same. */
    @Test
    void whatDeclinesWhenItIsMeasuredIsPassedOver(@TempDir Path folder) {
        try (ConvEngine engine = ConvEngine.builder().device(DeviceRequest.parse("emulated")).backend("cudnn")
                .autotune(folder.resolve("choices.txt")).open()) {
            EmulatedDevice.command("fail cudnnConvolutionForward 1 " + NOT_SUPPORTED);
            ConvPlan plan = engine.plan(PROBLEM, ConvOperation.FORWARD);
            assertTrue(plan.reason().contains(" when measured, "), plan::reason);
            assertTrue(plan.passedOver().stream().anyMatch(p -> p.because().contains("refused, because cuDNN said CUDNN_STATUS_NOT_SUPPORTED")),
                    plan.passedOver()::toString);
        }
    }

    /** Of many shapes the latest are kept; one that was forgotten is described again. */
    @Test
    void descriptorsOfShapesLongUnusedAreGivenBack() {
        try (ConvEngine engine = open()) {
            assertForwardIsRight(engine);
            long ofOne = EmulatedDevice.report("cudnn-descriptors");
            for (int batch = 1; batch <= CudnnHandle.SHAPES_KEPT + 1; batch++) {
                engine.plan(ConvProblem.parse("n" + batch + "c1h2w3k1r1s1"), ConvOperation.FORWARD);
            }
            long most = EmulatedDevice.report("cudnn-descriptors");
            assertTrue(most <= ofOne + 4L * (CudnnHandle.SHAPES_KEPT - 1), () -> most + " descriptors");
            assertForwardIsRight(engine);
        }
    }

    /** A fixed algorithm is never replaced by another one. */
    @Test
    void anAlgorithmAskedForByNameThatDeclinesIsAnError() {
        try (ConvEngine engine = ConvEngine.builder().device(DeviceRequest.parse("emulated")).backend("cudnn").algorithm("FFT").open()) {
            EmulatedDevice.command("fail cudnnConvolutionForward 1 " + NOT_SUPPORTED);
            var error = assertThrows(UnsupportedRequestException.class, () -> assertForwardIsRight(engine));
            assertTrue(error.getMessage().contains("FFT") && error.getMessage().contains("CUDNN_STATUS_NOT_SUPPORTED"), error::getMessage);
        }
    }

    @Test
    void aFailureIsAnErrorWithTheStatusOfTheLibrary() {
        try (ConvEngine engine = open()) {
            EmulatedDevice.command("fail cudnnConvolutionForward 1 " + EXECUTION_FAILED);
            DeviceException error = assertThrows(DeviceException.class, () -> assertForwardIsRight(engine));
            assertEquals("CUDNN_STATUS_EXECUTION_FAILED", error.errorName());
            assertTrue(error.getMessage().contains(PROBLEM.toString()), error::getMessage);
            assertFalse(error.contextLost());
            assertForwardIsRight(engine);
        }
    }

    /** Half of the list refuses at the first question: what is left serves, and the plan tells of the others. */
    @Test
    void statusesOfTheLibraryAreTheReasonsOfTheList() {
        try (ConvEngine engine = open()) {
            EmulatedDevice.command("fail cudnnGetConvolutionForwardWorkspaceSize 1 " + ALLOCATION_FAILED);
            ConvPlan plan = engine.plan(PROBLEM, ConvOperation.FORWARD);
            assertEquals("WINOGRAD_NONFUSED", plan.algorithm().name());
            assertEquals("cuDNN says CUDNN_STATUS_ALLOC_FAILED", plan.passedOver().get(0).because());
        }
    }

    /** Descriptors that were made before one could not be are given back. */
    @ParameterizedTest
    @ValueSource(strings = {"cudnnCreate 1", "cudnnSetStream 1", "cudnnCreateTensorDescriptor 1", "cudnnCreateTensorDescriptor 2",
        "cudnnCreateTensorDescriptor 3", "cudnnCreateTensorDescriptor 4", "cudnnCreateFilterDescriptor 1",
        "cudnnCreateConvolutionDescriptor 1", "cudnnSetTensorNdDescriptorEx 2", "cudnnSetFilterNdDescriptor 1",
        "cudnnCreateActivationDescriptor 1", "cudnnSetActivationDescriptor 1", "cudnnSetConvolutionNdDescriptor 1", "cudnnSetConvolutionGroupCount 1", "cudnnSetConvolutionMathType 1"})
    void everyStepOfAStartMayFail(String call) {
        EmulatedDevice.command("fail " + call + " " + ALLOCATION_FAILED);
        DeviceException error = assertThrows(DeviceException.class, () -> {
            try (ConvEngine engine = open()) {
                assertForwardIsRight(engine);
            }
        });
        assertEquals("CUDNN_STATUS_ALLOC_FAILED", error.errorName());
        assertTrue(error.getMessage().contains(call.split(" ")[0]), error::getMessage);
    }

    /** Where there is no such call, three do the same; it is not tried again. */
    @Test
    void aFusedCallThatDeclinesIsReplacedByItsParts() {
        try (ConvEngine engine = open()) {
            HostTensor x = Tensors.integers(PROBLEM.xShape(), 1);
            HostTensor w = Tensors.integers(PROBLEM.wShape(), 2);
            HostTensor bias = Tensors.integers(PROBLEM.biasShape(), 3);
            HostTensor expected = engine.forwardRelu(PROBLEM, x, w, bias);
            EmulatedDevice.command("forget calls");
            EmulatedDevice.command("fail cudnnConvolutionBiasActivationForward 1 " + NOT_SUPPORTED);
            Tensors.assertSameNumbers(expected, engine.forwardRelu(PROBLEM, x, w, bias), "in parts");
            Tensors.assertSameNumbers(expected, engine.forwardRelu(PROBLEM, x, w, bias), "in parts again");
            assertEquals(1, EmulatedDevice.calls("cudnnConvolutionBiasActivationForward"));
            assertEquals(2, EmulatedDevice.calls("cudnnActivationForward"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cudnnAddTensor", "cudnnConvolutionBackwardBias"})
    void aBiasMayFail(String call) {
        try (ConvEngine engine = open()) {
            HostTensor x = Tensors.integers(PROBLEM.xShape(), 1);
            HostTensor w = Tensors.integers(PROBLEM.wShape(), 2);
            HostTensor bias = Tensors.integers(PROBLEM.biasShape(), 3);
            EmulatedDevice.command("fail " + call + " 1 " + EXECUTION_FAILED);
            DeviceException error = assertThrows(DeviceException.class, () -> {
                HostTensor y = engine.forward(PROBLEM, x, w, bias);
                engine.backwardBias(PROBLEM, y);
            });
            assertEquals(call, error.call());
        }
    }
}
