package io.github.jconv.nn;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;

/** A transposed convolution with an optional bias; weight {@code [inputChannels, outputChannels/G, filter...]}. */
public final class ConvTranspose extends WeightedLayer {

    private final TransposedConvolution oneImage;
    private final PerBatch<TransposedConvolution> layers;
    private Tensor x;

    ConvTranspose(NetworkContext context, TensorShape input, TensorShape output, TransposedConvolution oneImage, boolean withBias,
                  Initialization initialization) {
        super(context, "convTranspose", input, output, oneImage.weightShape(), withBias ? oneImage.biasShape() : null, initialization,
                oneImage.equivalent().filtersPerGroup() * tapsPerOutput(oneImage),
                oneImage.equivalent().channelsPerGroup() * (double) oneImage.equivalent().filterTaps());
        this.oneImage = oneImage;
        this.layers = new PerBatch<>(batch -> new TransposedConvolution(oneImage.equivalent().withBatch(batch), oneImage.axes()));
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
        x = input;
        Tensor y = output(input.shape().size(0));
        context().engine().forward(layer(input), input, weight(), bias(), y);
        return y;
    }

    @Override
    void backwardFilter(Tensor dy, Tensor weightGradient) {
        context().engine().backwardFilter(layer(dy), x, dy, weightGradient, WriteMode.ACCUMULATE);
    }

    @Override
    void backwardBias(Tensor dy, Tensor biasGradient) {
        context().engine().backwardBias(layer(dy), dy, biasGradient, WriteMode.ACCUMULATE);
    }

    @Override
    void backwardData(Tensor dy, Tensor dx) {
        context().engine().backwardData(layer(dy), dy, weight(), dx, WriteMode.OVERWRITE);
    }

    @Override
    public long macsPerImage() {
        return oneImage.equivalent().macs();
    }

    private TransposedConvolution layer(Tensor batchOf) {
        return layers.get(batchOf.shape().size(0));
    }
}
