package io.github.jconv.nn;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Required;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Layers with their parameters on one engine. Everything about a network follows from its description, the input shape and the seed: the
 * same on every device. Closing it gives its tensors back; on the heap the garbage collector does that.
 *
 * <p>Not safe for use from several threads.
 */
public final class Network implements AutoCloseable {

    private final NetworkContext context;
    private final Layer root;
    private final List<SideHead> sideHeads;
    private final PerBatch<TensorShape> inputShapes;
    private final PerBatch<TensorShape> outputShapes;

    /** Shape of the output that a backward pass may follow; null when there is none. */
    private TensorShape trained;

    private Network(NetworkContext context, Layer root) {
        this.context = context;
        this.root = root;
        requireOwnParameters(context, root);
        this.sideHeads = allLayers(root).filter(SideHead.class::isInstance).map(SideHead.class::cast).toList();
        this.inputShapes = new PerBatch<>(batch -> Layer.withBatch(batch, root.inputShape()));
        this.outputShapes = new PerBatch<>(batch -> Layer.withBatch(batch, root.outputShape()));
    }

    /** Others would be neither trained nor saved. Containers come last, so that the layer that has one is named. */
    private static void requireOwnParameters(NetworkContext context, Layer layer) {
        layer.children().forEach(child -> requireOwnParameters(context, child));
        for (Parameter parameter : layer.parameters()) {
            if (!context.parameters().contains(parameter)) {
                throw new IllegalArgumentException("layer " + layer.name() + " has the parameter '" + parameter.name()
                        + "', which is not of this network; allowed: what NetworkContext.weight and NetworkContext.parameter make");
            }
        }
    }

    private static Stream<Layer> allLayers(Layer layer) {
        return Stream.concat(Stream.of(layer), layer.children().stream().flatMap(Network::allLayers));
    }

    /** Begins the description of an fp32 network. */
    public static Builder on(ConvEngine engine, long seed) {
        return new Builder(Required.given(engine, "engine"), seed);
    }

    public ConvEngine engine() {
        return context.engine();
    }

    public Layer root() {
        return root;
    }

    public NetworkContext context() {
        return context;
    }

    /** Without the batch. */
    public TensorShape inputShape() {
        return root.inputShape();
    }

    /** Without the batch. */
    public TensorShape outputShape() {
        return root.outputShape();
    }

    /**
     * The output for x {@code [N, input...]}; it belongs to the network and is valid until the next forward or backward. A backward pass
     * needs a forward pass in TRAINING before it: in INFERENCE activations are not kept.
     *
     * @throws IllegalArgumentException when x has another shape or type than the network takes
     * @throws IllegalStateException    when the network is closed
     */
    public Tensor forward(Tensor x, Mode mode) {
        context.requireOpen();
        Required.given(mode, "mode");
        long batch = requireImages(Required.given(x, "x"));
        trained = null;
        if (mode == Mode.TRAINING) {
            unfreeze();
        }
        root.releaseOutputs();
        context.settleMemory();
        Tensor y = root.forward(x, mode);
        trained = mode == Mode.TRAINING ? outputShapes.get(batch) : null;
        return y;
    }

    /**
     * Promises that the weights stay as they are, until a forward pass in TRAINING, a step of an optimiser, {@link #setValues},
     * {@link #load} or {@link #unfreeze}. What algorithms make of filters (packed, transformed) is then kept from one forward pass in
     * INFERENCE to the next; results are those of the algorithms that suit constant filters, and may differ in their rounding. Called
     * again, it has everything made anew.
     */
    public void freeze() {
        context.freeze();
    }

    /** Takes the promise of {@link #freeze} back. */
    public void unfreeze() {
        context.unfreeze();
    }

    /** The number of images. */
    private long requireImages(Tensor x) {
        TensorShape shape = x.shape();
        if (shape.rank() != inputShape().rank() + 1 || !shape.equals(inputShapes.get(shape.size(0))) || x.dataType() != context.type()) {
            throw new IllegalArgumentException("x is " + x.dataType() + " " + shape + "; the network needs " + context.type()
                    + " [N, " + inputShape().toString().substring(1));
        }
        return shape.size(0);
    }

    /**
     * Adds to the gradients of all parameters, from the gradient of the output of the last forward.
     *
     * @param dy shaped like that output; it may be overwritten
     * @throws IllegalStateException when no forward pass in TRAINING is left for it: each one allows one backward pass
     */
    public void backward(Tensor dy) {
        requireTrained(dy);
        // A first layer that works in place returns a gradient all the same.
        context.giveBack(root.backward(dy, false));
    }

    /** The same, and returns the gradient of the input, valid until the next forward or backward. */
    public Tensor backwardToInput(Tensor dy) {
        requireTrained(dy);
        Tensor dx = root.backward(dy, true);
        context.giveBack(dx);
        return dx;
    }

    private void requireTrained(Tensor dy) {
        context.requireOpen();
        Required.given(dy, "dy");
        if (trained == null) {
            throw new IllegalStateException("a backward pass needs a forward pass in TRAINING before it, one for each");
        }
        if (!dy.shape().equals(trained) || dy.dataType() != context.type()) {
            throw new IllegalArgumentException("dy is " + dy.dataType() + " " + dy.shape() + "; the last output is " + context.type() + " "
                    + trained);
        }
        trained = null;
    }

    /** Sets the gradients of all parameters to zero. */
    public void zeroGradients() {
        context.requireOpen();
        List<Parameter> parameters = context.parameters();
        for (int i = 0; i < parameters.size(); i++) {
            context.ops().fill(parameters.get(i).gradient(), 0);
        }
    }

    /**
     * Scales all gradients down where their joint Euclidean norm exceeds a limit, so that it is that limit (Pascanu et al., ICML 2013).
     *
     * @param limit above 0
     */
    public void clipGradients(double limit) {
        if (!(limit > 0)) {
            throw new IllegalArgumentException("clip norm is " + limit + "; allowed: above 0");
        }
        context.requireOpen();
        TensorOps ops = context.ops();
        List<Parameter> parameters = context.parameters();
        Tensor squares = context.squares().tensor();
        ops.fill(squares, 0);
        for (int i = 0; i < parameters.size(); i++) {
            ops.addSumOfSquares(parameters.get(i).gradient(), squares);
        }
        for (int i = 0; i < parameters.size(); i++) {
            ops.limitNorm(squares, limit, parameters.get(i).gradient());
        }
    }

    /**
     * Says which training step comes next: dropout drops the same values in a step of the same number, and others in another one. A
     * {@link Trainer} counts by itself; a loop of one's own that does not leaves every step the values of step 0.
     *
     * @param number 0 and up
     */
    public void setStep(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("step is " + number + "; allowed: 0 and up");
        }
        context.setStep(number);
    }

    /** All learnable tensors in the order they were made. */
    public List<Parameter> parameters() {
        return List.copyOf(context.parameters());
    }

    /** Number of learnable values. */
    public long parameterCount() {
        return context.parameters().stream().mapToLong(p -> p.value().shape().elements()).sum();
    }

    /** Values by name: parameters and what else belongs to the trained network, such as running means; copies on the heap. */
    public Map<String, HostTensor> values() {
        context.requireOpen();
        Map<String, HostTensor> values = new LinkedHashMap<>();
        for (Parameter entry : stored()) {
            HostTensor copy = HostTensor.zeros(context.type(), entry.value().shape());
            engine().download(entry.value(), copy);
            values.put(entry.name(), copy);
        }
        return values;
    }

    /**
     * Sets all values.
     *
     * @throws IllegalArgumentException naming the first value that is missing, unknown or of another shape; nothing is changed then
     */
    public void setValues(Map<String, HostTensor> values) {
        context.requireOpen();
        Required.given(values, "values");
        for (Parameter entry : stored()) {
            HostTensor value = values.get(entry.name());
            if (value == null) {
                throw new IllegalArgumentException("value '" + entry.name() + "' is missing; there are " + values.keySet());
            }
            if (!value.shape().equals(entry.value().shape()) || value.dataType() != context.type()) {
                throw new IllegalArgumentException("value '" + entry.name() + "' is " + value + "; the network needs "
                        + context.type() + " " + entry.value().shape());
            }
        }
        if (values.size() > stored().size()) {
            List<String> unknown = values.keySet().stream()
                    .filter(name -> stored().stream().noneMatch(entry -> entry.name().equals(name))).toList();
            throw new IllegalArgumentException("values " + unknown + " are not of this network");
        }
        unfreeze();
        stored().forEach(entry -> engine().upload(values.get(entry.name()), entry.value()));
    }

    /** The outputs besides the main one, in the order of the forward pass. */
    public List<SideHead> sideHeads() {
        return sideHeads;
    }

    /** Every layer, containers before what they contain. */
    public List<Layer> layers() {
        return allLayers(root).toList();
    }

    /** Writes all values as safetensors. */
    public void save(Path file) throws IOException {
        new Safetensors(Map.of("format", "jconv"), values()).write(file);
    }

    /** The same in a type, each value rounded to the nearest, ties to even: in FLOAT16 or BFLOAT16 the file is half as large. */
    public void save(Path file, DataType type) throws IOException {
        new Safetensors(Map.of("format", "jconv"), values()).to(type).write(file);
    }

    /**
     * Sets all values from a safetensors file: of {@link #save}, or a checkpoint of a {@link Trainer}, of which the optimiser's part is
     * passed over. Values of 16 bits become those of the network's type, which are the same numbers. PyTorch's
     * {@code num_batches_tracked} of a batch normalisation are passed over as well.
     *
     * @throws IllegalArgumentException naming the file and the first value that is missing, unknown, a whole number or of another shape
     */
    public void load(Path file) throws IOException {
        Safetensors stored = Safetensors.read(file);
        stored.integers().forEach((name, type) -> {
            if (!name.endsWith("num_batches_tracked")) {
                throw new IllegalArgumentException(file + ": value '" + name + "' is " + type + "; of whole numbers a network passes over"
                        + " num_batches_tracked only");
            }
        });
        Map<String, HostTensor> values = new LinkedHashMap<>(Trainer.valuesOfNetwork(stored));
        values.replaceAll((name, value) -> value.dataType().isNarrow() ? value.to(context.type()) : value);
        setValues(file, values);
    }

    /** Sets all values to those of a file. */
    void setValues(Path file, Map<String, HostTensor> values) {
        try {
            setValues(values);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** The most bytes that activations have taken at once, for the batch sizes seen so far: in training all that the backward pass reads. */
    public long activationBytes() {
        return context.mostActivationBytes();
    }

    /** Bytes of the memory that activations and their gradients share, for the batch sizes seen so far. */
    public long memoryBytes() {
        return context.memoryBytes();
    }

    /** Ends the network: it refuses to work, and what belongs to it must not be used any more. */
    @Override
    public void close() {
        context.close();
    }

    private List<Parameter> stored() {
        return Stream.concat(context.parameters().stream(), context.state().stream()).toList();
    }

    /** Collects what a network needs to be built. */
    public static final class Builder {

        private final ConvEngine engine;
        private final long seed;
        private DataType type = DataType.FLOAT32;
        private TensorShape input;

        private Builder(ConvEngine engine, long seed) {
            this.engine = engine;
            this.seed = seed;
        }

        /**
         * FLOAT32 unless set; FLOAT64 is for gradient checks. The types of 16 bits are for files ({@link #save(Path, DataType)}) and, by
         * a math mode of the device, for the operands of convolutions: losses, sums and the steps of an optimiser need more.
         */
        public Builder type(DataType dataType) {
            if (Required.given(dataType, "type").isNarrow()) {
                throw new IllegalArgumentException("type is " + dataType + "; allowed for a network: FLOAT32, FLOAT64. Weights can be saved"
                        + " in 16 bits, and on a GPU convolutions can take operands of 16 bits (MathMode.FP16, MathMode.BF16)");
            }
            type = dataType;
            return this;
        }

        /** Channels and spatial sizes of one image. */
        public Builder input(long... channelsAndSizes) {
            input = TensorShape.of(Required.given(channelsAndSizes, "input"));
            return this;
        }

        /**
         * The layers one after another.
         *
         * @throws IllegalArgumentException when a layer does not fit the one before it, or has parameters that are not of this network
         */
        public Network build(LayerSpec... layers) {
            if (input == null || input.rank() < 2 || input.rank() > 4) {
                throw new IllegalArgumentException("input is " + input + "; allowed: channels and 1 to 3 spatial sizes");
            }
            Required.given(layers, "layers");
            NetworkContext context = new NetworkContext(engine, type, seed);
            try {
                return new Network(context, Sequential.create(context, "network", input, Arrays.asList(layers)));
            } catch (RuntimeException | Error e) {
                // Nobody else can close what the layers in front of the refused one have taken on a device.
                context.close();
                throw e;
            }
        }
    }
}
