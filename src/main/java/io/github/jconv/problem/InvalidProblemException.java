package io.github.jconv.problem;

/**
 * A convolution that cannot exist, or arguments that do not fit one. The message names the parameter, its axis, its value and
 * the allowed range, and the problem line where one is known.
 */
public final class InvalidProblemException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public InvalidProblemException(String message) {
        super(message);
    }

    public InvalidProblemException(String message, Throwable cause) {
        super(message, cause);
    }
}
