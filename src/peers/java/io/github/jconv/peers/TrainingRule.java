package io.github.jconv.peers;

import io.github.jconv.nn.Network;
import io.github.jconv.nn.Optimizer;
import io.github.jconv.nn.Optimizers;
import java.util.function.Function;

/**
 * How the weights are changed, the same in every library.
 *
 * @param momentum of gradient descent; not a number for Adam
 */
public record TrainingRule(String name, double rate, double momentum, double decay) {

    public static TrainingRule sgd(double rate, double momentum, double decay) {
        return new TrainingRule("sgd", rate, momentum, decay);
    }

    public static TrainingRule adam(double rate, double decay) {
        return new TrainingRule("adam", rate, Double.NaN, decay);
    }

    boolean isAdam() {
        return Double.isNaN(momentum);
    }

    /** The optimiser of JConv. */
    public Function<Network, Optimizer> optimizer() {
        return isAdam() ? Optimizers.adam(decay) : Optimizers.sgd(momentum, decay);
    }
}
