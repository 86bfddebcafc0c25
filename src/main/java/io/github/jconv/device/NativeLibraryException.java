package io.github.jconv.device;

/** Native libraries that a device needs are missing or cannot be used; the message says what was tried and what mends it. */
public final class NativeLibraryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient LibraryReport report;

    public NativeLibraryException(LibraryReport report) {
        super(report.problem() + System.lineSeparator() + report);
        this.report = report;
    }

    /** Everything that was tried; null after deserialisation. */
    public LibraryReport report() {
        return report;
    }
}
