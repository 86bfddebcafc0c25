package io.github.jconv;

import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.PaddingRule;
import io.github.jconv.tensor.Required;
import java.util.Arrays;
import java.util.List;

/**
 * The parameters of a convolution or transposed convolution besides its tensors, in PyTorch's words; immutable, each method gives a
 * changed copy. Values are one per spatial axis, outermost first, or one for all.
 *
 * <pre>{@code
 *   ConvOptions.defaults().stride(2).padding(1, 0)
 * }</pre>
 *
 * @param stride        step of the convolution; of the equivalent convolution for a transposed one; 1 unless set
 * @param padBegin      padding in front, removed from the output of a transposed convolution; 0 unless set
 * @param padEnd        padding behind; negative crops
 * @param paddingRule   computes the padding instead, or null
 * @param dilation      distance between two taps, from 1 (dense)
 * @param groups        1 unless set
 * @param outputPadding transposed only: positions added at the end of the output; empty unless set
 * @param outputSize    transposed only: the wanted spatial size, instead of the output padding; empty unless set
 */
public record ConvOptions(List<Long> stride, List<Long> padBegin, List<Long> padEnd, PaddingRule paddingRule, List<Long> dilation,
                          long groups, List<Long> outputPadding, List<Long> outputSize) {

    private static final List<Long> ONE = List.of(1L);
    private static final List<Long> ZERO = List.of(0L);
    private static final ConvOptions DEFAULTS = new ConvOptions(ONE, ZERO, ZERO, null, ONE, 1, List.of(), List.of());

    public ConvOptions {
        stride = List.copyOf(stride);
        padBegin = List.copyOf(padBegin);
        padEnd = List.copyOf(padEnd);
        dilation = List.copyOf(dilation);
        outputPadding = List.copyOf(outputPadding);
        outputSize = List.copyOf(outputSize);
    }

    /** Stride 1, no padding, dense, one group. */
    public static ConvOptions defaults() {
        return DEFAULTS;
    }

    public ConvOptions stride(long... values) {
        return new ConvOptions(list("stride", values), padBegin, padEnd, paddingRule, dilation, groups, outputPadding, outputSize);
    }

    /** The same padding at both ends; replaces a rule. */
    public ConvOptions padding(long... values) {
        List<Long> both = list("padding", values);
        return new ConvOptions(stride, both, both, null, dilation, groups, outputPadding, outputSize);
    }

    /** Replaces a rule. */
    public ConvOptions padBegin(long... values) {
        return new ConvOptions(stride, list("padBegin", values), padEnd, null, dilation, groups, outputPadding, outputSize);
    }

    /** Replaces a rule. */
    public ConvOptions padEnd(long... values) {
        return new ConvOptions(stride, padBegin, list("padEnd", values), null, dilation, groups, outputPadding, outputSize);
    }

    /** Padding computed from the sizes; replaces explicit padding. */
    public ConvOptions padding(PaddingRule rule) {
        return new ConvOptions(stride, ZERO, ZERO, Required.given(rule, "padding rule"), dilation, groups, outputPadding, outputSize);
    }

    public ConvOptions dilation(long... values) {
        return new ConvOptions(stride, padBegin, padEnd, paddingRule, list("dilation", values), groups, outputPadding, outputSize);
    }

    public ConvOptions groups(long count) {
        return new ConvOptions(stride, padBegin, padEnd, paddingRule, dilation, count, outputPadding, outputSize);
    }

    /** For transposed convolutions: replaces a wanted output size. */
    public ConvOptions outputPadding(long... values) {
        return new ConvOptions(stride, padBegin, padEnd, paddingRule, dilation, groups, list("output padding", values), List.of());
    }

    /** For transposed convolutions: replaces an output padding. */
    public ConvOptions outputSize(long... values) {
        return new ConvOptions(stride, padBegin, padEnd, paddingRule, dilation, groups, List.of(), list("output size", values));
    }

    private static List<Long> list(String parameter, long... values) {
        if (Required.given(values, parameter).length < 1 || values.length > 3) {
            throw new InvalidProblemException(parameter + " has " + values.length + " values; allowed: 1..3");
        }
        return Arrays.stream(values).boxed().toList();
    }
}
