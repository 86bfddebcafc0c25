package io.github.jconv.problem;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Required;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A convolution (cross-correlation, as everywhere in deep learning) in one to three spatial dimensions, as a value.
 *
 * <p>With N images, C input channels, K output channels ("filters") and G groups, in one dimension:
 *
 * <pre>
 *   y[n, k, p] = sum over c in the group of k, r:  x[n, c, p * stride - padBegin + r * dilation] * w[k, c mod C/G, r]
 * </pre>
 *
 * <p>Positions outside the input are padding. They contribute nothing, which is the same as contributing zeros as long as every
 * element is finite. A NaN or an infinity in the tensor that is padded (x; dy in BACKWARD_DATA) reaches exactly the outputs whose
 * sums contain it, whatever the algorithm. One in the tensor that slides over it (w; dy in BACKWARD_FILTER) does so too with most
 * algorithms; with those that write zeros down, {@code NonFinite.ZEROS_TAKE_PART}, it also makes NaN of outputs where it meets
 * nothing but padding or an inserted zero. No algorithm hides one: what is not finite by this formula is not finite in the result.
 *
 * <p>A filter has all channels of its group, slides over the spatial axes only and yields one channel of y: for 3x32x32 images and
 * 192 filters of 5x5, w is {@code [192, 3, 5, 5]}, each output sums 3 * 5 * 5 = 75 products, and y has 192 channels of 28x28, or of
 * 32x32 with padding 2.
 *
 * <p>Shapes: x {@code [N, C, input...]}, w {@code [K, C/G, filter...]}, y {@code [N, K, output...]}, bias {@code [K]}; all
 * row-major, last axis fastest.
 *
 * <p>Whoever holds a {@code ConvProblem} holds a valid one: this constructor and that of {@link SpatialAxis} are the validator in
 * front of every backend.
 *
 * @param batch          N, 0 and up
 * @param inputChannels  C, 1 and up
 * @param outputChannels K, 1 and up
 * @param groups         G, divides C and K; G = C is a depthwise convolution, K/G its channel multiplier
 * @param axes           one to three spatial axes, outermost first (depth, height, width)
 */
public record ConvProblem(long batch, long inputChannels, long outputChannels, long groups, List<SpatialAxis> axes) {

    public ConvProblem {
        axes = List.copyOf(axes);
        if (axes.isEmpty() || axes.size() > 3) {
            throw new InvalidProblemException("spatial dimensions are " + axes.size() + "; allowed: 1..3");
        }
        requireChannels(batch, inputChannels, outputChannels, groups);
        // Overflow shows here and nowhere later: these products bound every other count of the problem.
        long taps = product(axes, SpatialAxis::filter);
        long outputs = product(axes, SpatialAxis::output);
        long inputs = product(axes, SpatialAxis::input);
        long images = Math.max(batch, 1);
        Counts.requireCountable("the bytes of x", Double.BYTES, images, inputChannels, inputs);
        Counts.requireCountable("the bytes of y", Double.BYTES, images, outputChannels, outputs);
        Counts.requireCountable("the bytes of w", Double.BYTES, outputChannels, inputChannels / groups, taps);
        Counts.requireCountable("the operations", 2, images, outputChannels, inputChannels / groups, taps, outputs);
        Counts.requireCountable("the bytes of the column matrix", Double.BYTES, images, inputChannels, taps, outputs);
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

    /** Reads a canonical line such as {@code n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2}; see {@link ProblemText}. */
    public static ConvProblem parse(String line) {
        return ProblemText.parse(line);
    }

    public int dimensions() {
        return axes.size();
    }

    /**
     * Axis {@code index} of the problem seen as three-dimensional: 0 is depth, 1 height, 2 width; an axis that the problem
     * lacks is {@link SpatialAxis#unit()}.
     */
    public SpatialAxis axis3(int index) {
        int own = index - (3 - axes.size());
        return own < 0 ? SpatialAxis.unit() : axes.get(own);
    }

    public long channelsPerGroup() {
        return inputChannels / groups;
    }

    public long filtersPerGroup() {
        return outputChannels / groups;
    }

    /** Taps of one filter in one channel: the product over the axes. */
    public long filterTaps() {
        return product(axes, SpatialAxis::filter);
    }

    /** Spatial positions of one channel of y. */
    public long outputPositions() {
        return product(axes, SpatialAxis::output);
    }

    /** Spatial positions of one channel of x. */
    public long inputPositions() {
        return product(axes, SpatialAxis::input);
    }

    /** One group per input channel. */
    public boolean isDepthwise() {
        return groups == inputChannels && groups > 1;
    }

    /** Every axis has a 1-tap filter, stride 1 and no padding: the convolution is a matrix product. */
    public boolean isPointwise() {
        return axes.stream().allMatch(SpatialAxis::isPointwise);
    }

    /** The filter is as large as the unpadded input: the convolution is a fully connected layer. */
    public boolean isFullSize() {
        return axes.stream().allMatch(SpatialAxis::isFullSize);
    }

    /** {@code [N, C, input...]}. */
    public TensorShape xShape() {
        return shape(batch, inputChannels, SpatialAxis::input);
    }

    /** {@code [K, C/G, filter...]}. */
    public TensorShape wShape() {
        return shape(outputChannels, channelsPerGroup(), SpatialAxis::filter);
    }

    /** {@code [N, K, output...]}. */
    public TensorShape yShape() {
        return shape(batch, outputChannels, SpatialAxis::output);
    }

    /** {@code [K]}: the bias of the convolution. */
    public TensorShape biasShape() {
        return TensorShape.of(outputChannels);
    }

    /** Whether a tensor of this shape can be x; unlike comparing with {@link #xShape()} it allocates nothing. */
    public boolean isXShape(TensorShape shape) {
        return isShape(shape, batch, inputChannels, SpatialAxis::input);
    }

    /** Whether a tensor of this shape can be w. */
    public boolean isWShape(TensorShape shape) {
        return isShape(shape, outputChannels, channelsPerGroup(), SpatialAxis::filter);
    }

    /** Whether a tensor of this shape can be y. */
    public boolean isYShape(TensorShape shape) {
        return isShape(shape, batch, outputChannels, SpatialAxis::output);
    }

    /** {@code N * K * C/G * prod(filter) * prod(output)}: multiply-accumulates of each operation, padding counted. */
    public long macs() {
        return Counts.product(batch, outputChannels, channelsPerGroup(), filterTaps(), outputPositions());
    }

    /** {@code 2 * macs()}: one multiplication and one addition each; the same for the three operations. */
    public long flops() {
        return 2 * macs();
    }

    /** Elements of one image's column matrix, all groups: {@code C * prod(filter) * prod(output)}. */
    public long columnElementsPerImage() {
        return Counts.product(inputChannels, filterTaps(), outputPositions());
    }

    /** Learnable parameters of the layer: {@code K * C/G * prod(filter)}, and K more with a bias. */
    public long parameters(boolean withBias) {
        return wShape().elements() + (withBias ? outputChannels : 0);
    }

    /** Bytes of x, and of dx. */
    public long xBytes(DataType type) {
        return Counts.product(type.bytes(), batch, inputChannels, inputPositions());
    }

    /** Bytes of w, and of dw. */
    public long wBytes(DataType type) {
        return Counts.product(type.bytes(), outputChannels, channelsPerGroup(), filterTaps());
    }

    /** Bytes of y, and of dy. */
    public long yBytes(DataType type) {
        return Counts.product(type.bytes(), batch, outputChannels, outputPositions());
    }

    /** Bytes of x, w and y together: the least traffic there can be, each moved once. */
    public long tensorBytes(DataType type) {
        return Math.addExact(Math.addExact(xBytes(type), wBytes(type)), yBytes(type));
    }

    /** Bytes of the column matrix of one image; an explicit im2col of the whole batch needs N times as much. */
    public long columnBytesPerImage(DataType type) {
        return Counts.product(type.bytes(), columnElementsPerImage());
    }

    public ConvProblem withBatch(long newBatch) {
        return new ConvProblem(newBatch, inputChannels, outputChannels, groups, axes);
    }

    /** The canonical line; {@link #parse} reads it back. */
    @Override
    public String toString() {
        return ProblemText.format(this);
    }

    private TensorShape shape(long first, long second, ToLongFunction<SpatialAxis> size) {
        long[] sizes = new long[2 + axes.size()];
        sizes[0] = first;
        sizes[1] = second;
        for (int i = 0; i < axes.size(); i++) {
            sizes[2 + i] = size.applyAsLong(axes.get(i));
        }
        return TensorShape.of(sizes);
    }

    private boolean isShape(TensorShape shape, long first, long second, ToLongFunction<SpatialAxis> size) {
        boolean same = shape.rank() == 2 + axes.size() && shape.size(0) == first && shape.size(1) == second;
        for (int i = 0; same && i < axes.size(); i++) {
            same = shape.size(2 + i) == size.applyAsLong(axes.get(i));
        }
        return same;
    }

    private static long product(List<SpatialAxis> axes, ToLongFunction<SpatialAxis> size) {
        long product = 1;
        for (int i = 0; i < axes.size(); i++) {
            product = Counts.product(product, size.applyAsLong(axes.get(i)));
        }
        return product;
    }

    static void requireChannels(long batch, long inputChannels, long outputChannels, long groups) {
        SpatialAxis.requireBetween("batch", batch, 0);
        SpatialAxis.requireBetween("input channels", inputChannels, 1);
        SpatialAxis.requireBetween("output channels (filters)", outputChannels, 1);
        SpatialAxis.requireBetween("groups", groups, 1);
        requireDivisor("input channels", inputChannels, groups, inputChannels, outputChannels);
        requireDivisor("output channels (filters)", outputChannels, groups, inputChannels, outputChannels);
    }

    private static void requireDivisor(String parameter, long value, long groups, long inputChannels, long outputChannels) {
        if (value % groups != 0) {
            throw new InvalidProblemException("groups is " + groups + ", which does not divide the " + value + " " + parameter
                    + "; allowed: " + Counts.commonDivisors(inputChannels, outputChannels));
        }
    }

    /** Collects the parameters of a problem; what is left out has its usual default (batch 1, stride 1, no padding...). */
    public static final class Builder {

        private final LayerParameters parameters;

        Builder(int dimensions) {
            this.parameters = new LayerParameters(dimensions);
        }

        /** N, 0 and up; 1 unless set. */
        public Builder batch(long batch) {
            parameters.batch = batch;
            return this;
        }

        /** C and the spatial sizes of x, outermost first. */
        public Builder input(long channels, long... sizes) {
            parameters.inputChannels = channels;
            parameters.input = parameters.perAxis("input", sizes);
            return this;
        }

        /** K and the filter's sizes, outermost first; a single size holds for every axis. */
        public Builder filters(long filters, long... sizes) {
            parameters.outputChannels = filters;
            parameters.filter = parameters.perAxis("filter", sizes);
            return this;
        }

        /** One stride per axis, or one for all. */
        public Builder stride(long... strides) {
            parameters.stride = parameters.perAxis("stride", strides);
            return this;
        }

        /** The same padding at both ends; one per axis, or one for all. */
        public Builder padding(long... padding) {
            parameters.padBegin = parameters.perAxis("padding", padding);
            parameters.padEnd = parameters.padBegin;
            parameters.paddingRule = null;
            return this;
        }

        /** Padding at the begin of each axis, or one for all. */
        public Builder padBegin(long... padding) {
            parameters.padBegin = parameters.perAxis("padBegin", padding);
            parameters.paddingRule = null;
            return this;
        }

        /** Padding at the end of each axis, or one for all; a negative one crops. */
        public Builder padEnd(long... padding) {
            parameters.padEnd = parameters.perAxis("padEnd", padding);
            parameters.paddingRule = null;
            return this;
        }

        /** Padding by a named rule: explicit numbers that follow from the sizes, strides and dilations given by then or later. */
        public Builder padding(PaddingRule rule) {
            parameters.paddingRule = Required.given(rule, "padding rule");
            return this;
        }

        /** Dilation from 1 (dense); one per axis, or one for all. */
        public Builder dilation(long... dilations) {
            parameters.dilation = parameters.perAxis("dilation", dilations);
            return this;
        }

        public Builder groups(long groups) {
            parameters.groups = groups;
            return this;
        }

        /**
         * @throws InvalidProblemException naming the parameter, its axis, its value and the allowed range
         */
        public ConvProblem build() {
            return parameters.convolution();
        }
    }
}
