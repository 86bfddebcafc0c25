package io.github.jconv.nn;

import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;

/** Local response normalisation across channels (Krizhevsky et al. 2012), as GoogLeNet uses it. */
public final class LocalResponseNorm extends Layer {

    private final long size;
    private final double alpha;
    private final double beta;
    private final double k;
    private Tensor x;

    LocalResponseNorm(NetworkContext context, TensorShape shape, long size, double alpha, double beta, double k) {
        super(context, "localResponseNorm", shape, shape);
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
}
