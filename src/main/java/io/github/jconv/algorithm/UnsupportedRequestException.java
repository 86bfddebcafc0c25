package io.github.jconv.algorithm;

/** No algorithm, or not the one that was asked for, serves a request; the message says why for each one considered. */
public final class UnsupportedRequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnsupportedRequestException(String message) {
        super(message);
    }
}
