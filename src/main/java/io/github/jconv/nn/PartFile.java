package io.github.jconv.nn;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * A file that is being written beside the one whose place it takes when it is complete. It is locked from its beginning to its end, so
 * that other processes, of other hosts too, can tell it from what one that was killed has left behind.
 */
final class PartFile implements AutoCloseable {

    /**
     * Names of those that this process is writing. It must not open them to try their locks: on many systems closing any channel of a file
     * gives up all locks that the process has on it.
     */
    private static final Set<String> OWN = ConcurrentHashMap.newKeySet();

    private static final Pattern UNIQUE = Pattern.compile("\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.part");

    private final Path target;
    private final Path path;
    private final FileChannel channel;

    private PartFile(Path target, Path path, FileChannel channel) {
        this.target = target;
        this.path = path;
        this.channel = channel;
    }

    /** Begins one for an absolute path. */
    static PartFile of(Path target) throws IOException {
        while (true) {
            Path path = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".part");
            OWN.add(name(path));
            // Not createTempFile, whose files nobody else may read.
            PartFile part = new PartFile(target, path, open(path));
            if (part.isOurs()) {
                return part;
            }
            part.close();
        }
    }

    private static FileChannel open(Path path) throws IOException {
        try {
            return FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            OWN.remove(name(path));
            throw e;
        }
    }

    /** Whether it is locked and still there: another process may have found it before its lock was taken. */
    private boolean isOurs() throws IOException {
        try {
            return channel.tryLock() != null && Files.exists(path);
        } catch (IOException e) {
            // A file system without locks: there nobody else gets one either, and nothing is deleted.
            return true;
        }
    }

    FileChannel channel() {
        return channel;
    }

    /** Puts it into its place, atomically and still locked. */
    void complete() throws IOException {
        channel.force(true);
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Deletes what is not complete. */
    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(path);
        } finally {
            channel.close();
            OWN.remove(name(path));
        }
    }

    /** Many kills would otherwise fill a disk with parts that nobody reads. */
    static void deleteLeftOver(Path target) throws IOException {
        String begin = target.getFileName().toString();
        try (DirectoryStream<Path> beside = Files.newDirectoryStream(target.getParent(), "*.part")) {
            for (Path each : beside) {
                String name = name(each);
                if (name.startsWith(begin) && UNIQUE.matcher(name.substring(begin.length())).matches() && !OWN.contains(name)) {
                    deleteUnlessLocked(each);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void deleteUnlessLocked(Path part) throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE); FileLock lock = lockOf(channel)) {
            if (lock != null) {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            // Its writer has completed it meanwhile, or it is another user's; either way it is no reason not to write.
        }
    }

    /** Null where another process or thread has it. */
    private static FileLock lockOf(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }
}
