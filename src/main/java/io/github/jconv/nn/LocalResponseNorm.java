package io.github.jconv.nn;

import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Map;

/** Local response normalisation across channels (Krizhevsky et al. 2012), as GoogLeNet uses it. */
public final class LocalResponseNorm extends Layer {

    private final long size;
    private final double alpha;
    private final double beta;
    private final double k;
    private Tensor x;

    LocalResponseNorm(NetworkContext context, TensorShape shape, long size, double alpha, double beta, double k) {
        super(context, "localResponseNorm", shape, shape);
        if (size < 1 || size > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException("size of the local response is " + size + "; allowed: 1.." + Integer.MAX_VALUE / 2);
        }
        if (!(alpha >= 0 && beta >= 0 && k > 0 && alpha + beta + k < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("alpha, beta and k of the local response are " + alpha + ", " + beta + " and " + k
                    + "; allowed: 0 and up, 0 and up, above 0");
        }
        this.size = size;
        this.alpha = alpha;
        this.beta = beta;
        this.k = k;
    }

    @Override
    public Tensor forward(Tensor input, Mode mode) {
        x = input;
        Tensor y = output(input.shape().size(0));
        context().ops().localResponseNorm(input, size, alpha, beta, k, y);
        return y;
    }

    @Override
    boolean leavesOutputFree() {
        return true;
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        Tensor dx = context().borrow(inputShape(dy));
        context().ops().localResponseNormBackward(x, size, alpha, beta, k, dy, dx);
        context().giveBack(dy);
        return dx;
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("size", (double) size, "alpha", alpha, "beta", beta, "k", k);
    }
}
