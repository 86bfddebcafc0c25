package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Problems;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transposed convolution as a pure function from a layer to its equivalent convolution. */
class TransposedConvolutionTest {

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    /** Whatever the size of x, the inverse layer brings it back, with the convolution as its equivalent and the same weight. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void inverseRestoresAnyInputSize(@ForAll("problems") ConvProblem problem) {
        TransposedConvolution inverse = TransposedConvolution.inverseOf(problem);
        assertEquals(problem, inverse.equivalent());
        assertEquals(problem.yShape(), inverse.inputShape());
        assertEquals(problem.xShape(), inverse.outputShape());
        assertEquals(problem.wShape(), inverse.weightShape());
    }

    /** The layer's formula per axis, and the equivalent convolution's own formula leading back. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void outputFollowsTheFormulaAndTheEquivalentLeadsBack(
            @ForAll @IntRange(min = 1, max = 20) int input, @ForAll @IntRange(min = 1, max = 9) int filter,
            @ForAll @IntRange(min = 1, max = 5) int stride, @ForAll @IntRange(min = 0, max = 9) int padBegin,
            @ForAll @IntRange(min = -5, max = 9) int padEnd, @ForAll @IntRange(min = 1, max = 6) int dilation,
            @ForAll @IntRange(min = 0, max = 5) int outputPadding) {
        Assume.that(outputPadding < Math.max(stride, dilation));
        long expected = (input - 1) * stride - padBegin - padEnd + dilation * (filter - 1) + outputPadding + 1;
        Assume.that(expected >= 1);
        var axis = new TransposedAxis(input, filter, stride, padBegin, padEnd, dilation, outputPadding);
        assertEquals(expected, axis.output());
        assertEquals(expected, axis.equivalent().input());
        assertEquals(input, axis.equivalent().output());
        assertEquals(stride, axis.equivalent().stride(), "the user's stride is that of the equivalent convolution");
    }

    /** Every size that the message offers is accepted by its own name, and the ones beside are not. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void theWholeRangeOfOutputSizesCanBeAsked(@ForAll @IntRange(min = 1, max = 12) int input,
                                              @ForAll @IntRange(min = 1, max = 7) int filter,
                                              @ForAll @IntRange(min = 1, max = 4) int stride,
                                              @ForAll @IntRange(min = 0, max = 6) int padding,
                                              @ForAll @IntRange(min = 1, max = 4) int dilation) {
        long smallest = (input - 1) * stride - 2 * padding + dilation * (filter - 1) + 1;
        long largest = smallest + Math.max(stride, dilation) - 1;
        for (long output = smallest - 1; output <= largest + 1; output++) {
            var layer = TransposedConvolution.conv1d().input(3, input).filters(2, filter).stride(stride).padding(padding)
                    .dilation(dilation).outputSize(output);
            if (output < Math.max(1, smallest) || output > largest) {
                String message = assertThrows(InvalidProblemException.class, layer::build).getMessage();
                assertTrue(message.contains("output size is " + output + "; allowed: "), message);
            } else {
                assertEquals(output, layer.build().outputShape().size(2));
                assertEquals(output - smallest, layer.build().axes().get(0).outputPadding());
            }
        }
    }

    /** "Why 23 and not 24?": Conv(128 -> 256, k3, s2, p1) on 24x24 and back. */
    @Test
    void why23AndNot24() {
        ConvProblem down = ConvProblem.conv2d().input(128, 24, 24).filters(256, 3).stride(2).padding(1).build();
        assertEquals(TensorShape.of(1, 256, 12, 12), down.yShape());
        var up = TransposedConvolution.conv2d().input(256, 12, 12).filters(128, 3).stride(2).padding(1);
        assertEquals(TensorShape.of(1, 128, 23, 23), up.build().outputShape());
        assertEquals(TensorShape.of(1, 128, 24, 24), up.outputPadding(1).build().outputShape());
        TransposedConvolution inverse = TransposedConvolution.inverseOf(down);
        assertEquals(up.build(), inverse);
        assertEquals(1, inverse.axes().get(0).outputPadding());
        assertEquals(23, inverse.axes().get(0).smallestOutput());
        assertEquals(24, inverse.axes().get(0).largestOutput());
        var asked = TransposedConvolution.conv2d().input(256, 12, 12).filters(128, 3).stride(2).padding(1);
        assertEquals(inverse, asked.outputSize(24, 24).build());
        asked.outputSize(24, 25);
        assertEquals("axis w: output size is 25; allowed: 23..24 for input 12, filter 3, stride 2, padding 1 and 1, dilation 1",
                assertThrows(InvalidProblemException.class, asked::build).getMessage());
    }

    /** Lengths 100 and 101 with one tap and stride 2 both come back as asked. */
    @ParameterizedTest
    @CsvSource({"100, 50, 1", "101, 51, 0"})
    void lengthsWithOneTapAndStride2ComeBack(long length, long output, long outputPadding) {
        ConvProblem down = ConvProblem.conv1d().input(16, length).filters(33, 1).stride(2).build();
        assertEquals(output, down.axes().get(0).output());
        TransposedConvolution up = TransposedConvolution.inverseOf(down);
        assertEquals(outputPadding, up.axes().get(0).outputPadding());
        assertEquals(TensorShape.of(1, 16, length), up.outputShape());
        assertEquals(up, TransposedConvolution.conv1d().input(33, output).filters(16, 1).stride(2).outputSize(length).build());
    }

    /** 5x5 with a 4x4 filter and padding 2 is 6x6; backward pads 6x6 to 8x8, which is a valid convolution straight to 5x5. */
    @Test
    void backwardDataPadsExactlyWhatItNeeds() {
        SpatialAxis axis = new SpatialAxis(5, 4, 1, 2, 2, 1);
        assertEquals(6, axis.output());
        long padded = axis.zeroInsertedOutput() + axis.transposedPadBegin() + axis.transposedPadEnd();
        assertEquals(8, padded);
        assertEquals(5, new SpatialAxis(padded, 4, 1, 0, 0, 1).output());
    }

    /** Padding of more than the filter reaches makes the padding of the backward pass negative: a crop. */
    @Test
    void backwardDataOfALargePaddingCrops() {
        SpatialAxis axis = new SpatialAxis(5, 3, 1, 4, 6, 1);
        assertEquals(13, axis.output());
        assertEquals(-2, axis.transposedPadBegin());
        assertEquals(-4, axis.transposedPadEnd());
        assertEquals(5, axis.zeroInsertedOutput() - 2 - 4 - axis.extent() + 1);
    }

    /** The zero-insert form yields exactly the input, whatever the problem. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void zeroInsertFormYieldsTheInput(@ForAll("problems") ConvProblem problem) {
        for (SpatialAxis axis : problem.axes()) {
            long padded = axis.zeroInsertedOutput() + axis.transposedPadBegin() + axis.transposedPadEnd();
            assertEquals(axis.input(), padded - axis.extent() + 1);
        }
    }

    /** An output padding of a stride or more, which a larger dilation allows, keeps the equivalent convolution's output right. */
    @Test
    void outputPaddingAboveTheStride() {
        var axis = new TransposedAxis(5, 2, 2, 0, 0, 5, 4);
        assertEquals(18, axis.output());
        assertEquals(5, axis.equivalent().output());
        assertEquals(-4, axis.equivalent().padEnd());
    }

    @Test
    void channelsAreNamedFromTheLayersSide() {
        var layer = TransposedConvolution.conv2d().input(6, 4, 5).filters(9, 3).groups(2);
        assertEquals("groups is 2, which does not divide the 9 output channels (filters); allowed: 1, 3",
                assertThrows(InvalidProblemException.class, layer::build).getMessage());
    }

    @Test
    void outputPaddingAndOutputSizeExcludeEachOther() {
        var layer = TransposedConvolution.conv2d().input(6, 4, 5).filters(9, 3).outputPadding(0).outputSize(6, 7);
        assertEquals("output padding and output size are both given; allowed: one of them",
                assertThrows(InvalidProblemException.class, layer::build).getMessage());
    }

    @Test
    void outputPaddingOutOfRangeIsNamedWithItsAxis() {
        List<String> messages = new ArrayList<>();
        for (long padding : new long[] {-1, 3}) {
            var layer = TransposedConvolution.conv3d().input(6, 4, 5, 3).filters(9, 3, 2, 1).stride(3, 2, 3).dilation(1, 3, 1)
                    .outputPadding(2, padding, 0);
            messages.add(assertThrows(InvalidProblemException.class, layer::build).getMessage());
        }
        assertAll(
                () -> assertEquals("axis h: output padding is -1; allowed: 0..2 (below the stride 2 or the dilation 3)", messages.get(0)),
                () -> assertEquals("axis h: output padding is 3; allowed: 0..2 (below the stride 2 or the dilation 3)", messages.get(1)));
    }

    @Test
    void anOutputThatVanishesIsRefusedWithItsFormula() {
        var layer = TransposedConvolution.conv1d().input(1, 2).filters(1, 2).padding(3);
        assertEquals("axis w: output is -3 = (2 - 1) * 1 + 1 * (2 - 1) + 1 - 3 - 3 + 0; allowed: 1.." + SpatialAxis.MAX,
                assertThrows(InvalidProblemException.class, layer::build).getMessage());
    }

    @Test
    void axesMustBelongToTheEquivalentConvolution() {
        TransposedConvolution layer = TransposedConvolution.parse("n1c2w3k4s5");
        ConvProblem other = ConvProblem.parse("n1c4w8k2s5");
        assertThrows(InvalidProblemException.class, () -> new TransposedConvolution(other, layer.axes()));
    }

    @Test
    void parametersCountTheLayersOwnBias() {
        TransposedConvolution layer = TransposedConvolution.conv2d().input(6, 4, 5).filters(9, 3, 2).groups(3).build();
        assertEquals(6 * 3 * 3 * 2, layer.parameters(false));
        assertEquals(6 * 3 * 3 * 2 + 9, layer.parameters(true));
        assertEquals(TensorShape.of(6, 3, 3, 2), layer.weightShape());
        assertEquals(TensorShape.of(9), layer.biasShape());
    }
}
