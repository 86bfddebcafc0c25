package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.ForeignTensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The front door on bad input: one clear error, before anything is computed or written. */
class ConvEngineErrorsTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c6h7w9k4r3s2_g2");
    private static final String LINE = PROBLEM.toString();
    private static final TransposedConvolution LAYER =
            TransposedConvolution.conv2d().batch(2).input(6, 4, 5).filters(4, 3, 2).stride(2).groups(2).build();

    private static ConvEngine engine;

    private final HostTensor x = HostTensor.zeros(PROBLEM.xShape());
    private final HostTensor w = HostTensor.zeros(PROBLEM.wShape());
    private final HostTensor y = HostTensor.zeros(PROBLEM.yShape());

    @BeforeAll
    static void open() {
        engine = ConvEngine.builder().backend("cpu").threads(1).open();
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    /** Row C6: wrong channel counts get a message that says which number to change. */
    @Test
    void wrongChannelsNameTheNumberToChange() {
        assertEquals("x has shape [2, 5, 7, 9]; the problem " + LINE + " needs [2, 6, 7, 9]: axis 1, the input channels, is 5 and "
                + "must be 6", message(() -> engine.forward(PROBLEM, zeros(2, 5, 7, 9), w)));
        assertEquals("w has shape [4, 6, 3, 2]; the problem " + LINE + " needs [4, 3, 3, 2]: axis 1, the input channels per group, "
                + "is 6 and must be 3 with 2 groups", message(() -> engine.forward(PROBLEM, x, zeros(4, 6, 3, 2))));
        assertEquals("weight has shape [4, 3, 3, 2]; the problem " + LAYER.equivalent() + " needs [6, 2, 3, 2]: axis 0, the layer's "
                + "input channels, is 4 and must be 6; axis 1, the layer's output channels per group, is 3 and must be 2 with 2 groups",
                message(() -> engine.forward(LAYER, HostTensor.zeros(LAYER.inputShape()), zeros(4, 3, 3, 2))));
        assertEquals("bias has shape [6]; the problem " + LINE + " needs [4], one number for each output channel",
                message(() -> engine.forward(PROBLEM, x, w, zeros(6))));
    }

    @Test
    void wrongShapesNameBothShapesAndTheProblem() {
        assertMessage(() -> engine.forward(PROBLEM, zeros(2, 6, 9, 7), w), "x", "[2, 6, 9, 7]", "[2, 6, 7, 9]", LINE,
                "axis 2, a spatial size, is 9 and must be 7");
        assertMessage(() -> engine.forward(PROBLEM, x, w, null, zeros(2, 4, 5, 7)), "y", "[2, 4, 5, 7]", "[2, 4, 5, 8]", LINE);
        assertMessage(() -> engine.forward(PROBLEM, zeros(2, 6, 63), w), "x", "[2, 6, 63]", "it has 3 axes and must have 4", LINE);
        assertMessage(() -> engine.backwardData(PROBLEM, x, w), "dy", "[2, 6, 7, 9]", "[2, 4, 5, 8]", LINE);
        assertMessage(() -> engine.backwardData(PROBLEM, y, w, y, WriteMode.OVERWRITE), "dx", "[2, 4, 5, 8]", "[2, 6, 7, 9]", LINE);
        assertMessage(() -> engine.backwardFilter(PROBLEM, y, y), "x", "[2, 4, 5, 8]", "[2, 6, 7, 9]", LINE);
        assertMessage(() -> engine.backwardFilter(PROBLEM, x, y, y, WriteMode.OVERWRITE), "dw", "[4, 3, 3, 2]", LINE);
        assertMessage(() -> engine.backwardBias(PROBLEM, x), "dy", "[2, 6, 7, 9]", "[2, 4, 5, 8]", LINE);
        assertMessage(() -> engine.backwardBias(PROBLEM, y, zeros(5), WriteMode.OVERWRITE), "dbias", "[5]", "[4]", LINE);
        String layer = LAYER.equivalent().toString();
        assertMessage(() -> engine.forward(LAYER, zeros(2, 6, 5, 4), zeros(6, 2, 3, 2)), "input has",
                "[2, 6, 5, 4]", "[2, 6, 4, 5]", layer);
        assertMessage(() -> engine.backwardData(LAYER, x, w), "output gradient", "[2, 6, 7, 9]", layer);
        assertMessage(() -> engine.backwardFilter(LAYER, x, HostTensor.zeros(LAYER.outputShape())), "input", layer);
        assertMessage(() -> engine.backwardBias(LAYER, x), "output gradient", layer);
    }

    @Test
    void missingTensorsAreNamed() {
        assertEquals("x is null; allowed: a tensor (problem " + LINE + ")", message(() -> engine.forward(PROBLEM, (HostTensor) null, w)));
        assertEquals("w is null; allowed: a tensor (problem " + LINE + ")", message(() -> engine.forward(PROBLEM, x, null)));
        assertEquals("y is null; allowed: a tensor (problem " + LINE + ")", message(() -> engine.forward(PROBLEM, x, w, null, null)));
        assertEquals("dy is null; allowed: a tensor (problem " + LINE + ")", message(() -> engine.backwardBias(PROBLEM, (HostTensor) null)));
        assertEquals("weight is null; allowed: a tensor (problem " + LAYER.equivalent() + ")",
                message(() -> engine.forward(LAYER, HostTensor.zeros(LAYER.inputShape()), null)));
        assertEquals("problem is null; allowed: a value",
                assertThrows(IllegalArgumentException.class, () -> engine.forward((ConvProblem) null, x, w, null, y)).getMessage());
        assertEquals("mode is null; allowed: a value",
                assertThrows(IllegalArgumentException.class, () -> engine.backwardData(PROBLEM, y, w, x, null)).getMessage());
    }

    @Test
    void typesAreNotMixed() {
        HostTensor w64 = w.to(DataType.FLOAT64);
        assertEquals("x is FLOAT32 and w is FLOAT64; allowed: one type for all tensors of a call, FLOAT32, FLOAT64, FLOAT16 or BFLOAT16 (problem " + LINE + ")",
                message(() -> engine.forward(PROBLEM, x, w64)));
        assertMessage(() -> engine.forward(PROBLEM, x, w, HostTensor.zeros(DataType.FLOAT64, PROBLEM.biasShape())),
                "bias is FLOAT64", LINE);
        assertMessage(() -> engine.backwardBias(PROBLEM, y, HostTensor.zeros(DataType.FLOAT64, PROBLEM.biasShape()),
                WriteMode.OVERWRITE), "dbias is FLOAT64", LINE);
    }

    /** An output may share memory with no input, not even by one element, and not by being the same tensor. */
    @Test
    void outputsDoNotOverlapInputs() {
        ConvProblem same = ConvProblem.parse("n1c2w5k2s1");
        var array = new float[40];
        HostTensor input = HostTensor.wrap(same.xShape(), array, 0);
        HostTensor filter = HostTensor.wrap(same.wShape(), array, 20);
        HostTensor shifted = HostTensor.wrap(same.yShape(), array, 9);
        assertEquals("the output y and x overlap in memory; allowed: an output with memory of its own (problem " + same + ")",
                message(() -> engine.forward(same, input, filter, null, shifted)));
        assertMessage(() -> engine.forward(same, input, filter, null, input), "y and x overlap");
        assertMessage(() -> engine.backwardData(same, input, filter, input, WriteMode.OVERWRITE), "dx and dy overlap");
        assertMessage(() -> engine.forward(same, input, filter, null, HostTensor.wrap(same.yShape(), array, 14)), "y and w overlap");
        HostTensor bias = HostTensor.wrap(same.biasShape(), array, 31);
        assertMessage(() -> engine.forward(same, input, filter, bias, HostTensor.wrap(same.yShape(), array, 26)), "y and bias overlap");
        assertMessage(() -> engine.backwardBias(same, input, HostTensor.wrap(same.biasShape(), array, 9), WriteMode.OVERWRITE),
                "dbias and dy overlap");
        engine.forward(same, input, filter, null, HostTensor.wrap(same.yShape(), array, 10));
    }

    /** Inputs may be the same tensor: a convolution of something with itself is legal. */
    @Test
    void inputsMayOverlapEachOther() {
        ConvProblem square = ConvProblem.parse("n3c3w4k3s4");
        HostTensor both = HostTensor.zeros(square.xShape());
        both.fill(1);
        assertEquals(12, engine.forward(square, both, both).get(0));
    }

    @Test
    void foreignTensorsAreNamed() {
        Tensor foreign = new ForeignTensor(PROBLEM.wShape());
        assertMessage(() -> engine.forward(PROBLEM, (Tensor) x, foreign), "w", "ForeignTensor", "HostTensor", LINE);
    }

    @Test
    void badSettingsAreNamed() {
        assertSetting(() -> ConvEngine.builder().threads(0), "threads", "0", "1..1024");
        assertSetting(() -> ConvEngine.builder().workspaceLimit(-1), "workspace limit", "-1", "0 and up");
        assertSetting(() -> ConvEngine.builder().backend("no-such").open(), "no-such", "cpu");
    }

    private static HostTensor zeros(long... sizes) {
        return HostTensor.zeros(TensorShape.of(sizes));
    }

    private static String message(Executable call) {
        return assertThrows(InvalidProblemException.class, call).getMessage();
    }

    private static void assertMessage(Executable call, String... parts) {
        assertContains(message(call), parts);
    }

    private static void assertSetting(Executable call, String... parts) {
        assertContains(assertThrows(IllegalArgumentException.class, call).getMessage(), parts);
    }

    private static void assertContains(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "'" + part + "' is missing in: " + message);
        }
    }
}
