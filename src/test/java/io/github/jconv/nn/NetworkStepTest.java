package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.averagePool;
import static io.github.jconv.nn.Layers.batchNorm;
import static io.github.jconv.nn.Layers.concat;
import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static io.github.jconv.nn.Layers.dropout;
import static io.github.jconv.nn.Layers.leakyRelu;
import static io.github.jconv.nn.Layers.linear;
import static io.github.jconv.nn.Layers.localResponseNorm;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.relu;
import static io.github.jconv.nn.Layers.sequential;
import static io.github.jconv.nn.Layers.sideHead;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.jconv.ConvEngine;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Forward and backward passes as a training loop of one's own calls them. */
class NetworkStepTest {

    private static final TensorShape IMAGES = TensorShape.of(2, 3, 6, 5);

    static Stream<Arguments> firstLayers() {
        return Stream.of(arguments("dropout", dropout(0.2)), arguments("relu", relu()), arguments("batchNorm", batchNorm()),
                arguments("localResponseNorm", localResponseNorm(3, 1e-4, 0.75, 1)), arguments("sideHead", sideHead(0.3, relu(), linear(4))),
                arguments("concat", concat(sequential(), conv(2, 1))), arguments("conv", conv(4, 3)));
    }

    /** Nobody needs the gradient of the input, whichever layer would give it. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("firstLayers")
    void memoryDoesNotGrowWithTheSteps(String name, LayerSpec first) {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(3, 6, 5).build(first, conv(4, 3), relu(), linear(4))) {
            step(network);
            step(network);
            long settled = network.memoryBytes();
            for (int i = 0; i < 5; i++) {
                step(network);
            }
            assertEquals(settled, network.memoryBytes());
        }
    }

    private static void step(Network network) {
        network.zeroGradients();
        network.forward(HostTensor.zeros(IMAGES), Mode.TRAINING);
        network.backward(HostTensor.zeros(TensorShape.of(2, 4)));
    }

    @Test
    void imagesOfAnotherShapeOrTypeAreRefused() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(3, 6, 5).build(relu(), conv(4, 3))) {
            for (TensorShape shape : new TensorShape[] {TensorShape.of(2, 3, 6, 6), TensorShape.of(2, 4, 6, 5), TensorShape.of(3, 6, 5)}) {
                assertEquals("x is FLOAT32 " + shape + "; the network needs FLOAT32 [N, 3, 6, 5]",
                        assertThrows(IllegalArgumentException.class, () -> network.forward(HostTensor.zeros(shape), Mode.TRAINING))
                                .getMessage());
            }
            HostTensor doubles = HostTensor.zeros(DataType.FLOAT64, IMAGES);
            assertEquals("x is FLOAT64 [2, 3, 6, 5]; the network needs FLOAT32 [N, 3, 6, 5]",
                    assertThrows(IllegalArgumentException.class, () -> network.forward(doubles, Mode.TRAINING)).getMessage());
        }
    }

    @Test
    void aGradientOfAnotherShapeIsRefused() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(3, 6, 5).build(conv(4, 3), relu())) {
            network.forward(HostTensor.zeros(IMAGES), Mode.TRAINING);
            for (TensorShape shape : new TensorShape[] {TensorShape.of(2, 4, 3, 4), TensorShape.of(1, 4, 4, 3)}) {
                assertEquals("dy is FLOAT32 " + shape + "; the last output is FLOAT32 [2, 4, 4, 3]",
                        assertThrows(IllegalArgumentException.class, () -> network.backward(HostTensor.zeros(shape))).getMessage());
            }
            network.backward(HostTensor.zeros(TensorShape.of(2, 4, 4, 3)));
        }
    }

    /** The activations are no more then, and what lies there instead would be taken for them. */
    @Test
    void aBackwardPassNeedsATrainingPassOfItsOwn() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(3, 6, 5).build(conv(4, 3), relu())) {
            HostTensor dy = HostTensor.zeros(TensorShape.of(2, 4, 4, 3));
            assertThrows(IllegalStateException.class, () -> network.backward(dy));
            network.forward(HostTensor.zeros(IMAGES), Mode.INFERENCE);
            assertThrows(IllegalStateException.class, () -> network.backward(dy));
            network.forward(HostTensor.zeros(IMAGES), Mode.TRAINING);
            network.backwardToInput(dy);
            assertEquals("a backward pass needs a forward pass in TRAINING before it, one for each",
                    assertThrows(IllegalStateException.class, () -> network.backwardToInput(dy)).getMessage());
        }
    }

    @Test
    void weightsDecayAndNothingElse() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(3, 6, 5).build(conv(4, 3), batchNorm(), convTranspose(2, 3), linear(4))) {
            assertEquals(List.of("conv.weight", "convTranspose.weight", "linear.weight"),
                    network.parameters().stream().filter(Parameter::decays).map(Parameter::name).toList());
            assertEquals(8, network.parameters().size());
        }
    }

    /** A maximum counts nothing, and behind the padding there is nothing to count. */
    @Test
    void paddingThatCannotBeCountedIsRefused() {
        assertEquals("countIncludePad is given for a maximum, which counts nothing; allowed: for an average",
                assertThrows(IllegalArgumentException.class, () -> maxPool(3).countIncludePad()).getMessage());
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            assertEquals("layer 1 of network, whose input is [3, 6, 6]: countIncludePad and roundUp are both given, and the last window of 3 on 6"
                    + " positions reaches behind the padding 0, where nothing is to be counted; allowed: one of them", assertThrows(IllegalArgumentException.class, () -> Network.on(
                            engine, 1).input(3, 6, 6).build(averagePool(3).stride(2).countIncludePad().roundUp())).getMessage());
            assertEquals("[3, 3, 3]", Network.on(engine, 1).input(3, 6, 6)
                    .build(averagePool(2).countIncludePad().roundUp()).outputShape().toString());
        }
    }

    /** Of many layers the message names the one that does not fit, inside containers too. */
    @Test
    void aLayerThatDoesNotFitIsNamedByItsPlace() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            Network.Builder builder = Network.on(engine, 1).input(3, 6, 5);
            assertEquals("layer 2 of network, whose input is [4, 6, 5]: branch 2 of concat, whose input is [4, 6, 5]: layer 2 of"
                    + " sequential, whose input is [6, 6, 5]: groups is 4, which does not divide the 6 input channels; allowed: 1, 2",
                    assertThrows(InvalidProblemException.class, () -> builder.build(
                            conv(4, 1), concat(relu(), sequential(conv(6, 1), conv(8, 1).groups(4))))).getMessage());
            assertEquals("layer 1 of network, whose input is [3, 6, 5]: branch 2 of concat, whose input is [3, 6, 5]: dropout rate is 1.0;"
                    + " allowed: 0 and up, below 1", assertThrows(IllegalArgumentException.class,
                            () -> builder.build(concat(relu(), dropout(1)))).getMessage());
            assertEquals("layer 2 of network, whose input is [4]: the input has 0 spatial axes; allowed: 1..3",
                    assertThrows(IllegalArgumentException.class, () -> builder.build(linear(4), conv(2, 1))).getMessage());
            assertEquals("layer 1 of network, whose input is [3, 6, 5]: pooling window is 7; allowed: 1..6 on 6 positions with a padding of 0",
                    assertThrows(IllegalArgumentException.class, () -> builder.build(maxPool(7))).getMessage());
            assertEquals("layer 2 of network, whose input is [3, 6, 5]: is null",
                    assertThrows(IllegalArgumentException.class, () -> builder.build(relu(), null)).getMessage());
        }
    }

    @Test
    void whatIsMissingIsNamed() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(3, 6, 5).build(conv(4, 3))) {
            HostTensor x = HostTensor.zeros(IMAGES);
            Trainer trainer = Trainer.of(network);
            assertMissing("x", () -> network.forward(null, Mode.INFERENCE));
            assertMissing("mode", () -> network.forward(x, null));
            network.forward(x, Mode.TRAINING);
            assertMissing("dy", () -> network.backward(null));
            assertMissing("dy", () -> network.backwardToInput(null));
            assertMissing("values", () -> network.setValues(null));
            assertMissing("data set to train with", () -> trainer.fit(null, 1));
            assertMissing("data set", () -> trainer.evaluate(null));
        }
    }

    private static void assertMissing(String parameter, Executable call) {
        assertEquals(parameter + " is null; allowed: a value", assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    /** On the heap as on a device, where its memory is gone. */
    @Test
    void aClosedNetworkRefusesToWork() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            Network network = Network.on(engine, 1).input(3, 6, 5).build(conv(4, 3));
            HostTensor x = HostTensor.zeros(IMAGES);
            HostTensor dy = HostTensor.zeros(network.forward(x, Mode.TRAINING).shape());
            Map<String, HostTensor> values = network.values();
            network.close();
            network.close();
            for (Executable call : List.<Executable>of(() -> network.forward(x, Mode.INFERENCE), () -> network.backward(dy),
                    network::values, () -> network.setValues(values), network::zeroGradients, () -> network.clipGradients(1),
                    () -> Optimizers.adam(0).apply(network))) {
                assertEquals("the network is closed", assertThrows(IllegalStateException.class, call).getMessage());
            }
        }
    }

    @Test
    void numbersOfLayersAreFinite() {
        for (double weight : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertEquals("weight of a side head is " + weight + "; allowed: finite numbers",
                    assertThrows(IllegalArgumentException.class, () -> sideHead(weight, linear(2))).getMessage());
        }
        for (double slope : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 0}) {
            assertEquals("slope is " + slope + "; allowed: above 0, finite",
                    assertThrows(IllegalArgumentException.class, () -> leakyRelu(slope)).getMessage());
        }
    }

    /** Of one value there is no variance to train with. */
    @Test
    void aBatchNormalisationOfOneValueIsRefusedInTraining() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(3, 6, 5).build(linear(4), batchNorm())) {
            HostTensor one = HostTensor.zeros(TensorShape.of(1, 3, 6, 5));
            assertEquals("batchNorm has one value per channel in an input of shape [1, 4]; allowed in training: 2 and up, so more images or"
                    + " positions", assertThrows(IllegalArgumentException.class, () -> network.forward(one, Mode.TRAINING)).getMessage());
            assertThrows(IllegalStateException.class, () -> network.backward(HostTensor.zeros(TensorShape.of(1, 4))));
            network.forward(one, Mode.INFERENCE);
            network.forward(HostTensor.zeros(IMAGES), Mode.TRAINING);
        }
    }

    @Test
    void aLocalResponseThatIsNoneIsRefused() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            for (long size : new long[] {0, -2, 1L << 33}) {
                assertEquals("layer 1 of network, whose input is [3, 6, 5]: size of the local response is " + size
                        + "; allowed: 1..1073741823", assertThrows(IllegalArgumentException.class,
                        () -> Network.on(engine, 1).input(3, 6, 5).build(localResponseNorm(size, 1e-4, 0.75, 1))).getMessage());
            }
            for (double[] wrong : new double[][] {{-1, 0.75, 1}, {1e-4, Double.NaN, 1}, {1e-4, 0.75, 0}, {Double.POSITIVE_INFINITY, 0.75, 1}}) {
                assertThrows(IllegalArgumentException.class,
                        () -> Network.on(engine, 1).input(3, 6, 5).build(localResponseNorm(3, wrong[0], wrong[1], wrong[2])));
            }
        }
    }
}
