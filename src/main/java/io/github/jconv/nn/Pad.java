package io.github.jconv.nn;

import io.github.jconv.algorithm.PadMode;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;

/** Padding of the spatial axes by a rule, with its exact gradient; put in front of a convolution without padding. */
public final class Pad extends Layer {

    private final PadMode mode;
    private final long[] before;

    private Pad(NetworkContext context, TensorShape input, TensorShape output, PadMode mode, long[] before) {
        super(context, "pad", input, output);
        this.mode = mode;
        this.before = before;
    }

    static Pad create(NetworkContext context, TensorShape input, PadMode mode, long[] before, long[] after) {
        int axes = input.rank() - 1;
        if (before.length != axes || after.length != axes) {
            throw new IllegalArgumentException("padding has " + before.length + " and " + after.length + " values; allowed: " + axes
                    + ", one per spatial axis of " + input);
        }
        long[] sizes = input.sizes();
        for (int i = 0; i < axes; i++) {
            long limit = mode.limit(input.size(1 + i));
            if (Math.min(before[i], after[i]) < 0 || Math.max(before[i], after[i]) > limit) {
                throw new IllegalArgumentException("padding of axis " + i + " is " + before[i] + " and " + after[i] + "; allowed: 0.."
                        + limit + " for mode " + mode + " on " + input.size(1 + i) + " positions");
            }
            sizes[1 + i] += before[i] + after[i];
        }
        return new Pad(context, input, TensorShape.of(sizes), mode, before.clone());
    }

    @Override
    public Tensor forward(Tensor x, Mode ignored) {
        Tensor y = output(x.shape().size(0));
        context().ops().pad(mode, before, x, y);
        return y;
    }

    @Override
    boolean leavesOutputFree() {
        return true;
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        Tensor dx = null;
        if (wantInput) {
            dx = context().borrow(inputShape(dy));
            context().ops().padBackward(mode, before, dy, dx);
        }
        context().giveBack(dy);
        return dx;
    }
}
