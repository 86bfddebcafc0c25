package io.github.jconv.problem;

import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A transposed convolution layer as a value: its own axes and the equivalent convolution that everything is computed with.
 *
 * <p>A transposed convolution is the BACKWARD_DATA of its equivalent convolution:
 *
 * <pre>
 *   layer's pass        computed as        with
 *   forward             BACKWARD_DATA      dy = layer's input, w = layer's weight
 *   data gradient       FORWARD            x = gradient of the layer's output, w = layer's weight
 *   filter gradient     BACKWARD_FILTER    x = gradient of the layer's output, dy = layer's input
 * </pre>
 *
 * <p>The layer's weight {@code [inputChannels, outputChannels/G, filter...]} is the equivalent convolution's
 * {@code [K, C/G, filter...]} with K = the layer's input channels, so nothing is permuted.
 *
 * @param equivalent the convolution whose backward-data this layer is; the only thing that algorithms and backends see
 * @param axes       the layer's axes, for explanation; each one's {@link TransposedAxis#equivalent()} is in {@code equivalent}
 */
public record TransposedConvolution(ConvProblem equivalent, List<TransposedAxis> axes) {

    public TransposedConvolution {
        axes = List.copyOf(axes);
        List<SpatialAxis> mapped = axes.stream().map(TransposedAxis::equivalent).toList();
        if (!mapped.equals(equivalent.axes())) {
            throw new InvalidProblemException("the axes " + axes + " are not those of a layer equivalent to " + equivalent);
        }
    }

    public static Builder conv1d() {
        return new Builder(1);
    }

    public static Builder conv2d() {
        return new Builder(2);
    }

    public static Builder conv3d() {
        return new Builder(3);
    }

    /**
     * The layer that turns the shape of y back into the shape of x, whatever the size of x: its output padding is
     * {@link SpatialAxis#unreached()} on each axis. The same weight serves both.
     */
    public static TransposedConvolution inverseOf(ConvProblem convolution) {
        List<TransposedAxis> axes = new ArrayList<>();
        for (SpatialAxis axis : convolution.axes()) {
            axes.add(new TransposedAxis(axis.output(), axis.filter(), axis.stride(), axis.padBegin(), axis.padEnd(),
                    axis.dilation(), axis.unreached()));
        }
        return new TransposedConvolution(convolution, axes);
    }

    public long batch() {
        return equivalent.batch();
    }

    /** Channels of the layer's input: the equivalent convolution's output channels. */
    public long inputChannels() {
        return equivalent.outputChannels();
    }

    /** Channels of the layer's output: the equivalent convolution's input channels. */
    public long outputChannels() {
        return equivalent.inputChannels();
    }

    public long groups() {
        return equivalent.groups();
    }

    /** {@code [N, inputChannels, input...]}. */
    public TensorShape inputShape() {
        return equivalent.yShape();
    }

    /** {@code [inputChannels, outputChannels/G, filter...]}. */
    public TensorShape weightShape() {
        return equivalent.wShape();
    }

    /** {@code [N, outputChannels, output...]}. */
    public TensorShape outputShape() {
        return equivalent.xShape();
    }

    /** {@code [outputChannels]}. */
    public TensorShape biasShape() {
        return TensorShape.of(outputChannels());
    }

    /** Learnable parameters of the layer. */
    public long parameters(boolean withBias) {
        return equivalent.parameters(false) + (withBias ? outputChannels() : 0);
    }

    public int dimensions() {
        return axes.size();
    }

    public TransposedConvolution withBatch(long newBatch) {
        return new TransposedConvolution(equivalent.withBatch(newBatch), axes);
    }

    /**
     * The same layer with another output padding: the one that yields these spatial sizes.
     *
     * @param sizes one per spatial axis, or one for all
     * @throws InvalidProblemException naming the axis, its size and the sizes that are possible
     */
    public TransposedConvolution withOutputSize(long... sizes) {
        LayerParameters parameters = new LayerParameters(dimensions());
        parameters.batch = batch();
        parameters.inputChannels = inputChannels();
        parameters.outputChannels = outputChannels();
        parameters.groups = groups();
        parameters.input = ofAxes(TransposedAxis::input);
        parameters.filter = ofAxes(TransposedAxis::filter);
        parameters.stride = ofAxes(TransposedAxis::stride);
        parameters.padBegin = ofAxes(TransposedAxis::padBegin);
        parameters.padEnd = ofAxes(TransposedAxis::padEnd);
        parameters.dilation = ofAxes(TransposedAxis::dilation);
        parameters.outputSize = parameters.perAxis("output size", sizes);
        return parameters.transposed();
    }

    private long[] ofAxes(ToLongFunction<TransposedAxis> parameter) {
        return axes.stream().mapToLong(parameter).toArray();
    }

    /** Reads a layer's line such as {@code transposed:n1c256h12w12k128r3s3_sh2sw2_ph1pw1_oh1ow1}; see {@link ProblemText}. */
    public static TransposedConvolution parse(String line) {
        return ProblemText.parseTransposed(line);
    }

    /** The canonical line; {@link #parse} reads it back. */
    @Override
    public String toString() {
        return ProblemText.format(this);
    }

    /**
     * Collects the layer's parameters. Stride, padding and dilation are those of the equivalent convolution. Give
     * {@code outputPadding} or {@code outputSize}, never both.
     */
    public static final class Builder {

        private final LayerParameters parameters;

        Builder(int dimensions) {
            this.parameters = new LayerParameters(dimensions);
        }

        public Builder batch(long batch) {
            parameters.batch = batch;
            return this;
        }

        /** The layer's input channels and spatial sizes, outermost first. */
        public Builder input(long channels, long... sizes) {
            parameters.inputChannels = channels;
            parameters.input = parameters.perAxis("input", sizes);
            return this;
        }

        /** The layer's output channels and the filter's sizes; a single size holds for every axis. */
        public Builder filters(long outputChannels, long... sizes) {
            parameters.outputChannels = outputChannels;
            parameters.filter = parameters.perAxis("filter", sizes);
            return this;
        }

        public Builder stride(long... strides) {
            parameters.stride = parameters.perAxis("stride", strides);
            return this;
        }

        /** Padding of the equivalent convolution: removed from both ends of the output. */
        public Builder padding(long... padding) {
            parameters.padBegin = parameters.perAxis("padding", padding);
            parameters.padEnd = parameters.padBegin;
            return this;
        }

        public Builder padBegin(long... padding) {
            parameters.padBegin = parameters.perAxis("padBegin", padding);
            return this;
        }

        public Builder padEnd(long... padding) {
            parameters.padEnd = parameters.perAxis("padEnd", padding);
            return this;
        }

        public Builder dilation(long... dilations) {
            parameters.dilation = parameters.perAxis("dilation", dilations);
            return this;
        }

        public Builder groups(long groups) {
            parameters.groups = groups;
            return this;
        }

        /** Positions added at the end of the output. */
        public Builder outputPadding(long... padding) {
            parameters.outputPadding = parameters.perAxis("output padding", padding);
            return this;
        }

        /** The wanted spatial sizes of the output. */
        public Builder outputSize(long... sizes) {
            parameters.outputSize = parameters.perAxis("output size", sizes);
            return this;
        }

        /**
         * @throws InvalidProblemException naming the parameter, its axis, its value and the allowed range
         */
        public TransposedConvolution build() {
            return parameters.transposed();
        }
    }
}
