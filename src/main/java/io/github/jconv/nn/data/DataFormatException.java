package io.github.jconv.nn.data;

import java.io.IOException;

/** A file that is not what it should be: damaged, cut off or of another format. The message names the file and the byte offset. */
public final class DataFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    public DataFormatException(String message) {
        super(message);
    }

    public DataFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
