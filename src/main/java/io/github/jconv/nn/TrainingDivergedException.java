package io.github.jconv.nn;

/** Training was stopped because the loss is not a number any more; the message names the image or the first layer to blame. */
public final class TrainingDivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TrainingDivergedException(String message) {
        super(message);
    }
}
