package io.github.jconv.check.sweep;

import io.github.jconv.check.CheckMemory;
import io.github.jconv.check.report.CheckKey;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.TimeRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes down what a sweep finds as it goes, each line whole in the file before the next check begins, and knows what an earlier run
 * with the same arguments has written into the same file.
 */
public final class SweepJournal implements CheckMemory, AutoCloseable {

    private final Path path;
    private final LineFile lines;
    private final Map<CheckKey, CheckRecord> checks = new HashMap<>();
    private final Map<TimeRecord, TimeRecord> times = new HashMap<>();
    private final Set<CheckKey> written = new HashSet<>();
    private String message;

    private SweepJournal(Path path, FileChannel channel) {
        this.path = path;
        this.lines = new LineFile(path, Channels.newWriter(channel, StandardCharsets.UTF_8));
    }

    /**
     * Begins a file, or goes on with one.
     *
     * @throws IllegalArgumentException when the file is of a sweep with other arguments or another build, or of none, or another sweep is
     *                                  writing it
     */
    public static SweepJournal open(Path path, SweepHeader header) {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                requireAlone(path, channel);
                return open(path, channel, header);
            } catch (Throwable e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All through the one channel: closing another one of the same file would give its lock away. */
    private static SweepJournal open(Path path, FileChannel channel, SweepHeader header) throws IOException {
        SweepFile earlier = channel.size() > 0 ? SweepFile.read(path, Channels.newInputStream(channel)) : null;
        if (earlier != null) {
            requireSame(path, earlier, header);
            // Takes away a line without an end.
            channel.truncate(earlier.wholeBytes()).position(earlier.wholeBytes());
        }
        SweepJournal journal = new SweepJournal(path, channel);
        if (earlier == null || earlier.header() == null) {
            journal.lines.println(SweepLines.line(header));
        } else {
            journal.takeOver(earlier);
        }
        return journal;
    }

    /** The lock lasts until the channel is closed, or the process ends. */
    private static void requireAlone(Path path, FileChannel channel) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException inThisProcess) {
            lock = null;
        }
        if (lock == null) {
            throw new IllegalArgumentException(path + " is being written by another sweep; wait for its end, or give another file");
        }
    }

    /** What was found in the file, in a sentence; empty when it was begun. */
    public Optional<String> message() {
        return Optional.ofNullable(message);
    }

    @Override
    public CheckRecord recall(CheckKey key) {
        return checks.get(key);
    }

    @Override
    public TimeRecord recall(TimeRecord untimed) {
        return times.get(untimed.untimed());
    }

    /** Nothing is written twice: several problems may have the same thinner relative. */
    public void write(CheckRecord check) {
        if (written.add(check.key())) {
            lines.println(SweepLines.line(check));
        }
    }

    public void write(TimeRecord time) {
        lines.println(SweepLines.line(time));
    }

    @Override
    public void close() {
        lines.close();
    }

    private void takeOver(SweepFile earlier) {
        checks.putAll(earlier.checks());
        earlier.times().forEach(time -> times.put(time.untimed(), time));
        message = path + " has " + checks.size() + " checks already, which are not made again"
                + (earlier.isCutOff() ? "; its last line was cut off and is dropped" : "");
    }

    private static void requireSame(Path path, SweepFile earlier, SweepHeader header) {
        if (earlier.header() == null) {
            return;
        }
        Optional<String> difference = earlier.header().arguments().differenceTo(header.arguments());
        if (difference.isPresent()) {
            throw new IllegalArgumentException(path + " belongs to another sweep: " + difference.get()
                    + "; give the same arguments, or another file");
        }
        // What one build found wrong may be right in another, and the other way round.
        if (!header.build().equals(earlier.header().build())) {
            throw new IllegalArgumentException(path + " belongs to another build: "
                    + (earlier.header().build() == null ? "one that is not named" : earlier.header().build()) + ", and this is "
                    + header.build() + "; give another file");
        }
    }
}
