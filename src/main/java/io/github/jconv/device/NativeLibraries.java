package io.github.jconv.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Finds and loads the native libraries of CUDA and of JCuda, once per class loader. */
public final class NativeLibraries {

    private static boolean loaded;

    private NativeLibraries() {
    }

    /** Loads what a {@link DeviceContext} needs. */
    public static synchronized void load() {
        if (loaded) {
            return;
        }
        try {
            String folder = System.getProperty("jconv.emulated.libraries", "native-test/build-out");
            System.load(Path.of(folder, "libcuda.so.1").toAbsolutePath().toString());
            System.load(Path.of(folder, "libcublas.so.12").toAbsolutePath().toString());
            initialiseJCuda();
        } catch (IOException | ReflectiveOperationException | UnsatisfiedLinkError e) {
            throw new NativeLibraryException("CUDA libraries cannot be loaded: " + e.getMessage(), e);
        }
        loaded = true;
    }

    private static void initialiseJCuda() throws IOException, ReflectiveOperationException {
        Path folder = Files.createTempDirectory("jconv-natives-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        String tmp = System.getProperty("java.io.tmpdir");
        for (String name : List.of("JCudaDriver", "JCublas2")) {
            String file = "lib" + name + "-12.6.0-linux-x86_64.so";
            try (InputStream in = NativeLibraries.class.getResourceAsStream("/lib/" + file)) {
                Files.copy(in, folder.resolve(file));
            }
        }
        System.setProperty("java.io.tmpdir", folder.toString());
        try {
            Class.forName("jcuda.driver.JCudaDriver");
            Class.forName("jcuda.jcublas.JCublas2");
        } finally {
            System.setProperty("java.io.tmpdir", tmp);
        }
    }
}
