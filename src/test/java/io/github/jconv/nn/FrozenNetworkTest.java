package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static io.github.jconv.nn.Layers.linear;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.relu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Networks whose weights are promised to stay as they are, and then change after all. */
class FrozenNetworkTest {

    private static final GeneratedShapes SHAPES = new GeneratedShapes(96, 16, 1);

    private static Network network(ConvEngine engine) {
        return Network.on(engine, 5).input(1, 16, 16).build(conv(24, 3).padding(1), relu(), maxPool(2), conv(32, 3).padding(1), relu(),
                convTranspose(6, 2).stride(2), relu(), linear(6));
    }

    private static Trainer trainer(Network network) {
        return Trainer.of(network).optimizer(Optimizers.sgd(0.9, 0)).schedule(Schedule.constant(0.01)).batch(32);
    }

    /** Of a network that has never seen other weights. */
    private static float[] outputOfTheSameWeights(ConvEngine engine, Network network) {
        try (Network other = network(engine)) {
            other.setValues(network.values());
            other.freeze();
            return output(other);
        }
    }

    private static float[] output(Network network) {
        HostTensor x = HostTensor.zeros(Layer.withBatch(3, network.inputShape()));
        for (int i = 0; i < 3; i++) {
            SHAPES.image(i, x.floats(), i * 256);
        }
        HostTensor y = HostTensor.zeros(Layer.withBatch(3, network.outputShape()));
        network.engine().download(network.forward(x, Mode.INFERENCE), y);
        return y.floats();
    }

    @Test
    void noWayToChangeWeightsLeavesAnythingOfTheFormerOnes() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open(); Network network = network(engine)) {
            network.freeze();
            float[] before = output(network);
            trainer(network).fit(SHAPES, 1);
            network.freeze();
            float[] trained = output(network);
            assertFalse(Arrays.equals(before, trained), "training changes something");
            assertArrayEquals(outputOfTheSameWeights(engine, network), trained, "after training");

            var values = network.values();
            values.values().forEach(value -> {
                for (int i = 0; i < value.length(); i++) {
                    value.set(i, 1.5 * value.get(i));
                }
            });
            network.setValues(values);
            network.freeze();
            assertArrayEquals(outputOfTheSameWeights(engine, network), output(network), "after setValues");

            ((HostTensor) network.parameters().get(0).value()).set(3, 0.75);
            network.freeze();
            assertArrayEquals(outputOfTheSameWeights(engine, network), output(network), "after writing and freezing again");

            Optimizer optimizer = Optimizers.adam(0).apply(network);
            optimizer.begin(0.1);
            optimizer.apply();
            float[] unfrozen = output(network);
            network.freeze();
            float[] frozen = output(network);
            assertArrayEquals(outputOfTheSameWeights(engine, network), frozen, "after a step of an optimiser");
            for (int i = 0; i < frozen.length; i++) {
                assertEquals(unfrozen[i], frozen[i], 1e-3 * Math.abs(unfrozen[i]) + 1e-4, "a step takes the promise back");
            }
        }
    }

    /** Evaluation freezes; the steps after it are those of a training without evaluation, to the last bit. */
    @Test
    void evaluationLeavesNoTraceInTheStepsAfterIt() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open(); Network plain = network(engine);
                Network evaluated = network(engine)) {
            trainer(plain).fit(SHAPES, 3);
            Trainer trainer = trainer(evaluated);
            trainer.evaluate(SHAPES);
            trainer.fit(SHAPES, SHAPES, 3);
            plain.values().forEach((name, value) -> assertArrayEquals(value.floats(), evaluated.values().get(name).floats(), name));
            double loss = trainer.evaluate(SHAPES).loss();
            try (Network other = network(engine)) {
                other.setValues(evaluated.values());
                assertEquals(trainer(other).evaluate(SHAPES).loss(), loss);
            }
        }
    }
}
