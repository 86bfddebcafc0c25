package io.github.jconv.nn;

import io.github.jconv.nn.data.Dataset;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Optional;
import java.util.function.Consumer;

/** The tensors of a batch of a certain size, on the heap and where the network computes, and the training step on them. */
final class Batch {

    private final Network network;
    private final int size;
    /** Their numbers in the data set that they were loaded from. */
    private final int[] images;
    private final Values x;
    private final HostTensor hostLabels;
    private final HostTensor hostLoss;
    private final HostTensor hostOutput;
    private final Tensor labels;
    private final Tensor lossPerImage;
    private final Tensor gradient;
    private final Tensor[] sideLosses;
    private final RepeatedWork forwardStep;
    private final RepeatedWork backwardStep;
    private Values targets;
    private Tensor output;

    /**
     * @param forward  what a training step on this batch does until the losses are there
     * @param backward what it does then
     */
    Batch(Network network, long images, Consumer<Batch> forward, Consumer<Batch> backward) {
        this.network = network;
        NetworkContext context = network.context();
        TensorShape perImage = TensorShape.of(images);
        size = (int) images;
        this.images = new int[size];
        x = new Values(context, Layer.withBatch(images, network.inputShape()));
        targets = x;
        hostLabels = HostTensor.zeros(context.type(), perImage);
        hostLoss = HostTensor.zeros(context.type(), perImage);
        hostOutput = HostTensor.zeros(context.type(), Layer.withBatch(images, network.outputShape()));
        labels = context.newTensor(perImage);
        lossPerImage = context.newTensor(perImage);
        gradient = context.newTensor(hostOutput.shape());
        sideLosses = new Tensor[network.sideHeads().size()];
        for (int i = 0; i < sideLosses.length; i++) {
            sideLosses[i] = context.newTensor(perImage);
        }
        this.forwardStep = new RepeatedWork(context, () -> forward.accept(this));
        this.backwardStep = new RepeatedWork(context, () -> backward.accept(this));
    }

    /**
     * Loads images {@code order[begin]} and following, or begin and following where there is no order.
     *
     * @param labelled whether the labels are needed
     */
    void load(Dataset data, int[] order, int begin, boolean labelled) {
        chooseTargets(data);
        for (int i = 0; i < size; i++) {
            int image = order == null ? begin + i : order[begin + i];
            images[i] = image;
            data.image(image, x.floats, i * x.perImage);
            if (labelled) {
                hostLabels.set(i, label(data, image));
            }
            if (targets != x) {
                data.target(image, targets.floats, i * targets.perImage);
            }
        }
        x.upload();
        if (labelled) {
            network.engine().upload(hostLabels, labels);
        }
        if (targets != x) {
            targets.upload();
        }
    }

    /** What the first image, or target, with a value that is not finite has; images are numbered as in the data set. */
    Optional<String> firstNotFinite() {
        return x.firstNotFinite().map(at -> "image " + images[at / x.perImage] + " of the data set has the value " + x.floats[at])
                .or(() -> targets.firstNotFinite().map(at -> "the target of image " + images[at / targets.perImage] + " of the data set has"
                        + " the value " + targets.floats[at]));
    }

    private static int label(Dataset data, int image) {
        int label = data.label(image);
        if (label < 0 || label >= data.classes()) {
            throw new IllegalArgumentException("the label of image " + image + " is " + label + "; allowed: 0.." + (data.classes() - 1));
        }
        return label;
    }

    private void chooseTargets(Dataset data) {
        if (data.hasTargets() == (targets == x)) {
            targets = data.hasTargets() ? new Values(network.context(), Layer.withBatch(size, data.targetShape())) : x;
            forget();
        }
    }

    /** Values of a batch as data sets give them, and where the network computes. */
    private static final class Values {

        final int perImage;
        final float[] floats;
        final HostTensor onHost;
        final Tensor tensor;
        private final NetworkContext context;

        Values(NetworkContext context, TensorShape shape) {
            if (shape.elements() > HostTensor.MAX_ELEMENTS) {
                throw new IllegalArgumentException("a batch of shape " + shape + " has " + shape.elements() + " values; allowed: up to "
                        + HostTensor.MAX_ELEMENTS + ". Fewer images per batch take less");
            }
            this.context = context;
            this.floats = new float[Math.toIntExact(shape.elements())];
            this.perImage = floats.length / (int) shape.size(0);
            this.onHost = context.type() == DataType.FLOAT32 ? HostTensor.of(shape, floats) : HostTensor.zeros(context.type(), shape);
            this.tensor = context.newTensor(shape);
        }

        Optional<Integer> firstNotFinite() {
            for (int i = 0; i < floats.length; i++) {
                if (!Float.isFinite(floats[i])) {
                    return Optional.of(i);
                }
            }
            return Optional.empty();
        }

        void upload() {
            if (onHost.dataType() != DataType.FLOAT32) {
                for (int i = 0; i < floats.length; i++) {
                    onHost.set(i, floats[i]);
                }
            }
            context.engine().upload(onHost, tensor);
        }
    }

    RepeatedWork forwardStep() {
        return forwardStep;
    }

    RepeatedWork backwardStep() {
        return backwardStep;
    }

    /** Must be called when what a step does has changed. */
    void forget() {
        forwardStep.forget();
        backwardStep.forget();
    }

    int size() {
        return size;
    }

    /** Computes the network's output. */
    void forward(Mode mode) {
        output = network.forward(x.tensor, mode);
    }

    /** Computes the losses of the latest output, and the gradient of their mean. */
    void computeLoss(Loss loss) {
        loss.compute(network.context().ops(), output, targets(loss), 1.0 / size(), lossPerImage, gradient);
    }

    /** The same for the side heads, their weights included; their gradients lie where the backward pass finds them. */
    void computeSideLosses(Loss loss) {
        for (int i = 0; i < sideLosses.length; i++) {
            SideHead head = network.sideHeads().get(i);
            loss.compute(network.context().ops(), head.headOutput(), targets(loss), head.weight() / size(), sideLosses[i],
                    head.headGradient());
        }
    }

    private Tensor targets(Loss loss) {
        return loss == Loss.SOFTMAX_CROSS_ENTROPY ? labels : targets.tensor;
    }

    /** The gradient of the mean loss with respect to the output. */
    Tensor gradient() {
        return gradient;
    }

    /** The mean of the losses that were computed last. */
    double meanLoss() {
        return mean(lossPerImage);
    }

    /** The weighted sum of the side heads' mean losses. */
    double sideLosses() {
        double total = 0;
        for (int i = 0; i < sideLosses.length; i++) {
            total += network.sideHeads().get(i).weight() * mean(sideLosses[i]);
        }
        return total;
    }

    private double mean(Tensor losses) {
        network.engine().download(losses, hostLoss);
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            sum += hostLoss.get(i);
        }
        return sum / size();
    }

    /** Images whose largest output is that of their label. */
    int countRight() {
        network.engine().download(output, hostOutput);
        int classes = hostOutput.length() / size();
        int count = 0;
        for (int n = 0; n < size(); n++) {
            int best = 0;
            for (int c = 1; c < classes; c++) {
                if (hostOutput.get((long) n * classes + c) > hostOutput.get((long) n * classes + best)) {
                    best = c;
                }
            }
            count += best == (int) hostLabels.get(n) ? 1 : 0;
        }
        return count;
    }
}
