package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.averagePool;
import static io.github.jconv.nn.Layers.batchNorm;
import static io.github.jconv.nn.Layers.concat;
import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static io.github.jconv.nn.Layers.dropout;
import static io.github.jconv.nn.Layers.inception;
import static io.github.jconv.nn.Layers.leakyRelu;
import static io.github.jconv.nn.Layers.linear;
import static io.github.jconv.nn.Layers.localResponseNorm;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.pad;
import static io.github.jconv.nn.Layers.relu;
import static io.github.jconv.nn.Layers.sequential;
import static io.github.jconv.nn.Layers.sideHead;
import static io.github.jconv.nn.Layers.sigmoid;
import static io.github.jconv.nn.Layers.tanh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer's backward pass against central differences in double. */
class LayerGradientTest {

    private static final TensorShape MAP = TensorShape.of(4, 7, 6);
    private static final TensorShape LINE = TensorShape.of(3, 11);
    private static final TensorShape VOLUME = TensorShape.of(2, 4, 5, 6);

    static Stream<Arguments> layers() {
        return Stream.of(
                Arguments.of("conv", MAP, new LayerSpec[] {conv(6, 3, 2).stride(2, 1).padding(1, 0).groups(2)}),
                Arguments.of("conv 1-d dilated", LINE, new LayerSpec[] {conv(5, 3).dilation(2).padding(1)}),
                Arguments.of("conv 3-d without bias", VOLUME, new LayerSpec[] {conv(3, 2, 3, 2).withoutBias()}),
                Arguments.of("transposed", MAP,
                        new LayerSpec[] {convTranspose(6, 3, 4).stride(2, 3).padding(1).outputPadding(1, 2).groups(2)}),
                Arguments.of("transposed to a size", LINE, new LayerSpec[] {convTranspose(2, 3).stride(2).outputSize(24)}),
                Arguments.of("transposed to the size of an earlier input", MAP,
                        new LayerSpec[] {conv(3, 2, 3).stride(2, 3), tanh(), convTranspose(2, 2, 3).stride(2, 3).outputSizeOfInputTo("conv")}),
                Arguments.of("transposed dilated without bias", MAP,
                        new LayerSpec[] {convTranspose(2, 2, 3).dilation(2, 1).padding(1, 0).withoutBias()}),
                Arguments.of("conv 3-d, all options", VOLUME,
                        new LayerSpec[] {conv(4, 2, 3, 2).stride(1, 2, 2).padding(1, 0, 1).dilation(2, 1, 3).groups(2)}),
                Arguments.of("transposed 3-d", VOLUME, new LayerSpec[] {convTranspose(3, 2).stride(2, 1, 2)}),
                Arguments.of("linear", MAP, new LayerSpec[] {linear(9), linear(5)}),
                Arguments.of("relu", MAP, new LayerSpec[] {relu()}),
                Arguments.of("leaky relu", MAP, new LayerSpec[] {leakyRelu(0.2)}),
                Arguments.of("sigmoid", MAP, new LayerSpec[] {sigmoid()}),
                Arguments.of("tanh", MAP, new LayerSpec[] {tanh()}),
                Arguments.of("max pool", MAP, new LayerSpec[] {maxPool(3, 2).stride(2).padding(1)}),
                Arguments.of("max pool rounded up", MAP, new LayerSpec[] {maxPool(3).stride(2).roundUp()}),
                Arguments.of("max pool 3-d", VOLUME, new LayerSpec[] {maxPool(2)}),
                Arguments.of("average pool", MAP, new LayerSpec[] {averagePool(3, 2).stride(2).padding(1)}),
                Arguments.of("average pool, padding counted", VOLUME, new LayerSpec[] {averagePool(2, 3, 2).padding(1, 1, 0).countIncludePad()}),
                Arguments.of("average pool rounded up", LINE, new LayerSpec[] {averagePool(4).stride(3).padding(1).roundUp()}),
                Arguments.of("batch norm", MAP, new LayerSpec[] {batchNorm()}),
                Arguments.of("batch norm 3-d", VOLUME, new LayerSpec[] {batchNorm()}),
                Arguments.of("local response norm", MAP, new LayerSpec[] {localResponseNorm(3, 0.5, 0.75, 1)}),
                Arguments.of("local response norm, even window", MAP, new LayerSpec[] {localResponseNorm(2, 0.5, 0.6, 2)}),
                Arguments.of("dropout", MAP, new LayerSpec[] {dropout(0.3)}),
                Arguments.of("pad zero", MAP, new LayerSpec[] {pad(PadMode.ZERO, 1, 2)}),
                Arguments.of("pad reflect", MAP, new LayerSpec[] {pad(PadMode.REFLECT, 2, 3)}),
                Arguments.of("pad replicate", LINE, new LayerSpec[] {pad(PadMode.REPLICATE, 4)}),
                Arguments.of("pad circular", VOLUME, new LayerSpec[] {pad(PadMode.CIRCULAR, 4, 1, 3)}),
                Arguments.of("pad zero 1-d", LINE, new LayerSpec[] {pad(PadMode.ZERO, 2)}),
                Arguments.of("pad reflect 3-d", VOLUME, new LayerSpec[] {pad(PadMode.REFLECT, 3, 1, 5)}),
                Arguments.of("pad replicate 3-d", VOLUME, new LayerSpec[] {pad(PadMode.REPLICATE, 1, 2, 3)}),
                Arguments.of("concat", MAP, new LayerSpec[] {concat(conv(2, 1), sequential(conv(3, 1), tanh()), sigmoid())}),
                Arguments.of("inception", MAP, new LayerSpec[] {inception(2, 3, 4, 2, 3, 2)}),
                Arguments.of("batch norm with a large epsilon", MAP, new LayerSpec[] {batchNorm().epsilon(0.5)}),
                Arguments.of("side heads", MAP, new LayerSpec[] {conv(3, 2), tanh(), sideHead(0.3, averagePool(2), linear(5), tanh()), conv(2, 3),
                    sigmoid(), sideHead(0.7, linear(3)), linear(4)}),
                Arguments.of("a side head inside another", MAP,
                        new LayerSpec[] {sideHead(0.3, conv(3, 2), tanh(), sideHead(0.5, linear(2)), linear(5)), linear(4)}),
                Arguments.of("a small network", MAP,
                        new LayerSpec[] {conv(5, 3).padding(1), batchNorm(), tanh(), averagePool(2), linear(4), sigmoid()}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void theGradientsAreThoseOfTheFunction(String name, TensorShape input, LayerSpec[] layers) {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            assertEquals(List.of(), GradientCheck.run(engine, input, 3, 11, 25, layers));
        }
    }

    /** It would say that all gradients agree. */
    @Test
    void aCheckOfNothingIsRefused() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            assertEquals("batch is 0 and samples are 5; allowed: 1 and up", assertThrows(IllegalArgumentException.class,
                    () -> GradientCheck.run(engine, LINE, 0, 1, 5, relu())).getMessage());
            assertThrows(IllegalArgumentException.class, () -> GradientCheck.run(engine, LINE, 2, 1, 0, relu()));
        }
    }

    private static final LayerSpec WRONG = (context, input) -> new Layer(context, "wrong", input, input) {
        @Override
        public Tensor forward(Tensor x, Mode mode) {
            Tensor y = output(x.shape().size(0));
            context().ops().copy(x, y);
            context().ops().scale(y, 3);
            return y;
        }

        @Override
        public Tensor backward(Tensor dy, boolean wantInput) {
            context().ops().scale(dy, 2.99);
            return dy;
        }
    };

    @Test
    void aWrongGradientIsFound() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            assertFalse(GradientCheck.run(engine, LINE, 2, 11, 10, WRONG).isEmpty());
        }
    }

    /** The first parameters lie in front of the head, the second ones in it, and only what goes through it is wrong. */
    @Test
    void aWrongGradientOfASideHeadIsFound() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            List<GradientCheck.Failure> failures = GradientCheck.run(engine, LINE, 2, 11, 10, conv(3, 2), sideHead(0.3, linear(4), WRONG),
                    linear(5));
            assertEquals(Set.of("input", "conv.weight", "conv.bias", "linear.weight", "linear.bias"),
                    failures.stream().map(GradientCheck.Failure::value).collect(Collectors.toSet()));
        }
    }
}
