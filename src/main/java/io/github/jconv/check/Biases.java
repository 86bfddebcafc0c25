package io.github.jconv.check;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;

/** What a bias means. */
final class Biases {

    private Biases() {
    }

    /** A tensor {@code [N, channels, positions...]} with {@code bias[channel]} at every position. */
    static HostTensor broadcast(HostTensor bias, Layout layout, TensorShape shape) {
        HostTensor tensor = HostTensor.zeros(bias.dataType(), layout, shape);
        long positions = shape.positions();
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, bias.get(i / positions % bias.length()));
        }
        return tensor;
    }

    /** {@code sum over n, positions: gradient[n, channel, ...]} in fp64, of the values or of their absolute values. */
    static double[] sums(HostTensor gradient, int channels, boolean absolute) {
        double[] sums = new double[channels];
        long positions = gradient.shape().positions();
        for (int i = 0; i < gradient.length(); i++) {
            double value = gradient.get(i);
            sums[(int) (i / positions % channels)] += absolute ? Math.abs(value) : value;
        }
        return sums;
    }

    /** {@code [channels]} of {@code [N, channels, positions...]}. */
    static TensorShape shape(TensorShape output) {
        return TensorShape.of(output.size(1));
    }
}
