package io.github.jconv.algorithm.deny;

/** A line of a deny-list cannot be read; the message names file, line, what stands there and what is allowed. */
public final class DenyListFormatException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    DenyListFormatException(String source, int line, String problem) {
        super(source + ", line " + line + ": " + problem);
    }
}
