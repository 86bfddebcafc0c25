package io.github.jconv.device;

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
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElfFileTest {

    @TempDir
    Path folder;

    @Test
    void readsWhatThePublishedLibrariesNeed() throws IOException {
        try (ElfFile elf = ElfFile.open(JniFiles.copyOf(NativeLibrary.CUBLAS, folder))) {
            assertEquals(ElfFile.MACHINE_X86_64, elf.machine());
            assertEquals("libJCublas2-12.6.0-linux-x86_64.so", elf.soname());
            assertTrue(elf.needed().stream().anyMatch(needed -> needed.name().equals("libcublas.so.12")));
            List<ElfFile.VersionNeed> ofCublas = elf.versionNeeds().stream()
                    .filter(need -> need.library().equals("libcublas.so.12")).toList();
            assertEquals(1, ofCublas.size());
            assertEquals("libcublas.so.12", ofCublas.get(0).version());
        }
    }

    /** Names, versions and every single symbol, compared with what readelf prints. */
    @ParameterizedTest
    @EnumSource(NativeLibrary.class)
    void agreesWithReadelf(NativeLibrary library) throws Exception {
        assumeTrue(Tools.isThere("readelf"), "readelf is not on the PATH");
        Path file = JniFiles.copyOf(library, folder);
        String said = Tools.run(List.of("readelf", "--wide", "--dynamic", "--version-info", "--dyn-syms", file.toString()));
        try (ElfFile elf = ElfFile.open(file)) {
            assertEquals(matches(said, "\\(NEEDED\\).*\\[(.*)]"),
                    elf.needed().stream().map(ElfFile.Needed::name).collect(Collectors.toCollection(TreeSet::new)));
            assertEquals(matches(said, "\\(SONAME\\).*\\[(.*)]"), new TreeSet<>(List.of(elf.soname())));
            assertEquals(matches(said, "Name: (\\S+)  Flags"),
                    elf.versionNeeds().stream().map(ElfFile.VersionNeed::version).collect(Collectors.toCollection(TreeSet::new)));
            var defined = matches(said, "(?:FUNC|OBJECT) +(?:GLOBAL|WEAK) +DEFAULT +\\d+ (\\w+)");
            assertTrue(defined.size() > 100, () -> "readelf names only " + defined.size() + " defined symbols");
            for (String name : defined) {
                assertTrue(elf.defines(name), name);
            }
            for (String name : matches(said, "DEFAULT +UND (\\w+)")) {
                assertFalse(elf.defines(name), name);
            }
        }
    }

    @Test
    void findsSymbolsThroughTheOlderKindOfHashTableToo() throws Exception {
        Tools.requireCompiler();
        Path source = Files.writeString(folder.resolve("two.cpp"), "extern \"C\" int one() { return 1; } extern \"C\" int two() { return 2; }");
        Path file = folder.resolve("libtwo.so");
        Tools.run(List.of("g++", "-shared", "-fPIC", "-Wl,--hash-style=sysv", "-o", file.toString(), source.toString()));
        try (ElfFile elf = ElfFile.open(file)) {
            assertTrue(elf.defines("one"));
            assertTrue(elf.defines("two"));
            assertFalse(elf.defines("three"));
        }
    }

    @Test
    void refusesOtherFilesWithAReason() throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "INPUT(libcublas.so.12)  a linker script in place of a library, as some have");
        assertEquals("not an ELF file", assertThrows(ElfFormatException.class, () -> ElfFile.open(text)).getMessage());
        Path empty = Files.write(folder.resolve("empty"), new byte[0]);
        assertEquals("not an ELF file", assertThrows(ElfFormatException.class, () -> ElfFile.open(empty)).getMessage());
        byte[] small = Files.readAllBytes(JniFiles.copyOf(NativeLibrary.CUDNN, folder));
        small[4] = 1;
        Path file = Files.write(folder.resolve("elf32"), small);
        assertEquals("not a 64-bit little-endian ELF file",
                assertThrows(ElfFormatException.class, () -> ElfFile.open(file)).getMessage());
    }

    /** Whatever is wrong with a file, reading it ends, and with nothing but an IOException. */
    @Test
    void survivesDamage() throws IOException {
        byte[] intact = Files.readAllBytes(JniFiles.copyOf(NativeLibrary.CUDNN, folder));
        ByteBuffer header = ByteBuffer.wrap(intact).order(ByteOrder.LITTLE_ENDIAN);
        int programHeaders = (int) header.getLong(32);
        Random random = new Random(7);
        Path file = folder.resolve("damaged.so");
        int refused = 0;
        for (int round = 0; round < 400; round++) {
            byte[] damaged = intact.clone();
            int length = round % 4 == 0 ? random.nextInt(damaged.length) : damaged.length;
            for (int i = 0; i < 8; i++) {
                int at = i < 4 ? programHeaders + random.nextInt(56 * 8) : random.nextInt(damaged.length);
                damaged[at] = (byte) random.nextInt();
            }
            Files.write(file, java.util.Arrays.copyOf(damaged, length));
            refused += readEverything(file) ? 0 : 1;
        }
        assertTrue(refused > 50, "only " + refused + " of 400 damaged files were refused");
    }

    private static boolean readEverything(Path file) {
        try (ElfFile elf = ElfFile.open(file)) {
            elf.soname();
            elf.needed();
            elf.versionNeeds();
            elf.defines("JNI_OnLoad");
            return elf.defines("cudnnCreate") || true;
        } catch (IOException e) {
            return false;
        }
    }

    private static TreeSet<String> matches(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
