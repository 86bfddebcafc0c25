package io.github.jconv.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Tells builds of JConv apart, also those of one version. */
final class BuildIdentity {

    private static final int SHOWN = 12;
    private static final String ROOT = "io/github/jconv";

    private BuildIdentity() {
    }

    /** As {@code 0.1.0 (0123456789ab)}: the version, and a digest of all classes, kernels and other resources. */
    static String text() {
        try {
            Path place = Path.of(JConv.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) {
                return JConv.Version.number() + " (" + digest(place.resolve(ROOT)) + ")";
            }
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                return JConv.Version.number() + " (" + digest(jar.getPath(ROOT)) + ")";
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a class comes from a jar or a folder", e);
        }
    }

    /** Of names and contents; a folder and the jar that is made of it have the same. */
    static String digest(Path root) throws IOException {
        MessageDigest digest = sha256();
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile).sorted((a, b) -> a.toString().compareTo(b.toString())).toList();
        }
        for (Path file : files) {
            digest.update(root.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(file));
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, SHOWN);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
