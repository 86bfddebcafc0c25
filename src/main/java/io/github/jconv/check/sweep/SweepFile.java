package io.github.jconv.check.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.jconv.check.report.CheckKey;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.TimeRecord;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The file of a sweep, read: one JSON object per line, see {@link SweepHeader}, {@link CheckRecord} and {@link TimeRecord}.
 *
 * <p>A sweep that is killed leaves a last line without an end. That line is not taken over, whatever it says; every other one must
 * be whole.
 */
public final class SweepFile {

    private final Path path;
    private final Map<CheckKey, CheckRecord> checks = new LinkedHashMap<>();
    private final Set<TimeRecord> times = new LinkedHashSet<>();
    private SweepHeader header;
    private long lines;
    private long wholeBytes;
    private String cutOff = "";

    private SweepFile(Path path) {
        this.path = path;
    }

    /** @throws IllegalArgumentException naming the file and the line that is none of a sweep */
    public static SweepFile read(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return read(path, in);
        } catch (FileSystemException e) {
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException(path + " cannot be read: " + e.getMessage(), e));
        }
    }

    /** The content of the file, which stays open. */
    static SweepFile read(Path path, InputStream content) throws IOException {
        SweepFile file = new SweepFile(path);
        file.read(new BufferedInputStream(content));
        return file;
    }

    /** The first line, or null when not even that is whole. */
    public SweepHeader header() {
        return header;
    }

    /** What was checked, in the order of the file. */
    public Map<CheckKey, CheckRecord> checks() {
        return java.util.Collections.unmodifiableMap(checks);
    }

    /** What was timed, in the order of the file. */
    public Set<TimeRecord> times() {
        return java.util.Collections.unmodifiableSet(times);
    }

    /** Whether the last line has no end. */
    boolean isCutOff() {
        return !cutOff.isEmpty();
    }

    /** Where the last whole line ends. */
    long wholeBytes() {
        return wholeBytes;
    }

    private void read(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                lines++;
                add(line.toString(StandardCharsets.UTF_8));
                wholeBytes += line.size() + 1;
                line.reset();
            } else {
                line.write(next);
            }
        }
        cutOff = line.toString(StandardCharsets.UTF_8);
        if (header == null && !cutOff.startsWith(SweepLines.BEGIN) && !SweepLines.BEGIN.startsWith(cutOff)) {
            throw notOfASweep();
        }
    }

    private void add(String line) {
        try {
            JsonNode node = SweepLines.parse(line);
            String kind = SweepLines.kindOf(node);
            if (header == null) {
                header = requireFormat(kind, SweepLines.header(node));
                return;
            }
            switch (kind) {
                case SweepLines.CHECK -> {
                    CheckRecord check = SweepLines.check(node);
                    checks.put(check.key(), check);
                }
                case SweepLines.TIME -> times.add(SweepLines.time(node));
                default -> throw new IllegalArgumentException(where() + " is of kind '" + kind + "'; allowed: " + SweepLines.CHECK
                        + ", " + SweepLines.TIME);
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(where() + " is no line of a sweep: " + e.getOriginalMessage(), e);
        }
    }

    private SweepHeader requireFormat(String kind, SweepHeader read) {
        if (!kind.equals(SweepLines.SWEEP) || !SweepHeader.FORMAT.equals(read.format()) || read.arguments() == null) {
            throw notOfASweep();
        }
        return read;
    }

    private IllegalArgumentException notOfASweep() {
        return new IllegalArgumentException(path + " is not the file of a sweep: its first line is not of the format "
                + SweepHeader.FORMAT);
    }

    private String where() {
        return path + ", line " + lines;
    }
}
