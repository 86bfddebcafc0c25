package io.github.jconv.device;

import java.io.IOException;

/** A file is not a library of the expected kind, or is damaged. */
final class ElfFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    ElfFormatException(String message) {
        super(message);
    }
}
