package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.averagePool;
import static io.github.jconv.nn.Layers.batchNorm;
import static io.github.jconv.nn.Layers.concat;
import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static io.github.jconv.nn.Layers.dropout;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
            assertEquals("layer 2 of network, whose input is [4, 6, 5]: layer 2 of sequential, whose input is [6, 6, 5]: groups is 4, which does"
                    + " not divide the 6 input channels; allowed: 1, 2", assertThrows(InvalidProblemException.class, () -> builder.build(
                            conv(4, 1), concat(relu(), sequential(conv(6, 1), conv(8, 1).groups(4))))).getMessage());
            assertEquals("layer 2 of network, whose input is [4]: the input has 0 spatial axes; allowed: 1..3",
                    assertThrows(IllegalArgumentException.class, () -> builder.build(linear(4), conv(2, 1))).getMessage());
            assertEquals("layer 1 of network, whose input is [3, 6, 5]: pooling window is 7; allowed: 1..6 on 6 positions with a padding of 0",
                    assertThrows(IllegalArgumentException.class, () -> builder.build(maxPool(7))).getMessage());
            assertEquals("layer 2 of network, whose input is [3, 6, 5]: is null",
                    assertThrows(IllegalArgumentException.class, () -> builder.build(relu(), null)).getMessage());
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
