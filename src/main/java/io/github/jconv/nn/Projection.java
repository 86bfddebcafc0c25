package io.github.jconv.nn;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What in a picture a channel of a layer answers to (Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014):
 * the channel's strongest activations, with everything else set to zero, go back to the pixels. A convolution is transposed, a maximum
 * returns to the place that it came from, and a ReLU keeps what is positive.
 */
public final class Projection {

    private final Network network;
    private final List<Layer> path;

    /** The picture, which the layers read again on the way back. */
    private final Tensor input;
    private final HostTensor outputs;

    private Projection(Network network, List<Layer> path) {
        this.network = network;
        this.path = path;
        this.input = network.context().newTensor(Layer.withBatch(1, network.inputShape()));
        Layer last = path.get(path.size() - 1);
        this.outputs = HostTensor.zeros(network.context().type(), Layer.withBatch(1, last.outputShape()));
    }

    /**
     * @param layer name of a layer of the network's main path, with convolutions, ReLUs and pooling in front of it
     * @throws IllegalArgumentException when there is no such layer, listing those there are, or another kind is in front of it
     */
    public static Projection of(Network network, String layer) {
        List<Layer> path = new ArrayList<>();
        String end = "";
        for (Layer next : network.root().children()) {
            if (!canGoBack(next)) {
                end = "; through " + next.name() + " behind them nothing can go back";
                break;
            }
            path.add(next);
            if (next.name().equals(layer)) {
                return new Projection(network, path);
            }
        }
        throw new IllegalArgumentException("layer is '" + layer + "'; allowed: " + String.join(", ",
                path.stream().map(Layer::name).toList()) + end);
    }

    private static boolean canGoBack(Layer layer) {
        return layer instanceof Conv || layer instanceof ConvTranspose || layer instanceof Pool
                || layer instanceof ActivationLayer activation && activation.isRectifier();
    }

    /** The largest activation of each channel for a picture {@code [1, C, H, W]}. */
    public double[] strongest(HostTensor picture) {
        forward(picture);
        double[] strongest = new double[channels()];
        for (int channel = 0; channel < strongest.length; channel++) {
            strongest[channel] = outputs.get(strongestAt(channel));
        }
        return strongest;
    }

    /** What the strongest activation of a channel for a picture {@code [1, C, H, W]} answers to, in the picture's shape. */
    public HostTensor project(HostTensor picture, int channel) {
        return project(picture, channel, 1);
    }

    /** The same for a number of the channel's strongest activations together, or for all that it has. */
    public HostTensor project(HostTensor picture, int channel, int activations) {
        if (activations < 1) {
            throw new IllegalArgumentException("activations is " + activations + "; allowed: 1 and up");
        }
        if (channel < 0 || channel >= channels()) {
            throw new IllegalArgumentException("channel is " + channel + "; allowed: 0.." + (channels() - 1));
        }
        forward(picture);
        keepStrongest(channel, activations);
        try (Tensor signal = network.engine().newTensor(outputs.dataType(), outputs.shape())) {
            network.engine().upload(outputs, signal);
            return pixels(signal);
        }
    }

    private HostTensor pixels(Tensor signal) {
        Tensor current = signal;
        for (int i = path.size() - 1; i >= 0; i--) {
            Layer layer = path.get(i);
            if (layer instanceof ActivationLayer) {
                network.context().ops().activation(Activation.RELU, 0, current, current);
            } else if (layer instanceof WeightedLayer weighted) {
                current = weighted.backwardToInput(current);
            } else {
                current = layer.backward(current, true);
            }
        }
        HostTensor pixels = HostTensor.zeros(network.context().type(), Layer.withBatch(1, network.inputShape()));
        network.engine().download(current, pixels);
        network.context().giveBack(current);
        return pixels;
    }

    private void forward(HostTensor picture) {
        if (!picture.shape().equals(input.shape())) {
            throw new IllegalArgumentException("the picture has shape " + picture.shape() + "; the network needs " + input.shape());
        }
        network.engine().upload(picture, input);
        Tensor y = input;
        for (Layer layer : path) {
            y = layer.forward(y, Mode.INFERENCE);
        }
        network.engine().download(y, outputs);
    }

    /** Sets all outputs but these to zero. */
    private void keepStrongest(int channel, int activations) {
        int positions = outputs.length() / channels();
        int[] places = IntStream.range(channel * positions, (channel + 1) * positions).boxed()
                .sorted(Comparator.comparingDouble(place -> -outputs.get(place))).limit(activations).mapToInt(place -> place).toArray();
        double[] values = Arrays.stream(places).mapToDouble(outputs::get).toArray();
        outputs.fill(0);
        for (int i = 0; i < places.length; i++) {
            outputs.set(places[i], values[i]);
        }
    }

    private int channels() {
        return (int) outputs.shape().size(1);
    }

    private int strongestAt(int channel) {
        int positions = outputs.length() / channels();
        int best = channel * positions;
        for (int i = best; i < (channel + 1) * positions; i++) {
            if (outputs.get(i) > outputs.get(best)) {
                best = i;
            }
        }
        return best;
    }
}
