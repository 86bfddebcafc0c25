package io.github.jconv.nn;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.Optional;

/**
 * One layer of a network, built for an input shape without the batch. The backward pass is explicit: {@link #backward} follows the
 * {@link #forward} whose result it differentiates, adds to the gradients of the layer's parameters and returns the gradient of its input.
 *
 * <p>A layer owns its output for each batch size it has seen; it is valid until the next forward.
 */
public abstract class Layer {

    private final NetworkContext context;
    private final String name;
    private final TensorShape inputShape;
    private final TensorShape outputShape;
    private boolean borrowsOutput;
    private final PerBatch<TensorShape> outputShapes = new PerBatch<>(batch -> withBatch(batch, outputShape()));
    private final PerBatch<TensorShape> inputShapes = new PerBatch<>(batch -> withBatch(batch, inputShape()));
    private final PerBatch<Tensor> outputs = new PerBatch<>(batch -> context().newTensor(withBatch(batch, outputShape())));

    /**
     * @param kind        what the name begins with
     * @param inputShape  {@code [C, positions...]}
     * @param outputShape the same of the output
     */
    protected Layer(NetworkContext context, String kind, TensorShape inputShape, TensorShape outputShape) {
        this.context = context;
        this.name = context.uniqueName(kind);
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
     * @param wantInput whether anybody needs the result; if not, it is null
     */
    public abstract Tensor backward(Tensor dy, boolean wantInput);

    /** The parameters of this layer and of the layers in it, in a fixed order. */
    public List<Parameter> parameters() {
        return List.of();
    }

    /** Layers inside this one, in the order of the forward pass. */
    public List<Layer> children() {
        return List.of();
    }

    /** Multiply-accumulates of one image's forward pass. */
    public long macsPerImage() {
        return children().stream().mapToLong(Layer::macsPerImage).sum();
    }

    /** Bytes of the tensors that this layer keeps from forward to backward. */
    public long activationBytes() {
        long bytes = children().stream().mapToLong(Layer::activationBytes).sum();
        for (Tensor output : outputs.all()) {
            bytes += output.bytes();
        }
        return bytes;
    }

    /** Whether what forward returns belongs to this layer alone and is not read by its backward, so that it may be overwritten. */
    boolean leavesOutputFree() {
        return false;
    }

    /** From now on the output is borrowed from the context; whoever reads it gives it back. For a layer that leaves its output free. */
    void borrowOutput() {
        borrowsOutput = true;
    }

    /** The first layer, in the order of the forward pass, whose last output for that batch size holds a value that is not finite. */
    Optional<Layer> firstNotFinite(long batch) {
        for (Layer child : children()) {
            Optional<Layer> found = child.firstNotFinite(batch);
            if (found.isPresent()) {
                return found;
            }
        }
        if (!outputs.has(batch)) {
            return Optional.empty();
        }
        HostTensor values = HostTensor.zeros(context.type(), outputs.get(batch).shape());
        context.engine().download(outputs.get(batch), values);
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

    /** The layer's output tensor for a batch size. */
    protected final Tensor output(long batch) {
        return borrowsOutput ? context.borrow(outputShapes.get(batch)) : outputs.get(batch);
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
