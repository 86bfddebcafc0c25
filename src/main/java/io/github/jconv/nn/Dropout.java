package io.github.jconv.nn;

import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Map;

/**
 * Inverted dropout (Srivastava et al., JMLR 2014): in training each value is set to zero with probability {@code rate} and the others are
 * divided by {@code 1 - rate}. Which ones depends on the network's seed, the layer and the step alone ({@link Network#setStep}).
 */
public final class Dropout extends Layer {

    private final double rate;
    private final long stream;
    private boolean dropped;

    Dropout(NetworkContext context, TensorShape shape, double rate) {
        super(context, "dropout", shape, shape);
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout rate is " + rate + "; allowed: 0 and up, below 1");
        }
        this.rate = rate;
        this.stream = context.newDropoutStream();
    }

    @Override
    public Tensor forward(Tensor x, Mode mode) {
        dropped = mode == Mode.TRAINING && rate > 0;
        if (!dropped) {
            return x;
        }
        Tensor y = output(x.shape().size(0));
        context().ops().dropout(x, rate, seed(), context().stepNumber(), y);
        return y;
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        if (dropped) {
            context().ops().dropout(dy, rate, seed(), context().stepNumber(), dy);
        }
        return dy;
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("rate", rate);
    }

    private long seed() {
        return context().seed() * 31 + stream;
    }
}
