package io.github.jconv.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.device.CapturedGraph;
import io.github.jconv.device.DeviceBackend;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceScope;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The front door on a device: the same answers as on the CPU, for tensors on the heap, on the device, and both in one call. */
@TestInstance(Lifecycle.PER_CLASS)
public abstract class DeviceEngineContract {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2");
    private static final TransposedConvolution LAYER = TransposedConvolution.inverseOf(PROBLEM);

    private ConvEngine cpu;
    private ConvEngine engine;
    private DeviceContext context;

    /** The name of the backend under test. */
    protected abstract String backend();

    /** The types in which the backend computes everything. */
    protected abstract List<DataType> types();

    @BeforeAll
    void open() {
        cpu = ConvEngine.builder().backend("cpu").threads(1).open();
        engine = builder().open();
        context = assertInstanceOf(DeviceBackend.class, engine.backend()).context();
    }

    /** An engine of the backend on the device of the tests. */
    protected final ConvEngine.Builder builder() {
        return ConvEngine.builder().device(EmulatedDevice.request()).backend(backend());
    }

    @AfterAll
    void close() {
        if (engine != null) {
            engine.close();
            cpu.close();
        }
    }

    /** Everything that the front door computes, on integers; a tensor is brought to its place by the function. */
    private static List<Tensor> everything(ConvEngine engine, DataType type, Function<HostTensor, Tensor> place) {
        Tensor x = place.apply(Tensors.integers(type, PROBLEM.xShape(), 1));
        Tensor w = place.apply(Tensors.integers(type, PROBLEM.wShape(), 2));
        Tensor y = place.apply(Tensors.integers(type, PROBLEM.yShape(), 3));
        Tensor perFilter = place.apply(Tensors.integers(type, TensorShape.of(PROBLEM.outputChannels()), 4));
        Tensor perChannel = place.apply(Tensors.integers(type, TensorShape.of(PROBLEM.inputChannels()), 5));
        Tensor dx = place.apply(Tensors.integers(type, PROBLEM.xShape(), 6));
        Tensor dw = place.apply(Tensors.integers(type, PROBLEM.wShape(), 7));
        engine.backwardData(PROBLEM, y, w, dx, WriteMode.ACCUMULATE);
        engine.backwardFilter(PROBLEM, x, y, dw, WriteMode.ACCUMULATE);
        engine.backwardBias(PROBLEM, y, perFilter, WriteMode.ACCUMULATE);
        return new ArrayList<>(List.of(dx, dw, perFilter,
                engine.forward(PROBLEM, x, w), engine.forward(PROBLEM, x, w, perFilter),
                engine.backwardData(PROBLEM, y, w), engine.backwardFilter(PROBLEM, x, y), engine.backwardBias(PROBLEM, y),
                engine.forward(LAYER, y, w, perChannel), engine.backwardData(LAYER, x, w),
                engine.backwardFilter(LAYER, y, x), engine.backwardBias(LAYER, x)));
    }

    private static void assertAgree(List<Tensor> expected, List<Tensor> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            Tensor tensor = actual.get(i);
            HostTensor values = tensor instanceof DeviceTensor device ? device.toHost() : (HostTensor) tensor;
            Tensors.assertSameNumbers((HostTensor) expected.get(i), values, "result " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void tensorsOnTheHeapStayThere(DataType type) {
        List<Tensor> results = everything(engine, type, tensor -> tensor);
        results.forEach(tensor -> assertInstanceOf(HostTensor.class, tensor));
        assertAgree(everything(cpu, type, tensor -> tensor), results);
    }

    @ParameterizedTest
    @MethodSource("types")
    void tensorsOnTheDeviceStayThere(DataType type) {
        try (DeviceScope scope = context.newScope()) {
            List<Tensor> results = everything(engine, type, scope::upload);
            results.forEach(tensor -> assertInstanceOf(DeviceTensor.class, tensor));
            assertAgree(everything(cpu, type, tensor -> tensor), results);
        }
    }

    @Test
    void bothKindsMeetInOneCall() {
        try (DeviceScope scope = context.newScope()) {
            HostTensor x = Tensors.integers(PROBLEM.xShape(), 1);
            HostTensor w = Tensors.integers(PROBLEM.wShape(), 2);
            HostTensor bias = Tensors.integers(PROBLEM.biasShape(), 3);
            HostTensor expected = cpu.forward(PROBLEM, x, w, bias);
            DeviceTensor onDevice = scope.newTensor(DataType.FLOAT32, PROBLEM.yShape());
            engine.<Tensor>forward(PROBLEM, scope.upload(x), w, bias, onDevice);
            Tensors.assertSameNumbers(expected, onDevice.toHost(), "into the device");
            HostTensor onHeap = Tensors.poison(PROBLEM.yShape());
            engine.<Tensor>forward(PROBLEM, x, scope.upload(w), scope.upload(bias), onHeap);
            Tensors.assertSameNumbers(expected, onHeap, "into the heap");
        }
    }

    /** In one, two and three dimensions, with and without a copy for paddings that differ. */
    @ParameterizedTest
    @ValueSource(strings = {"n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2", "n2c3w9k4s3_pw1", "n2c3h6w8k5r3s3_ph1pw1",
        "n2c3d5h6w7k5t2r3s2_sd2sh1sw3_pd1ph1pw0", "n2c4h15w9k8r3s3_ph1pw1_g4", "n2c4h10w9k4r5s5_sh2sw2_ph2pw2_g4"})
    void biasAndReluFollowTheConvolution(String line) {
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16)) {
            biasAndReluFollow(ConvProblem.parse(line), type);
        }
    }

    /** Sums of integers are exact in fp32, and rounded once. */
    private void biasAndReluFollow(ConvProblem problem, DataType type) {
        HostTensor x = Tensors.integers(type, problem.xShape(), 1);
        HostTensor w = Tensors.integers(type, problem.wShape(), 2);
        HostTensor bias = Tensors.integers(type, problem.biasShape(), 3);
        HostTensor expected = cpu.forwardRelu(problem, x, w, bias);
        HostTensor plain = cpu.forward(problem, x, w, bias);
        for (int i = 0; i < expected.length(); i++) {
            assertEquals(Math.max(0, plain.get(i)), expected.get(i));
        }
        Tensors.assertSameNumbers(expected, engine.forwardRelu(problem, x, w, bias), type + " on the heap");
        Tensors.assertSameNumbers(plain, engine.forward(problem, x, w, bias), type + " without a ReLU");
        try (DeviceScope scope = context.newScope()) {
            DeviceTensor y = scope.newTensor(type, problem.yShape());
            engine.forwardRelu(problem, scope.upload(x), scope.upload(w), scope.upload(bias), y);
            Tensors.assertSameNumbers(expected, y.toHost(), type + " on the device");
        }
    }

    /** The copy in the form that algorithms know is made once, anew for other values, also by a graph, and ends with the filter. */
    @Test
    void constantFiltersAreConvertedOnce() {
        HostTensor x = Tensors.integers(DataType.FLOAT16, PROBLEM.xShape(), 1).to(Layout.NHWC);
        HostTensor first = Tensors.integers(DataType.FLOAT16, PROBLEM.wShape(), 2).to(Layout.NHWC);
        HostTensor second = Tensors.integers(DataType.FLOAT16, PROBLEM.wShape(), 3).to(Layout.NHWC);
        long live = tensors();
        try (DeviceScope scope = context.newScope()) {
            DeviceTensor given = scope.upload(x);
            DeviceTensor w = scope.upload(first).constant();
            DeviceTensor y = scope.newTensor(DataType.FLOAT16, Layout.NHWC, PROBLEM.yShape());
            Runnable forward = () -> engine.forward(PROBLEM, given, w, null, y);
            forward.run();
            Tensors.assertSameNumbers(cpu.forward(PROBLEM, x, first), y.toHost(), "at first");
            assertEquals(1, widened(forward), "x alone");
            w.changed();
            assertEquals(2, widened(forward), "x and w");
            w.copyFrom(second);
            forward.run();
            Tensors.assertSameNumbers(cpu.forward(PROBLEM, x, second), y.toHost(), "of other values");
            try (CapturedGraph graph = context.capture(forward)) {
                w.copyFrom(first);
                graph.run();
                Tensors.assertSameNumbers(cpu.forward(PROBLEM, x, first), y.toHost(), "by a graph");
            }
            w.fillZero();
            forward.run();
            Tensors.assertSameNumbers(HostTensor.zeros(DataType.FLOAT16, Layout.NHWC, PROBLEM.yShape()), y.toHost(), "of zeros");
            DeviceTensor view = w.view(w.shape()).constant();
            engine.backwardData(PROBLEM, y, view, given, WriteMode.OVERWRITE);
            view.close();
            assertEquals(live + 4, tensors(), "x, w, y and the copy of w; that of the view ended with it");
        }
        assertEquals(live, tensors());
    }

    private long tensors() {
        return context.liveAllocations().stream().filter(allocation -> !allocation.what().equals("workspace")).count();
    }

    /** A device may do its work late. */
    private long widened(Runnable work) {
        context.synchronize();
        EmulatedDevice.command("forget calls");
        work.run();
        context.synchronize();
        return EmulatedDevice.calls("kernel jconv_widen_fp16");
    }

    @Test
    void constantFiltersOnTheHeapFollowTheirValues() {
        HostTensor x = Tensors.integers(DataType.FLOAT16, PROBLEM.xShape(), 1).to(Layout.NHWC);
        HostTensor w = Tensors.integers(DataType.FLOAT16, PROBLEM.wShape(), 2).to(Layout.NHWC).constant();
        Tensors.assertSameNumbers(cpu.forward(PROBLEM, x, w), engine.forward(PROBLEM, x, w), "at first");
        w.copyFrom(Tensors.integers(DataType.FLOAT16, PROBLEM.wShape(), 3).to(Layout.NHWC));
        Tensors.assertSameNumbers(cpu.forward(PROBLEM, x, w), engine.forward(PROBLEM, x, w), "of other values");
    }

    /** Neither a run's workspace nor its copies have what is kept. */
    @Test
    void aPlanTellsWhatIsKept() {
        ConvRequest changing = new ConvRequest(PROBLEM, ConvOperation.FORWARD, DataType.FLOAT16, Layout.NHWC);
        ConvPlan constant = engine.plan(changing.withConstantFilters());
        assertEquals(PROBLEM.wBytes(DataType.FLOAT32), constant.keptBytes());
        assertEquals("copies of x and y in float32 with the channels first", constant.conversions().get(0));
        assertTrue(constant.workspaceBytes() < engine.plan(changing).workspaceBytes(), constant::toString);
        assertEquals(0, engine.plan(changing).keptBytes());
        assertTrue(engine.plan(changing).conversions().get(0).startsWith("copies of x, w and y"), engine.plan(changing)::toString);
    }

    @Test
    void aTrainingStepIsOneGraph() {
        try (DeviceScope scope = context.newScope()) {
            DeviceTensor x = scope.upload(Tensors.integers(PROBLEM.xShape(), 1));
            DeviceTensor w = scope.upload(Tensors.integers(PROBLEM.wShape(), 2));
            DeviceTensor bias = scope.upload(Tensors.integers(PROBLEM.biasShape(), 3));
            DeviceTensor y = scope.newTensor(DataType.FLOAT32, PROBLEM.yShape());
            DeviceTensor dx = scope.newTensor(DataType.FLOAT32, PROBLEM.xShape());
            DeviceTensor dw = scope.newTensor(DataType.FLOAT32, PROBLEM.wShape());
            DeviceTensor dbias = scope.newTensor(DataType.FLOAT32, PROBLEM.biasShape());
            Runnable step = () -> {
                engine.forward(PROBLEM, x, w, bias, y);
                engine.backwardData(PROBLEM, y, w, dx, WriteMode.OVERWRITE);
                engine.backwardFilter(PROBLEM, x, y, dw, WriteMode.OVERWRITE);
                engine.backwardBias(PROBLEM, y, dbias, WriteMode.OVERWRITE);
            };
            step.run();
            try (CapturedGraph graph = context.capture(step)) {
                x.copyFrom(Tensors.integers(PROBLEM.xShape(), 4));
                graph.run();
                List<float[]> replayed = List.of(y.toHost().floats(), dx.toHost().floats(), dw.toHost().floats(), dbias.toHost().floats());
                step.run();
                assertArrayEquals(y.toHost().floats(), replayed.get(0));
                assertArrayEquals(dx.toHost().floats(), replayed.get(1));
                assertArrayEquals(dw.toHost().floats(), replayed.get(2));
                assertArrayEquals(dbias.toHost().floats(), replayed.get(3));
            }
        }
    }

    @Test
    void aBatchOfNothingGivesNothingAndAZeroGradient() {
        ConvProblem none = PROBLEM.withBatch(0);
        HostTensor x = HostTensor.zeros(none.xShape());
        HostTensor y = engine.forward(none, x, Tensors.integers(none.wShape(), 1));
        assertEquals(none.yShape(), y.shape());
        HostTensor dw = Tensors.poison(none.wShape());
        engine.backwardFilter(none, x, y, dw, WriteMode.OVERWRITE);
        Tensors.assertSameNumbers(HostTensor.zeros(none.wShape()), dw, "dw");
        HostTensor before = Tensors.integers(none.wShape(), 2);
        HostTensor kept = before.copy();
        engine.backwardFilter(none, x, y, kept, WriteMode.ACCUMULATE);
        Tensors.assertSameNumbers(before, kept, "dw accumulated");
    }

    /** On the device's own clock. */
    @Test
    void anEngineCanChooseByMeasuring(@TempDir Path folder) {
        Path file = folder.resolve("choices.txt");
        try (ConvEngine tuned = builder().autotune(file).open()) {
            HostTensor x = Tensors.integers(PROBLEM.xShape(), 1);
            HostTensor w = Tensors.integers(PROBLEM.wShape(), 2);
            Tensors.assertSameNumbers(cpu.forward(PROBLEM, x, w), tuned.forward(PROBLEM, x, w), "y");
            String reason = tuned.plan(PROBLEM, ConvOperation.FORWARD).reason();
            assertTrue(reason.matches("(the fastest|the usual one, as fast as any) of \\d when measured, .* us"), reason);
        }
        try (ConvEngine later = builder().autotune(file).open()) {
            String reason = later.plan(PROBLEM, ConvOperation.FORWARD).reason();
            assertTrue(reason.startsWith("the choice when it was measured"), reason);
        }
    }

    @Test
    void aTensorOfAnotherContextIsRefused() {
        try (DeviceContext other = EmulatedDevice.open(); DeviceTensor x = other.newTensor(DataType.FLOAT32, PROBLEM.xShape())) {
            HostTensor w = HostTensor.zeros(PROBLEM.wShape());
            var error = assertThrows(InvalidProblemException.class,
                    () -> engine.<Tensor>forward(PROBLEM, x, w, null, HostTensor.zeros(PROBLEM.yShape())));
            assertTrue(error.getMessage().contains("x") && error.getMessage().contains("another context"), error::getMessage);
        }
    }
}
