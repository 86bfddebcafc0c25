package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jconv.device.LibraryReport.Status;
import io.github.jconv.device.LibrarySource;
import io.github.jconv.device.NativeLibraries;
import io.github.jconv.device.NativeLibrary;
import io.github.jconv.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** The whole CPU side runs where there is no class of JCuda, and on a host without a driver does not even ask for one. */
class WithoutJCudaTest {

    private static final String DONE = "the CPU side has run";
    private static final String DRIVER = "there is a driver";

    /** Loads every class of this test run anew, and none of JCuda's. */
    private static final class Refusing extends URLClassLoader {

        private final List<String> refused = new ArrayList<>();

        Refusing() throws MalformedURLException {
            super(classPath(), ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("jcuda.")) {
                synchronized (refused) {
                    refused.add(name);
                }
                throw new ClassNotFoundException(name + " is refused");
            }
            return super.loadClass(name, resolve);
        }

        private static URL[] classPath() throws MalformedURLException {
            String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            List<URL> urls = new ArrayList<>();
            for (String entry : path.split(File.pathSeparator)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        }
    }

    /** In a JVM of its own: other tests may have loaded a driver in this one. */
    @Test
    void theWholeCpuSideRuns() throws Exception {
        List<String> printed = ChildJvm.run(2, WithoutJCudaTest.class, List.of(), List.of()).lines().toList();
        assertTrue(printed.contains(DONE), printed::toString);
        assumeTrue(!printed.contains(DRIVER), "this host has a driver, so JCuda was asked for");
    }

    /** Runs the CPU side. */
    public static void main(String[] none) throws Exception {
        List<String> refused;
        try (Refusing loader = new Refusing()) {
            List<?> done = run(loader);
            assertTrue(done.size() > 20, () -> "only " + done);
            refused = loader.refused;
        }
        if (NativeLibraries.report(LibrarySource.INSTALLED).entry(NativeLibrary.CUDA_DRIVER).orElseThrow().status() == Status.MISSING) {
            assertEquals(List.of(), refused, "asked for, though there is no driver");
        } else {
            System.out.println(DRIVER);
        }
        System.out.println(DONE);
    }

    /** The refusal works: a class that needs JCuda does not load. */
    @Test
    void classesThatNeedJCudaAreRefused() throws IOException {
        try (Refusing loader = new Refusing()) {
            assertThrows(LinkageError.class, () -> Class.forName("io.github.jconv.device.DevicePointer", true, loader));
            assertTrue(loader.refused.contains("jcuda.driver.CUdeviceptr"), loader.refused::toString);
        }
    }

    private static List<?> run(ClassLoader loader) throws Exception {
        var constructor = Class.forName(CpuSide.class.getName(), true, loader).getDeclaredConstructor();
        constructor.setAccessible(true);
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try {
            return (List<?>) ((Callable<?>) constructor.newInstance()).call();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }
}
