package io.github.jconv.nn;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the layers of one network share while they are built and run. */
public final class NetworkContext {

    private final ConvEngine engine;
    private final DataType type;
    private final long seed;
    private final TensorOps ops;
    private final GradientPool gradients;
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Parameter> state = new ArrayList<>();
    private final Deque<Runnable> closers = new ArrayDeque<>();
    private final Set<String> names = new HashSet<>();
    private long dropoutStreams;
    private final Scalar stepNumber;

    NetworkContext(ConvEngine engine, DataType type, long seed) {
        this.engine = engine;
        this.type = type;
        this.seed = seed;
        this.ops = engine.networkOps();
        this.gradients = new GradientPool(this::newTensor);
        this.stepNumber = new Scalar(this);
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
        Tensor tensor = engine.newTensor(ofType, shape);
        closeWithNetwork(tensor::close);
        return tensor;
    }

    /** What is to be done when the network is closed; the latest first. */
    void closeWithNetwork(Runnable close) {
        closers.push(close);
    }

    void close() {
        while (!closers.isEmpty()) {
            closers.pop().run();
        }
    }

    /** Memory for the gradient of an activation; give it back with {@link #giveBack} when it was used. */
    public Tensor borrow(TensorShape shape) {
        return gradients.borrow(shape);
    }

    /** Gives borrowed memory back; a tensor that was not borrowed is left alone. */
    public void giveBack(Tensor gradient) {
        gradients.giveBack(gradient);
    }

    /** The name itself, or with a number behind it where a layer of that name exists. */
    String uniqueName(String wanted) {
        String name = wanted;
        for (int i = 2; !names.add(name); i++) {
            name = wanted + i;
        }
        return name;
    }

    /** A learnable weight with values that depend on the seed and the number of parameters before it. */
    Parameter weight(String name, TensorShape shape, Initialization initialization, double fanIn, double fanOut) {
        HostTensor values = HostTensor.zeros(type, shape);
        initialization.fill(values, seed, parameters.size(), fanIn, fanOut);
        return add(name, values, true);
    }

    /** A learnable tensor with given values. */
    Parameter add(String name, HostTensor values, boolean decays) {
        Tensor value = newTensor(values.shape());
        engine.upload(values, value);
        Parameter parameter = new Parameter(name, value, newTensor(values.shape()), decays);
        parameters.add(parameter);
        return parameter;
    }

    /** A tensor that is saved with the weights and not learnt, such as a running mean. */
    Tensor state(String name, HostTensor values) {
        Tensor value = newTensor(values.shape());
        engine.upload(values, value);
        state.add(new Parameter(name, value, null, false));
        return value;
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

    long gradientBytes() {
        return gradients.bytes();
    }
}
