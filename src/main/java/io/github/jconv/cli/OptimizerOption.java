package io.github.jconv.cli;

import io.github.jconv.nn.Network;
import io.github.jconv.nn.Optimizer;
import io.github.jconv.nn.Optimizers;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How weights are changed along their gradients. */
final class OptimizerOption {

    private static final double USUAL_MOMENTUM = 0.9;
    private static final double USUAL_BETA1 = 0.9;
    private static final double USUAL_BETA2 = 0.999;
    private static final double USUAL_EPSILON = 1e-8;
    private static final String OF_ADAM = "adam or adamw";

    /** The optimisers by name. */
    enum Kind {
        ADAM, ADAMW, SGD;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--optimizer", paramLabel = "NAME", converter = ByKind.class,
            description = "adam; adamw, Adam whose decay is no part of the gradient; sgd, gradient descent with momentum. adam unless given, or"
                    + " sgd with --momentum or --nesterov.")
    private Kind kind;

    @Option(names = "--momentum", paramLabel = "M", description = "Of sgd: 0 and up, below 1; " + USUAL_MOMENTUM + " unless given.")
    private Double momentum;

    @Option(names = "--nesterov", description = "Nesterov's momentum for sgd.")
    private boolean nesterov;

    @Option(names = "--beta1", paramLabel = "B", description = "Of adam and adamw, how much of the first moment a step keeps: 0 and up, below 1; "
            + USUAL_BETA1 + " unless given.")
    private Double beta1;

    @Option(names = "--beta2", paramLabel = "B", description = "The same of the second moment; " + USUAL_BETA2 + " unless given.")
    private Double beta2;

    @Option(names = "--epsilon", paramLabel = "E", description = "Of adam and adamw, what is added to the root of the second moment: "
            + Optimizers.LEAST_EPSILON + " and up; " + USUAL_EPSILON + " unless given.")
    private Double epsilon;

    @Option(names = "--weight-decay", paramLabel = "D", defaultValue = "0",
            description = "Weight decay, of all parameters but biases and those of normalisations: 0 and up, below 1; ${DEFAULT-VALUE} unless"
                    + " given.")
    private double decay;

    Function<Network, Optimizer> optimizer() {
        Kind chosen = kind != null ? kind : momentum != null || nesterov ? Kind.SGD : Kind.ADAM;
        if (chosen == Kind.SGD) {
            requireAbsent("--beta1", beta1, chosen, OF_ADAM);
            requireAbsent("--beta2", beta2, chosen, OF_ADAM);
            requireAbsent("--epsilon", epsilon, chosen, OF_ADAM);
        } else {
            requireAbsent("--momentum", momentum, chosen, "sgd");
            requireAbsent("--nesterov", nesterov ? "given" : null, chosen, "sgd");
        }
        requireBelowOne("--weight-decay", decay);
        return switch (chosen) {
            case ADAM -> moments(Optimizers.adam(decay));
            case ADAMW -> moments(Optimizers.adamW(decay));
            case SGD -> descent();
        };
    }

    private Function<Network, Optimizer> descent() {
        double kept = momentum == null ? USUAL_MOMENTUM : momentum;
        requireBelowOne("--momentum", kept);
        if (nesterov && kept == 0) {
            throw refused("--momentum is 0 with --nesterov; allowed: above 0, below 1");
        }
        Optimizers.SgdSpec sgd = Optimizers.sgd(kept, decay);
        return nesterov ? sgd.nesterov() : sgd;
    }

    private Function<Network, Optimizer> moments(Optimizers.AdamSpec adam) {
        double first = beta1 == null ? USUAL_BETA1 : beta1;
        double second = beta2 == null ? USUAL_BETA2 : beta2;
        double added = epsilon == null ? USUAL_EPSILON : epsilon;
        requireBelowOne("--beta1", first);
        requireBelowOne("--beta2", second);
        if (!(added >= Optimizers.LEAST_EPSILON && added < Double.POSITIVE_INFINITY)) {
            throw refused("--epsilon is " + added + "; allowed: " + Optimizers.LEAST_EPSILON + " and up");
        }
        return adam.betas(first, second).epsilon(added);
    }

    private void requireAbsent(String option, Object value, Kind chosen, String fitting) {
        if (value != null) {
            throw refused(option + " is " + value + " with --optimizer " + chosen + "; allowed: with --optimizer " + fitting);
        }
    }

    private void requireBelowOne(String option, double value) {
        if (!(value >= 0 && value < 1)) {
            throw refused(option + " is " + value + "; allowed: 0 and up, below 1");
        }
    }

    private ParameterException refused(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    /** Reads a name. */
    static final class ByKind extends ByName<Kind> {

        ByKind() {
            super("optimizer", Kind.values(), Kind::toString);
        }
    }
}
