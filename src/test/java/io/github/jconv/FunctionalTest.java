package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.PaddingRule;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Problems;
import io.github.jconv.testing.Tensors;
import java.util.List;
import java.util.function.ToLongFunction;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The functions in PyTorch's words: shapes are inferred, numbers are those of the engine, misfits are explained. */
class FunctionalTest {

    private static final ConvEngine ENGINE = ConvEngine.builder().backend("cpu").threads(1).open();
    private static final Functional F = ENGINE.functional();
    private static final ConvOptions OPTIONS = ConvOptions.defaults();

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    /** The problem and its inverse layer are found again from the shapes of their tensors and the remaining parameters. */
    @Property(tries = 200)
    void theProblemIsInferredFromTheShapes(@ForAll("problems") ConvProblem problem) {
        ConvOptions options = OPTIONS.stride(each(problem, a -> a.stride())).padBegin(each(problem, a -> a.padBegin()))
                .padEnd(each(problem, a -> a.padEnd())).dilation(each(problem, a -> a.dilation())).groups(problem.groups());
        int dimensions = problem.dimensions();
        assertEquals(problem, Functional.problem(dimensions, problem.xShape(), problem.wShape(), options));
        TransposedConvolution layer = TransposedConvolution.inverseOf(problem);
        assertEquals(layer, Functional.layer(dimensions, problem.yShape(), problem.wShape(),
                options.outputSize(each(problem, a -> a.input()))));
        assertEquals(layer, Functional.layer(dimensions, problem.yShape(), problem.wShape(),
                options.outputPadding(each(problem, a -> a.unreached()))));
    }

    @Test
    void eachFunctionComputesItsConvolution() {
        for (int dimensions = 1; dimensions <= 3; dimensions++) {
            ConvProblem problem = ConvProblem.parse(List.of("n2c4w9k6s3_sw2_pw1_g2", "n2c4h7w9k6r2s3_sh1sw2_ph1pw0_g2",
                    "n2c4d5h7w9k6t2r3s1_sd1sh2sw3_pd0ph1pw0_g2").get(dimensions - 1));
            ConvOptions options = OPTIONS.stride(each(problem, a -> a.stride())).padding(each(problem, a -> a.padBegin())).groups(2);
            ConvOptions inverse = options.outputSize(each(problem, a -> a.input()));
            HostTensor x = Tensors.integers(problem.xShape(), 1);
            HostTensor w = Tensors.integers(problem.wShape(), 2);
            HostTensor bias = Tensors.integers(problem.biasShape(), 3);
            HostTensor inverseBias = Tensors.integers(TensorShape.of(problem.inputChannels()), 4);
            HostTensor y;
            HostTensor z;
            switch (dimensions) {
                case 1 -> {
                    y = F.conv1d(x, w, bias, options);
                    z = F.convTranspose1d(y, w, inverseBias, inverse);
                }
                case 2 -> {
                    y = F.conv2d(x, w, bias, options);
                    z = F.convTranspose2d(y, w, inverseBias, inverse);
                }
                default -> {
                    y = F.conv3d(x, w, bias, options);
                    z = F.convTranspose3d(y, w, inverseBias, inverse);
                }
            }
            Tensors.assertSameNumbers(ENGINE.forward(problem, x, w, bias), y, dimensions + "-d");
            Tensors.assertSameNumbers(ENGINE.forward(TransposedConvolution.inverseOf(problem), y, w, inverseBias), z,
                    dimensions + "-d transposed");
        }
    }

    @Test
    void paddingRulesMakeTheOutputAsLargeAsTheyPromise() {
        HostTensor x = zeros(1, 2, 7, 10);
        HostTensor w = zeros(3, 2, 3, 4);
        assertEquals(TensorShape.of(1, 3, 4, 4), F.conv2d(x, w, null, OPTIONS.stride(2, 3).padding(PaddingRule.SAME_UPPER)).shape());
        assertEquals(TensorShape.of(1, 3, 3, 3), F.conv2d(x, w, null, OPTIONS.stride(2, 3).padding(PaddingRule.VALID)).shape());
        HostTensor v = zeros(2, 3, 3, 4);
        assertEquals(TensorShape.of(1, 3, 14, 30),
                F.convTranspose2d(x, v, null, OPTIONS.stride(2, 3).padding(PaddingRule.SAME_LOWER)).shape());
        assertEquals(TensorShape.of(1, 3, 13, 29),
                F.convTranspose2d(x, v, null, OPTIONS.stride(2, 3).padding(PaddingRule.SAME_UPPER).outputSize(13, 29)).shape());
        assertEquals(TensorShape.of(1, 3, 15, 31),
                F.convTranspose2d(x, v, null, OPTIONS.stride(2, 3).padding(PaddingRule.VALID)).shape());
    }

    /** The two SAME rules differ in the end that gives up the odd position. */
    @Test
    void sameUpperAndSameLowerCropDifferentEnds() {
        HostTensor x = HostTensor.of(TensorShape.of(1, 1, 2), 1f, 10f);
        HostTensor w = HostTensor.of(TensorShape.of(1, 1, 3), 1f, 2f, 3f);
        // The whole output is 1 2 3+10 20 30; one of the five positions is cropped.
        assertArrayEquals(new float[] {1, 2, 13, 20},
                F.convTranspose1d(x, w, null, OPTIONS.stride(2).padding(PaddingRule.SAME_UPPER)).floats());
        assertArrayEquals(new float[] {2, 13, 20, 30},
                F.convTranspose1d(x, w, null, OPTIONS.stride(2).padding(PaddingRule.SAME_LOWER)).floats());
    }

    /** Row C6: what does not fit names the number to change. */
    @Test
    void misfitsNameTheNumberToChange() {
        assertMessage("x [1, 5, 8, 9] has 5 channels (axis 1), but w [4, 3, 2, 3] takes 3 per group (axis 1) * 2 groups = 6; change "
                + "axis 1 of x, axis 1 of w or the groups", () -> F.conv2d(zeros(1, 5, 8, 9), zeros(4, 3, 2, 3), null, OPTIONS.groups(2)));
        assertMessage("x [1, 4, 8, 9] has 4 channels (axis 1), but w [6, 4, 2, 3] takes 6 (axis 0: a transposed convolution's filter "
                + "is [C_in, C_out/groups, ...]); change axis 1 of x or axis 0 of w",
                () -> F.convTranspose2d(zeros(1, 4, 8, 9), zeros(6, 4, 2, 3), null, OPTIONS));
        assertMessage("groups is 3; allowed: a divisor of 4, the output channels (filters) (axis 0 of w [4, 2, 3])",
                () -> F.conv1d(zeros(1, 6, 9), zeros(4, 2, 3), null, OPTIONS.groups(3)));
        assertMessage("x [6, 9] has 2 axes; allowed: 3, two for batch and channels and 1 spatial",
                () -> F.conv1d(zeros(6, 9), zeros(4, 6, 3), null, OPTIONS));
        assertMessage("x is null; allowed: a tensor with 5 axes", () -> F.conv3d(null, zeros(1, 1, 1, 1, 1), null, OPTIONS));
        assertMessage("output padding and output size belong to a transposed convolution, not to a convolution; allowed here: neither",
                () -> F.conv1d(zeros(1, 6, 9), zeros(4, 6, 3), null, OPTIONS.outputSize(9)));
        assertMessage("stride has 2 values [2, 3]; allowed: 1 or 3, one per spatial axis",
                () -> F.conv3d(zeros(1, 1, 4, 5, 6), zeros(1, 1, 1, 2, 3), null, OPTIONS.stride(2, 3)));
        assertMessage("output size has 2 values [4, 5]; allowed: 1 or 1, one per spatial axis",
                () -> F.convTranspose1d(zeros(1, 1, 4), zeros(1, 1, 3), null, OPTIONS.padding(PaddingRule.SAME_UPPER).outputSize(4, 5)));
        assertMessage("padding has 0 values; allowed: 1..3", OPTIONS::padding);
    }

    @Test
    void optionsAreValues() {
        assertEquals(OPTIONS.stride(2, 3).padding(1), ConvOptions.defaults().padding(1).stride(2, 3));
        assertEquals(OPTIONS, ConvOptions.defaults());
        assertEquals(List.of(), OPTIONS.outputPadding(1).outputSize(9).outputPadding(), "the later of two that exclude each other");
        assertEquals(null, OPTIONS.padding(PaddingRule.SAME_UPPER).padding(1).paddingRule());
    }

    private static long[] each(ConvProblem problem, ToLongFunction<SpatialAxis> value) {
        return problem.axes().stream().mapToLong(value).toArray();
    }

    private static HostTensor zeros(long... sizes) {
        return HostTensor.zeros(TensorShape.of(sizes));
    }

    private static void assertMessage(String expected, Executable call) {
        assertEquals(expected, assertThrows(InvalidProblemException.class, call).getMessage());
    }
}
