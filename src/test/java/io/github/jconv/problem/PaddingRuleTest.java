package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The named padding rules against the words of those who defined them. */
class PaddingRuleTest {

    /**
     * TensorFlow: {@code out = ceil(in / stride)}; {@code total = max(filter - stride, 0)} if {@code in % stride == 0}, otherwise
     * {@code max(filter - in % stride, 0)}; {@code begin = total / 2}, {@code end = total - begin}, with the dilated filter.
     */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void tensorFlowSame(@ForAll @IntRange(min = 1, max = 60) int in, @ForAll @IntRange(min = 1, max = 9) int filter,
                        @ForAll @IntRange(min = 1, max = 7) int stride, @ForAll @IntRange(min = 1, max = 4) int dilation) {
        int dilated = (filter - 1) * dilation + 1;
        int total = in % stride == 0 ? Math.max(dilated - stride, 0) : Math.max(dilated - in % stride, 0);
        PaddingRule.Padding padding = PaddingRule.TF_SAME.padding(in, filter, stride, dilation);
        assertEquals(total / 2, padding.begin());
        assertEquals(total - total / 2, padding.end());
        assertEquals((in + stride - 1) / stride,
                new SpatialAxis(in, filter, stride, padding.begin(), padding.end(), dilation).output());
    }

    /**
     * ONNX: {@code out = ceil(in / stride)}, {@code total = (out - 1) * stride + ((filter - 1) * dilation + 1) - in}; for SAME_UPPER
     * the extra padding is at the end, for SAME_LOWER at the beginning.
     */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void onnxSame(@ForAll @IntRange(min = 1, max = 60) int in, @ForAll @IntRange(min = 1, max = 9) int filter,
                  @ForAll @IntRange(min = 1, max = 7) int stride, @ForAll @IntRange(min = 1, max = 4) int dilation) {
        int out = (int) Math.ceil((double) in / stride);
        int total = Math.max(0, (out - 1) * stride + (filter - 1) * dilation + 1 - in);
        PaddingRule.Padding upper = PaddingRule.SAME_UPPER.padding(in, filter, stride, dilation);
        PaddingRule.Padding lower = PaddingRule.SAME_LOWER.padding(in, filter, stride, dilation);
        assertEquals(total, upper.begin() + upper.end());
        assertTrue(upper.end() - upper.begin() == total % 2);
        assertEquals(new PaddingRule.Padding(upper.end(), upper.begin()), lower);
        assertEquals(PaddingRule.TF_SAME.padding(in, filter, stride, dilation), upper);
    }

    /** VALID adds nothing. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void valid(@ForAll @IntRange(min = 1, max = 60) int in, @ForAll @IntRange(min = 1, max = 9) int filter,
               @ForAll @IntRange(min = 1, max = 7) int stride) {
        assertEquals(new PaddingRule.Padding(0, 0), PaddingRule.VALID.padding(in, filter, stride, 1));
    }

    /** ONNX ConvTranspose with output_shape: the padding found makes the layer's output that shape. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void onnxTransposedPaddingYieldsTheOutput(@ForAll @IntRange(min = 1, max = 20) int in, @ForAll @IntRange(min = 1, max = 7) int filter,
                                              @ForAll @IntRange(min = 1, max = 5) int stride,
                                              @ForAll @IntRange(min = 1, max = 3) int dilation,
                                              @ForAll @IntRange(min = 0, max = 4) int outputPadding,
                                              @ForAll @IntRange(min = 1, max = 90) int output) {
        int allowed = outputPadding % Math.max(stride, dilation);
        PaddingRule.Padding upper = PaddingRule.SAME_UPPER.transposedPadding(in, filter, stride, dilation, allowed, output);
        PaddingRule.Padding lower = PaddingRule.SAME_LOWER.transposedPadding(in, filter, stride, dilation, allowed, output);
        assertEquals(output, new TransposedAxis(in, filter, stride, upper.begin(), upper.end(), dilation, allowed).output());
        int total = stride * (in - 1) + allowed + (filter - 1) * dilation + 1 - output;
        assertEquals(total, upper.begin() + upper.end());
        assertEquals(total, lower.begin() + lower.end());
        if (total > 0) {
            assertEquals(total % 2, upper.end() - upper.begin());
            assertEquals(total % 2, lower.begin() - lower.end());
        } else {
            assertEquals(0, upper.begin());
        }
    }

    /** Known cases: an even total, an odd one, a stride above the filter, and dilation. */
    @ParameterizedTest
    @CsvSource({"224, 7, 2, 1, 2, 3", "224, 3, 2, 1, 0, 1", "5, 3, 2, 1, 1, 1", "7, 2, 3, 1, 0, 1", "10, 3, 1, 4, 4, 4", "9, 1, 3, 1, 0, 0"})
    void sameUpperByHand(long in, long filter, long stride, long dilation, long begin, long end) {
        assertEquals(new PaddingRule.Padding(begin, end), PaddingRule.SAME_UPPER.padding(in, filter, stride, dilation));
    }

    /** The builder's rule holds for what is set after it, and an explicit padding after it replaces it. */
    @Test
    void theBuilderAppliesTheRuleAtTheEnd() {
        ConvProblem same = ConvProblem.conv2d().padding(PaddingRule.SAME_UPPER).input(3, 224, 113).filters(64, 7, 5).stride(2, 3)
                .dilation(1, 2).build();
        assertEquals("n1c3h224w113k64r7s5_sh2sw3_ph2:3pw3:4_dh1dw2", same.toString());
        ConvProblem explicit = ConvProblem.conv2d().input(3, 8, 9).filters(4, 3).padding(PaddingRule.SAME_LOWER).padding(2).build();
        assertEquals("n1c3h8w9k4r3s3_ph2pw2", explicit.toString());
    }

    @Test
    void badSizesAreNamed() {
        assertEquals("stride is 0; allowed: 1.." + SpatialAxis.MAX,
                assertThrows(InvalidProblemException.class, () -> PaddingRule.TF_SAME.padding(5, 3, 0, 1)).getMessage());
        assertThrows(InvalidProblemException.class, () -> PaddingRule.SAME_UPPER.transposedPadding(5, 3, 1, 1, 0, 0));
    }
}
