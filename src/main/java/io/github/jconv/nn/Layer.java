package io.github.jconv.nn;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One layer of a network, built for an input shape without the batch. The backward pass is explicit: {@link #backward} follows the
 * {@link #forward} whose result it differentiates, adds to the gradients of the layer's parameters and returns the gradient of its input.
 *
 * <p>An output is lent from memory that a network's activations and gradients share. In training it is valid until the backward pass of
 * its layer is over, in inference until the layer that reads it has run.
 */
public abstract class Layer {

    private final NetworkContext context;
    private final String name;
    private final TensorShape inputShape;
    private final TensorShape outputShape;
    private Tensor held;
    private final PerBatch<TensorShape> outputShapes = new PerBatch<>(batch -> withBatch(batch, outputShape()));
    private final PerBatch<TensorShape> inputShapes = new PerBatch<>(batch -> withBatch(batch, inputShape()));

    /**
     * @param kind        what the name begins with
     * @param inputShape  {@code [C, positions...]}
     * @param outputShape the same of the output
     */
    protected Layer(NetworkContext context, String kind, TensorShape inputShape, TensorShape outputShape) {
        this.context = context;
        this.name = context.register(kind, inputShape);
        this.inputShape = inputShape;
        this.outputShape = outputShape;
    }

    public final String name() {
        return name;
    }

    /** Without the batch. */
    public final TensorShape inputShape() {
        return inputShape;
    }

    /** Without the batch. */
    public final TensorShape outputShape() {
        return outputShape;
    }

    /** y of x {@code [N, inputShape...]}. */
    public abstract Tensor forward(Tensor x, Mode mode);

    /**
     * The gradient of the input from the gradient of the output of the last forward.
     *
     * @param dy        borrowed from the context or not; it is given back, or turned into the result in place
     * @param wantInput whether anybody needs the result; if not, it may be null
     */
    public abstract Tensor backward(Tensor dy, boolean wantInput);

    /**
     * The parameters of this layer and of the layers in it, in a fixed order. They are made by {@link NetworkContext#weight} and
     * {@link NetworkContext#parameter} in the layer's constructor: a network trains and saves no others, and is not built with any.
     */
    public List<Parameter> parameters() {
        return List.of();
    }

    /** Numbers that it computes with besides its parameters, by name; a checkpoint goes on with no other ones. */
    public Map<String, Double> settings() {
        return Map.of();
    }

    /** Layers inside this one, in the order of the forward pass. */
    public List<Layer> children() {
        return List.of();
    }

    /** Multiply-accumulates of one image's forward pass. */
    public long macsPerImage() {
        return children().stream().mapToLong(Layer::macsPerImage).sum();
    }

    /** Whether what forward returns belongs to this layer alone and is not read by its backward, so that it may be overwritten. */
    boolean leavesOutputFree() {
        return false;
    }

    /** Gives the memory of the last output back, and of those of the layers inside this one. */
    final void releaseOutputs() {
        List<Layer> children = children();
        for (int i = 0; i < children.size(); i++) {
            children.get(i).releaseOutputs();
        }
        release();
    }

    /** Gives the memory of what forward returned back, where no backward pass reads it: for a layer that leaves its output free. */
    void releaseFreeOutput() {
        release();
    }

    private void release() {
        if (held != null) {
            context.release(held);
            held = null;
        }
    }

    /** The first layer, in the order of the forward pass, whose last output is still there and holds a value that is not finite. */
    Optional<Layer> firstNotFinite() {
        for (Layer child : children()) {
            Optional<Layer> found = child.firstNotFinite();
            if (found.isPresent()) {
                return found;
            }
        }
        if (held == null) {
            return Optional.empty();
        }
        HostTensor values = HostTensor.zeros(context.type(), held.shape());
        context.engine().download(held, values);
        for (int i = 0; i < values.length(); i++) {
            if (!Double.isFinite(values.get(i))) {
                return Optional.of(this);
            }
        }
        return Optional.empty();
    }

    protected final NetworkContext context() {
        return context;
    }

    /** Memory for the layer's output for a batch size. */
    protected final Tensor output(long batch) {
        return output(outputShapes.get(batch));
    }

    /** Memory for an output of that shape, batch included; the layer's last output is not needed any more. */
    final Tensor output(TensorShape shape) {
        if (held == null || !held.shape().equals(shape)) {
            release();
            held = context.hold(shape);
        }
        return held;
    }

    /** {@code [N, outputShape...]} for the batch of a tensor. */
    protected final TensorShape outputShape(Tensor batchOf) {
        return outputShapes.get(batchOf.shape().size(0));
    }

    /** {@code [N, inputShape...]} for the batch of dy. */
    protected final TensorShape inputShape(Tensor dy) {
        return inputShapes.get(dy.shape().size(0));
    }

    static TensorShape withBatch(long batch, TensorShape shape) {
        long[] sizes = new long[shape.rank() + 1];
        sizes[0] = batch;
        System.arraycopy(shape.sizes(), 0, sizes, 1, shape.rank());
        return TensorShape.of(sizes);
    }

    @Override
    public String toString() {
        return name + " " + inputShape + " -> " + outputShape;
    }
}
