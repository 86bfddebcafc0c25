package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jconv.testing.Tools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Done to the JNI libraries as they are published. */
class ElfRelinkTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"CUBLAS, libcublas.so.12, libcublas.so.13", "CUBLAS, libcublas.so.12, libcublas.so.11",
        "CUDNN, libcudnn.so.8, libcudnn.so.9"})
    void theCopyAsksForTheOtherLibrary(NativeLibrary library, String from, String to) throws IOException {
        Path file = JniFiles.copyOf(library, folder);
        byte[] before = Files.readAllBytes(file);
        ElfRelink.relink(file, from, to);
        try (ElfFile elf = ElfFile.open(file)) {
            assertTrue(elf.needed().stream().anyMatch(needed -> needed.name().equals(to)));
            assertFalse(elf.needed().stream().anyMatch(needed -> needed.name().equals(from)));
            assertTrue(elf.versionNeeds().stream().anyMatch(need -> need.library().equals(to) && need.version().equals(to)));
            assertFalse(elf.versionNeeds().stream().anyMatch(need -> need.library().equals(from) || need.version().equals(from)));
        }
        assertEquals(2, differingRuns(before, Files.readAllBytes(file)), "the name and the hash of the version, nothing else");
        ElfRelink.relink(file, to, from);
        assertArrayEquals(before, Files.readAllBytes(file), "and back");
    }

    @Test
    void readelfReadsTheSame() throws Exception {
        assumeTrue(Tools.isThere("readelf"), "readelf is not on the PATH");
        Path file = JniFiles.copyOf(NativeLibrary.CUBLAS, folder);
        ElfRelink.relink(file, "libcublas.so.12", "libcublas.so.13");
        String said = Tools.run(List.of("readelf", "--wide", "--dynamic", "--version-info", file.toString()));
        assertTrue(said.contains("Shared library: [libcublas.so.13]"), said);
        assertTrue(said.contains("Name: libcublas.so.13  Flags: none"), said);
        assertFalse(said.contains("libcublas.so.12"), said);
    }

    /** The linker has stored the hash of every version's name in the published files. */
    @ParameterizedTest
    @EnumSource(NativeLibrary.class)
    void theHashIsTheLinkers(NativeLibrary library) throws IOException {
        Path file = JniFiles.copyOf(library, folder);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        try (ElfFile elf = ElfFile.open(file)) {
            assertTrue(elf.versionNeeds().size() > 5, "versions needed");
            for (ElfFile.VersionNeed need : elf.versionNeeds()) {
                assertEquals(Integer.toUnsignedLong(bytes.getInt((int) need.hashOffset())), ElfFile.systemVHash(need.version()),
                        need.version());
            }
        }
    }

    @Test
    void whatCannotBeExchangedIsRefused() throws IOException {
        Path file = JniFiles.copyOf(NativeLibrary.CUBLAS, folder);
        byte[] before = Files.readAllBytes(file);
        assertThrows(ElfFormatException.class, () -> ElfRelink.relink(file, "libcublas.so.12", "libcublas.so.9"));
        assertThrows(ElfFormatException.class, () -> ElfRelink.relink(file, "libcudnn.so.8", "libcudnn.so.9"));
        assertArrayEquals(before, Files.readAllBytes(file), "a refusal changes nothing");
    }

    /** Linkers let names share their ends; overwriting a shared one would change a second name. */
    @Test
    void aNameThatIsTheEndOfAnotherIsLeftAlone() throws IOException {
        Path file = JniFiles.copyOf(NativeLibrary.CUBLAS, folder);
        long offset;
        try (ElfFile elf = ElfFile.open(file)) {
            offset = elf.needed().stream().filter(needed -> needed.name().equals("libcublas.so.12")).findFirst().orElseThrow()
                    .nameOffset();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) offset - 1] = 'x';
        Files.write(file, bytes);
        assertThrows(ElfFormatException.class, () -> ElfRelink.relink(file, "libcublas.so.12", "libcublas.so.13"));
        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    private static int differingRuns(byte[] before, byte[] after) {
        assertEquals(before.length, after.length);
        int runs = 0;
        int lastDifference = -100;
        for (int i = 0; i < before.length; i++) {
            if (before[i] != after[i]) {
                runs += i - lastDifference > 16 ? 1 : 0;
                lastDifference = i;
            }
        }
        return runs;
    }
}
