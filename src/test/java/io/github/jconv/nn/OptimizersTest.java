package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.ConvEngine;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The numbers in the rules of optimisers and of batch normalisation; what is made of them is checked in {@link RecordedLayersTest}. */
class OptimizersTest {

    @Test
    void theNumbersAreTold() {
        assertTold(Optimizers.adam(0.25), Map.of("optimizer", "adam", "optimizer.beta1", "0.9", "optimizer.beta2", "0.999",
                "optimizer.epsilon", "1.0E-8", "optimizer.weight_decay", "0.25"));
        assertTold(Optimizers.adamW(0.5).betas(0.8, 0.99).epsilon(1e-6), Map.of("optimizer", "adamw", "optimizer.beta1", "0.8",
                "optimizer.beta2", "0.99", "optimizer.epsilon", "1.0E-6", "optimizer.weight_decay", "0.5"));
        assertTold(Optimizers.sgd(0.9, 0), Map.of("optimizer", "sgd", "optimizer.momentum", "0.9", "optimizer.weight_decay", "0.0",
                "optimizer.nesterov", "false"));
        assertTold(Optimizers.sgd(0.9, 0).nesterov(), Map.of("optimizer", "sgd", "optimizer.momentum", "0.9", "optimizer.weight_decay", "0.0",
                "optimizer.nesterov", "true"));
    }

    private static void assertTold(Function<Network, Optimizer> rule, Map<String, String> numbers) {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(1, 3).build(Layers.linear(2))) {
            assertEquals(numbers, rule.apply(network).settings());
        }
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertRefused("momentum is 1.0; allowed: 0.0 and up, below 1.0", () -> Optimizers.sgd(1, 0));
        assertRefused("momentum is 0.0; allowed with Nesterov's: above 0, below 1", () -> Optimizers.sgd(0, 0).nesterov());
        assertRefused("weight decay is -0.1; allowed: 0.0 and up, below 1.0", () -> Optimizers.sgd(0, -0.1));
        assertRefused("weight decay is 1.0; allowed: 0.0 and up, below 1.0", () -> Optimizers.adam(1));
        assertRefused("weight decay is NaN; allowed: 0.0 and up, below 1.0", () -> Optimizers.adamW(Double.NaN));
        assertRefused("beta1 is 1.0; allowed: 0.0 and up, below 1.0", () -> Optimizers.adam(0).betas(1, 0.9));
        assertRefused("beta2 is -1.0; allowed: 0.0 and up, below 1.0", () -> Optimizers.adam(0).betas(0.9, -1));
        assertRefused("epsilon is 0.0; allowed: 1.0E-37 and up", () -> Optimizers.adam(0).epsilon(0));
        assertRefused("epsilon is Infinity; allowed: 1.0E-37 and up", () -> Optimizers.adam(0).epsilon(Double.POSITIVE_INFINITY));
        assertRefused("epsilon is NaN; allowed: 1.0E-37 and up", () -> Layers.batchNorm().epsilon(Double.NaN));
        assertRefused("momentum of batch normalisation is 1.1; allowed: 0..1", () -> Layers.batchNorm().momentum(1.1));
        assertRefused("momentum of batch normalisation is -0.1; allowed: 0..1", () -> Layers.batchNorm().momentum(-0.1));
    }

    @Test
    void aStepOfNoLearningRateIsRefused() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(1, 3).build(Layers.linear(2))) {
            for (Function<Network, Optimizer> rule : List.<Function<Network, Optimizer>>of(Optimizers.adam(0), Optimizers.sgd(0, 0))) {
                assertRefused("learning rate is NaN; allowed: 0 and up", () -> rule.apply(network).begin(Double.NaN));
            }
        }
    }

    private static void assertRefused(String message, Executable made) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, made).getMessage());
    }
}
