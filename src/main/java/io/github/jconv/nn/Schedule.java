package io.github.jconv.nn;

import io.github.jconv.tensor.Required;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** The learning rate as a function of the progress of training. */
@FunctionalInterface
public interface Schedule {

    /** @param epoch epochs done, with a fraction: 2.5 in the middle of the third */
    double rate(double epoch);

    /** Its name as {@code schedule}, and the numbers in it; a checkpoint goes on with no other ones. */
    default Map<String, String> settings() {
        return Settings.of("schedule", "custom");
    }

    /** {@code rate}. */
    static Schedule constant(double rate) {
        Optimizers.requireRate(rate);
        return named(Settings.of("schedule", "constant", "rate", rate), epoch -> rate);
    }

    /**
     * {@code rate * factor^floor(epoch / every)}.
     *
     * @param factor above 0
     * @param every  epochs between steps, 1 and up
     */
    static Schedule step(double rate, double factor, int every) {
        Optimizers.requireRate(rate);
        if (!(factor > 0 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("factor of a step is " + factor + "; allowed: above 0");
        }
        if (every < 1) {
            throw new IllegalArgumentException("epochs between steps are " + every + "; allowed: 1 and up");
        }
        return named(Settings.of("schedule", "step", "rate", rate, "factor", factor, "every", every),
                epoch -> rate * Math.pow(factor, Math.floor(epoch / every)));
    }

    /**
     * {@code rate * (1 + cos(pi * epoch / epochs)) / 2}, from rate down to zero, where it stays (Loshchilov and Hutter, ICLR 2017, without
     * restarts).
     *
     * @param epochs until it is zero, above 0; they need not be whole
     */
    static Schedule cosine(double rate, double epochs) {
        Optimizers.requireRate(rate);
        requireEpochs("epochs", epochs);
        return named(Settings.of("schedule", "cosine", "rate", rate, "epochs", epochs),
                epoch -> rate * (1 + Math.cos(Math.PI * Math.min(epoch, epochs) / epochs)) / 2);
    }

    /**
     * A linear warm-up (Goyal et al., arXiv 1706.02677) from zero to where another schedule begins, and then that schedule, which counts
     * epochs from the end of the warm-up: {@code then.rate(0) * epoch / epochs} before it, {@code then.rate(epoch - epochs)} from there on.
     *
     * @param epochs of the warm-up, above 0; they need not be whole
     */
    static Schedule warmUp(double epochs, Schedule then) {
        requireEpochs("epochs of the warm-up", epochs);
        Map<String, String> settings = new LinkedHashMap<>(Required.given(then, "schedule behind the warm-up").settings());
        settings.put("schedule.warmup", Double.toString(epochs));
        return named(settings, epoch -> epoch < epochs ? then.rate(0) * epoch / epochs : then.rate(epoch - epochs));
    }

    private static void requireEpochs(String parameter, double epochs) {
        if (!(epochs > 0 && epochs < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(parameter + " are " + epochs + "; allowed: above 0");
        }
    }

    private static Schedule named(Map<String, String> settings, DoubleUnaryOperator formula) {
        return new Schedule() {
            @Override
            public double rate(double epoch) {
                return formula.applyAsDouble(epoch);
            }

            @Override
            public Map<String, String> settings() {
                return settings;
            }
        };
    }
}
