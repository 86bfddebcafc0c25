package io.github.jconv.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A CSV file that grows by a row at a time: each is in the file before the next is measured, or it is said why not. */
final class CsvFile implements AutoCloseable {

    private final Path file;
    private final BufferedWriter writer;

    CsvFile(Path file) throws IOException {
        this.file = file;
        this.writer = Files.newBufferedWriter(file);
    }

    /** @throws UncheckedIOException naming the file, when the row cannot be written */
    void println(String row) {
        try {
            writer.write(row);
            writer.newLine();
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException(file + " cannot be written: " + e.getMessage(), e));
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
