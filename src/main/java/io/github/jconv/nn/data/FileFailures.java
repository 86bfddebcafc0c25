package io.github.jconv.nn.data;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** Failures of reading and writing that tell the file. */
public final class FileFailures {

    private FileFailures() {
    }

    /**
     * The failure itself where it tells a file; otherwise one with the file in front of its message. Channels and streams do not know where
     * they are: theirs only say that something "Is a directory", or that no space is left.
     */
    public static IOException in(Path file, IOException failure) {
        return failure instanceof FileSystemException || failure instanceof DataFormatException ? failure
                : new IOException(file + ": " + failure.getMessage(), failure);
    }
}
