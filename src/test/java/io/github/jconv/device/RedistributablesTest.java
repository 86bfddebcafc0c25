package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedistributablesTest {

    @TempDir
    Path folder;

    @Test
    void aLibraryIsUnpackedOnceWithThoseOfItsPackage() throws IOException {
        try (URLClassLoader loader = jar("first")) {
            Redistributables found = new Redistributables(loader, folder.resolve("cache"));
            assertTrue(found.has("libcublas.so.12"));
            assertFalse(found.has("libcublas.so.13"));
            Path file = found.unpacked("libcublas.so.12");
            assertEquals("first cublas", Files.readString(file));
            assertEquals(new TreeSet<>(java.util.Set.of("libcublas.so.12", "libcublasLt.so.12")), libraries(file.getParent()));
            FileTime unpackedAt = FileTime.fromMillis(1_000_000_000_000L);
            Files.setLastModifiedTime(file, unpackedAt);
            assertEquals(file, found.unpacked("libcublas.so.12"));
            assertEquals(unpackedAt, Files.getLastModifiedTime(file), "not written a second time");
        }
    }

    @Test
    void theRunTimeCompilerComesWithCudnn() throws IOException {
        try (URLClassLoader loader = jar("first")) {
            Path file = new Redistributables(loader, folder.resolve("cache")).unpacked("libcudnn.so.9");
            assertEquals(new TreeSet<>(java.util.Set.of("libcudnn.so.9", "libcudnn_graph.so.9", "libnvrtc.so.12")),
                    libraries(file.getParent()));
        }
    }

    @Test
    void aFileThatWasChangedOrIsOfAnotherJarIsUnpackedAgain() throws IOException {
        try (URLClassLoader loader = jar("first")) {
            Redistributables found = new Redistributables(loader, folder.resolve("cache"));
            Path file = found.unpacked("libcublas.so.12");
            Files.writeString(file, "other cublas");
            found.unpacked("libcublas.so.12");
            assertEquals("first cublas", Files.readString(file), "same size, other contents");
            Files.writeString(file, "half");
            found.unpacked("libcublas.so.12");
            assertEquals("first cublas", Files.readString(file));
        }
        try (URLClassLoader loader = jar("third")) {
            Path file = new Redistributables(loader, folder.resolve("cache")).unpacked("libcublas.so.12");
            assertEquals("third cublas", Files.readString(file));
        }
    }

    @Test
    void aFileOnTheClassPathIsUsedWhereItLies() throws IOException {
        Path file = folder.resolve("classes").resolve(Redistributables.FOLDER).resolve("libcublas.so.12");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "as it lies");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.resolve("classes").toUri().toURL()}, null)) {
            assertEquals(file, new Redistributables(loader, folder.resolve("cache")).unpacked("libcublas.so.12"));
        }
    }

    @Test
    void whatIsNotThereIsAnError() throws IOException {
        try (URLClassLoader loader = jar("first")) {
            assertThrows(IOException.class, () -> new Redistributables(loader, folder).unpacked("libcublas.so.13"));
        }
    }

    private URLClassLoader jar(String contents) throws IOException {
        Path jar = folder.resolve("cuda-redist.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (Map.Entry<String, String> library : Map.of("libcublas.so.12", "cublas", "libcublasLt.so.12", "lt", "libcudnn.so.9",
                    "cudnn", "libcudnn_graph.so.9", "graph", "libnvrtc.so.12", "nvrtc", "libnpp.so.12", "npp",
                    "libcublas.properties", "no library").entrySet()) {
                out.putNextEntry(new JarEntry(Redistributables.FOLDER + library.getKey()));
                out.write((contents + " " + library.getValue()).getBytes());
                out.closeEntry();
            }
        }
        return new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
    }

    private static TreeSet<String> libraries(Path cache) throws IOException {
        try (var files = Files.list(cache)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.matches(".*\\.so\\.\\d+"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
