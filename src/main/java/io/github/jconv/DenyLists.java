package io.github.jconv;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.deny.DenyList;
import io.github.jconv.algorithm.deny.DenyListFormatException;
import io.github.jconv.device.UserCache;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The deny-list that engines of this host honour: the one in JConv's jar, and the user's own, which is the file that the property
 * {@code jconv.denylist} names, or {@code deny-list.txt} in the user's cache folder ({@link UserCache}) where there is one.
 */
public final class DenyLists {

    /** Names the user's own list. */
    public static final String PROPERTY = "jconv.denylist";

    private static final String FILE = "deny-list.txt";

    private DenyLists() {
    }

    /**
     * Read anew with each call.
     *
     * @throws DenyListFormatException  naming file and line that cannot be read
     * @throws IllegalArgumentException naming the file when it cannot be read
     */
    public static DenyList ofThisHost() {
        String named = System.getProperty(PROPERTY);
        Path file = named == null || named.isBlank() ? UserCache.folder().resolve(FILE) : Path.of(named.strip());
        if (file.startsWith(UserCache.folder()) && !Files.exists(file)) {
            return DenyList.bundled();
        }
        return DenyList.bundled().and(read(file));
    }

    private static DenyList read(Path file) {
        try {
            return DenyList.read(file, Backends.KNOWN);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("deny-list " + file + " is not a text file in UTF-8", e);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("deny-list " + file + ", which property " + PROPERTY + " names, does not exist", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("deny-list " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** How an engine of this host chooses from a backend's algorithms unless somebody says otherwise. */
    public static AlgorithmChooser usualChooser(Backend backend) {
        return ofThisHost().concerning(backend).honouredBy(backend.usualChooser());
    }
}
