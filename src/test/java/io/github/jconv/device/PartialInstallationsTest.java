package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.testing.ChildJvm;
import io.github.jconv.testing.Tools;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hosts with broken or partial installations of CUDA: each gets an explanation, never a stack of link errors. The libraries are
 * stubs; JCuda's JNI libraries are the published ones.
 */
class PartialInstallationsTest {

    private static final int NO_DEVICE = 100;
    private static final String USUAL = "usr/lib/x86_64-linux-gnu";

    @TempDir
    static Path stubs;

    @TempDir
    Path host;

    @BeforeAll
    static void buildStubs() throws Exception {
        Tools.requireCompiler();
        StubLibrary.build(stubs, "libcuda.so.1", false, NativeFunctions.DRIVER, NO_DEVICE);
        StubLibrary.build(stubs, "libcublas.so.12", true, NativeFunctions.CUBLAS, 12);
        StubLibrary.build(stubs, "libcublas.so.13", true, NativeFunctions.CUBLAS, 13);
        StubLibrary.build(stubs, "libcublasLt.so.13", true, List.of("cublasLtCreate"), 13);
        StubLibrary.build(stubs, "libcudnn.so.9", true, NativeFunctions.CUDNN, 90501);
        StubLibrary.build(stubs, "libnvrtc.so.13", false, List.of("nvrtcVersion"), 13);
    }

    @BeforeEach
    void makeFolders() throws Exception {
        Files.createDirectories(host.resolve(USUAL));
        Files.createDirectories(host.resolve("home/lib64"));
    }

    @Test
    void nothingAtAll() throws Exception {
        String said = probe();
        assertTrue(said.startsWith("problem: CUDA driver: libcuda.so.1 not found; install the NVIDIA driver"), said);
        for (String place : List.of("property jconv.cuda.path", "CUDA_HOME", "LD_LIBRARY_PATH", "ld.so.cache", "usual folders",
                "property jconv.python.env", "class path")) {
            assertTrue(said.contains("    ") && said.contains(place), () -> "no word of " + place + " in\n" + said);
        }
    }

    @Test
    void theDriverAlone() throws Exception {
        install("libcuda.so.1", USUAL);
        String said = probe();
        assertTrue(said.contains("CUDA_DRIVER answers " + NO_DEVICE), said);
        assertTrue(said.contains("problem: cuBLAS: libcublas.so.12 or libcublas.so.13 or libcublas.so.11 not found; install"), said);
    }

    @Test
    void cublasAndCudnnAsJCudaWantsThem() throws Exception {
        install("libcuda.so.1", USUAL);
        install("libcublas.so.12", "home/lib64");
        install("libcublas.so.13", USUAL);
        String said = probe();
        assertTrue(said.contains("CUBLAS answers 12"), said);
        assertFalse(said.contains("relinked"), said);
    }

    @Test
    void newerLibrariesAreUsedThroughARelinkedCopy() throws Exception {
        install("libcuda.so.1", USUAL);
        install("libcublas.so.13", "home/lib64");
        install("libcublasLt.so.13", "home/lib64");
        install("libcudnn.so.9", USUAL);
        String said = probe();
        assertTrue(said.contains("CUBLAS answers 13"), said);
        assertTrue(said.contains("initialised, relinked from libcublas.so.12 to libcublas.so.13"), said);
        assertTrue(said.contains("libcublasLt.so.13: loaded"), said);
        assertTrue(said.contains("CUDNN answers 90501"), said);
        assertTrue(said.contains("initialised, relinked from libcudnn.so.8 to libcudnn.so.9"), said);
        assertEquals(2, said.lines().filter(line -> line.contains("INFO") && line.contains("private copy")).count(), said);
    }

    /** As pip has them: the compiler that cuDNN asks the dynamic loader for by its name lies elsewhere. */
    @Test
    void whatCudnnOpensLaterIsLoadedBefore() throws Exception {
        install("libcuda.so.1", USUAL);
        String cuda = "env/lib/python3.12/site-packages/nvidia/cu13/lib";
        String cudnn = "env/lib/python3.12/site-packages/nvidia/cudnn/lib";
        for (String folder : List.of(cuda, cudnn)) {
            Files.createDirectories(host.resolve(folder));
        }
        for (String library : List.of("libcublas.so.13", "libcublasLt.so.13", "libnvrtc.so.13")) {
            install(library, cuda);
        }
        install("libcudnn.so.9", cudnn);
        String said = probe("-Djconv.python.env=" + host.resolve("env"));
        assertTrue(said.contains("CUBLAS answers 13") && said.contains("CUDNN answers 90501"), said);
        assertTrue(said.contains("nvidia/cu13/lib/libnvrtc.so.13: loaded"), said);
    }

    @Test
    void relinkingCanBeForbidden() throws Exception {
        install("libcuda.so.1", USUAL);
        install("libcublas.so.13", USUAL);
        String said = probe("-Djconv.relink=false");
        assertTrue(said.contains("problem: cuBLAS: none of the libcublas.so.12 or"), said);
        assertTrue(said.contains("JCuda was built for libcublas.so.12, and -Djconv.relink=false forbids to relink it"), said);
    }

    @Test
    void aDriverThatIsTooOld() throws Exception {
        List<String> old = new ArrayList<>(NativeFunctions.DRIVER);
        old.removeAll(List.of("cuMemAllocAsync", "cuMemFreeAsync"));
        StubLibrary.build(host.resolve(USUAL), "libcuda.so.1", false, old, NO_DEVICE);
        String said = probe();
        assertTrue(said.contains("it is too old or incomplete: it lacks cuMemAllocAsync, cuMemFreeAsync"), said);
        assertTrue(said.contains("remedy: install the NVIDIA driver"), said);
    }

    @Test
    void filesThatAreNoUsableLibraries() throws Exception {
        Files.writeString(host.resolve(USUAL).resolve("libcuda.so.1"), "version https://git-lfs.github.com/spec/v1 and so on and on");
        byte[] otherMachine = Files.readAllBytes(stubs.resolve("libcuda.so.1"));
        ByteBuffer.wrap(otherMachine).order(ByteOrder.LITTLE_ENDIAN).putShort(18, (short) 183);
        Files.write(host.resolve("home/lib64/libcuda.so.1"), otherMachine);
        String said = probe();
        assertTrue(said.contains("libcuda.so.1: not an ELF file"), said);
        assertTrue(said.contains("libcuda.so.1: it is for another machine than x86-64"), said);
        assertTrue(said.contains("problem: CUDA driver: none of the libcuda.so.1 found can be used; install"), said);
    }

    /** What waits in the shared folder for temporary files under the name that JCuda asks for is not touched. */
    @Test
    void aPlantedLibraryIsNotLoaded() throws Exception {
        install("libcuda.so.1", USUAL);
        install("libcublas.so.12", USUAL);
        Path temporary = Files.createDirectory(host.resolve("tmp"));
        Path planted = Files.writeString(temporary.resolve(NativeLibrary.CUBLAS.jniFile("12.6.0")), "planted");
        String said = probe("-Djava.io.tmpdir=" + temporary);
        assertTrue(said.contains("CUBLAS answers 12"), said);
        assertEquals("planted", Files.readString(planted));
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(planted), left.toList(), "nothing is left behind");
        }
    }

    /** As where the folder for temporary files is full: the library goes to the cache. */
    @Test
    void whereNothingCanBeUnpackedAFolderIsAskedFor() throws Exception {
        install("libcuda.so.1", USUAL);
        String nowhere = "-Djava.io.tmpdir=" + host.resolve("nowhere");
        String said = probe(nowhere, "-Djconv.cache=" + host.resolve("cache"));
        assertTrue(said.contains("CUDA_DRIVER answers " + NO_DEVICE), said);
        Path file = Files.createFile(host.resolve("file"));
        said = probe(nowhere, "-Djconv.cache=" + file);
        assertTrue(said.contains("problem: CUDA driver: JCuda's part of it cannot be loaded: it can be unpacked neither in "
                + host.resolve("nowhere") + " (NoSuchFileException: " + host.resolve("nowhere/jconv-natives-")), said);
        assertTrue(said.contains(" nor in " + file + " (FileSystemException: ") || said.contains(": Not a directory"), said);
        assertTrue(said.contains("; name a folder that can be written, has room and is not mounted noexec with -Djconv.cache=<folder>"), said);
    }

    private void install(String library, String folder) throws Exception {
        Files.copy(stubs.resolve(library), host.resolve(folder).resolve(library));
    }

    private String probe(String... options) throws Exception {
        return ChildJvm.run(HostProbe.class, List.of(options), List.of(host.toString()));
    }
}
