package io.github.jconv.nn;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;

/**
 * A transposed convolution with an optional bias; weight {@code [inputChannels, outputChannels/G, filter...]}.
 *
 * <p>With a stride above 1 several sizes of output belong to one size of input. Which one is fixed when the layer is built
 * ({@link Layers.ConvTransposeSpec}), or said call by call: {@link #forward(Tensor, Mode, long...)}.
 */
public final class ConvTranspose extends WeightedLayer {

    private final TransposedConvolution oneImage;
    private final PerBatch<TransposedConvolution> layers;
    private final List<Sized> sized = new ArrayList<>();
    private TransposedConvolution called;
    private Tensor x;

    /** The layer for a batch and an output of another size than it was built with. */
    private record Sized(TransposedConvolution layer, TensorShape outputShape) {

        boolean is(long batch, long[] sizes) {
            if (layer.batch() != batch || sizes.length != 1 && sizes.length != layer.dimensions()) {
                return false;
            }
            for (int i = 0; i < layer.dimensions(); i++) {
                if (layer.equivalent().axes().get(i).input() != sizes[sizes.length == 1 ? 0 : i]) {
                    return false;
                }
            }
            return true;
        }
    }

    ConvTranspose(NetworkContext context, TensorShape input, TensorShape output, TransposedConvolution oneImage, boolean withBias,
                  Initialization initialization) {
        super(context, "convTranspose", input, output, oneImage.weightShape(), withBias ? oneImage.biasShape() : null, initialization,
                oneImage.equivalent().filtersPerGroup() * tapsPerOutput(oneImage),
                oneImage.equivalent().channelsPerGroup() * (double) oneImage.equivalent().filterTaps());
        this.oneImage = oneImage;
        this.layers = new PerBatch<>(oneImage::withBatch);
    }

    /** One output sums, on average over the residues of the stride, over the taps of one filter divided by the stride. */
    private static double tapsPerOutput(TransposedConvolution layer) {
        return layer.equivalent().filterTaps()
                / (double) layer.axes().stream().mapToLong(a -> Math.min(a.stride(), a.filter())).reduce(1, (a, b) -> a * b);
    }

    /** The layer for one image. */
    public TransposedConvolution problem() {
        return oneImage;
    }

    @Override
    public Tensor forward(Tensor input, Mode mode) {
        long batch = input.shape().size(0);
        return run(layers.get(batch), input, weight(mode), output(batch));
    }

    /**
     * The same with an output of the given spatial size, such as that of an activation which the input was computed from. The backward
     * pass that follows takes a gradient of that size. A size and batch seen before allocates nothing.
     *
     * @param outputSize one value per spatial axis, or one for all
     * @throws io.github.jconv.problem.InvalidProblemException naming the axis and the sizes that are possible
     */
    public Tensor forward(Tensor input, Mode mode, long... outputSize) {
        Sized wanted = sized(input.shape().size(0), outputSize);
        return run(wanted.layer(), input, weight(mode), output(wanted.outputShape()));
    }

    private Sized sized(long batch, long[] outputSize) {
        for (int i = 0; i < sized.size(); i++) {
            if (sized.get(i).is(batch, outputSize)) {
                return sized.get(i);
            }
        }
        TransposedConvolution layer = oneImage.withBatch(batch).withOutputSize(outputSize);
        Sized made = new Sized(layer, layer.outputShape());
        sized.add(made);
        return made;
    }

    private Tensor run(TransposedConvolution layer, Tensor input, Tensor w, Tensor y) {
        called = layer;
        x = input;
        context().engine().forward(layer, input, w, bias(), y);
        return y;
    }

    @Override
    void backwardFilter(Tensor dy, Tensor weightGradient) {
        context().engine().backwardFilter(called, x, dy, weightGradient, WriteMode.ACCUMULATE);
    }

    @Override
    void backwardBias(Tensor dy, Tensor biasGradient) {
        context().engine().backwardBias(called, dy, biasGradient, WriteMode.ACCUMULATE);
    }

    @Override
    void backwardData(Tensor dy, Tensor dx) {
        context().engine().backwardData(called, dy, weight(), dx, WriteMode.OVERWRITE);
    }

    @Override
    public long macsPerImage() {
        return oneImage.equivalent().macs();
    }
}
