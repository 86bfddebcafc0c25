package io.github.jconv.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Lets a copy of a library ask for another library than it was linked against, whose name is as long: {@code libcublas.so.13}
 * instead of {@code libcublas.so.12}. The name is overwritten where it is stored, and so is the symbol version of the same name
 * with its hash; nothing moves.
 */
final class ElfRelink {

    private ElfRelink() {
    }

    /**
     * Changes the file in place.
     *
     * @throws ElfFormatException when the file does not need {@code from}, or the names cannot be exchanged
     */
    static void relink(Path file, String from, String to) throws IOException {
        byte[] oldName = from.getBytes(StandardCharsets.US_ASCII);
        byte[] newName = to.getBytes(StandardCharsets.US_ASCII);
        if (oldName.length != newName.length) {
            throw new ElfFormatException(to + " is not as long as " + from);
        }
        Set<Long> nameOffsets = new LinkedHashSet<>();
        Set<Long> hashOffsets = new LinkedHashSet<>();
        collect(file, from, nameOffsets, hashOffsets);
        if (nameOffsets.isEmpty()) {
            throw new ElfFormatException(file.getFileName() + " does not need " + from);
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        for (long offset : nameOffsets) {
            if (bytes.get((int) offset - 1) != 0) {
                throw new ElfFormatException("the name " + from + " in " + file.getFileName() + " is the end of another name");
            }
            bytes.put((int) offset, newName);
        }
        for (long offset : hashOffsets) {
            bytes.putInt((int) offset, (int) ElfFile.systemVHash(to));
        }
        Files.write(file, bytes.array());
    }

    private static void collect(Path file, String name, Set<Long> nameOffsets, Set<Long> hashOffsets) throws IOException {
        try (ElfFile elf = ElfFile.open(file)) {
            for (ElfFile.Needed needed : elf.needed()) {
                if (needed.name().equals(name)) {
                    nameOffsets.add(needed.nameOffset());
                }
            }
            for (ElfFile.VersionNeed need : elf.versionNeeds()) {
                if (need.library().equals(name)) {
                    nameOffsets.add(need.libraryNameOffset());
                    if (!need.version().equals(name)) {
                        throw new ElfFormatException(file.getFileName() + " asks for version " + need.version() + " of " + name);
                    }
                    nameOffsets.add(need.versionNameOffset());
                    hashOffsets.add(need.hashOffset());
                }
            }
        }
    }
}
