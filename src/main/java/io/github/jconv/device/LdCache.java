package io.github.jconv.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The dynamic loader's cache of library locations, {@code /etc/ld.so.cache}, in the format of glibc 2.2 and newer: a header of 48
 * bytes with the number of entries, entries of 24 bytes (flags, offset of the name, offset of the path), and the strings.
 */
final class LdCache {

    private static final byte[] MAGIC = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 48;
    private static final int ENTRY_BYTES = 24;
    private static final int X86_64_LIBC6 = 0x0303;

    private LdCache() {
    }

    /** The files that the cache knows under that name for this architecture. */
    static List<Path> find(Path cache, String soname) throws IOException {
        byte[] bytes = Files.readAllBytes(cache);
        int start = indexOfMagic(bytes);
        if (start < 0) {
            throw new IOException("not a cache of glibc's dynamic loader");
        }
        ByteBuffer data = ByteBuffer.wrap(bytes, start, bytes.length - start).slice().order(ByteOrder.LITTLE_ENDIAN);
        List<Path> found = new ArrayList<>();
        long entries = Integer.toUnsignedLong(data.getInt(MAGIC.length));
        for (long i = 0; i < entries && HEADER_BYTES + (i + 1) * ENTRY_BYTES <= data.limit(); i++) {
            int at = (int) (HEADER_BYTES + i * ENTRY_BYTES);
            if (data.getInt(at) == X86_64_LIBC6 && soname.equals(string(data, data.getInt(at + 4)))) {
                found.add(Path.of(string(data, data.getInt(at + 8))));
            }
        }
        return found;
    }

    private static String string(ByteBuffer data, int offset) throws IOException {
        int end = offset;
        while (end >= 0 && end < data.limit() && data.get(end) != 0) {
            end++;
        }
        if (offset < 0 || end >= data.limit()) {
            throw new IOException("a name lies outside the cache");
        }
        byte[] name = new byte[end - offset];
        data.get(offset, name);
        return new String(name, StandardCharsets.UTF_8);
    }

    private static int indexOfMagic(byte[] bytes) {
        for (int i = 0; i + HEADER_BYTES <= bytes.length; i++) {
            int matched = 0;
            while (matched < MAGIC.length && bytes[i + matched] == MAGIC[matched]) {
                matched++;
            }
            if (matched == MAGIC.length) {
                return i;
            }
        }
        return -1;
    }
}
