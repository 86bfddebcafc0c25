package io.github.jconv.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** JCuda's published JNI libraries, as files. */
final class JniFiles {

    private JniFiles() {
    }

    static Path copyOf(NativeLibrary library, Path folder) throws IOException {
        Path file = folder.resolve(Path.of(library.jniResource()).getFileName());
        try (InputStream in = JniFiles.class.getResourceAsStream(library.jniResource())) {
            Files.copy(in, file);
        }
        return file;
    }
}
