package io.github.jconv.nn;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;

/** Maximum or average over windows. */
public final class Pool extends Layer {

    /** What is taken of a window. */
    public enum Kind {
        MAX("maxPool"),
        /** The sum over the positions inside the input, divided by their number. */
        AVERAGE("averagePool"),
        /** The sum divided by the number of taps, padding counted. */
        AVERAGE_WITH_PADDING("averagePool");

        private final String layerName;

        Kind(String layerName) {
            this.layerName = layerName;
        }
    }

    private final Kind kind;
    private final PerBatch<ConvProblem> windows;
    private Tensor x;

    Pool(NetworkContext context, TensorShape input, TensorShape output, Kind kind, ConvProblem window) {
        super(context, kind.layerName, input, output);
        this.kind = kind;
        this.windows = new PerBatch<>(window::withBatch);
    }

    @Override
    public Tensor forward(Tensor input, Mode mode) {
        x = input;
        Tensor y = output(input.shape().size(0));
        ConvProblem window = windows.get(input.shape().size(0));
        if (kind == Kind.MAX) {
            context().ops().maxPool(window, input, y);
        } else {
            context().ops().averagePool(window, kind == Kind.AVERAGE_WITH_PADDING, input, y);
        }
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
            ConvProblem window = windows.get(dy.shape().size(0));
            if (kind == Kind.MAX) {
                context().ops().maxPoolBackward(window, x, dy, dx);
            } else {
                context().ops().averagePoolBackward(window, kind == Kind.AVERAGE_WITH_PADDING, dy, dx);
            }
        }
        context().giveBack(dy);
        return dx;
    }
}
