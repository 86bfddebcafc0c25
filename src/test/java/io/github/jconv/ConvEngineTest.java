package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.KeptForms;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The front door on good input: every pass against the definition, and what an engine promises about plans, threads, limits. */
class ConvEngineTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0:2_dh1dw2_g2");
    private static final TransposedConvolution LAYER = TransposedConvolution.conv2d().batch(2).input(6, 4, 5).filters(4, 3, 2)
            .stride(3, 2).padding(1, 0).dilation(1, 2).outputPadding(2, 1).groups(2).build();

    private static ConvEngine engine;

    @BeforeAll
    static void open() {
        engine = ConvEngine.builder().backend("cpu").threads(2).open();
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    /** Filters that are a call's result are others afterwards, whatever was made of the former ones. */
    @Test
    void theOutputOfACallHasChanged() {
        HostTensor dw = HostTensor.zeros(PROBLEM.wShape()).constant();
        KeptForms.Form form = dw.keptForms().named("test", 1);
        form.made();
        engine.backwardFilter(PROBLEM, Tensors.integers(PROBLEM.xShape(), 1), Tensors.integers(PROBLEM.yShape(), 2), dw,
                WriteMode.ACCUMULATE);
        assertFalse(form.isCurrent());
    }

    @Test
    void plansForConstantFiltersAreKeptApart() {
        ConvRequest request = ConvRequest.fp32(PROBLEM, ConvOperation.FORWARD);
        assertSame(engine.plan(PROBLEM, ConvOperation.FORWARD), engine.plan(request));
        assertEquals(request.withConstantFilters(), engine.plan(request.withConstantFilters()).request());
        ConvRequest gradient = ConvRequest.fp32(PROBLEM, ConvOperation.BACKWARD_FILTER);
        assertEquals(gradient, gradient.withConstantFilters(), "filters that are the result do change");
    }

    // --- convolution ------------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(DataType.class)
    void forwardAddsTheBiasToEveryPosition(DataType type) {
        HostTensor x = Tensors.integers(type, PROBLEM.xShape(), 1);
        HostTensor w = Tensors.integers(type, PROBLEM.wShape(), 2);
        HostTensor bias = Tensors.integers(type, PROBLEM.biasShape(), 3);
        HostTensor expected = HostTensor.zeros(type, PROBLEM.yShape());
        ReferenceConvolution.run(PROBLEM, ConvOperation.FORWARD, x, w, expected, false);
        HostTensor plain = engine.forward(PROBLEM, x, w);
        assertEquals(type, plain.dataType());
        Tensors.assertSameNumbers(expected, plain, "without bias");
        addPerChannel(expected, bias);
        Tensors.assertSameNumbers(expected, engine.forward(PROBLEM, x, w, bias), "with bias");
        HostTensor y = HostTensor.zeros(type, PROBLEM.yShape());
        y.fill(Double.NaN);
        engine.forward(PROBLEM, x, w, bias, y);
        Tensors.assertSameNumbers(expected, y, "into a given y");
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void gradientsOverwriteOrAccumulate(DataType type) {
        HostTensor x = Tensors.integers(type, PROBLEM.xShape(), 1);
        HostTensor w = Tensors.integers(type, PROBLEM.wShape(), 2);
        HostTensor dy = Tensors.integers(type, PROBLEM.yShape(), 3);

        HostTensor dx = HostTensor.zeros(type, PROBLEM.xShape());
        ReferenceConvolution.run(PROBLEM, ConvOperation.BACKWARD_DATA, dx, w, dy, false);
        Tensors.assertSameNumbers(dx, engine.backwardData(PROBLEM, dy, w), "dx");
        engine.backwardData(PROBLEM, dy, w, dx, WriteMode.ACCUMULATE);
        Tensors.assertSameNumbers(times(engine.backwardData(PROBLEM, dy, w), 2), dx, "dx twice");

        HostTensor dw = HostTensor.zeros(type, PROBLEM.wShape());
        ReferenceConvolution.run(PROBLEM, ConvOperation.BACKWARD_FILTER, x, dw, dy, false);
        Tensors.assertSameNumbers(dw, engine.backwardFilter(PROBLEM, x, dy), "dw");
        engine.backwardFilter(PROBLEM, x, dy, dw, WriteMode.ACCUMULATE);
        Tensors.assertSameNumbers(times(engine.backwardFilter(PROBLEM, x, dy), 2), dw, "dw twice");

        HostTensor dbias = HostTensor.zeros(type, PROBLEM.biasShape());
        ReferenceConvolution.backwardBias(dy, dbias, false);
        Tensors.assertSameNumbers(dbias, engine.backwardBias(PROBLEM, dy), "dbias");
        engine.backwardBias(PROBLEM, dy, dbias, WriteMode.ACCUMULATE);
        Tensors.assertSameNumbers(times(engine.backwardBias(PROBLEM, dy), 2), dbias, "dbias twice");
    }

    // --- transposed convolution -------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(DataType.class)
    void aTransposedConvolutionIsTheDefinitionOfItsEquivalent(DataType type) {
        ConvProblem equivalent = LAYER.equivalent();
        HostTensor input = Tensors.integers(type, LAYER.inputShape(), 1);
        HostTensor weight = Tensors.integers(type, LAYER.weightShape(), 2);
        HostTensor bias = Tensors.integers(type, LAYER.biasShape(), 3);
        HostTensor outputGradient = Tensors.integers(type, LAYER.outputShape(), 4);

        HostTensor output = HostTensor.zeros(type, LAYER.outputShape());
        ReferenceConvolution.run(equivalent, ConvOperation.BACKWARD_DATA, output, weight, input, false);
        Tensors.assertSameNumbers(output, engine.forward(LAYER, input, weight), "output");
        addPerChannel(output, bias);
        Tensors.assertSameNumbers(output, engine.forward(LAYER, input, weight, bias), "output with bias");

        HostTensor inputGradient = HostTensor.zeros(type, LAYER.inputShape());
        ReferenceConvolution.run(equivalent, ConvOperation.FORWARD, outputGradient, weight, inputGradient, false);
        Tensors.assertSameNumbers(inputGradient, engine.backwardData(LAYER, outputGradient, weight), "input gradient");
        engine.backwardData(LAYER, outputGradient, weight, inputGradient, WriteMode.ACCUMULATE);
        Tensors.assertSameNumbers(times(engine.backwardData(LAYER, outputGradient, weight), 2), inputGradient, "accumulated");

        HostTensor weightGradient = HostTensor.zeros(type, LAYER.weightShape());
        ReferenceConvolution.run(equivalent, ConvOperation.BACKWARD_FILTER, outputGradient, weightGradient, input, false);
        Tensors.assertSameNumbers(weightGradient, engine.backwardFilter(LAYER, input, outputGradient), "weight gradient");

        HostTensor biasGradient = HostTensor.zeros(type, LAYER.biasShape());
        ReferenceConvolution.backwardBias(outputGradient, biasGradient, false);
        Tensors.assertSameNumbers(biasGradient, engine.backwardBias(LAYER, outputGradient), "bias gradient");
    }

    /** Output padding adds positions that the filter may not reach: they are the bias and nothing else. */
    @Test
    void positionsThatTheFilterDoesNotReachAreTheBias() {
        TransposedConvolution layer = TransposedConvolution.conv1d().input(1, 2).filters(1, 1).stride(3).outputPadding(2).build();
        HostTensor input = HostTensor.of(layer.inputShape(), 5f, 7f);
        HostTensor weight = HostTensor.of(layer.weightShape(), 2f);
        HostTensor bias = HostTensor.of(layer.biasShape(), 0.5f);
        assertArrayEquals(new float[] {10.5f, 0.5f, 0.5f, 14.5f, 0.5f, 0.5f}, engine.forward(layer, input, weight, bias).floats());
    }

    // --- empty batch ------------------------------------------------------------------------------------------------------

    /** No images: empty outputs, and gradients that are zero, or unchanged when accumulating. Every algorithm keeps to it. */
    @Test
    void anEmptyBatchHasDefinedResults() {
        ConvProblem empty = PROBLEM.withBatch(0);
        HostTensor x = HostTensor.zeros(empty.xShape());
        HostTensor dy = HostTensor.zeros(empty.yShape());
        HostTensor w = Tensors.integers(empty.wShape(), 2);
        HostTensor bias = Tensors.integers(empty.biasShape(), 3);
        for (ConvOperation operation : ConvOperation.values()) {
            for (String algorithm : algorithmsFor(empty, operation)) {
                try (ConvEngine fixed = ConvEngine.builder().backend("cpu").threads(2).algorithm(operation, algorithm).open()) {
                    switch (operation) {
                        case FORWARD -> assertEquals(0, fixed.forward(empty, x, w, bias).length());
                        case BACKWARD_DATA -> assertEquals(0, fixed.backwardData(empty, dy, w).length());
                        case BACKWARD_FILTER -> {
                            HostTensor dw = Tensors.poison(empty.wShape());
                            fixed.backwardFilter(empty, x, dy, dw, WriteMode.OVERWRITE);
                            Tensors.assertSameNumbers(HostTensor.zeros(empty.wShape()), dw, algorithm);
                            fixed.backwardFilter(empty, x, dy, w, WriteMode.ACCUMULATE);
                            Tensors.assertSameNumbers(Tensors.integers(empty.wShape(), 2), w, algorithm);
                        }
                    }
                }
            }
        }
        Tensors.assertSameNumbers(HostTensor.zeros(empty.biasShape()), engine.backwardBias(empty, dy), "dbias");
        engine.backwardBias(empty, dy, bias, WriteMode.ACCUMULATE);
        Tensors.assertSameNumbers(Tensors.integers(empty.biasShape(), 3), bias, "dbias accumulated");
        assertEquals(0, engine.forward(TransposedConvolution.inverseOf(empty), dy, w).length());
    }

    // --- threads ----------------------------------------------------------------------------------------------------------

    /** Eight callers on one engine, each with its own problem: everybody gets the bits that he gets alone. */
    @Test
    void severalThreadsMayCallOneEngine() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(8);
        try {
            List<Future<HostTensor>> results = new ArrayList<>();
            List<HostTensor> alone = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                ConvProblem problem = PROBLEM.withBatch(1 + i % 8);
                HostTensor x = Tensors.reals(DataType.FLOAT32, problem.xShape(), i);
                HostTensor w = Tensors.reals(DataType.FLOAT32, problem.wShape(), i + 100);
                HostTensor bias = Tensors.reals(DataType.FLOAT32, problem.biasShape(), i + 200);
                Callable<HostTensor> call = () -> engine.forward(problem, x, w, bias);
                alone.add(call.call());
                results.add(callers.submit(call));
            }
            for (int i = 0; i < alone.size(); i++) {
                assertArrayEquals(alone.get(i).floats(), results.get(i).get().floats(), "call " + i);
            }
        } finally {
            callers.shutdownNow();
        }
    }

    // --- plans and limits -------------------------------------------------------------------------------------------------

    @Test
    void aPlanIsMadeOnceAndSaysWhy() {
        ConvPlan plan = engine.plan(PROBLEM, ConvOperation.FORWARD);
        assertSame(plan, engine.plan(ConvProblem.parse(PROBLEM.toString()), ConvOperation.FORWARD));
        assertTrue(plan.toString().contains(PROBLEM.toString()), plan::toString);
        assertTrue(plan.toString().contains(plan.algorithm().name()), plan::toString);
        assertTrue(!plan.reason().isBlank(), plan::toString);
        assertSame(engine.plan(LAYER), engine.plan(LAYER.equivalent(), ConvOperation.BACKWARD_DATA));
    }

    /** What asks for more than the limit is not taken, and asked for by name it is refused with both numbers. */
    @Test
    void theWorkspaceLimitIsHonoured() {
        try (ConvEngine strict = ConvEngine.builder().backend("cpu").threads(1).workspaceLimit(0).open()) {
            for (ConvOperation operation : ConvOperation.values()) {
                assertEquals(0, strict.plan(PROBLEM, operation).workspaceBytes());
            }
        }
        try (ConvEngine strict = ConvEngine.builder().backend("cpu").threads(1).workspaceLimit(100).algorithm("zero-insert").open()) {
            var refusal = assertThrows(UnsupportedRequestException.class, () -> strict.plan(PROBLEM, ConvOperation.BACKWARD_DATA));
            assertMentions(refusal, "zero-insert", "workspace", "100", PROBLEM.toString());
        }
    }

    @Test
    void aNamedAlgorithmRefusesWithItsReason() {
        try (ConvEngine fixed = ConvEngine.builder().backend("cpu").threads(1).algorithm("zero-insert").open()) {
            HostTensor x = HostTensor.zeros(PROBLEM.xShape());
            HostTensor w = HostTensor.zeros(PROBLEM.wShape());
            var refusal = assertThrows(UnsupportedRequestException.class, () -> fixed.forward(PROBLEM, x, w));
            assertMentions(refusal, "zero-insert", "it computes the data gradient only", PROBLEM.toString());
        }
        try (ConvEngine fixed = ConvEngine.builder().backend("cpu").threads(1).algorithm("no-such").open()) {
            var refusal = assertThrows(IllegalArgumentException.class, () -> fixed.plan(PROBLEM, ConvOperation.FORWARD));
            assertMentions(refusal, "no-such", "direct", "reference");
        }
    }

    @Test
    void oneOperationCanHaveAnAlgorithmOfItsOwn() {
        try (ConvEngine mixed = ConvEngine.builder().backend("cpu").threads(1)
                .algorithm(ConvOperation.BACKWARD_FILTER, "alternate-points")
                .algorithm(ConvOperation.BACKWARD_DATA, "zero-insert").open()) {
            assertEquals("alternate-points", mixed.plan(PROBLEM, ConvOperation.BACKWARD_FILTER).algorithm().name());
            assertEquals("zero-insert", mixed.plan(PROBLEM, ConvOperation.BACKWARD_DATA).algorithm().name());
            assertEquals(engine.plan(PROBLEM, ConvOperation.FORWARD).algorithm().name(),
                    mixed.plan(PROBLEM, ConvOperation.FORWARD).algorithm().name());
        }
    }

    /** A choice of one's own: the last in the list that can. */
    @Test
    void theChoiceIsPluggable() {
        AlgorithmChooser last = (request, backend, algorithms, limit) -> {
            ConvAlgorithm reference = algorithms.get(algorithms.size() - 1);
            return new ConvPlan(request, backend, reference, "the last in the list", List.of());
        };
        try (ConvEngine own = ConvEngine.builder().backend("cpu").threads(1).chooser(last).open()) {
            ConvPlan plan = own.plan(PROBLEM, ConvOperation.FORWARD);
            assertEquals("reference", plan.algorithm().name());
            assertEquals("the last in the list", plan.reason());
        }
    }

    /** Whatever is asked of it: also what needs no threads, and what an earlier call gave out. */
    @Test
    void aClosedEngineSaysSo() {
        ConvEngine closed = ConvEngine.builder().backend("cpu").threads(2).open();
        HostTensor x = HostTensor.zeros(PROBLEM.xShape());
        HostTensor w = HostTensor.zeros(PROBLEM.wShape());
        HostTensor y = closed.forward(PROBLEM, x, w);
        TensorOps ops = closed.networkOps();
        closed.close();
        closed.close();
        for (Executable call : List.<Executable>of(() -> closed.forward(PROBLEM, x, w), () -> closed.backwardData(PROBLEM, y, w),
                () -> closed.backwardBias(PROBLEM, y), () -> closed.convert(x, x.copy()), () -> closed.upload(x, x.copy()),
                () -> closed.download(x, x.copy()), () -> closed.newTensor(DataType.FLOAT32, x.shape()), closed::networkOps,
                () -> closed.record(() -> { }))) {
            assertEquals("the engine is closed", assertThrows(IllegalStateException.class, call).getMessage());
        }
        assertMentions(assertThrows(IllegalStateException.class, () -> ops.activation(Activation.RELU, 0, y, y)), "engine", "closed");
    }

    @Test
    void outputsAreNewTensorsOfTheRightShape() {
        HostTensor x = HostTensor.zeros(PROBLEM.xShape());
        HostTensor w = HostTensor.zeros(PROBLEM.wShape());
        HostTensor y = engine.forward(PROBLEM, x, w);
        assertEquals(PROBLEM.yShape(), y.shape());
        assertEquals(PROBLEM.xShape(), engine.backwardData(PROBLEM, y, w).shape());
        assertEquals(PROBLEM.wShape(), engine.backwardFilter(PROBLEM, x, y).shape());
        assertEquals(TensorShape.of(4), engine.backwardBias(PROBLEM, y).shape());
    }

    private static List<String> algorithmsFor(ConvProblem problem, ConvOperation operation) {
        return engine.backend().algorithms().stream()
                .filter(a -> a.supports(ConvRequest.fp32(problem, operation)).yes())
                .map(ConvAlgorithm::name).toList();
    }

    private static void addPerChannel(HostTensor tensor, HostTensor bias) {
        long channels = tensor.shape().size(1);
        long positions = tensor.length() / tensor.shape().size(0) / channels;
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, tensor.get(i) + bias.get(i / positions % channels));
        }
    }

    private static HostTensor times(HostTensor tensor, double factor) {
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, tensor.get(i) * factor);
        }
        return tensor;
    }

    private static void assertMentions(Throwable thrown, String... parts) {
        for (String part : parts) {
            assertTrue(thrown.getMessage().contains(part), () -> "'" + part + "' is missing in: " + thrown.getMessage());
        }
    }
}
