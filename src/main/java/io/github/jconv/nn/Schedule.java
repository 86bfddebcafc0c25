package io.github.jconv.nn;

/** The learning rate as a function of the progress of training. */
@FunctionalInterface
public interface Schedule {

    /** @param epoch epochs done, with a fraction: 2.5 in the middle of the third */
    double rate(double epoch);

    static Schedule constant(double rate) {
        return epoch -> rate;
    }

    /** {@code rate * factor^floor(epoch / every)}. */
    static Schedule step(double rate, double factor, int every) {
        if (every < 1) {
            throw new IllegalArgumentException("epochs between steps are " + every + "; allowed: 1 and up");
        }
        return epoch -> rate * Math.pow(factor, Math.floor(epoch / every));
    }

    /** {@code rate * (1 + cos(pi * epoch / epochs)) / 2}, from rate down to zero (Loshchilov and Hutter, ICLR 2017, without restarts). */
    static Schedule cosine(double rate, int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs are " + epochs + "; allowed: 1 and up");
        }
        return epoch -> rate * (1 + Math.cos(Math.PI * Math.min(epoch, epochs) / epochs)) / 2;
    }
}
