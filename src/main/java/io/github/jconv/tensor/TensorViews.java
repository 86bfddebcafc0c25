package io.github.jconv.tensor;

/** What a tensor may be seen as. */
public final class TensorViews {

    private TensorViews() {
    }

    /**
     * Requires that the tensor has elements enough for a view from an element in memory on and, where its channels are last, that the
     * view has as many and begins with the first of them: otherwise it would have other elements.
     */
    public static void require(Tensor tensor, TensorShape view, long first) {
        TensorShape shape = tensor.shape();
        Tensor.requireInside(view, first, shape);
        if (tensor.layout() == Layout.NHWC && (view.rank() < 2 || view.size(1) != shape.size(1) || first % shape.size(1) != 0)) {
            throw new IllegalArgumentException("a view of shape " + view + " of the tensor " + shape + " with the channels last"
                    + "; allowed: a view with as many channels, from the first channel of a position on");
        }
    }
}
