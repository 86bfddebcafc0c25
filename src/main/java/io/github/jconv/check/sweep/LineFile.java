package io.github.jconv.check.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A text file that grows by a line at a time: each is in the file before the next is found out, or it is said why not. */
public final class LineFile implements AutoCloseable {

    private final Path path;
    private final Writer writer;

    /** @param writer writes to the file, behind what stays in it, and is closed with this */
    LineFile(Path path, Writer writer) {
        this.path = path;
        this.writer = writer;
    }

    /**
     * Begins a file, whatever was in it.
     *
     * @throws UncheckedIOException when it cannot be written to
     */
    public static LineFile begin(Path path) {
        try {
            return new LineFile(path, Files.newBufferedWriter(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws UncheckedIOException naming the file, when the line cannot be written */
    public void println(String line) {
        try {
            writer.write(line + "\n");
            writer.flush();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private UncheckedIOException failure(IOException e) {
        return new UncheckedIOException(new IOException(path + " cannot be written: " + e.getMessage(), e));
    }
}
