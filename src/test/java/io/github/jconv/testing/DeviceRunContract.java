package io.github.jconv.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.device.CapturedGraph;
import io.github.jconv.device.DeviceBackend;
import io.github.jconv.device.DeviceScope;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * How algorithms run on a device, whichever they are: a second run neither allocates nor waits, can be captured in a graph, and gives
 * the same bits in whatever order the device lets its threads run.
 */
@TestInstance(Lifecycle.PER_CLASS)
public abstract class DeviceRunContract {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** At least one that each algorithm serves. */
    private static final List<ConvProblem> PROBLEMS = List.of(
            ConvProblem.parse("n3c6h7w9k4r3s2_sh2sw1_ph1:0pw0:2_dh1dw2_g2"),
            ConvProblem.parse("n3c6h7w9k4r1s1"),
            ConvProblem.parse("n2c3h6w7k4r3s3_ph1pw1"),
            ConvProblem.parse("n3c6h5w4k8r5s4_g2"),
            ConvProblem.parse("n2c4h8w9k8r3s3_sh2sw3_ph1pw1_g4"),
            ConvProblem.parse("n2c3h9w7k3r3s3_ph1pw1_g3"),
            ConvProblem.parse("n2c3h9w8k3r5s5_sh2sw2_ph2pw2_g3"));

    /** Waiting, allocating and copying between heap and device. */
    private static final List<String> FORBIDDEN = List.of("cuMemAlloc", "cuMemAllocAsync", "cuMemHostAlloc", "cuMemFree", "cuMemFreeAsync",
            "cuStreamSynchronize", "cuCtxSynchronize", "cuEventSynchronize", "cuMemcpyHtoD", "cuMemcpyDtoH", "cuMemcpyHtoDAsync",
            "cuMemcpyDtoHAsync", "cuModuleLoadDataEx", "cublasCreate", "cudnnCreateTensorDescriptor");

    private DeviceBackend backend;

    /** The backend under test; closed here. */
    protected abstract DeviceBackend openBackend();

    /** The functions of which a run calls at least one. */
    protected abstract List<String> computing();

    /** One algorithm's run of one operation on tensors of the device. */
    private record Run(DeviceBackend backend, ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y) {

        static Run of(DeviceBackend backend, DeviceScope scope, ConvRequest request, ConvAlgorithm algorithm) {
            ConvProblem problem = request.problem();
            Run run = new Run(backend, new ConvPlan(request, backend.name(), algorithm, "under test", List.of()),
                    scope.upload(inForm(request, Tensors.integers(problem.xShape(), 1))),
                    scope.upload(inForm(request, Tensors.integers(problem.wShape(), 2))),
                    scope.upload(inForm(request, Tensors.integers(problem.yShape(), 3))));
            if (request.filters() == FilterUse.CONSTANT) {
                run.w.constant();
            }
            return run;
        }

        static HostTensor inForm(ConvRequest request, HostTensor values) {
            return values.to(request.dataType(), request.layout());
        }

        HostTensor inForm(HostTensor values) {
            return inForm(plan.request(), values);
        }

        void enqueue(boolean accumulate) {
            backend.run(plan, x, w, y, accumulate);
        }

        DeviceTensor output() {
            return switch (plan.request().operation()) {
                case FORWARD -> y;
                case BACKWARD_DATA -> x;
                case BACKWARD_FILTER -> w;
            };
        }

        /** The tensor that is read and is not w: another one's values may take its place. */
        DeviceTensor input() {
            return plan.request().operation() == ConvOperation.BACKWARD_DATA ? y : x;
        }

        float[] result() {
            return output().toHost().to(DataType.FLOAT32).floats();
        }
    }

    @FunctionalInterface
    private interface Check {
        void on(Run run);
    }

    @BeforeAll
    void open() {
        backend = openBackend();
    }

    @AfterAll
    void close() {
        backend.close();
    }

    /** What none of the problems suits, or the library does not have, cannot be tested here. */
    protected boolean isExpectedToServe(ConvAlgorithm algorithm) {
        return true;
    }

    @Test
    void everyAlgorithmServesOneOfTheProblems() {
        for (ConvAlgorithm algorithm : backend.algorithms()) {
            assertTrue(!isExpectedToServe(algorithm) || requests().stream().anyMatch(request -> algorithm.supports(request).yes()), algorithm.name());
        }
    }

    @TestFactory
    List<DynamicTest> aSecondRunNeitherAllocatesNorWaits() {
        return forEveryRun(run -> {
            run.enqueue(false);
            run.enqueue(true);
            int live = backend.context().liveAllocations().size();
            EmulatedDevice.command("forget calls");
            run.enqueue(false);
            run.enqueue(true);
            for (String function : FORBIDDEN) {
                assertEquals(0, EmulatedDevice.calls(function), function);
            }
            assertTrue(computing().stream().anyMatch(function -> EmulatedDevice.calls(function) > 0), "nothing was enqueued");
            assertEquals(live, backend.context().liveAllocations().size());
        });
    }

    /** Nor does it leave work for the garbage collector, once its code is warm. */
    @TestFactory
    List<DynamicTest> repeatedRunsAllocateNothingOnTheHeap() {
        return forEveryRun(run -> {
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 100 && least > 0; round++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 5; i++) {
                    run.enqueue(false);
                }
                least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(0, least, "bytes in five runs");
        });
    }

    @TestFactory
    List<DynamicTest> aCapturedRunGivesTheSameOnOtherValues() {
        return forEveryRun(run -> {
            run.enqueue(false);
            try (CapturedGraph graph = backend.context().capture(() -> run.enqueue(false))) {
                run.input().copyFrom(run.inForm(Tensors.integers(run.input().shape(), 4)));
                if (run.plan().request().filters() == FilterUse.CONSTANT) {
                    run.w().copyFrom(run.inForm(Tensors.integers(run.w().shape(), 8)));
                }
                graph.run();
                float[] replayed = run.result();
                run.output().fillZero();
                run.enqueue(false);
                assertArrayEquals(run.result(), replayed);
            }
        });
    }

    /** Real values: another order of additions would show. */
    @TestFactory
    List<DynamicTest> theOrderOfThreadsDoesNotShowInTheBits() {
        return forEveryRun(run -> {
            run.x().copyFrom(run.inForm(Tensors.reals(DataType.FLOAT32, run.x().shape(), 5)));
            run.w().copyFrom(run.inForm(Tensors.reals(DataType.FLOAT32, run.w().shape(), 6)));
            run.y().copyFrom(run.inForm(Tensors.reals(DataType.FLOAT32, run.y().shape(), 7)));
            run.enqueue(false);
            float[] ascending = run.result();
            try {
                for (String order : List.of("schedule descending", "schedule random 1", "schedule random 2", "workers 2")) {
                    EmulatedDevice.command(order);
                    run.enqueue(false);
                    assertArrayEquals(ascending, run.result(), order);
                }
            } finally {
                EmulatedDevice.command("schedule ascending");
                EmulatedDevice.command("workers 1");
            }
        });
    }

    private List<DynamicTest> forEveryRun(Check check) {
        List<DynamicTest> tests = new ArrayList<>();
        for (ConvRequest request : requests()) {
            for (ConvAlgorithm algorithm : backend.algorithms()) {
                if (algorithm.supports(request).yes()) {
                    tests.add(DynamicTest.dynamicTest(algorithm.name() + " " + request, () -> {
                        try (DeviceScope scope = backend.context().newScope()) {
                            check.on(Run.of(backend, scope, request, algorithm));
                        }
                    }));
                }
            }
        }
        return tests;
    }

    private static List<ConvRequest> requests() {
        List<ConvRequest> requests = new ArrayList<>();
        for (ConvProblem problem : PROBLEMS) {
            for (ConvOperation operation : ConvOperation.values()) {
                requests.add(ConvRequest.fp32(problem, operation));
            }
        }
        // Forms that are copied, with filters whose copies are kept: in 16 bits for what knows fp32 only, of fp32 where products are narrow.
        for (ConvOperation operation : List.of(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA)) {
            requests.add(new ConvRequest(PROBLEMS.get(0), operation, DataType.FLOAT16, Layout.NHWC).withConstantFilters());
            requests.add(ConvRequest.fp32(PROBLEMS.get(2), operation).withConstantFilters());
        }
        // Of 16 bits with the channels first, which some take as they are.
        for (ConvOperation operation : ConvOperation.values()) {
            requests.add(new ConvRequest(PROBLEMS.get(1), operation, DataType.BFLOAT16));
            requests.add(new ConvRequest(PROBLEMS.get(3), operation, DataType.FLOAT16));
        }
        return requests;
    }
}
