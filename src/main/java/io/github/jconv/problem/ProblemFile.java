package io.github.jconv.problem;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of problems: one per line, each in any of the {@link ProblemNotation notations}, which may be mixed. Empty lines and
 * lines that begin with # are skipped, and so is the byte order mark that some editors put in front of a file.
 */
public final class ProblemFile {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private ProblemFile() {
    }

    /**
     * Reads all problems of a file.
     *
     * @param transposed whether lines that do not say it themselves describe transposed convolutions
     * @throws InvalidProblemException naming the file, and the line and what is wrong with it; also when the file cannot be read, is
     *                                 not text or holds no problem
     */
    public static List<ProblemEntry> read(Path file, boolean transposed) {
        if (Files.isDirectory(file)) {
            throw new InvalidProblemException("file " + file + " is a directory; expected a text file with one problem per line");
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return read(reader, file.toString(), transposed);
        } catch (CharacterCodingException e) {
            throw notText(file.toString(), e);
        } catch (NoSuchFileException e) {
            throw new InvalidProblemException("file " + file + " does not exist", e);
        } catch (IOException e) {
            throw new InvalidProblemException("file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads all problems of a text, whose name stands in the messages. */
    static List<ProblemEntry> read(BufferedReader reader, String source, boolean transposed) throws IOException {
        List<ProblemEntry> entries = new ArrayList<>();
        int number = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (number == 1 && line.startsWith(BYTE_ORDER_MARK)) {
                line = line.substring(BYTE_ORDER_MARK.length());
            }
            if (line.indexOf('\0') >= 0) {
                throw notText(source, null);
            }
            if (!line.isBlank() && !line.strip().startsWith("#")) {
                entries.addAll(readLine(line, source + ":" + number, transposed));
            }
        }
        if (entries.isEmpty()) {
            throw new InvalidProblemException("file " + source + " holds no problem; expected one per line");
        }
        return entries;
    }

    private static List<ProblemEntry> readLine(String line, String where, boolean transposed) {
        try {
            return ProblemNotation.read(line, transposed);
        } catch (InvalidProblemException e) {
            throw new InvalidProblemException(where + ": " + e.getMessage(), e);
        }
    }

    private static InvalidProblemException notText(String source, Exception cause) {
        return new InvalidProblemException("file " + source + " is not a text file in UTF-8; expected one problem per line", cause);
    }
}
