package io.github.jconv.check.cases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The files of a folder of recorded cases, with errors that name them. */
final class Folder {

    private final Path path;

    Folder(Path path) {
        if (!Files.isDirectory(path)) {
            throw new CaseFormatException(path, "", Files.exists(path) ? "is not a folder" : "there is no such folder");
        }
        this.path = path;
    }

    Path file(String name) {
        return path.resolve(name);
    }

    List<String> lines(String name) {
        try {
            return Files.readAllLines(file(name));
        } catch (CharacterCodingException e) {
            throw new CaseFormatException(file(name), "", "is not UTF-8 text", e);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    byte[] bytes(String name) {
        try {
            return Files.readAllBytes(file(name));
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private RuntimeException unreadable(String name, IOException e) {
        if (e instanceof NoSuchFileException) {
            return new CaseFormatException(file(name), "", "there is no such file", e);
        }
        return new UncheckedIOException(file(name) + ": " + e.getMessage(), e);
    }
}
