package io.github.jconv.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What the dynamic loader reads of a 64-bit little-endian ELF file: for which machine it is, its name, the libraries it needs, the
 * symbol versions it asks of them, and whether it defines a function. Only what is asked for is read, so that a library of
 * gigabytes costs as little as a small one. The layout is that of the System V ABI with the GNU extensions for versions and hashes.
 */
final class ElfFile implements AutoCloseable {

    static final int MACHINE_X86_64 = 62;

    private static final int MAGIC = 0x464c457f;
    private static final int HEADER_BYTES = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;
    private static final int DYNAMIC_ENTRY_BYTES = 16;
    private static final int SYMBOL_BYTES = 24;
    private static final int MAX_TABLE_BYTES = 64 << 20;

    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;

    private static final long DT_NEEDED = 1;
    private static final long DT_HASH = 4;
    private static final long DT_STRTAB = 5;
    private static final long DT_SYMTAB = 6;
    private static final long DT_STRSZ = 10;
    private static final long DT_SONAME = 14;
    private static final long DT_GNU_HASH = 0x6ffffef5L;
    private static final long DT_VERNEED = 0x6ffffffeL;
    private static final long DT_VERNEEDNUM = 0x6fffffffL;

    private record Segment(long fileOffset, long address, long fileBytes) {
    }

    private record DynamicEntry(long tag, long value) {
    }

    /**
     * A symbol version that the file asks of a library. Offsets count from the beginning of the file.
     *
     * @param library           name of the library
     * @param libraryNameOffset where that name is stored
     * @param version           name of the version
     * @param versionNameOffset where that name is stored
     * @param hashOffset        where the hash of the version's name is stored
     */
    record VersionNeed(String library, long libraryNameOffset, String version, long versionNameOffset, long hashOffset) {
    }

    /**
     * A library that the file needs.
     *
     * @param name       as {@code libcublas.so.12}
     * @param nameOffset where the name is stored, from the beginning of the file
     */
    record Needed(String name, long nameOffset) {
    }

    private final FileChannel channel;
    private final long fileBytes;
    private final int machine;
    private final List<Segment> segments = new ArrayList<>();
    private final List<DynamicEntry> dynamic = new ArrayList<>();
    private final long stringsOffset;
    private final ByteBuffer strings;

    private ElfFile(FileChannel channel) throws IOException {
        this.channel = channel;
        fileBytes = channel.size();
        if (fileBytes < 4 || read(0, 4, "header").getInt(0) != MAGIC) {
            throw new ElfFormatException("not an ELF file");
        }
        ByteBuffer header = read(0, HEADER_BYTES, "header");
        if (header.get(4) != 2 || header.get(5) != 1) {
            throw new ElfFormatException("not a 64-bit little-endian ELF file");
        }
        machine = Short.toUnsignedInt(header.getShort(18));
        readSegments(header.getLong(32), Short.toUnsignedInt(header.getShort(54)), Short.toUnsignedInt(header.getShort(56)));
        stringsOffset = fileOffset(required(DT_STRTAB, "string table"), "string table");
        strings = read(stringsOffset, required(DT_STRSZ, "size of the string table"), "string table");
    }

    static ElfFile open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new ElfFile(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The e_machine of the header. */
    int machine() {
        return machine;
    }

    /** The name under which the dynamic loader knows the library; null when it has none. */
    String soname() throws IOException {
        for (DynamicEntry entry : dynamic) {
            if (entry.tag == DT_SONAME) {
                return string(entry.value);
            }
        }
        return null;
    }

    List<Needed> needed() throws IOException {
        List<Needed> needed = new ArrayList<>();
        for (DynamicEntry entry : dynamic) {
            if (entry.tag == DT_NEEDED) {
                needed.add(new Needed(string(entry.value), stringsOffset + entry.value));
            }
        }
        return needed;
    }

    List<VersionNeed> versionNeeds() throws IOException {
        List<VersionNeed> needs = new ArrayList<>();
        long address = value(DT_VERNEED, 0);
        long count = value(DT_VERNEEDNUM, 0);
        if (address == 0) {
            return needs;
        }
        long offset = fileOffset(address, "version needs");
        for (long i = 0; i < count; i++) {
            ByteBuffer need = read(offset, 16, "version need");
            addVersions(need, offset, needs);
            long next = Integer.toUnsignedLong(need.getInt(12));
            if (next == 0) {
                break;
            }
            offset += next;
        }
        return needs;
    }

    private void addVersions(ByteBuffer need, long offset, List<VersionNeed> needs) throws IOException {
        int versions = Short.toUnsignedInt(need.getShort(2));
        long libraryName = Integer.toUnsignedLong(need.getInt(4));
        long at = offset + Integer.toUnsignedLong(need.getInt(8));
        for (int i = 0; i < versions; i++) {
            ByteBuffer version = read(at, 16, "needed version");
            long versionName = Integer.toUnsignedLong(version.getInt(8));
            needs.add(new VersionNeed(string(libraryName), stringsOffset + libraryName, string(versionName),
                    stringsOffset + versionName, at));
            long next = Integer.toUnsignedLong(version.getInt(12));
            if (next == 0) {
                break;
            }
            at += next;
        }
    }

    /** Whether a function of that name can be linked against, in any version. */
    boolean defines(String function) throws IOException {
        long gnuHash = value(DT_GNU_HASH, 0);
        if (gnuHash != 0) {
            return findByGnuHash(function, fileOffset(gnuHash, "hash table"));
        }
        return findBySystemVHash(function, fileOffset(required(DT_HASH, "hash table"), "hash table"));
    }

    private boolean findByGnuHash(String name, long table) throws IOException {
        ByteBuffer header = read(table, 16, "hash table");
        long buckets = Integer.toUnsignedLong(header.getInt(0));
        long firstSymbol = Integer.toUnsignedLong(header.getInt(4));
        long bloomWords = Integer.toUnsignedLong(header.getInt(8));
        if (buckets == 0) {
            return false;
        }
        long bucketTable = table + 16 + 8 * bloomWords;
        long chainTable = bucketTable + 4 * buckets;
        int hash = gnuHash(name);
        long symbol = readUnsignedInt(bucketTable + 4 * (Integer.toUnsignedLong(hash) % buckets));
        if (symbol < firstSymbol) {
            return false;
        }
        for (;; symbol++) {
            int chained = (int) readUnsignedInt(chainTable + 4 * (symbol - firstSymbol));
            if ((chained | 1) == (hash | 1) && isDefined(symbol, name)) {
                return true;
            }
            if ((chained & 1) != 0) {
                return false;
            }
        }
    }

    private boolean findBySystemVHash(String name, long table) throws IOException {
        long buckets = readUnsignedInt(table);
        long symbols = readUnsignedInt(table + 4);
        if (buckets == 0) {
            return false;
        }
        long symbol = readUnsignedInt(table + 8 + 4 * (systemVHash(name) % buckets));
        for (long steps = 0; symbol != 0 && steps <= symbols; steps++) {
            if (isDefined(symbol, name)) {
                return true;
            }
            symbol = readUnsignedInt(table + 8 + 4 * buckets + 4 * symbol);
        }
        return false;
    }

    private boolean isDefined(long index, String name) throws IOException {
        long table = fileOffset(required(DT_SYMTAB, "symbol table"), "symbol table");
        ByteBuffer symbol = read(table + index * SYMBOL_BYTES, SYMBOL_BYTES, "symbol");
        return symbol.getShort(6) != 0 && name.equals(string(Integer.toUnsignedLong(symbol.getInt(0))));
    }

    /** The hash of the System V ABI, also that of version names. */
    static long systemVHash(String name) {
        long hash = 0;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash << 4) + Byte.toUnsignedInt(b);
            long high = hash & 0xf0000000L;
            hash = (hash ^ high >> 24) & ~high;
        }
        return hash;
    }

    private static int gnuHash(String name) {
        int hash = 5381;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = hash * 33 + Byte.toUnsignedInt(b);
        }
        return hash;
    }

    private void readSegments(long table, int entryBytes, int count) throws IOException {
        if (entryBytes != PROGRAM_HEADER_BYTES) {
            throw new ElfFormatException("program headers of " + entryBytes + " bytes instead of " + PROGRAM_HEADER_BYTES);
        }
        ByteBuffer headers = read(table, (long) count * entryBytes, "program headers");
        long dynamicOffset = -1;
        long dynamicBytes = 0;
        for (int at = 0; at < count * entryBytes; at += entryBytes) {
            int type = headers.getInt(at);
            if (type == PT_LOAD) {
                segments.add(new Segment(headers.getLong(at + 8), headers.getLong(at + 16), headers.getLong(at + 32)));
            } else if (type == PT_DYNAMIC) {
                dynamicOffset = headers.getLong(at + 8);
                dynamicBytes = headers.getLong(at + 32);
            }
        }
        if (dynamicOffset < 0) {
            throw new ElfFormatException("not a shared library: it has no dynamic section");
        }
        ByteBuffer entries = read(dynamicOffset, dynamicBytes, "dynamic section");
        for (int at = 0; at + DYNAMIC_ENTRY_BYTES <= entries.limit() && entries.getLong(at) != 0; at += DYNAMIC_ENTRY_BYTES) {
            dynamic.add(new DynamicEntry(entries.getLong(at), entries.getLong(at + 8)));
        }
    }

    private long value(long tag, long absent) {
        for (DynamicEntry entry : dynamic) {
            if (entry.tag == tag) {
                return entry.value;
            }
        }
        return absent;
    }

    private long required(long tag, String what) throws ElfFormatException {
        long value = value(tag, Long.MIN_VALUE);
        if (value == Long.MIN_VALUE) {
            throw new ElfFormatException("the dynamic section does not name the " + what);
        }
        return value;
    }

    private long fileOffset(long address, String what) throws ElfFormatException {
        for (Segment segment : segments) {
            long within = address - segment.address;
            if (within >= 0 && within < segment.fileBytes) {
                return segment.fileOffset + within;
            }
        }
        throw new ElfFormatException("the " + what + " lies outside every segment");
    }

    private String string(long index) throws ElfFormatException {
        if (index < 0 || index >= strings.limit()) {
            throw new ElfFormatException("a name lies outside the string table");
        }
        int end = (int) index;
        while (end < strings.limit() && strings.get(end) != 0) {
            end++;
        }
        if (end == strings.limit()) {
            throw new ElfFormatException("a name does not end within the string table");
        }
        byte[] name = new byte[end - (int) index];
        strings.get((int) index, name);
        return new String(name, StandardCharsets.UTF_8);
    }

    private long readUnsignedInt(long offset) throws IOException {
        return Integer.toUnsignedLong(read(offset, 4, "hash table").getInt(0));
    }

    private ByteBuffer read(long offset, long length, String what) throws IOException {
        if (length < 0 || length > MAX_TABLE_BYTES) {
            throw new ElfFormatException("the " + what + " claims " + length + " bytes");
        }
        if (offset < 0 || offset > fileBytes - length) {
            throw new ElfFormatException("the " + what + " lies outside the file");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new ElfFormatException("the file ends within the " + what);
            }
        }
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
