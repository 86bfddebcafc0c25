package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jconv.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LdCacheTest {

    private static final Path CACHE = Path.of("/etc/ld.so.cache");

    @TempDir
    Path folder;

    /** Every 64-bit library of this host, compared with what ldconfig prints. */
    @Test
    void agreesWithLdconfig() throws Exception {
        String ldconfig = List.of("/sbin/ldconfig", "/usr/sbin/ldconfig").stream().filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst().orElse(null);
        assumeTrue(ldconfig != null && Files.isReadable(CACHE), "this host has no ldconfig or no cache");
        Map<String, TreeSet<Path>> printed = new TreeMap<>();
        Pattern.compile("^\\t(\\S+) \\(libc6,x86-64\\) => (\\S+)$", Pattern.MULTILINE).matcher(Tools.run(List.of(ldconfig, "-p"))).results()
                .forEach(match -> printed.computeIfAbsent(match.group(1), name -> new TreeSet<>()).add(Path.of(match.group(2))));
        assertTrue(printed.size() > 10, () -> "ldconfig names " + printed.keySet());
        for (var library : printed.entrySet()) {
            assertEquals(library.getValue(), new TreeSet<>(LdCache.find(CACHE, library.getKey())), library.getKey());
        }
        assertEquals(List.of(), LdCache.find(CACHE, "libnot-there.so.1"));
    }

    @Test
    void damageIsAnIoExceptionOrFewerEntries() throws IOException {
        assumeTrue(Files.isReadable(CACHE), "this host has no cache");
        byte[] intact = Files.readAllBytes(CACHE);
        Random random = new Random(3);
        for (int round = 0; round < 100; round++) {
            byte[] damaged = Arrays.copyOf(intact, round % 2 == 0 ? random.nextInt(intact.length) : intact.length);
            for (int i = 0; i < 20 && damaged.length > 0; i++) {
                damaged[random.nextInt(Math.min(damaged.length, 2000))] = (byte) random.nextInt();
            }
            Path file = Files.write(folder.resolve("cache"), damaged);
            try {
                LdCache.find(file, "libstdc++.so.6");
            } catch (IOException expected) {
                assertTrue(expected.getMessage().contains("cache"), expected::getMessage);
            }
        }
        Path other = Files.writeString(folder.resolve("other"), "something else");
        assertThrows(IOException.class, () -> LdCache.find(other, "libc.so.6"));
    }
}
