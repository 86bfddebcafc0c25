package io.github.jconv.device;

/** Native libraries that a device needs are missing or cannot be used; the message says what was tried and what mends it. */
public final class NativeLibraryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public NativeLibraryException(String message, Throwable cause) {
        super(message, cause);
    }
}
