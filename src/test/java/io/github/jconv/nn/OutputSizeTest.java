package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static io.github.jconv.nn.Layers.relu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.ConvEngine;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transposed layers whose output size is that of an earlier activation, or is said when they are called. */
class OutputSizeTest {

    /** With filters of one and a stride of two, 99 and 100 become 50, 101 and 102 become 51; every size comes back as it was. */
    @ParameterizedTest
    @CsvSource({"1 x 99", "1 x 100", "1 x 101", "1 x 102", "2 x 7 x 10", "2 x 8 x 9", "3 x 4 x 5 x 6", "3 x 5 x 6 x 7"})
    void aNetworkGivesBackTheSizeItWasGiven(String sizes) {
        long[] input = TensorShape.of(Arrays.stream(sizes.split(" x ")).mapToLong(Long::parseLong).toArray()).sizes();
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(input).build(
                        conv(4, 1).stride(2), relu(), conv(5, 1).stride(2), relu(),
                        convTranspose(4, 1).stride(2).outputSizeOfInputTo("conv2"), relu(),
                        convTranspose(input[0], 1).stride(2).outputSizeOfInputTo("conv"))) {
            assertEquals(network.inputShape(), network.outputShape());
            HostTensor x = HostTensor.zeros(Layer.withBatch(2, network.inputShape()));
            x.fill(1);
            HostTensor y = (HostTensor) network.forward(x, Mode.TRAINING);
            assertEquals(x.shape(), y.shape());
            assertEquals(x.shape(), network.backwardToInput(y).shape());
        }
    }

    @Test
    void aLayerThatIsNotThereIsNamedBesideThoseThatAre() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            Network.Builder builder = Network.on(engine, 1).input(1, 9);
            var unknown = assertThrows(IllegalArgumentException.class, () -> builder.build(
                    conv(2, 1).stride(2), relu(), convTranspose(1, 1).stride(2).outputSizeOfInputTo("conv2")));
            assertEquals("layer 3 of network, whose input is [2, 5]: there is no layer 'conv2' in front of this one; there are conv, relu", unknown.getMessage());
            var both = assertThrows(IllegalArgumentException.class, () -> builder.build(
                    conv(2, 1).stride(2), convTranspose(1, 1).stride(2).outputSize(9).outputSizeOfInputTo("conv")));
            assertEquals("layer 2 of network, whose input is [2, 5]: output size and a layer with an input of that size are both given;"
                    + " allowed: one of them", both.getMessage());
            var impossible = assertThrows(InvalidProblemException.class, () -> builder.build(
                    conv(2, 1).stride(2), convTranspose(1, 1).stride(3).outputSizeOfInputTo("conv")));
            assertEquals("layer 2 of network, whose input is [2, 5]: axis w: output size is 9; allowed: 13..15 for input 5, filter 1, stride 3,"
                    + " padding 0 and 0, dilation 1", impossible.getMessage());
        }
    }

    /** The same layer called with two sizes in turn: each time the bits of the engine's own transposed convolution of that size. */
    @ParameterizedTest
    @ValueSource(strings = {"transposed:n2c3w5k4s3_sw2", "transposed:n2c4h4w5k2r2s3_sh3sw2_g2", "transposed:n2c3d2h3w4k2t2r1s2_sd2sh2sw3"})
    void theSizeMayBeSaidWhenTheLayerIsCalled(String line) {
        TransposedConvolution built = TransposedConvolution.parse(line);
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(withoutBatch(built.inputShape())).build(spec(built))) {
            ConvTranspose layer = (ConvTranspose) network.layers().get(1);
            HostTensor x = filled(built.inputShape(), 3);
            HostTensor w = (HostTensor) layer.parameters().get(0).value();
            HostTensor bias = (HostTensor) layer.parameters().get(1).value();
            bias.fill(0.25);
            for (TransposedConvolution wanted : new TransposedConvolution[] {built, largest(built), built, largest(built)}) {
                long[] size = positions(wanted);
                HostTensor y = (HostTensor) layer.forward(x, Mode.TRAINING, size);
                assertArrayEquals(values(engine.forward(wanted, x, w, bias)), values(y));
                assertSame(y, layer.forward(x, Mode.TRAINING, size));
                HostTensor dy = filled(wanted.outputShape(), 5);
                network.zeroGradients();
                HostTensor dx = (HostTensor) layer.backward(dy, true);
                assertArrayEquals(values(engine.backwardData(wanted, dy, w)), values(dx));
                assertArrayEquals(values(engine.backwardFilter(wanted, x, dy)),
                        values((HostTensor) layer.parameters().get(0).gradient()));
                network.context().giveBack(dx);
            }
            long[] tooLarge = positions(largest(built));
            tooLarge[0]++;
            var error = assertThrows(InvalidProblemException.class, () -> layer.forward(x, Mode.TRAINING, tooLarge));
            String range = "output size is " + tooLarge[0] + "; allowed: " + positions(built)[0] + ".." + (tooLarge[0] - 1) + " for input";
            assertEquals(range, error.getMessage().substring(error.getMessage().indexOf("output"), error.getMessage().indexOf("input")
                    + "input".length()));
        }
    }

    private static double[] values(HostTensor tensor) {
        double[] values = new double[tensor.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.get(i);
        }
        return values;
    }

    private static LayerSpec spec(TransposedConvolution layer) {
        return Layers.convTranspose(layer.outputChannels(), layer.axes().stream().mapToLong(axis -> axis.filter()).toArray())
                .stride(layer.axes().stream().mapToLong(axis -> axis.stride()).toArray()).groups(layer.groups());
    }

    private static TransposedConvolution largest(TransposedConvolution layer) {
        return layer.withOutputSize(layer.axes().stream().mapToLong(axis -> axis.equivalent().input() + axis.stride() - 1).toArray());
    }

    private static long[] positions(TransposedConvolution layer) {
        return layer.equivalent().axes().stream().mapToLong(axis -> axis.input()).toArray();
    }

    private static long[] withoutBatch(TensorShape shape) {
        return Arrays.copyOfRange(shape.sizes(), 1, shape.rank());
    }

    private static HostTensor filled(TensorShape shape, int step) {
        HostTensor values = HostTensor.zeros(shape);
        for (int i = 0; i < values.length(); i++) {
            values.set(i, (i * step % 7) - 3);
        }
        return values;
    }
}
