package io.github.jconv.nn;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.Required;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The layers by name, for static import. Sizes that are given as a list have one value per spatial axis, or one for all.
 *
 * <pre>{@code
 *   Network.on(engine, seed).input(1, 28, 28).build(
 *       conv(20, 5), maxPool(2), conv(50, 5), maxPool(2), linear(500), relu(), linear(10));
 * }</pre>
 */
public final class Layers {

    private Layers() {
    }

    /** A convolution with {@code filters} output channels; 1-d to 3-d as its input is. */
    public static ConvSpec conv(long filters, long... filter) {
        return new ConvSpec(filters, filter);
    }

    /** A transposed convolution; its stride, padding and dilation are those of the equivalent convolution. */
    public static ConvTransposeSpec convTranspose(long outputChannels, long... filter) {
        return new ConvTransposeSpec(outputChannels, filter);
    }

    /** A fully connected layer on all values of its input: the convolution with a filter as large as the input. */
    public static LayerSpec linear(long outputs) {
        return linear(outputs, Initialization.HE_UNIFORM);
    }

    /** The same with weights that begin as told. */
    public static LayerSpec linear(long outputs, Initialization initialization) {
        Required.given(initialization, "initialization");
        return (context, input) -> {
            // A vector is a map of one position.
            TensorShape map = input.rank() > 1 ? input : TensorShape.of(input.size(0), 1);
            List<SpatialAxis> axes = new ArrayList<>();
            for (int i = 1; i < map.rank(); i++) {
                axes.add(new SpatialAxis(map.size(i), map.size(i), 1, 0, 0, 1));
            }
            ConvProblem problem = new ConvProblem(1, map.size(0), outputs, 1, axes);
            return new Conv(context, "linear", map, TensorShape.of(outputs), problem, true, initialization);
        };
    }

    /** {@code max(x, 0)}. */
    public static LayerSpec relu() {
        return (context, input) -> new ActivationLayer(context, input, Activation.RELU, 0);
    }

    /**
     * {@code x} above zero, {@code slope * x} below.
     *
     * @param slope above 0, finite
     */
    public static LayerSpec leakyRelu(double slope) {
        if (!(slope > 0 && slope < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("slope is " + slope + "; allowed: above 0, finite");
        }
        return (context, input) -> new ActivationLayer(context, input, Activation.LEAKY_RELU, slope);
    }

    /** {@code 1 / (1 + exp(-x))}. In front of {@link Loss#SIGMOID_CROSS_ENTROPY} it is left out, as that loss takes logits. */
    public static LayerSpec sigmoid() {
        return (context, input) -> new ActivationLayer(context, input, Activation.SIGMOID, 0);
    }

    /** The hyperbolic tangent. */
    public static LayerSpec tanh() {
        return (context, input) -> new ActivationLayer(context, input, Activation.TANH, 0);
    }

    /** Maximum over windows of that size, as far apart as they are wide unless a stride is given. */
    public static PoolSpec maxPool(long... window) {
        return new PoolSpec(Pool.Kind.MAX, window);
    }

    /**
     * Mean over windows of that size, as far apart as they are wide unless a stride is given: of the positions inside the input, unless
     * {@link PoolSpec#countIncludePad} is said.
     */
    public static PoolSpec averagePool(long... window) {
        return new PoolSpec(Pool.Kind.AVERAGE, window);
    }

    /** Normalisation of each channel over the images and positions of a batch; see {@link BatchNorm}. */
    public static BatchNormSpec batchNorm() {
        return new BatchNormSpec();
    }

    /**
     * Normalisation across channels (Krizhevsky, Sutskever and Hinton, NIPS 2012):
     * {@code y[c] = x[c] / (k + alpha / size * sum of x[j]^2)^beta}, j from {@code c - size / 2} to {@code c + (size - 1) / 2}.
     *
     * @param size  channels that are summed over, 1 and up
     * @param alpha 0 and up
     * @param beta  0 and up
     * @param k     above 0
     */
    public static LayerSpec localResponseNorm(long size, double alpha, double beta, double k) {
        return (context, input) -> new LocalResponseNorm(context, input, size, alpha, beta, k);
    }

    /**
     * Sets values to zero by chance while training; see {@link Dropout}.
     *
     * @param rate the share that is set to zero: 0 and up, below 1
     */
    public static LayerSpec dropout(double rate) {
        return (context, input) -> new Dropout(context, input, rate);
    }

    /** The same padding at both ends of every axis, filled by a rule; a reflection reaches less far than the input, a circle as far at most. */
    public static LayerSpec pad(PadMode mode, long... padding) {
        Required.given(mode, "pad mode");
        Required.given(padding, "padding");
        return (context, input) -> {
            long[] both = perAxis("padding", padding, input.rank() - 1);
            return Pad.create(context, input, mode, both, both);
        };
    }

    /** One after another, as a single layer: for a branch of {@link #concat}. */
    public static LayerSpec sequential(LayerSpec... layers) {
        List<LayerSpec> all = Required.eachGiven(layers, "layers");
        return (context, input) -> Sequential.create(context, "sequential", input, all);
    }

    /** Branches on the same input, side by side as channels. */
    public static LayerSpec concat(LayerSpec... branches) {
        List<LayerSpec> all = Required.eachGiven(branches, "branches");
        return (context, input) -> Concat.create(context, "concat", input, all);
    }

    /**
     * The inception module of Szegedy et al. (CVPR 2015): 1x1, 1x1 and 3x3, 1x1 and 5x5, and a 3x3 maximum with a 1x1 behind it, each
     * followed by a ReLU.
     */
    public static LayerSpec inception(long c1, long reduce3, long c3, long reduce5, long c5, long poolProjection) {
        LayerSpec branches = (context, input) -> Concat.create(context, "inception", input, List.of(
                conv(c1, 1),
                sequential(conv(reduce3, 1), relu(), conv(c3, 3).padding(1)),
                sequential(conv(reduce5, 1), relu(), conv(c5, 5).padding(2)),
                sequential(maxPool(3).stride(1).padding(1), conv(poolProjection, 1))));
        // One ReLU for all four, so that what the branches end with need not be kept beside the concatenation.
        return sequential(branches, relu());
    }

    /**
     * Layers that lead aside to an output with a loss of its own, multiplied with {@code weight}; used in training only.
     *
     * @param weight finite
     */
    public static LayerSpec sideHead(double weight, LayerSpec... layers) {
        if (!Double.isFinite(weight)) {
            throw new IllegalArgumentException("weight of a side head is " + weight + "; allowed: finite numbers");
        }
        List<LayerSpec> all = Required.eachGiven(layers, "layers");
        return (context, input) -> SideHead.create(context, input, weight, all);
    }

    static long[] perAxis(String parameter, long[] values, int axes) {
        if (values.length == axes) {
            return values.clone();
        }
        if (values.length == 1) {
            long[] all = new long[axes];
            Arrays.fill(all, values[0]);
            return all;
        }
        throw new IllegalArgumentException(parameter + " has " + values.length + " values; allowed: 1 or " + axes);
    }

    /** A convolution being described. */
    public static final class ConvSpec implements LayerSpec {

        private final long filters;
        private final long[] filter;
        private long[] stride = {1};
        private long[] padding = {0};
        private long[] dilation = {1};
        private long groups = 1;
        private boolean bias = true;
        private Initialization initialization = Initialization.HE_UNIFORM;

        private ConvSpec(long filters, long[] filter) {
            this.filters = filters;
            this.filter = Required.given(filter, "filter");
        }

        /** 1 unless set; one value per spatial axis, or one for all. */
        public ConvSpec stride(long... strides) {
            stride = Required.given(strides, "stride");
            return this;
        }

        /** Zeros at both ends of an axis, none unless set; other paddings are layers of their own ({@link Layers#pad}). */
        public ConvSpec padding(long... paddings) {
            padding = Required.given(paddings, "padding");
            return this;
        }

        /** Distance of the taps of the filter, 1 unless set. */
        public ConvSpec dilation(long... dilations) {
            dilation = Required.given(dilations, "dilation");
            return this;
        }

        /** 1 unless set; divides the channels of the input and the filters. */
        public ConvSpec groups(long count) {
            groups = count;
            return this;
        }

        /** As in front of a normalisation, which takes a bias away again. */
        public ConvSpec withoutBias() {
            bias = false;
            return this;
        }

        /** {@link Initialization#HE_UNIFORM} unless set. */
        public ConvSpec initialization(Initialization rule) {
            initialization = Required.given(rule, "initialization");
            return this;
        }

        @Override
        public Layer create(NetworkContext context, TensorShape input) {
            ConvProblem problem = builder(input.rank() - 1).input(input.size(0), spatial(input)).filters(filters, filter)
                    .stride(stride).padding(padding).dilation(dilation).groups(groups).build();
            return new Conv(context, "conv", input, withoutBatch(problem.yShape()), problem, bias, initialization);
        }

        private static ConvProblem.Builder builder(int dimensions) {
            return switch (dimensions) {
                case 1 -> ConvProblem.conv1d();
                case 2 -> ConvProblem.conv2d();
                case 3 -> ConvProblem.conv3d();
                default -> throw new IllegalArgumentException("the input has " + dimensions + " spatial axes; allowed: 1..3");
            };
        }
    }

    /** A transposed convolution being described. */
    public static final class ConvTransposeSpec implements LayerSpec {

        private final long outputChannels;
        private final long[] filter;
        private long[] stride = {1};
        private long[] padding = {0};
        private long[] dilation = {1};
        private long[] outputPadding;
        private long[] outputSize;
        private String restored;
        private long groups = 1;
        private boolean bias = true;
        private Initialization initialization = Initialization.HE_UNIFORM;

        private ConvTransposeSpec(long outputChannels, long[] filter) {
            this.outputChannels = outputChannels;
            this.filter = Required.given(filter, "filter");
        }

        /** That of the equivalent convolution, 1 unless set; one value per spatial axis, or one for all. */
        public ConvTransposeSpec stride(long... strides) {
            stride = Required.given(strides, "stride");
            return this;
        }

        /** That of the equivalent convolution, none unless set: as much is cut off at both ends of the output. */
        public ConvTransposeSpec padding(long... paddings) {
            padding = Required.given(paddings, "padding");
            return this;
        }

        /** That of the equivalent convolution, 1 unless set. */
        public ConvTransposeSpec dilation(long... dilations) {
            dilation = Required.given(dilations, "dilation");
            return this;
        }

        /** Positions that the end of an axis gets besides, none unless set: below the stride or the dilation. */
        public ConvTransposeSpec outputPadding(long... paddings) {
            outputPadding = Required.given(paddings, "output padding");
            return this;
        }

        /** The wanted spatial size of the output, instead of an output padding. */
        public ConvTransposeSpec outputSize(long... sizes) {
            outputSize = Required.given(sizes, "output size");
            return this;
        }

        /**
         * An output as large as the input of an earlier layer, a convolution or pooling that this layer undoes, instead of an output
         * padding: with odd and even sizes alike the network gives back what it was given.
         *
         * @param layer name of a layer in front of this one, such as {@code conv} for the first convolution, {@code conv2} for the second
         */
        public ConvTransposeSpec outputSizeOfInputTo(String layer) {
            restored = Required.given(layer, "layer");
            return this;
        }

        /** 1 unless set; divides the channels of the input and of the output. */
        public ConvTransposeSpec groups(long count) {
            groups = count;
            return this;
        }

        /** As in front of a normalisation, which takes a bias away again. */
        public ConvTransposeSpec withoutBias() {
            bias = false;
            return this;
        }

        /** {@link Initialization#HE_UNIFORM} unless set; {@link Initialization#BILINEAR} interpolates. */
        public ConvTransposeSpec initialization(Initialization rule) {
            initialization = Required.given(rule, "initialization");
            return this;
        }

        @Override
        public Layer create(NetworkContext context, TensorShape input) {
            TransposedConvolution.Builder builder = builder(input.rank() - 1).input(input.size(0), spatial(input))
                    .filters(outputChannels, filter).stride(stride).padding(padding).dilation(dilation).groups(groups);
            if (outputPadding != null) {
                builder.outputPadding(outputPadding);
            }
            if (outputSize != null) {
                builder.outputSize(outputSize);
            }
            if (restored != null) {
                if (outputSize != null) {
                    throw new IllegalArgumentException("output size and a layer with an input of that size are both given;"
                            + " allowed: one of them");
                }
                builder.outputSize(spatial(context.inputShapeOf(restored)));
            }
            TransposedConvolution layer = builder.build();
            return new ConvTranspose(context, input, withoutBatch(layer.outputShape()), layer, bias, initialization);
        }

        private static TransposedConvolution.Builder builder(int dimensions) {
            return switch (dimensions) {
                case 1 -> TransposedConvolution.conv1d();
                case 2 -> TransposedConvolution.conv2d();
                case 3 -> TransposedConvolution.conv3d();
                default -> throw new IllegalArgumentException("the input has " + dimensions + " spatial axes; allowed: 1..3");
            };
        }
    }

    /** A batch normalisation being described. */
    public static final class BatchNormSpec implements LayerSpec {

        private double epsilon = 1e-5;
        private double momentum = 0.1;

        private BatchNormSpec() {
        }

        /** What is added to the variance: 1e-5 unless set; 1e-37 and up. */
        public BatchNormSpec epsilon(double value) {
            Optimizers.requireEpsilon(value);
            epsilon = value;
            return this;
        }

        /** The share of a batch in the running mean and variance: 0.1 unless set; 0..1. As in PyTorch; elsewhere it is called 1 minus this. */
        public BatchNormSpec momentum(double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("momentum of batch normalisation is " + value + "; allowed: 0..1");
            }
            momentum = value;
            return this;
        }

        @Override
        public Layer create(NetworkContext context, TensorShape input) {
            return new BatchNorm(context, input, epsilon, momentum);
        }
    }

    /** A pooling layer being described. */
    public static final class PoolSpec implements LayerSpec {

        private final long[] window;
        private Pool.Kind kind;
        private long[] stride;
        private long[] padding = {0};
        private boolean roundUp;

        private PoolSpec(Pool.Kind kind, long[] window) {
            this.kind = kind;
            this.window = Required.given(window, "window");
        }

        /** As wide as the window unless set; one value per spatial axis, or one for all. */
        public PoolSpec stride(long... strides) {
            stride = Required.given(strides, "stride");
            return this;
        }

        /** At both ends of an axis, none unless set; up to half of the window. A maximum never takes it. */
        public PoolSpec padding(long... paddings) {
            padding = Required.given(paddings, "padding");
            return this;
        }

        /**
         * Sizes rounded up instead of down: a last window that begins inside the input or its begin padding is taken even when it reaches
         * behind the end (Caffe's rule, which GoogLeNet's sizes follow).
         */
        public PoolSpec roundUp() {
            roundUp = true;
            return this;
        }

        /**
         * Averages divide by the number of taps, those in the padding counted as zeros (PyTorch's {@code count_include_pad}, which is its
         * default), instead of by the number of positions inside the input.
         *
         * @throws IllegalArgumentException for a maximum; and when the layer is built, where a window of {@link #roundUp} reaches behind the
         *                                  padding
         */
        public PoolSpec countIncludePad() {
            if (kind == Pool.Kind.MAX) {
                throw new IllegalArgumentException("countIncludePad is given for a maximum, which counts nothing; allowed: for an average");
            }
            kind = Pool.Kind.AVERAGE_WITH_PADDING;
            return this;
        }

        @Override
        public Layer create(NetworkContext context, TensorShape input) {
            int dimensions = input.rank() - 1;
            long[] windows = perAxis("window", window, dimensions);
            long[] strides = perAxis("stride", stride == null ? window : stride, dimensions);
            long[] paddings = perAxis("padding", padding, dimensions);
            List<SpatialAxis> axes = new ArrayList<>();
            for (int i = 0; i < dimensions; i++) {
                axes.add(axis(input.size(1 + i), windows[i], strides[i], paddings[i]));
            }
            ConvProblem problem = new ConvProblem(1, input.size(0), input.size(0), input.size(0), axes);
            return new Pool(context, input, withoutBatch(problem.yShape()), kind, problem);
        }

        private SpatialAxis axis(long input, long size, long step, long pad) {
            if (pad * 2 > size) {
                throw new IllegalArgumentException("pooling padding is " + pad + "; allowed: up to half of the window " + size);
            }
            if (size < 1 || size > input + 2 * pad) {
                throw new IllegalArgumentException("pooling window is " + size + "; allowed: 1.." + (input + 2 * pad) + " on " + input
                        + " positions with a padding of " + pad);
            }
            SpatialAxis down = new SpatialAxis(input, size, step, pad, pad, 1);
            boolean oneMore = roundUp && down.unreached() > 0 && down.output() * step < input + pad;
            if (oneMore && kind == Pool.Kind.AVERAGE_WITH_PADDING) {
                throw new IllegalArgumentException("countIncludePad and roundUp are both given, and the last window of " + size + " on "
                        + input + " positions reaches behind the padding " + pad + ", where nothing is to be counted; allowed: one of them");
            }
            return oneMore ? new SpatialAxis(input, size, step, pad, pad + step - down.unreached(), 1) : down;
        }
    }

    private static long[] spatial(TensorShape shape) {
        return Arrays.copyOfRange(shape.sizes(), 1, shape.rank());
    }

    private static TensorShape withoutBatch(TensorShape shape) {
        return TensorShape.of(Arrays.copyOfRange(shape.sizes(), 1, shape.rank()));
    }
}
