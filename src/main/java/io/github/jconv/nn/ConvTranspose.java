package io.github.jconv.nn;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;

/** A transposed convolution with an optional bias; weight {@code [inputChannels, outputChannels/G, filter...]}. */
public final class ConvTranspose extends Layer {

    private final TransposedConvolution oneImage;
    private final Parameter weight;
    private final Parameter bias;
    private final PerBatch<TransposedConvolution> layers;
    private Tensor x;

    ConvTranspose(NetworkContext context, TensorShape input, TensorShape output, TransposedConvolution oneImage, boolean withBias,
                  Initialization initialization) {
        super(context, "convTranspose", input, output);
        this.oneImage = oneImage;
        // One output sums, on average over the residues of the stride, over the taps of one filter divided by the stride.
        double taps = oneImage.equivalent().filterTaps()
                / (double) oneImage.axes().stream().mapToLong(a -> Math.min(a.stride(), a.filter())).reduce(1, (a, b) -> a * b);
        double fanIn = oneImage.equivalent().filtersPerGroup() * taps;
        double fanOut = oneImage.equivalent().channelsPerGroup() * (double) oneImage.equivalent().filterTaps();
        this.weight = context.weight(name() + ".weight", oneImage.weightShape(), initialization, fanIn, fanOut);
        this.bias = withBias
                ? context.add(name() + ".bias", HostTensor.zeros(context.type(), oneImage.biasShape()), false) : null;
        this.layers = new PerBatch<>(batch -> new TransposedConvolution(oneImage.equivalent().withBatch(batch), oneImage.axes()));
    }

    /** The layer for one image. */
    public TransposedConvolution problem() {
        return oneImage;
    }

    /** Sets the weights to a bilinear up-sampling. */
    public void fillBilinear() {
        HostTensor values = HostTensor.zeros(context().type(), oneImage.weightShape());
        Initialization.fillBilinear(values);
        context().engine().upload(values, weight.value());
    }

    @Override
    public Tensor forward(Tensor input, Mode mode) {
        x = input;
        Tensor y = output(input.shape().size(0));
        context().engine().forward(layers.get(input.shape().size(0)), input, weight.value(), bias == null ? null : bias.value(), y);
        return y;
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        TransposedConvolution layer = layers.get(dy.shape().size(0));
        context().engine().backwardFilter(layer, x, dy, weight.gradient(), WriteMode.ACCUMULATE);
        if (bias != null) {
            context().engine().backwardBias(layer, dy, bias.gradient(), WriteMode.ACCUMULATE);
        }
        Tensor dx = null;
        if (wantInput) {
            dx = context().borrow(inputShape(dy));
            context().engine().backwardData(layer, dy, weight.value(), dx, WriteMode.OVERWRITE);
        }
        context().giveBack(dy);
        return dx;
    }

    @Override
    public List<Parameter> parameters() {
        return bias == null ? List.of(weight) : List.of(weight, bias);
    }

    @Override
    public long macsPerImage() {
        return oneImage.equivalent().macs();
    }
}
