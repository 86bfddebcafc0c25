package io.github.jconv.cli;

import io.github.jconv.nn.Schedule;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How the learning rate goes. */
final class ScheduleOption {

    /** The schedules by name. */
    enum Kind {
        CONSTANT, STEP, COSINE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--rate", paramLabel = "R", defaultValue = "0.001",
            description = "Learning rate, of which a schedule makes less; ${DEFAULT-VALUE} unless given.")
    private double rate;

    @Option(names = "--schedule", paramLabel = "NAME", defaultValue = "constant", converter = ByKind.class,
            description = "How the rate goes: constant; step, multiplied with --step-factor after every --step-every epochs; cosine, along"
                    + " half a cosine down to zero. ${DEFAULT-VALUE} unless given.")
    private Kind kind;

    @Option(names = "--step-every", paramLabel = "N", description = "Epochs between the steps of --schedule step, which needs it.")
    private Integer stepEvery;

    @Option(names = "--step-factor", paramLabel = "F", description = "Of --schedule step; 0.1 unless given.")
    private Double stepFactor;

    @Option(names = "--cosine-epochs", paramLabel = "N",
            description = "Epochs after which --schedule cosine is at zero; all of --epochs but those of --warmup unless given.")
    private Double cosineEpochs;

    @Option(names = "--warmup", paramLabel = "N", defaultValue = "0",
            description = "Epochs, also a part of one, in which the rate rises evenly from zero before the schedule begins; none unless given.")
    private double warmUp;

    /** @param epochs of the whole training */
    Schedule schedule(int epochs) {
        if (!(rate > 0 && rate <= 100)) {
            throw refused("--rate is " + rate + "; allowed: above 0, up to 100");
        }
        if (!(warmUp >= 0 && warmUp < epochs)) {
            throw refused("--warmup is " + warmUp + "; allowed: 0 and up, below the " + epochs + " of --epochs");
        }
        requireOnlyFor(Kind.STEP, "--step-every", stepEvery);
        requireOnlyFor(Kind.STEP, "--step-factor", stepFactor);
        requireOnlyFor(Kind.COSINE, "--cosine-epochs", cosineEpochs);
        Schedule schedule = switch (kind) {
            case CONSTANT -> Schedule.constant(rate);
            case STEP -> steps();
            case COSINE -> cosine(epochs);
        };
        return warmUp > 0 ? Schedule.warmUp(warmUp, schedule) : schedule;
    }

    private Schedule steps() {
        if (stepEvery == null) {
            throw refused("--schedule step needs --step-every; allowed: 1 and up");
        }
        if (stepEvery < 1) {
            throw refused("--step-every is " + stepEvery + "; allowed: 1 and up");
        }
        double factor = stepFactor == null ? 0.1 : stepFactor;
        if (!(factor > 0 && factor <= 1)) {
            throw refused("--step-factor is " + factor + "; allowed: above 0, up to 1");
        }
        return Schedule.step(rate, factor, stepEvery);
    }

    private Schedule cosine(int epochs) {
        double until = cosineEpochs == null ? epochs - warmUp : cosineEpochs;
        if (!(until > 0 && until <= TrainCommand.MOST_EPOCHS)) {
            throw refused("--cosine-epochs is " + until + "; allowed: above 0, up to " + TrainCommand.MOST_EPOCHS);
        }
        return Schedule.cosine(rate, until);
    }

    private void requireOnlyFor(Kind needed, String option, Object value) {
        if (value != null && kind != needed) {
            throw refused(option + " is " + value + " with --schedule " + kind + "; allowed: with --schedule " + needed);
        }
    }

    private ParameterException refused(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    /** Reads a name. */
    static final class ByKind extends ByName<Kind> {

        ByKind() {
            super("schedule", Kind.values(), Kind::toString);
        }
    }
}
