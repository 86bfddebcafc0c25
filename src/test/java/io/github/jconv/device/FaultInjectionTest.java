package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.cuda.CudaBackend;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Every call of the driver and of cuBLAS fails once in turn while an engine is opened, computes a forward and backward step, and
 * is closed. Each time there is one clear exception, nothing is left on the device, and the context either works on or says that
 * it is lost.
 */
class FaultInjectionTest extends OnEmulatedDevice {

    private static final int INVALID_VALUE = 1;
    private static final int LAUNCH_FAILED = 719;
    private static final int CUBLAS_EXECUTION_FAILED = 13;

    private static final List<ConvProblem> PROBLEMS = List.of(
            ConvProblem.parse("n2c4h7w9k6r3s2_sh2sw1_ph1:0_g2"),
            ConvProblem.parse("n2c3h5w4k2r1s1"),
            ConvProblem.parse("n1c2h6w7k3r3s2_dh2"));

    /** What only gives something back: a failure is a warning, because the caller could not act on it. */
    private static final Set<String> GIVING_BACK = Set.of("cuMemFreeAsync", "cuMemFreeHost", "cuEventDestroy", "cuStreamDestroy",
            "cuModuleUnload", "cublasDestroy", "cuDevicePrimaryCtxRelease");

    /** Asked only in order to describe an error. */
    private static final Set<String> DESCRIBING = Set.of("cuGetErrorName", "cuGetErrorString");

    /** When it fails, the next lower target is loaded instead. */
    private static final String LOADING = "cuModuleLoadDataEx";

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(FaultInjectionTest.class.getPackageName());

    private List<float[]> expected;
    private Map<String, Long> callsBeforeClosing;
    private Map<String, Long> calls;
    private int liveAllocations;

    /** Each fault while something is given back is a warning, and there are hundreds of faults. */
    @BeforeAll
    static void silence() {
        LOGGER.setLevel(Level.ERROR);
    }

    @AfterAll
    static void speakAgain() {
        LOGGER.setLevel(null);
    }

    /** The same without a fault. */
    @BeforeEach
    void runUndisturbed() {
        EmulatedDevice.command("forget calls");
        try (ConvEngine engine = open()) {
            expected = step(engine);
            liveAllocations = context(engine).liveAllocations().size();
            callsBeforeClosing = EmulatedDevice.calledFunctions();
        }
        calls = EmulatedDevice.calledFunctions();
        calls.keySet().removeAll(DESCRIBING);
        calls.remove("cuModuleLoad");
        assertTrue(calls.size() > 30, () -> "only these are called: " + calls);
    }

    @Test
    void everyCallMayBeRefused() {
        for (String function : calls.keySet()) {
            int error = function.startsWith("cublas") ? CUBLAS_EXECUTION_FAILED : INVALID_VALUE;
            for (long nth : someOf(function)) {
                if (!endsWhatNobodyElseEnds(function)) {
                    runWithFault(function, nth, error);
                }
            }
        }
    }

    @Test
    void everyCallMayLoseTheContext() {
        for (String function : calls.keySet()) {
            for (long nth : someOf(function)) {
                if (!function.startsWith("cublas") && !endsWhatNobodyElseEnds(function)) {
                    runWithFault(function, nth, LAUNCH_FAILED);
                }
            }
        }
    }

    @Test
    void everyAllocationMayFindTheDeviceFull() {
        for (String function : List.of("cuMemAllocAsync", "cuMemHostAlloc", "cuStreamCreate", "cuEventCreate",
                "cuDevicePrimaryCtxRetain")) {
            for (long nth = 1; nth <= calls.get(function); nth++) {
                runWithFault(function, nth, 2);
            }
        }
    }

    /** What the last release of the context or of cuBLAS refuses to end stays in the process; the next engine works. */
    @Test
    void refusedReleasesAreSurvived() {
        runWithFault("cuDevicePrimaryCtxRelease", 1, INVALID_VALUE, "contexts");
        JCudaDriver.cuDevicePrimaryCtxRelease(firstDevice());
        leftOnPurpose.clear();
        assertNothingIsLeft("after the second release");
        runWithFault("cublasDestroy", 1, CUBLAS_EXECUTION_FAILED, "cublas-handles");
    }

    private static boolean endsWhatNobodyElseEnds(String function) {
        return function.equals("cuDevicePrimaryCtxRelease") || function.equals("cublasDestroy");
    }

    private void runWithFault(String function, long nth, int error, String... left) {
        String fault = function + " number " + nth + " with error " + error;
        EmulatedDevice.command("fail " + function + " " + nth + " " + error);
        DeviceException thrown = null;
        try (ConvEngine engine = open()) {
            thrown = stepThatMayFail(engine, fault);
        } catch (DeviceException whileOpening) {
            thrown = whileOpening;
        }
        EmulatedDevice.command("fail nothing");
        for (String kind : left) {
            leftOnPurpose.merge(kind, 1L, Long::sum);
        }
        assertNothingIsLeft("after " + fault);
        if (thrown != null) {
            assertTrue(thrown.getMessage().contains(thrown.errorName()), thrown::getMessage);
            assertTrue(isTheFault(thrown, function, error), fault + " became " + thrown.getMessage());
        } else {
            boolean late = nth > callsBeforeClosing.getOrDefault(function, 0L);
            boolean replaced = function.equals(LOADING) && error != LAUNCH_FAILED;
            assertTrue(late || replaced || GIVING_BACK.contains(function), () -> fault + " went unnoticed");
        }
        try (ConvEngine engine = open()) {
            assertSame(expected, step(engine), "a new engine after " + fault);
        }
        assertNothingIsLeft("after " + fault + " and a new engine");
    }

    /** Names may lack their version; after the first, an error may be found by a later call. */
    private static boolean isTheFault(DeviceException thrown, String function, int error) {
        return thrown.call().equals(function) || thrown.call().startsWith("cu") && thrown.errorName().equals(nameOf(error));
    }

    private static String nameOf(int error) {
        return switch (error) {
            case INVALID_VALUE -> "CUDA_ERROR_INVALID_VALUE";
            case LAUNCH_FAILED -> "CUDA_ERROR_LAUNCH_FAILED";
            case 2 -> "CUDA_ERROR_OUT_OF_MEMORY";
            default -> "CUBLAS_STATUS_EXECUTION_FAILED";
        };
    }

    /** The step; after a failure, the same on the same engine, which works or says that the context is lost. */
    private DeviceException stepThatMayFail(ConvEngine engine, String fault) {
        try {
            assertSame(expected, step(engine), fault);
            return null;
        } catch (DeviceException e) {
            if (e.contextLost()) {
                assertTrue(assertThrows(DeviceException.class, () -> step(engine)).contextLost(), fault);
            } else {
                assertSame(expected, step(engine), "again after " + fault);
                assertEquals(liveAllocations, context(engine).liveAllocations().size(),
                        () -> "after " + fault + ": " + context(engine).liveAllocations());
            }
            return e;
        }
    }

    private static ConvEngine open() {
        return ConvEngine.builder().device(DeviceRequest.parse("emulated")).open();
    }

    private static DeviceContext context(ConvEngine engine) {
        return ((CudaBackend) engine.backend()).context();
    }

    /** All of a convolution and of its transpose, on the device and once from the heap. */
    private static List<float[]> step(ConvEngine engine) {
        List<float[]> results = new ArrayList<>();
        List<Tensor> tensors = new ArrayList<>();
        try {
            for (ConvProblem problem : PROBLEMS) {
                step(engine, problem, tensors, results);
            }
            HostTensor x = Tensors.integers(PROBLEMS.get(1).xShape(), 5);
            HostTensor w = Tensors.integers(PROBLEMS.get(1).wShape(), 6);
            results.add(engine.forward(PROBLEMS.get(1), x, w).floats());
        } finally {
            tensors.forEach(Tensor::close);
        }
        return results;
    }

    private static void step(ConvEngine engine, ConvProblem problem, List<Tensor> tensors, List<float[]> results) {
        Tensor x = upload(engine, Tensors.integers(problem.xShape(), 1), tensors);
        Tensor w = upload(engine, Tensors.integers(problem.wShape(), 2), tensors);
        Tensor bias = upload(engine, Tensors.integers(problem.biasShape(), 3), tensors);
        Tensor y = keep(engine.forward(problem, x, w, bias), tensors);
        Tensor dx = keep(engine.backwardData(problem, y, w), tensors);
        Tensor dw = keep(engine.backwardFilter(problem, x, y), tensors);
        engine.backwardFilter(problem, x, y, dw, WriteMode.ACCUMULATE);
        Tensor dbias = keep(engine.backwardBias(problem, y), tensors);
        Tensor up = keep(engine.forward(TransposedConvolution.inverseOf(problem), y, w), tensors);
        for (Tensor result : List.of(y, dx, dw, dbias, up)) {
            HostTensor values = HostTensor.zeros(DataType.FLOAT32, result.shape());
            engine.download(result, values);
            results.add(values.floats());
        }
    }

    private static Tensor upload(ConvEngine engine, HostTensor values, List<Tensor> tensors) {
        Tensor tensor = keep(engine.newTensor(DataType.FLOAT32, values.shape()), tensors);
        engine.upload(values, tensor);
        return tensor;
    }

    private static Tensor keep(Tensor tensor, List<Tensor> tensors) {
        tensors.add(tensor);
        return tensor;
    }

    private static void assertSame(List<float[]> expected, List<float[]> got, String when) {
        assertEquals(expected.size(), got.size(), when);
        for (int i = 0; i < got.size(); i++) {
            int number = i;
            assertArrayEquals(expected.get(i), got.get(i), () -> "result " + number + ", " + when);
        }
    }

    /** The first, the second, one from the middle, and the last two. */
    private Set<Long> someOf(String function) {
        long count = calls.get(function);
        Set<Long> some = new TreeSet<>(Set.of(1L));
        for (long nth : new long[] {2, (count + 1) / 2, count - 1, count}) {
            if (nth >= 1 && nth <= count) {
                some.add(nth);
            }
        }
        return some;
    }

    private static CUdevice firstDevice() {
        CUdevice device = new CUdevice();
        assertFalse(JCudaDriver.cuDeviceGet(device, 0) != 0);
        return device;
    }
}
