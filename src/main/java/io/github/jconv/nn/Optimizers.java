package io.github.jconv.nn;

import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The optimisers by name, for static import. Each is a function of the network whose parameters it changes. */
public final class Optimizers {

    private Optimizers() {
    }

    /** Gradient descent with momentum and weight decay: {@code v = momentum * v + dw + decay * w; w -= rate * v}. */
    public static Function<Network, Optimizer> sgd(double momentum, double decay) {
        requireBetween("momentum", momentum, 0, 1);
        requireBetween("weight decay", decay, 0, 1);
        return network -> new Sgd(network, momentum, decay);
    }

    /** Adam with the paper's constants: beta1 0.9, beta2 0.999, epsilon 1e-8. */
    public static Function<Network, Optimizer> adam(double decay) {
        requireBetween("weight decay", decay, 0, 1);
        return network -> new Adam(network, decay);
    }

    private static void requireBetween(String parameter, double value, double min, double end) {
        if (!(value >= min && value < end)) {
            throw new IllegalArgumentException(parameter + " is " + value + "; allowed: " + min + " and up, below " + end);
        }
    }

    /** A tensor beside each parameter, of its shape. */
    private static final class Slots {

        private final Network network;
        private final String suffix;
        private final List<Parameter> parameters;
        private final Tensor[] slots;

        Slots(Network network, String suffix) {
            this.network = network;
            this.suffix = suffix;
            this.parameters = network.parameters();
            this.slots = new Tensor[parameters.size()];
            for (int i = 0; i < slots.length; i++) {
                slots[i] = network.context().newTensor(parameters.get(i).value().shape());
            }
        }

        Tensor of(int parameter) {
            return slots[parameter];
        }

        void save(Map<String, HostTensor> into) {
            for (int i = 0; i < slots.length; i++) {
                HostTensor copy = HostTensor.zeros(network.context().type(), slots[i].shape());
                network.engine().download(slots[i], copy);
                into.put(parameters.get(i).name() + suffix, copy);
            }
        }

        void restore(Map<String, HostTensor> from) {
            for (int i = 0; i < slots.length; i++) {
                String name = parameters.get(i).name() + suffix;
                HostTensor value = from.get(name);
                if (value == null || !value.shape().equals(slots[i].shape()) || value.dataType() != network.context().type()) {
                    throw new IllegalArgumentException("optimiser state '" + name + "' is "
                            + (value == null ? "missing" : value.toString()) + "; needed: " + network.context().type() + " "
                            + slots[i].shape());
                }
                network.engine().upload(value, slots[i]);
            }
        }
    }

    private static final class Sgd implements Optimizer {

        private final Network network;
        private final List<Parameter> parameters;
        private final TensorOps ops;
        private final double momentum;
        private final double decay;
        private final Scalar rate;
        private final Slots velocity;

        Sgd(Network network, double momentum, double decay) {
            this.network = network;
            this.parameters = network.parameters();
            this.ops = network.engine().networkOps();
            this.momentum = momentum;
            this.decay = decay;
            this.rate = new Scalar(network.context());
            this.velocity = new Slots(network, ".velocity");
        }

        @Override
        public void begin(double learningRate) {
            network.unfreeze();
            rate.set(learningRate);
        }

        @Override
        public void apply() {
            for (int i = 0; i < parameters.size(); i++) {
                Parameter p = parameters.get(i);
                ops.sgdStep(p.value(), p.gradient(), velocity.of(i), rate.tensor(), momentum, p.decays() ? decay : 0);
            }
        }

        @Override
        public Map<String, HostTensor> state() {
            Map<String, HostTensor> state = new LinkedHashMap<>();
            velocity.save(state);
            return state;
        }

        @Override
        public void setState(Map<String, HostTensor> state) {
            velocity.restore(state);
        }
    }

    private static final class Adam implements Optimizer {

        private static final double BETA1 = 0.9;
        private static final double BETA2 = 0.999;
        private static final double EPSILON = 1e-8;
        private static final String STEP = "adam.step";

        private final Network network;
        private final List<Parameter> parameters;
        private final TensorOps ops;
        private final double decay;
        private final Slots first;
        private final Slots second;
        private final Scalar rate;
        private final Scalar step;

        Adam(Network network, double decay) {
            this.network = network;
            this.parameters = network.parameters();
            this.ops = network.engine().networkOps();
            this.decay = decay;
            this.first = new Slots(network, ".first_moment");
            this.second = new Slots(network, ".second_moment");
            this.rate = new Scalar(network.context());
            this.step = new Scalar(network.context());
        }

        @Override
        public void begin(double learningRate) {
            network.unfreeze();
            rate.set(learningRate);
            step.set(step.get() + 1);
        }

        @Override
        public void apply() {
            for (int i = 0; i < parameters.size(); i++) {
                Parameter p = parameters.get(i);
                ops.adamStep(p.value(), p.gradient(), first.of(i), second.of(i), step.tensor(), rate.tensor(), BETA1, BETA2, EPSILON,
                        p.decays() ? decay : 0);
            }
        }

        @Override
        public Map<String, HostTensor> state() {
            Map<String, HostTensor> state = new LinkedHashMap<>();
            first.save(state);
            second.save(state);
            HostTensor count = HostTensor.zeros(DataType.FLOAT64, TensorShape.of(1));
            count.set(0, step.get());
            state.put(STEP, count);
            return state;
        }

        @Override
        public void setState(Map<String, HostTensor> state) {
            HostTensor count = state.get(STEP);
            if (count == null || count.length() != 1 || !(count.get(0) >= 0 && count.get(0) < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("optimiser state '" + STEP + "' is " + (count == null ? "missing"
                        : count.length() == 1 ? String.valueOf(count.get(0)) : count.toString()) + "; needed: a number of steps");
            }
            first.restore(state);
            second.restore(state);
            step.set(count.get(0));
        }
    }
}
