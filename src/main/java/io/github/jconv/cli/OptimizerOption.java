package io.github.jconv.cli;

import io.github.jconv.nn.Network;
import io.github.jconv.nn.Optimizer;
import io.github.jconv.nn.Optimizers;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How weights are changed along their gradients. */
final class OptimizerOption {

    private static final double USUAL_MOMENTUM = 0.9;

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

    @Option(names = "--weight-decay", paramLabel = "D", defaultValue = "0",
            description = "Weight decay, of all parameters but biases and those of normalisations: 0 and up, below 1; ${DEFAULT-VALUE} unless"
                    + " given.")
    private double decay;

    Function<Network, Optimizer> optimizer() {
        Kind chosen = kind != null ? kind : momentum != null || nesterov ? Kind.SGD : Kind.ADAM;
        if (chosen != Kind.SGD && momentum != null) {
            throw refused("--momentum is " + momentum + " with --optimizer " + chosen + "; allowed: with --optimizer sgd");
        }
        if (chosen != Kind.SGD && nesterov) {
            throw refused("--nesterov is given with --optimizer " + chosen + "; allowed: with --optimizer sgd");
        }
        requireBelowOne("--momentum", momentum == null ? USUAL_MOMENTUM : momentum);
        requireBelowOne("--weight-decay", decay);
        return switch (chosen) {
            case ADAM -> Optimizers.adam(decay);
            case ADAMW -> Optimizers.adamW(decay);
            case SGD -> descent(momentum == null ? USUAL_MOMENTUM : momentum);
        };
    }

    private Function<Network, Optimizer> descent(double kept) {
        if (nesterov && kept == 0) {
            throw refused("--momentum is 0 with --nesterov; allowed: above 0, below 1");
        }
        Optimizers.SgdSpec sgd = Optimizers.sgd(kept, decay);
        return nesterov ? sgd.nesterov() : sgd;
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
    static final class ByKind implements ITypeConverter<Kind> {

        @Override
        public Kind convert(String text) {
            return ByName.read(text, "optimizer", Kind.values(), Kind::toString);
        }
    }
}
