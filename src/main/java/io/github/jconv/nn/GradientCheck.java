package io.github.jconv.nn;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares the gradients of a network with central differences, in double.
 *
 * <p>The checked function is {@code f = sum of r * y} with random weights r on the output, and likewise on the output of each
 * {@link SideHead}, whose own weight plays no part. For a value v, {@code (f(v + h) - f(v - h)) / 2h}
 * differs from the derivative by {@code h^2/6 * f'''} and by the rounding of f divided by h; with h = 1e-6 both lie near 1e-9 times the size
 * of f. A gradient passes when it differs by at most {@code 1e-5 + 1e-3 * |difference quotient|}, the bar that PyTorch's gradcheck uses in
 * double; wrong formulas differ by parts of one.
 *
 * <p>Functions with kinks (ReLU, maximum) fail by chance when a value lies within h of one.
 */
public final class GradientCheck {

    private static final double STEP = 1e-6;
    private static final double ABSOLUTE = 1e-5;
    private static final double RELATIVE = 1e-3;

    /** A gradient that does not agree: which value, what backward gave and what the difference quotient is. */
    public record Failure(String value, long index, double gradient, double quotient) {

        @Override
        public String toString() {
            return value + "[" + index + "]: gradient " + gradient + ", difference quotient " + quotient;
        }
    }

    private final Network network;
    private final HostTensor x;
    private final HostTensor weights;
    private final List<HostTensor> weightsOfHeads;
    private final long seed;
    private final int samples;

    private GradientCheck(Network network, long batch, long seed, int samples) {
        this.network = network;
        this.seed = seed;
        this.samples = samples;
        this.x = random(Layer.withBatch(batch, network.inputShape()), seed, 1);
        this.weights = random(Layer.withBatch(batch, network.outputShape()), seed, 2);
        this.weightsOfHeads = new ArrayList<>();
        for (SideHead head : network.sideHeads()) {
            weightsOfHeads.add(random(Layer.withBatch(batch, head.headShape()), seed, 3 + weightsOfHeads.size()));
        }
    }

    /**
     * Builds the layers in double on the engine and checks the input's gradient and every parameter's, at up to {@code samples} elements
     * each, in training mode.
     *
     * @param input   of one image, {@code [C, positions...]}
     * @param batch   images, 1 and up
     * @param seed    of the weights, the input and the weights of the outputs
     * @param samples 1 and up
     * @return the gradients that do not agree; empty when all do
     * @throws IllegalArgumentException when nothing would be checked, or the layers do not fit the input
     */
    public static List<Failure> run(ConvEngine engine, TensorShape input, long batch, long seed, int samples, LayerSpec... layers) {
        if (batch < 1 || samples < 1) {
            throw new IllegalArgumentException("batch is " + batch + " and samples are " + samples + "; allowed: 1 and up");
        }
        try (Network network = Network.on(engine, seed).type(DataType.FLOAT64).input(input.sizes()).build(layers)) {
            return new GradientCheck(network, batch, seed, samples).failures();
        }
    }

    private List<Failure> failures() {
        List<Failure> failures = new ArrayList<>();
        Tensor device = network.context().newTensor(x.shape());
        value(device);
        network.zeroGradients();
        Tensor dy = network.context().newTensor(weights.shape());
        network.engine().upload(weights, dy);
        for (int i = 0; i < weightsOfHeads.size(); i++) {
            network.engine().upload(weightsOfHeads.get(i), network.sideHeads().get(i).headGradient());
        }
        HostTensor dx = download(network.backwardToInput(dy));
        compare("input", x, dx, device, null, failures);
        for (Parameter parameter : network.parameters()) {
            compare(parameter.name(), download(parameter.value()), download(parameter.gradient()), device, parameter, failures);
        }
        return failures;
    }

    private void compare(String name, HostTensor values, HostTensor gradient, Tensor device, Parameter parameter,
                         List<Failure> failures) {
        long elements = values.shape().elements();
        for (int i = 0; i < Math.min(samples, elements); i++) {
            long index = elements <= samples ? i : Math.floorMod(CounterRandom.bits(seed, name.hashCode(), i), elements);
            double before = values.get(index);
            double quotient = (valueWith(values, index, before + STEP, device, parameter)
                    - valueWith(values, index, before - STEP, device, parameter)) / (2 * STEP);
            valueWith(values, index, before, device, parameter);
            if (!(Math.abs(gradient.get(index) - quotient) <= ABSOLUTE + RELATIVE * Math.abs(quotient))) {
                failures.add(new Failure(name, index, gradient.get(index), quotient));
            }
        }
    }

    private double valueWith(HostTensor values, long index, double value, Tensor device, Parameter parameter) {
        values.set(index, value);
        if (parameter != null) {
            network.engine().upload(values, parameter.value());
        }
        return value(device);
    }

    private double value(Tensor device) {
        network.engine().upload(x, device);
        double sum = product(download(network.forward(device, Mode.TRAINING)), weights);
        for (int i = 0; i < weightsOfHeads.size(); i++) {
            sum += product(download(network.sideHeads().get(i).headOutput()), weightsOfHeads.get(i));
        }
        return sum;
    }

    private static double product(HostTensor a, HostTensor b) {
        double sum = 0;
        for (int i = 0; i < a.length(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }

    private HostTensor download(Tensor tensor) {
        HostTensor copy = HostTensor.zeros(DataType.FLOAT64, tensor.shape());
        network.engine().download(tensor, copy);
        return copy;
    }

    private static HostTensor random(TensorShape shape, long seed, long stream) {
        HostTensor tensor = HostTensor.zeros(DataType.FLOAT64, shape);
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, CounterRandom.normal(seed, stream, i));
        }
        return tensor;
    }
}
