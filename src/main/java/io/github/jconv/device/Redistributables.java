package io.github.jconv.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * NVIDIA's libraries as the Maven artifact {@code org.bytedeco:cuda} carries them (classifier {@code linux-x86_64-redist}). The
 * dynamic loader needs files, so what is used is unpacked once into the user's cache. A file there is used again only if its size
 * and SHA-256 are those noted when it was unpacked, and the jar still has an entry of that size and checksum.
 */
final class Redistributables {

    static final String FOLDER = "org/bytedeco/cuda/linux-x86_64/";

    private static final Logger LOG = LoggerFactory.getLogger(Redistributables.class);

    private final ClassLoader loader;
    private final Path cache;

    /** @param cache where to unpack; null for the user's cache */
    Redistributables(ClassLoader loader, Path cache) {
        this.loader = loader;
        this.cache = cache;
    }

    static Redistributables onClassPath() {
        return new Redistributables(Redistributables.class.getClassLoader(), null);
    }

    boolean has(String file) {
        return loader.getResource(FOLDER + file) != null;
    }

    /** The file on disk, beside all others of the same package of libraries, which it may need. */
    Path unpacked(String file) throws IOException {
        URL url = loader.getResource(FOLDER + file);
        if (url == null) {
            throw new IOException(FOLDER + file + " is not on the class path");
        }
        if (!(url.openConnection() instanceof JarURLConnection connection)) {
            return pathOf(url);
        }
        connection.setUseCaches(false);
        try (JarFile jar = connection.getJarFile()) {
            String jarName = Path.of(jar.getName()).getFileName().toString().replaceFirst("\\.jar$", "");
            Path folder = (cache != null ? cache : UserCache.folder("redist")).resolve(jarName);
            Files.createDirectories(folder);
            try (FileChannel lock = FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = lock.lock()) {
                for (JarEntry entry : samePackage(jar, file)) {
                    unpack(jar, entry, folder.resolve(entry.getName().substring(FOLDER.length())));
                }
            }
            return folder.resolve(file);
        }
    }

    /** libcublas.so.12 brings libcublasLt.so.12; libcudnn.so.9 brings its parts and the run-time compiler that they call. */
    private static List<JarEntry> samePackage(JarFile jar, String file) {
        String stem = FOLDER + file.substring(0, file.indexOf('.'));
        boolean cudnn = file.startsWith("libcudnn");
        return jar.stream()
                .filter(entry -> entry.getName().startsWith(stem) || cudnn && entry.getName().startsWith(FOLDER + "libnvrtc"))
                .filter(entry -> entry.getName().contains(".so"))
                .toList();
    }

    private static void unpack(JarFile jar, JarEntry entry, Path target) throws IOException {
        Path note = target.resolveSibling(target.getFileName() + ".sha256");
        if (isIntact(entry, target, note)) {
            return;
        }
        LOG.info("Unpacking {} ({}) to {}", entry.getName(), Sizes.text(entry.getSize()), target);
        Path temporary = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".part");
        try {
            String hash;
            try (DigestInputStream in = new DigestInputStream(jar.getInputStream(entry), sha256());
                    OutputStream out = Files.newOutputStream(temporary)) {
                in.transferTo(out);
                hash = HexFormat.of().formatHex(in.getMessageDigest().digest());
            }
            Files.writeString(note, note(entry, hash));
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static boolean isIntact(JarEntry entry, Path target, Path note) throws IOException {
        if (!Files.isRegularFile(target) || !Files.isRegularFile(note) || Files.size(target) != entry.getSize()) {
            return false;
        }
        boolean intact = Files.readString(note).equals(note(entry, sha256(target)));
        if (!intact) {
            LOG.warn("{} is not what was unpacked there, or the jar has changed", target);
        }
        return intact;
    }

    private static String note(JarEntry entry, String hash) {
        return hash + " " + entry.getSize() + " " + Long.toHexString(entry.getCrc());
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file); DigestInputStream in = new DigestInputStream(bytes, sha256())) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private static Path pathOf(URL url) throws IOException {
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IOException("cannot use " + url, e);
        }
    }
}
