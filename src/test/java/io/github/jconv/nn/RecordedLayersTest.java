package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.averagePool;
import static io.github.jconv.nn.Layers.batchNorm;
import static io.github.jconv.nn.Layers.leakyRelu;
import static io.github.jconv.nn.Layers.localResponseNorm;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.pad;
import static io.github.jconv.nn.Layers.sigmoid;
import static io.github.jconv.nn.Layers.tanh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Layers, losses and optimiser steps in double against PyTorch's, recorded (docs/peers.md tells how): the formulas themselves, which no
 * comparison of two implementations of JConv can find wrong. What computes in other types and places is held to the definitions that are
 * checked here (see {@code OperationCases}).
 *
 * <p>The recording tells each tensor as its inner product with random numbers, so that two values that change places are seen. The
 * bound: a value of these tensors of up to 480 elements comes of at most 500 roundings in either library, each by a share of at most
 * 2^-53 of a number that is below 8 (or 16 of numbers below 64, where padding is added up). The two differ by less than 2^-40 then, which
 * the inner product multiplies with a number below 4 and to which it adds, per term, as many roundings of the sum as there are terms:
 * 2^-40 times the sum of 8 + |term| over the terms.
 */
class RecordedLayersTest {

    private static final long SEED = 3;
    private static final TensorShape LINE = TensorShape.of(2, 3, 11);
    private static final TensorShape MAP = TensorShape.of(2, 7, 6, 5);
    private static final TensorShape VOLUME = TensorShape.of(2, 2, 4, 5, 6);
    private static final TensorShape SCORES = TensorShape.of(4, 5);

    private static final Map<String, Double> RECORDED = recorded();

    private static ConvEngine engine;

    @BeforeAll
    static void open() {
        engine = ConvEngine.builder().backend("cpu").threads(1).open();
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    static Stream<Arguments> layers() {
        Stream<Arguments> pads = Stream.of(PadMode.values()).flatMap(mode -> {
            String name = mode == PadMode.ZERO ? "constant" : mode.name().toLowerCase(Locale.ROOT);
            return Stream.of(Arguments.of("pad 1-d " + name, LINE, pad(mode, 4)), Arguments.of("pad 2-d " + name, MAP, pad(mode, 3, 2)),
                    Arguments.of("pad 3-d " + name, VOLUME, pad(mode, 3, 1, 5)));
        });
        return Stream.concat(pads, Stream.of(
                Arguments.of("leakyRelu", MAP, leakyRelu(0.2)),
                Arguments.of("tanh", MAP, tanh()),
                Arguments.of("sigmoid", MAP, sigmoid()),
                Arguments.of("maxPool 2-d", MAP, maxPool(3, 2).stride(2, 3).padding(1)),
                Arguments.of("maxPool 2-d of equal values", MAP, maxPool(3).stride(2, 1).padding(1, 0)),
                Arguments.of("maxPool 1-d rounded up", LINE, maxPool(4).stride(3).padding(1).roundUp()),
                Arguments.of("maxPool 3-d rounded up", VOLUME, maxPool(3, 2, 2).stride(2, 2, 3).padding(0, 1, 0).roundUp()),
                Arguments.of("averagePool 1-d", LINE, averagePool(4).stride(3).padding(2)),
                Arguments.of("averagePool 2-d", MAP, averagePool(3, 2).stride(2, 1).padding(1)),
                Arguments.of("averagePool 3-d", VOLUME, averagePool(2, 3, 2).stride(1, 2, 2).padding(1, 1, 0)),
                Arguments.of("averagePool 1-d; padding counted", LINE, averagePool(4).stride(3).padding(2).countIncludePad()),
                Arguments.of("averagePool 2-d; padding counted", MAP, averagePool(3, 2).stride(2, 1).padding(1).countIncludePad()),
                Arguments.of("averagePool 3-d; padding counted", VOLUME,
                        averagePool(2, 3, 2).stride(1, 2, 2).padding(1, 1, 0).countIncludePad()),
                Arguments.of("averagePool 2-d rounded up", MAP, averagePool(3).stride(2, 3).padding(1, 0).roundUp()),
                Arguments.of("localResponseNorm of 5", MAP, localResponseNorm(5, 0.5, 0.75, 1)),
                Arguments.of("localResponseNorm of 4", MAP, localResponseNorm(4, 0.3, 0.6, 2))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void aLayerIsPyTorchs(String name, TensorShape shape, LayerSpec layer) {
        LongToDoubleFunction values = name.contains("equal values") ? i -> Math.rint(normal(1, i)) : i -> normal(1, i);
        try (Network network = network(shape, layer)) {
            assertForwardAndBackward(name, network, filled(shape, values));
        }
    }

    static Stream<Arguments> batchNorms() {
        return Stream.of(Arguments.of("batchNorm", batchNorm()),
                Arguments.of("batchNorm with other numbers", batchNorm().epsilon(0.3).momentum(0.7)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("batchNorms")
    void batchNormIsPyTorchs(String name, LayerSpec layer) {
        try (Network network = network(MAP, layer)) {
            TensorShape channels = TensorShape.of(7);
            Map<String, HostTensor> values = network.values();
            values.put("batchNorm.weight", filled(channels, i -> normal(4, i)));
            values.put("batchNorm.bias", filled(channels, i -> normal(5, i)));
            network.setValues(values);
            HostTensor x = filled(MAP, i -> normal(1, i));
            assertForwardAndBackward(name, network, x);
            assertRecorded(name, "gradient of gamma", (HostTensor) network.parameters().get(0).gradient(), 6);
            assertRecorded(name, "gradient of beta", (HostTensor) network.parameters().get(1).gradient(), 6);
            assertRecorded(name, "running mean", network.values().get("batchNorm.running_mean"), 6);
            assertRecorded(name, "running variance", network.values().get("batchNorm.running_var"), 6);
            assertRecorded(name, "inference", (HostTensor) network.forward(x, Mode.INFERENCE), 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLossIsPyTorchs(Loss loss) {
        String name = loss.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        HostTensor targets = switch (loss) {
            case SOFTMAX_CROSS_ENTROPY -> filled(TensorShape.of(4), i -> (3 * i + 1) % 5);
            case SIGMOID_CROSS_ENTROPY -> filled(SCORES, i -> Activation.SIGMOID.apply(normal(7, i), 0));
            case SQUARED_ERROR -> filled(SCORES, i -> normal(7, i));
        };
        HostTensor losses = filled(TensorShape.of(4), i -> 0);
        HostTensor gradient = filled(SCORES, i -> 0);
        loss.compute(engine.networkOps(), filled(SCORES, i -> normal(1, i)), targets, 0.25, losses, gradient);
        double mean = LongStream.range(0, 4).mapToDouble(losses::get).sum() / 4;
        assertEquals(RECORDED.get(name + ",loss"), mean, 0x1p-40 * 8 * SCORES.elements());
        assertRecorded(name, "gradient of x", gradient, 3);
    }

    static Stream<Arguments> rules() {
        return Stream.of(Arguments.of("sgd", Optimizers.sgd(0.9, 0.05), 0.01),
                Arguments.of("sgd of Nesterov", Optimizers.sgd(0.9, 0.05).nesterov(), 0.01),
                Arguments.of("adam", Optimizers.adam(0.05), 0.01),
                Arguments.of("adam with small gradients", Optimizers.adam(0), 1e-8),
                Arguments.of("adam with other numbers", Optimizers.adam(0).betas(0.6, 0.8).epsilon(0.02), 0.01),
                Arguments.of("adamW", Optimizers.adamW(0.3), 0.01));
    }

    /** With decay, and with gradients as small as Adam's epsilon, which the trajectories do without. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void stepsArePyTorchs(String name, Function<Network, Optimizer> rule, double size) {
        try (Network network = network(LINE, (context, input) -> new Decaying(context, input, true))) {
            Parameter weight = network.parameters().get(0);
            Optimizer optimizer = rule.apply(network);
            for (int step = 1; step <= 3; step++) {
                long stream = 9 + step;
                engine.upload(filled(LINE, i -> size * normal(stream, i)), weight.gradient());
                optimizer.begin(0.1);
                optimizer.apply();
                assertRecorded(name, "weights after step " + step, (HostTensor) weight.value(), 2);
            }
        }
    }

    /** As for biases. */
    @Test
    void whatDoesNotDecayStaysWithoutAGradient() {
        for (Function<Network, Optimizer> rule : List.<Function<Network, Optimizer>>of(Optimizers.sgd(0.9, 0.05),
                Optimizers.sgd(0.9, 0.05).nesterov(), Optimizers.adam(0.05), Optimizers.adamW(0.05))) {
            for (boolean decays : new boolean[] {false, true}) {
                try (Network network = network(LINE, (context, input) -> new Decaying(context, input, decays))) {
                    Optimizer optimizer = rule.apply(network);
                    optimizer.begin(0.1);
                    optimizer.apply();
                    double shrunk = normal(1, 0) - network.values().get("decaying.weight").get(0);
                    assertTrue(decays ? shrunk * normal(1, 0) > 0 : shrunk == 0, () -> "changed by " + shrunk);
                }
            }
        }
    }

    /** A parameter alone. */
    private static final class Decaying extends Layer {

        private final Parameter weight;

        Decaying(NetworkContext context, TensorShape input, boolean decays) {
            super(context, "decaying", input, input);
            weight = context.parameter("decaying.weight", filled(LINE, i -> normal(1, i)), decays);
        }

        @Override
        public Tensor forward(Tensor x, Mode mode) {
            return x;
        }

        @Override
        public Tensor backward(Tensor dy, boolean wantInput) {
            return dy;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(weight);
        }
    }

    private static void assertForwardAndBackward(String name, Network network, HostTensor x) {
        HostTensor y = (HostTensor) network.forward(x, Mode.TRAINING);
        assertRecorded(name, "y", y, 2);
        network.zeroGradients();
        assertRecorded(name, "gradient of x", (HostTensor) network.backwardToInput(filled(y.shape(), i -> normal(2, i))), 3);
    }

    private static void assertRecorded(String name, String what, HostTensor values, long stream) {
        double sum = 0;
        double bound = 0;
        for (int i = 0; i < values.length(); i++) {
            double term = values.get(i) * normal(stream, i);
            sum += term;
            bound += 0x1p-40 * (8 + Math.abs(term));
        }
        assertEquals(RECORDED.get(name + "," + what), sum, bound, name + ", " + what);
    }

    private static Network network(TensorShape batch, LayerSpec layer) {
        return Network.on(engine, 1).type(DataType.FLOAT64).input(LongStream.of(batch.sizes()).skip(1).toArray()).build(layer);
    }

    private static HostTensor filled(TensorShape shape, LongToDoubleFunction value) {
        HostTensor tensor = HostTensor.zeros(DataType.FLOAT64, shape);
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, value.applyAsDouble(i));
        }
        return tensor;
    }

    private static double normal(long stream, long i) {
        return CounterRandom.normal(SEED, stream, i);
    }

    private static Map<String, Double> recorded() {
        Map<String, Double> recorded = new LinkedHashMap<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                RecordedLayersTest.class.getResourceAsStream("trajectories/layers.csv"), StandardCharsets.UTF_8))) {
            lines.lines().skip(2).forEach(line -> recorded.put(line.substring(0, line.lastIndexOf(',')),
                    Double.valueOf(line.substring(line.lastIndexOf(',') + 1))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return recorded;
    }
}
