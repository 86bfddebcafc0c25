package io.github.jconv;

import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.dropout;
import static io.github.jconv.nn.Layers.linear;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.relu;
import static io.github.jconv.nn.Layers.sideHead;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.nn.Loss;
import io.github.jconv.nn.Mode;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.NetworkContext;
import io.github.jconv.nn.Optimizer;
import io.github.jconv.nn.Optimizers;
import io.github.jconv.nn.Schedule;
import io.github.jconv.nn.SideHead;
import io.github.jconv.nn.Trainer;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Datasets;
import io.github.jconv.testing.EmulatedDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A training loop that a user writes, outside JConv's packages, does what the trainer does, to the last bit. */
class OwnLoopTest {

    private static final int BATCH = 8;
    private static final int STEPS = 6;
    private static final GeneratedShapes SHAPES = new GeneratedShapes(BATCH * STEPS, 16, 3);

    private static Network network(ConvEngine engine) {
        return Network.on(engine, 5).input(1, 16, 16).build(conv(6, 5), relu(), maxPool(2), sideHead(0.3, linear(6)),
                dropout(0.3), linear(6));
    }

    @Test
    void onTheCpu() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open()) {
            assertSameAsTheTrainer(engine);
        }
    }

    @Test
    void onADevice() {
        try (ConvEngine engine = ConvEngine.builder().device(EmulatedDevice.request()).backend("cuda").open()) {
            assertSameAsTheTrainer(engine);
        }
    }

    private static void assertSameAsTheTrainer(ConvEngine engine) {
        List<Integer> order = new ArrayList<>();
        try (Network network = network(engine); Network own = network(engine)) {
            Trainer.of(network).optimizer(Optimizers.sgd(0.9, 1e-3)).schedule(Schedule.cosine(0.05, 1)).batch(BATCH).clipNorm(1)
                    .fit(noting(order), 1);
            train(own, order);
            Map<String, HostTensor> expected = network.values();
            own.values().forEach((name, value) -> assertArrayEquals(expected.get(name).floats(), value.floats(), name));
        }
    }

    private static void train(Network network, List<Integer> order) {
        NetworkContext context = network.context();
        SideHead head = network.sideHeads().get(0);
        Optimizer optimizer = Optimizers.sgd(0.9, 1e-3).apply(network);
        Schedule schedule = Schedule.cosine(0.05, 1);
        HostTensor pictures = HostTensor.zeros(TensorShape.of(BATCH, 1, 16, 16));
        HostTensor numbers = HostTensor.zeros(TensorShape.of(BATCH));
        Tensor x = context.newTensor(pictures.shape());
        Tensor labels = context.newTensor(numbers.shape());
        Tensor losses = context.newTensor(numbers.shape());
        Tensor gradient = context.newTensor(TensorShape.of(BATCH, 6));
        for (int step = 0; step < STEPS; step++) {
            for (int i = 0; i < BATCH; i++) {
                int picture = order.get(step * BATCH + i);
                SHAPES.image(picture, pictures.floats(), i * 256);
                numbers.set(i, SHAPES.label(picture));
            }
            network.engine().upload(pictures, x);
            network.engine().upload(numbers, labels);
            network.setStep(step);
            Tensor output = network.forward(x, Mode.TRAINING);
            Loss.SOFTMAX_CROSS_ENTROPY.compute(context.ops(), output, labels, 1.0 / BATCH, losses, gradient);
            Loss.SOFTMAX_CROSS_ENTROPY.compute(context.ops(), head.headOutput(), labels, head.weight() / BATCH, losses,
                    head.headGradient());
            network.zeroGradients();
            network.backward(gradient);
            network.clipGradients(1);
            optimizer.begin(schedule.rate((double) step / STEPS));
            optimizer.apply();
        }
    }

    /** The data set, with the numbers of the pictures that are asked for noted. */
    private static Dataset noting(List<Integer> order) {
        return Datasets.with(SHAPES, (index, into, offset) -> order.add(index));
    }

    @Test
    void aClipNormThatIsNoneIsRefused() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open(); Network network = network(engine)) {
            for (double limit : new double[] {0, -1, Double.NaN}) {
                assertEquals("clip norm is " + limit + "; allowed: above 0",
                        assertThrows(IllegalArgumentException.class, () -> network.clipGradients(limit)).getMessage());
            }
        }
    }
}
