package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.nn.models.Models;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One forward and backward pass of GoogLeNet at 224x224 with a batch of one, as it is trained: both auxiliary heads, dropout, fp32. */
class GoogLeNetStepTest {

    private static final int CLASSES = 10;
    private static final double STEP = 1.25e-4;

    private final HostTensor x = random(TensorShape.of(1, 3, 224, 224), 1);
    private final HostTensor r = random(TensorShape.of(1, CLASSES), 2);

    /**
     * The gradient is taken of f, the sum of r times the output plus the heads' weights times the same of their outputs. Along a direction
     * d that holds the gradient of every second weight of a parameter, chosen at random, q(h) = (f(w + h d) - f(w - h d)) / 2h must be the
     * inner product of gradient and d, but for two errors. Between -h and h a great many ReLUs and maxima pass their kinks, each of which
     * changes f by a share of h^2, so the truncation error is proportional to h; q(4h) - q(h) is three times that. The rounding error of f
     * is that of weights that differ by a share u sqrt(n) of themselves by chance (see
     * {@link TrajectoryTest}): with five standard deviations 5 u sqrt(n) times the norm of gradient times weight, which q divides by h.
     */
    @Test
    void theGradientIsThatOfDifferenceQuotients() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open();
                Network network = Network.on(engine, 1).input(3, 224, 224).build(Models.googLeNetLayers(CLASSES))) {
            value(network);
            network.zeroGradients();
            network.sideHeads().forEach(head -> copy(r, (HostTensor) head.headGradient(), head.weight()));
            network.backward(r);
            double rounding = 5 * Math.sqrt(longestSum(network)) * 0x1p-24 * Math.sqrt(network.parameters().stream()
                    .mapToDouble(GoogLeNetStepTest::squaredProducts).sum());
            List<Parameter> weights = network.parameters().stream().filter(Parameter::decays).toList();
            for (int i = 0; i < weights.size(); i += 9) {
                check(network, weights.get(i), rounding);
            }
        }
    }

    private void check(Network network, Parameter parameter, double rounding) {
        HostTensor weight = (HostTensor) parameter.value();
        HostTensor gradient = (HostTensor) parameter.gradient();
        double[] direction = new double[weight.length()];
        double squares = 0;
        for (int i = 0; i < direction.length; i++) {
            direction[i] = CounterRandom.bits(3, parameter.name().hashCode(), i) < 0 ? gradient.get(i) : 0;
            squares += direction[i] * direction[i];
        }
        double norm = Math.sqrt(squares);
        double scale = norm(weight) / norm;
        double expected = squares * scale;
        double near = quotient(network, weight, direction, scale, STEP);
        double far = quotient(network, weight, direction, scale, 4 * STEP);
        double bound = Math.abs(far - near) + rounding / STEP;
        String message = parameter.name() + ": gradient " + expected + ", difference quotients " + near + " and " + far + ", bound " + bound;
        assertTrue(Math.abs(near - expected) <= bound, message);
        assertTrue(bound < 0.1 * Math.abs(expected), () -> message + ", which says too little");
    }

    /** What the backward pass reads is there once, gradients lie where activations were, and inference keeps hardly anything. */
    @Test
    void activationsAndGradientsShareTheirMemory() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open();
                Network network = Network.on(engine, 1).input(3, 224, 224).build(Models.googLeNetLayers(CLASSES))) {
            // Each of these is read by the layer itself or by the next one; convolutions and concatenations have a ReLU behind them.
            long needed = network.layers().stream()
                    .filter(layer -> layer instanceof ActivationLayer || layer instanceof Pool || layer instanceof LocalResponseNorm
                            || layer instanceof Dropout)
                    .mapToLong(layer -> Float.BYTES * layer.outputShape().elements()).sum();
            network.forward(x, Mode.INFERENCE);
            long inference = network.memoryBytes();
            assertTrue(inference <= 0.4 * needed, () -> "inference: " + inference + " bytes, activations of a training step: " + needed);
            value(network);
            network.sideHeads().forEach(head -> copy(r, (HostTensor) head.headGradient(), head.weight()));
            network.backward(r);
            // The first step has shown what is needed; the next one lays it out.
            value(network);
            assertTrue(network.activationBytes() >= needed, () -> "kept: " + network.activationBytes() + " bytes, needed: " + needed);
            assertTrue(network.memoryBytes() <= 1.2 * needed,
                    () -> "activations and gradients: " + network.memoryBytes() + " bytes, activations needed: " + needed);
        }
    }

    private double quotient(Network network, HostTensor weight, double[] direction, double scale, double step) {
        float[] before = weight.floats().clone();
        double forward = valueAt(network, weight, before, direction, scale * step);
        double backward = valueAt(network, weight, before, direction, -scale * step);
        System.arraycopy(before, 0, weight.floats(), 0, before.length);
        return (forward - backward) / (2 * step);
    }

    private double valueAt(Network network, HostTensor weight, float[] before, double[] direction, double step) {
        for (int i = 0; i < before.length; i++) {
            weight.set(i, before[i] + step * direction[i]);
        }
        return value(network);
    }

    private double value(Network network) {
        double sum = product(r, (HostTensor) network.forward(x, Mode.TRAINING));
        for (SideHead head : network.sideHeads()) {
            sum += head.weight() * product(r, (HostTensor) head.headOutput());
        }
        return sum;
    }

    private static long longestSum(Network network) {
        return network.layers().stream().flatMap(layer -> layer instanceof Conv conv ? Stream.of(conv.problem()) : Stream.empty())
                .mapToLong(ConvOperation.FORWARD::accumulationLength).max().orElseThrow();
    }

    private static double squaredProducts(Parameter parameter) {
        HostTensor value = (HostTensor) parameter.value();
        HostTensor gradient = (HostTensor) parameter.gradient();
        double sum = 0;
        for (int i = 0; i < value.length(); i++) {
            sum += Math.pow(value.get(i) * gradient.get(i), 2);
        }
        return sum;
    }

    private static double norm(HostTensor values) {
        return Math.sqrt(product(values, values));
    }

    private static double product(HostTensor a, HostTensor b) {
        double sum = 0;
        for (int i = 0; i < a.length(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }

    private static void copy(HostTensor from, HostTensor to, double factor) {
        for (int i = 0; i < from.length(); i++) {
            to.set(i, factor * from.get(i));
        }
    }

    private static HostTensor random(TensorShape shape, long stream) {
        HostTensor values = HostTensor.zeros(shape);
        for (int i = 0; i < values.length(); i++) {
            values.set(i, CounterRandom.normal(11, stream, i));
        }
        return values;
    }
}
