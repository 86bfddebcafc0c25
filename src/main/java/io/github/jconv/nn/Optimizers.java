package io.github.jconv.nn;

import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Required;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The optimisers by name, for static import. Each is a function of the network whose parameters it changes. */
public final class Optimizers {

    /** The least epsilon: networks compute in fp32, where a smaller one may be zero, with which a gradient of zero gives no number. */
    public static final double LEAST_EPSILON = 1e-37;

    private Optimizers() {
    }

    /**
     * Gradient descent with momentum and weight decay: {@code g = dw + decay * w; v = momentum * v + g; w -= rate * v}.
     *
     * @param momentum 0 and up, below 1
     * @param decay    0 and up, below 1
     */
    public static SgdSpec sgd(double momentum, double decay) {
        return new SgdSpec(momentum, decay);
    }

    /**
     * Adam (Kingma and Ba, ICLR 2015) with weight decay in the gradient:
     * {@code g = dw + decay * w; m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2;}
     * {@code w -= rate * m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + epsilon)}.
     *
     * @param decay 0 and up, below 1
     */
    public static AdamSpec adam(double decay) {
        return new AdamSpec(decay, false);
    }

    /**
     * AdamW (Loshchilov and Hutter, ICLR 2019): Adam on the gradient alone, {@code g = dw}, and {@code w -= rate * decay * w} besides.
     *
     * @param decay 0 and up, below 1; PyTorch takes 0.01 unless told otherwise
     */
    public static AdamSpec adamW(double decay) {
        return new AdamSpec(decay, true);
    }

    /** Gradient descent being described. */
    public static final class SgdSpec implements Function<Network, Optimizer> {

        private final double momentum;
        private final double decay;
        private boolean nesterov;

        private SgdSpec(double momentum, double decay) {
            requireBetween("momentum", momentum, 0, 1);
            requireBetween("weight decay", decay, 0, 1);
            this.momentum = momentum;
            this.decay = decay;
        }

        /**
         * Nesterov's momentum, as Sutskever et al. (ICML 2013) write it: {@code w -= rate * (g + momentum * v)}.
         *
         * @throws IllegalArgumentException without momentum
         */
        public SgdSpec nesterov() {
            if (momentum == 0) {
                throw new IllegalArgumentException("momentum is 0.0; allowed with Nesterov's: above 0, below 1");
            }
            nesterov = true;
            return this;
        }

        @Override
        public Optimizer apply(Network network) {
            return new Sgd(network, momentum, decay, nesterov);
        }
    }

    /** Adam or AdamW being described. */
    public static final class AdamSpec implements Function<Network, Optimizer> {

        private final double decay;
        private final boolean decoupled;
        private double beta1 = 0.9;
        private double beta2 = 0.999;
        private double epsilon = 1e-8;

        private AdamSpec(double decay, boolean decoupled) {
            requireBetween("weight decay", decay, 0, 1);
            this.decay = decay;
            this.decoupled = decoupled;
        }

        /** How much of the two moments is kept in a step: 0.9 and 0.999 unless set; each 0 and up, below 1. */
        public AdamSpec betas(double first, double second) {
            requireBetween("beta1", first, 0, 1);
            requireBetween("beta2", second, 0, 1);
            beta1 = first;
            beta2 = second;
            return this;
        }

        /** What is added to the root of the second moment: 1e-8 unless set; 1e-37 and up. */
        public AdamSpec epsilon(double value) {
            requireEpsilon(value);
            epsilon = value;
            return this;
        }

        @Override
        public Optimizer apply(Network network) {
            return new Adam(network, this);
        }
    }

    static void requireEpsilon(double value) {
        if (!(value >= LEAST_EPSILON && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("epsilon is " + value + "; allowed: " + LEAST_EPSILON + " and up");
        }
    }

    static void requireRate(double rate) {
        if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("learning rate is " + rate + "; allowed: 0 and up");
        }
    }

    /** Whether it is one of these and changes the parameters of another network. */
    static boolean isForAnother(Optimizer optimizer, Network network) {
        return optimizer instanceof Rule rule && rule.network != network;
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

    /** What all have in common: the network and its learning rate. */
    private abstract static class Rule implements Optimizer {

        final Network network;
        final List<Parameter> parameters;
        final TensorOps ops;
        final Scalar rate;

        Rule(Network network) {
            this.network = Required.given(network, "network");
            this.parameters = network.parameters();
            this.ops = network.engine().networkOps();
            this.rate = new Scalar(network.context());
        }

        @Override
        public void begin(double learningRate) {
            requireRate(learningRate);
            network.unfreeze();
            rate.set(learningRate);
        }
    }

    private static final class Sgd extends Rule {

        private final double momentum;
        private final double decay;
        private final boolean nesterov;
        private final Slots velocity;

        Sgd(Network network, double momentum, double decay, boolean nesterov) {
            super(network);
            this.momentum = momentum;
            this.decay = decay;
            this.nesterov = nesterov;
            this.velocity = new Slots(network, ".velocity");
        }

        @Override
        public void apply() {
            for (int i = 0; i < parameters.size(); i++) {
                Parameter p = parameters.get(i);
                ops.sgdStep(p.value(), p.gradient(), velocity.of(i), rate.tensor(), momentum, p.decays() ? decay : 0, nesterov);
            }
        }

        @Override
        public Map<String, String> settings() {
            return Settings.of("optimizer", "sgd", "momentum", momentum, "weight_decay", decay, "nesterov", nesterov);
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

    private static final class Adam extends Rule {

        private static final String STEP = "adam.step";

        private final double beta1;
        private final double beta2;
        private final double epsilon;
        private final double decay;
        private final boolean decoupled;
        private final Slots first;
        private final Slots second;
        private final Scalar step;

        Adam(Network network, AdamSpec spec) {
            super(network);
            this.beta1 = spec.beta1;
            this.beta2 = spec.beta2;
            this.epsilon = spec.epsilon;
            this.decay = spec.decay;
            this.decoupled = spec.decoupled;
            this.first = new Slots(network, ".first_moment");
            this.second = new Slots(network, ".second_moment");
            this.step = new Scalar(network.context());
        }

        @Override
        public void begin(double learningRate) {
            super.begin(learningRate);
            step.set(step.get() + 1);
        }

        @Override
        public void apply() {
            for (int i = 0; i < parameters.size(); i++) {
                Parameter p = parameters.get(i);
                ops.adamStep(p.value(), p.gradient(), first.of(i), second.of(i), step.tensor(), rate.tensor(), beta1, beta2, epsilon,
                        p.decays() ? decay : 0, decoupled);
            }
        }

        @Override
        public Map<String, String> settings() {
            return Settings.of("optimizer", decoupled ? "adamw" : "adam", "beta1", beta1, "beta2", beta2, "epsilon", epsilon,
                    "weight_decay", decay);
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
