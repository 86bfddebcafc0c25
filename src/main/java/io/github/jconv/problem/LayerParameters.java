package io.github.jconv.problem;

import io.github.jconv.tensor.Required;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The parameters of a layer while they are being collected, by a builder or from a line of text, and the two things that can be
 * made of them: a convolution, or a transposed convolution. Every notation and both builders come together here, so that they
 * share the defaults and the messages.
 */
final class LayerParameters {

    final int dimensions;
    long batch = 1;
    long inputChannels;
    long outputChannels;
    long groups = 1;
    long[] input;
    long[] filter;
    long[] stride;
    long[] padBegin;
    long[] padEnd;
    long[] dilation;
    PaddingRule paddingRule;
    long[] outputPadding;
    long[] outputSize;

    LayerParameters(int dimensions) {
        this.dimensions = dimensions;
        stride = filled(1);
        dilation = filled(1);
        padBegin = filled(0);
        padEnd = filled(0);
    }

    /** One value per axis out of what the user gave: as many as there are axes, or one for all. */
    long[] perAxis(String parameter, long[] values) {
        if (Required.given(values, parameter).length == dimensions) {
            return values.clone();
        }
        if (values.length == 1) {
            return filled(values[0]);
        }
        throw new InvalidProblemException(parameter + " has " + values.length + " values " + Arrays.toString(values)
                + "; allowed: " + (dimensions == 1 ? "1 value" : "1 or " + dimensions + ", one per spatial axis"));
    }

    /**
     * The convolution with these parameters.
     *
     * @throws InvalidProblemException naming the parameter, its axis, its value and the allowed range
     */
    ConvProblem convolution() {
        requireSizes();
        if (outputPadding != null && Arrays.stream(outputPadding).anyMatch(padding -> padding != 0)) {
            throw new InvalidProblemException("output padding is " + Arrays.toString(outputPadding)
                    + "; allowed: none for a convolution, only a transposed convolution has it");
        }
        List<SpatialAxis> axes = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            int axis = i;
            axes.add(inAxis(i, () -> convolutionAxis(axis)));
        }
        return new ConvProblem(batch, inputChannels, outputChannels, groups, axes);
    }

    /**
     * The transposed convolution with these parameters: input, channels and filters are the layer's own, the rest belongs to its
     * equivalent convolution.
     *
     * @throws InvalidProblemException naming the parameter, its axis, its value and the allowed range
     */
    TransposedConvolution transposed() {
        requireSizes();
        if (outputPadding != null && outputSize != null) {
            throw new InvalidProblemException("output padding and output size are both given; allowed: one of them");
        }
        // In the layer's own words; the equivalent convolution would name the channels the other way round.
        ConvProblem.requireChannels(batch, inputChannels, outputChannels, groups);
        List<TransposedAxis> axes = new ArrayList<>();
        List<SpatialAxis> equivalentAxes = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            int axis = i;
            TransposedAxis layerAxis = inAxis(i, () -> transposedAxis(axis));
            axes.add(layerAxis);
            equivalentAxes.add(inAxis(i, layerAxis::equivalent));
        }
        return new TransposedConvolution(new ConvProblem(batch, outputChannels, inputChannels, groups, equivalentAxes), axes);
    }

    /** Runs the validation of one axis and adds the axis to its message. */
    <T> T inAxis(int axis, Supplier<T> construction) {
        try {
            return construction.get();
        } catch (InvalidProblemException e) {
            throw new InvalidProblemException("axis " + AxisNames.input(axis, dimensions) + ": " + e.getMessage(), e);
        }
    }

    private SpatialAxis convolutionAxis(int i) {
        if (paddingRule != null) {
            PaddingRule.Padding padding = paddingRule.padding(input[i], filter[i], stride[i], dilation[i]);
            return new SpatialAxis(input[i], filter[i], stride[i], padding.begin(), padding.end(), dilation[i]);
        }
        return new SpatialAxis(input[i], filter[i], stride[i], padBegin[i], padEnd[i], dilation[i]);
    }

    private TransposedAxis transposedAxis(int i) {
        if (outputSize != null) {
            return TransposedAxis.withOutput(input[i], filter[i], stride[i], padBegin[i], padEnd[i], dilation[i], outputSize[i]);
        }
        return new TransposedAxis(input[i], filter[i], stride[i], padBegin[i], padEnd[i], dilation[i],
                outputPadding == null ? 0 : outputPadding[i]);
    }

    private void requireSizes() {
        if (input == null) {
            throw new InvalidProblemException("input is not set; give the channels and " + dimensions + " spatial sizes");
        }
        if (filter == null) {
            throw new InvalidProblemException("filters is not set; give the number of filters and " + dimensions + " filter sizes");
        }
    }

    private long[] filled(long value) {
        long[] values = new long[dimensions];
        Arrays.fill(values, value);
        return values;
    }
}
