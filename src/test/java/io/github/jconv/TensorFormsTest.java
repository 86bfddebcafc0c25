package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Tensors;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Types and layouts of tensors at the front door. */
class TensorFormsTest {

    private static final ConvProblem SMALL = ConvProblem.parse("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2");

    /** So large that 2 of its 5 images are converted at a time, and one is left. */
    private static final ConvProblem IN_BLOCKS = ConvProblem.parse("n5c4h400w401k6r3s3_ph1pw1");

    private static HostTensor values(DataType type, Layout layout, TensorShape shape, int seed) {
        return Tensors.integers(DataType.FLOAT32, shape, seed).to(type, layout);
    }

    @ParameterizedTest
    @EnumSource
    void everyOperationKeepsTheForm(DataType type) {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open()) {
            for (Layout layout : Layout.values()) {
                HostTensor x = values(type, layout, SMALL.xShape(), 1);
                HostTensor w = values(type, layout, SMALL.wShape(), 2);
                HostTensor bias = values(type, layout, SMALL.biasShape(), 3);
                HostTensor y = engine.forward(SMALL, x, w, bias);
                HostTensor dx = engine.backwardData(SMALL, y, w);
                HostTensor dw = engine.backwardFilter(SMALL, x, y);
                for (HostTensor result : List.of(y, dx, dw)) {
                    assertEquals(type, result.dataType());
                    assertEquals(layout, result.layout());
                }
                HostTensor expected = HostTensor.zeros(type, layout, SMALL.yShape());
                for (int i = 0; i < expected.length(); i++) {
                    expected.set(i, bias.get(i / expected.shape().positions() % 4));
                }
                ReferenceConvolution.run(SMALL, ConvOperation.FORWARD, x, w, expected, true);
                Tensors.assertSameNumbers(expected, y, type + " " + layout);
                HostTensor relu = engine.forwardRelu(SMALL, x, w, bias);
                for (int i = 0; i < relu.length(); i++) {
                    assertEquals(Math.max(0, expected.get(i)), relu.get(i));
                }
                HostTensor sums = engine.backwardBias(SMALL, y);
                assertEquals(type, sums.dataType());
                assertEquals(Layout.NCHW, sums.layout());
            }
        }
    }

    /** Blocks of images and what is left of the batch, gradients added up over all of them, and rounded once at the end. */
    @Test
    void blocksOfImagesGiveWhatTheWholeBatchGives() {
        HostTensor x = Tensors.integers(IN_BLOCKS.xShape(), 1);
        HostTensor w = Tensors.integers(IN_BLOCKS.wShape(), 2);
        HostTensor dy = HostTensor.zeros(IN_BLOCKS.yShape());
        HostTensor sparse = Tensors.integers(IN_BLOCKS.yShape(), 3);
        for (int i = 0; i < dy.length(); i += 97) {
            dy.set(i, sparse.get(i));
        }
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open()) {
            HostTensor y = engine.forward(IN_BLOCKS, x, w);
            HostTensor dx = engine.backwardData(IN_BLOCKS, dy, w);
            HostTensor dw = engine.backwardFilter(IN_BLOCKS, x, dy);
            for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT16)) {
                HostTensor otherX = x.to(type, Layout.NHWC);
                HostTensor otherW = w.to(type, Layout.NHWC);
                HostTensor otherDy = dy.to(type, Layout.NHWC);
                ConvPlan plan = engine.plan(new ConvRequest(IN_BLOCKS, ConvOperation.FORWARD, type, Layout.NHWC));
                assertTrue(plan.toString().contains("through copies of x, w and y in float32 with the channels first, 2 images at a time"),
                        plan::toString);
                Tensors.assertSameNumbers(y.to(type), engine.forward(IN_BLOCKS, otherX, otherW), type + " y");
                Tensors.assertSameNumbers(dx.to(type), engine.backwardData(IN_BLOCKS, otherDy, otherW), type + " dx");
                Tensors.assertSameNumbers(dw.to(type), engine.backwardFilter(IN_BLOCKS, otherX, otherDy), type + " dw");
                HostTensor twice = dw.to(type, Layout.NHWC);
                HostTensor expected = twice.copy();
                for (int i = 0; i < expected.length(); i++) {
                    expected.set(i, expected.get(i) + dw.get(i));
                }
                engine.backwardFilter(IN_BLOCKS, otherX, otherDy, twice, WriteMode.ACCUMULATE);
                Tensors.assertSameNumbers(expected, twice, type + " dw added");
            }
        }
    }

    @Test
    void thePlanNamesTheCopies() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            assertEquals(List.of(), engine.plan(SMALL, ConvOperation.FORWARD).conversions());
            ConvPlan plan = engine.plan(new ConvRequest(SMALL, ConvOperation.FORWARD, DataType.BFLOAT16, Layout.NHWC));
            assertEquals(List.of("copies of x, w and y in float32 with the channels first"), plan.conversions());
            assertTrue(plan.toString().startsWith("forward " + SMALL + " BFLOAT16 NHWC: cpu:"), plan::toString);
        }
    }

    @Test
    void mixedFormsAreRefusedByName() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            HostTensor x = HostTensor.zeros(DataType.FLOAT16, Layout.NHWC, SMALL.xShape());
            HostTensor w = HostTensor.zeros(DataType.FLOAT16, Layout.NCHW, SMALL.wShape());
            assertEquals("x is NHWC and w is NCHW; allowed: one layout for all tensors of a call, NCHW or NHWC (channels last), the filter's"
                    + " too; convert() changes it (problem " + SMALL + ")",
                    assertThrows(InvalidProblemException.class, () -> engine.forward(SMALL, x, w)).getMessage());
            assertEquals("x is FLOAT16 and w is BFLOAT16; allowed: one type for all tensors of a call, FLOAT32, FLOAT64, FLOAT16 or BFLOAT16"
                    + " (problem " + SMALL + ")", assertThrows(InvalidProblemException.class,
                            () -> engine.forward(SMALL, x, w.to(DataType.BFLOAT16, Layout.NHWC))).getMessage());
        }
    }

    @Test
    void convertChangesTypeAndLayout() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            HostTensor w = Tensors.reals(DataType.FLOAT32, SMALL.wShape(), 1);
            HostTensor half = HostTensor.zeros(DataType.FLOAT16, Layout.NHWC, SMALL.wShape());
            engine.convert(w, half);
            for (int i = 0; i < w.length(); i++) {
                assertEquals(DataType.FLOAT16.round(w.get(i)), half.get(i));
            }
            String message = assertThrows(IllegalArgumentException.class, () -> engine.convert(w, w)).getMessage();
            assertTrue(message.contains("allowed: two tensors of the same shape that do not overlap"), message);
        }
    }
}
