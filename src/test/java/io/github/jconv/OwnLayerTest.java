package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.nn.GradientCheck;
import io.github.jconv.nn.Initialization;
import io.github.jconv.nn.Layer;
import io.github.jconv.nn.LayerSpec;
import io.github.jconv.nn.Layers;
import io.github.jconv.nn.Mode;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.NetworkContext;
import io.github.jconv.nn.Optimizer;
import io.github.jconv.nn.Optimizers;
import io.github.jconv.nn.Parameter;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A layer that a user writes, outside JConv's packages: one weight for each channel, as a depthwise 1x1 convolution. */
class OwnLayerTest {

    private static final TensorShape INPUT = TensorShape.of(3, 4, 5);

    private static final class ChannelScale extends Layer {

        private final Parameter weight;
        private final Parameter foreign;
        private Tensor x;

        ChannelScale(NetworkContext context, TensorShape input, Parameter foreign) {
            super(context, "scale", input, input);
            weight = context.weight(name() + ".weight", TensorShape.of(input.size(0), 1, 1, 1), Initialization.GLOROT_UNIFORM, 1, 1);
            this.foreign = foreign;
        }

        private ConvProblem problem(Tensor batchOf) {
            TensorShape shape = batchOf.shape();
            return ConvProblem.conv2d().batch(shape.size(0)).input(shape.size(1), shape.size(2), shape.size(3))
                    .filters(shape.size(1), 1, 1).groups(shape.size(1)).build();
        }

        @Override
        public Tensor forward(Tensor input, Mode mode) {
            x = input;
            Tensor y = output(input.shape().size(0));
            context().engine().forward(problem(input), input, weight.value(), null, y);
            return y;
        }

        @Override
        public Tensor backward(Tensor dy, boolean wantInput) {
            context().engine().backwardFilter(problem(dy), x, dy, weight.gradient(), WriteMode.ACCUMULATE);
            Tensor dx = null;
            if (wantInput) {
                dx = context().borrow(inputShape(dy));
                context().engine().backwardData(problem(dy), dy, weight.value(), dx, WriteMode.OVERWRITE);
            }
            context().giveBack(dy);
            return dx;
        }

        @Override
        public List<Parameter> parameters() {
            return foreign == null ? List.of(weight) : List.of(weight, foreign);
        }
    }

    private static LayerSpec scale() {
        return (context, input) -> new ChannelScale(context, input, null);
    }

    private static Network network(ConvEngine engine, LayerSpec... layers) {
        return Network.on(engine, 1).input(INPUT.sizes()).build(layers);
    }

    @Test
    void itsGradientsPassTheCheck() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").open()) {
            assertEquals(List.of(), GradientCheck.run(engine, INPUT, 2, 7, 20, scale(), Layers.sigmoid(), scale()));
        }
    }

    @Test
    void itsWeightsAreTrainedAndSaved(@TempDir Path folder) throws Exception {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").open(); Network network = network(engine, scale(), scale());
                Network other = Network.on(engine, 2).input(INPUT.sizes()).build(scale(), scale())) {
            assertEquals(List.of("scale.weight", "scale2.weight"), network.parameters().stream().map(Parameter::name).toList());
            float[] before = network.values().get("scale.weight").floats().clone();
            HostTensor x = HostTensor.zeros(TensorShape.of(2, 3, 4, 5));
            x.fill(0.5);
            HostTensor dy = HostTensor.zeros(x.shape());
            dy.fill(1);
            network.zeroGradients();
            network.forward(x, Mode.TRAINING);
            network.backward(dy);
            Optimizer optimizer = Optimizers.sgd(0, 0).apply(network);
            optimizer.begin(0.1);
            optimizer.apply();
            float[] after = network.values().get("scale.weight").floats();
            assertNotEquals(before[0], after[0]);
            network.save(folder.resolve("own.safetensors"));
            assertFalse(Arrays.equals(after, other.values().get("scale.weight").floats()));
            other.load(folder.resolve("own.safetensors"));
            assertArrayEquals(after, other.values().get("scale.weight").floats());
        }
    }

    @Test
    void aParameterThatTheNetworkWouldNotTrainIsRefused() {
        Parameter foreign = new Parameter("mine", HostTensor.zeros(TensorShape.of(1)), HostTensor.zeros(TensorShape.of(1)), true);
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").open()) {
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class,
                    () -> network(engine, (context, input) -> new ChannelScale(context, input, foreign)));
            assertTrue(refused.getMessage().contains("layer scale has the parameter 'mine'"), refused.getMessage());
        }
    }

    @Test
    void aNameThatIsTakenAndAnotherTypeAreRefused() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").open()) {
            IllegalArgumentException taken = assertThrows(IllegalArgumentException.class, () -> network(engine, (context, input) -> {
                context.state("scale.weight", HostTensor.zeros(TensorShape.of(1)));
                return new ChannelScale(context, input, null);
            }));
            assertTrue(taken.getMessage().contains("a value 'scale.weight' already"), taken.getMessage());
            IllegalArgumentException type = assertThrows(IllegalArgumentException.class, () -> network(engine, (context, input) -> {
                context.parameter("half", HostTensor.zeros(DataType.FLOAT64, TensorShape.of(1)), true);
                return new ChannelScale(context, input, null);
            }));
            assertTrue(type.getMessage().contains("value 'half' is FLOAT64; the network needs FLOAT32"), type.getMessage());
        }
    }
}
