package io.github.jconv.nn;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.RecordedWork;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the layers of one network share while they are built and run. */
public final class NetworkContext {

    private final ConvEngine engine;
    private final DataType type;
    private final long seed;
    private final TensorOps ops;
    private final TensorPool memory;
    private long activationBytes;
    private long mostActivationBytes;
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Parameter> state = new ArrayList<>();
    private final List<Tensor> frozenViews = new ArrayList<>();
    private boolean frozen;
    private final List<Runnable> memoryMoved = new ArrayList<>();
    private boolean recording;
    private boolean closed;
    private final Deque<Runnable> closers = new ArrayDeque<>();
    private final Map<String, TensorShape> inputShapes = new LinkedHashMap<>();
    private long dropoutStreams;
    private final Scalar stepNumber;
    private final Scalar squares;

    NetworkContext(ConvEngine engine, DataType type, long seed) {
        this.engine = engine;
        this.type = type;
        this.seed = seed;
        this.ops = engine.networkOps();
        this.memory = new TensorPool(shape -> engine.newTensor(type, shape));
        closeWithNetwork(memory::close);
        this.stepNumber = new Scalar(this);
        this.squares = new Scalar(this);
    }

    public ConvEngine engine() {
        return engine;
    }

    public TensorOps ops() {
        return ops;
    }

    /** Type of every tensor of the network. */
    public DataType type() {
        return type;
    }

    public long seed() {
        return seed;
    }

    /** A tensor of zeros in the network's type, where the engine computes; closed with the network. */
    public Tensor newTensor(TensorShape shape) {
        return newTensor(type, shape);
    }

    /** A tensor of zeros where the engine computes; closed with the network. */
    Tensor newTensor(DataType ofType, TensorShape shape) {
        requireOpen();
        Tensor tensor = engine.newTensor(ofType, shape);
        closeWithNetwork(tensor::close);
        return tensor;
    }

    /** What is to be done when the network is closed; the latest first. */
    void closeWithNetwork(Runnable close) {
        closers.push(close);
    }

    /** The heap would go on working. */
    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the network is closed");
        }
    }

    void close() {
        closed = true;
        while (!closers.isEmpty()) {
            closers.pop().run();
        }
    }

    /** Memory for a gradient, valid until it is given back: give it back with {@link #giveBack} when it was used. */
    public Tensor borrow(TensorShape shape) {
        return memory.borrow(shape);
    }

    /** Gives borrowed memory back; a tensor that was not borrowed is left alone. */
    public void giveBack(Tensor gradient) {
        memory.giveBack(gradient);
    }

    /** Memory for the output of a layer, to be given back with {@link #release}. */
    Tensor hold(TensorShape shape) {
        Tensor activation = memory.borrow(shape);
        activationBytes += activation.bytes();
        mostActivationBytes = Math.max(mostActivationBytes, activationBytes);
        return activation;
    }

    void release(Tensor activation) {
        activationBytes -= activation.bytes();
        memory.giveBack(activation);
    }

    /**
     * Lays out the memory of activations and gradients anew after the first step has shown what is needed, when none is in use and no
     * work is being recorded.
     */
    void settleMemory() {
        if (!recording && memory.settle()) {
            memoryMoved.forEach(Runnable::run);
        }
    }

    /** What is to be done when activations and gradients lie elsewhere from now on. */
    void whenMemoryMoves(Runnable action) {
        memoryMoved.add(action);
    }

    /** Records work; see {@link ConvEngine#record}. */
    Optional<RecordedWork> record(Runnable work) {
        recording = true;
        try {
            return engine.record(work);
        } finally {
            recording = false;
        }
    }

    /** The most that the outputs of layers have taken at once. */
    long mostActivationBytes() {
        return mostActivationBytes;
    }

    /** All memory for activations and gradients. */
    long memoryBytes() {
        return memory.bytes();
    }

    /** Notes a layer; its name is the kind itself, or with a number behind it where a layer of that name exists. */
    String register(String kind, TensorShape inputShape) {
        String name = kind;
        for (int i = 2; inputShapes.putIfAbsent(name, inputShape) != null; i++) {
            name = kind + i;
        }
        return name;
    }

    /**
     * The shape, without the batch, of what a layer takes.
     *
     * @throws IllegalArgumentException naming the layers that were built so far, when there is none of that name
     */
    TensorShape inputShapeOf(String layer) {
        TensorShape shape = inputShapes.get(layer);
        if (shape == null) {
            throw new IllegalArgumentException("there is no layer '" + layer + "' in front of this one; there are "
                    + String.join(", ", inputShapes.keySet()));
        }
        return shape;
    }

    /**
     * A learnable weight with values that depend on the seed and the number of parameters before it; for the constructor of a layer.
     *
     * @param name   such as {@code scale.weight}: the layer's name and what it is
     * @param fanIn  how many inputs each output depends on; see {@link Initialization}
     * @param fanOut how many outputs depend on each input
     * @throws IllegalArgumentException when the network has a value of that name
     */
    public Parameter weight(String name, TensorShape shape, Initialization initialization, double fanIn, double fanOut) {
        HostTensor values = HostTensor.zeros(type, shape);
        initialization.fill(values, seed, parameters.size(), fanIn, fanOut);
        return parameter(name, values, true);
    }

    /** A weight's values as a constant tensor, which is read while the network is frozen. */
    Tensor frozenView(Parameter weight) {
        Tensor view = weight.value().view(weight.value().shape()).constant();
        frozenViews.add(view);
        closeWithNetwork(view::close);
        return view;
    }

    /** What was made of the weights is made anew; from now on they stay as they are. */
    void freeze() {
        for (int i = 0; i < frozenViews.size(); i++) {
            frozenViews.get(i).changed();
        }
        frozen = true;
    }

    void unfreeze() {
        frozen = false;
    }

    boolean isFrozen() {
        return frozen;
    }

    /**
     * A learnable tensor with given values, in the network's type; for the constructor of a layer.
     *
     * @param decays whether weight decay applies to it
     * @throws IllegalArgumentException when the network has a value of that name, or another type
     */
    public Parameter parameter(String name, HostTensor values, boolean decays) {
        requireNew(name, values);
        Tensor value = newTensor(values.shape());
        engine.upload(values, value);
        Parameter parameter = new Parameter(name, value, newTensor(values.shape()), decays);
        parameters.add(parameter);
        return parameter;
    }

    /**
     * A tensor that is saved with the weights and not learnt, such as a running mean; for the constructor of a layer.
     *
     * @throws IllegalArgumentException when the network has a value of that name, or another type
     */
    public Tensor state(String name, HostTensor values) {
        requireNew(name, values);
        Tensor value = newTensor(values.shape());
        engine.upload(values, value);
        state.add(new Parameter(name, value, null, false));
        return value;
    }

    private void requireNew(String name, HostTensor values) {
        if (Stream.concat(parameters.stream(), state.stream()).anyMatch(known -> known.name().equals(name))) {
            throw new IllegalArgumentException("the network has a value '" + name + "' already; a layer's values have its name() in theirs");
        }
        if (values.dataType() != type) {
            throw new IllegalArgumentException("value '" + name + "' is " + values.dataType() + "; the network needs " + type);
        }
    }

    List<Parameter> parameters() {
        return parameters;
    }

    List<Parameter> state() {
        return state;
    }

    /** A stream of random numbers of its own for each dropout layer. */
    long newDropoutStream() {
        return dropoutStreams++;
    }

    /** Number of the training step, on which dropout depends: fp64 {@code [1]}. */
    Tensor stepNumber() {
        return stepNumber.tensor();
    }

    void setStep(long number) {
        stepNumber.set(number);
    }

    /** Where sums of squares are formed. */
    Scalar squares() {
        return squares;
    }
}
