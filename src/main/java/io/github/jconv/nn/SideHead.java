package io.github.jconv.nn;

import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.Map;

/**
 * Hands its input on unchanged and, in training, also through layers of its own to an output with a loss of its own: the auxiliary
 * classifiers of GoogLeNet. Their gradient is added to the one that comes back from the main path.
 */
public final class SideHead extends Layer {

    private final Layer head;
    private final double weight;
    private Tensor headOutput;
    private final PerBatch<Tensor> headGradients;

    private SideHead(NetworkContext context, TensorShape shape, Layer head, double weight) {
        super(context, "sideHead", shape, shape);
        this.head = head;
        this.weight = weight;
        this.headGradients = new PerBatch<>(batch -> context.newTensor(withBatch(batch, head.outputShape())));
    }

    static SideHead create(NetworkContext context, TensorShape input, double weight, List<LayerSpec> layers) {
        return new SideHead(context, input, Sequential.create(context, "head", input, layers), weight);
    }

    /** What this head's loss is multiplied with before it is added to the network's. */
    public double weight() {
        return weight;
    }

    /** Shape of what the head yields for an image. */
    TensorShape headShape() {
        return head.outputShape();
    }

    /** Number of values that the head yields for an image. */
    long outputs() {
        return headShape().elements();
    }

    /** The head's output {@code [N, ...]} of the last forward in training, valid until the backward pass. */
    public Tensor headOutput() {
        return headOutput;
    }

    /**
     * Where the gradient of the head's output, weight included, goes before the backward pass, which adds what comes of it to the
     * gradients of the network; shaped like the head's output. A {@link Trainer} computes it; who writes a loop of his own must.
     */
    public Tensor headGradient() {
        return headGradients.get(headOutput.shape().size(0));
    }

    @Override
    public Tensor forward(Tensor x, Mode mode) {
        if (mode == Mode.TRAINING) {
            headOutput = head.forward(x, mode);
        }
        return x;
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        Tensor fromHead = head.backward(headGradient(), wantInput);
        if (wantInput) {
            context().ops().addScaled(fromHead, 1, dy);
        }
        context().giveBack(fromHead);
        return dy;
    }

    @Override
    public List<Parameter> parameters() {
        return head.parameters();
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("weight", weight);
    }

    @Override
    public List<Layer> children() {
        return List.of(head);
    }
}
