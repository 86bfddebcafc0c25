package io.github.jconv.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The folder for what JConv keeps between runs: the property {@code jconv.cache}, or {@code jconv} in the user's cache folder. */
public final class UserCache {

    private UserCache() {
    }

    /** Where the folder is; it need not exist yet. */
    public static Path folder() {
        String property = System.getProperty("jconv.cache");
        if (property != null && !property.isBlank()) {
            return Path.of(property).toAbsolutePath();
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && Path.of(xdg).isAbsolute() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("jconv").toAbsolutePath();
    }

    /** A folder in it, made when it is missing, open to the user alone. */
    public static Path folder(String name) throws IOException {
        Path folder = folder().resolve(name);
        if (!Files.isDirectory(folder)) {
            if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectories(folder);
            }
        }
        return folder;
    }
}
