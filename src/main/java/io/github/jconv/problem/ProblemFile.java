package io.github.jconv.problem;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of problems: one per line, each in any of the {@link ProblemNotation notations}, which may be mixed. Empty lines and
 * lines that begin with # are skipped, and so is the byte order mark that some editors put in front of a file. Behind a problem, but for
 * one in MIOpenDriver's arguments, options may follow, each a word that begins with {@code --}: they say how it is to be checked.
 */
public final class ProblemFile {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final Pattern OPTIONS = Pattern.compile("\\s--");

    private ProblemFile() {
    }

    /**
     * Reads all problems of a file whose lines have no options.
     *
     * @param transposed whether lines that do not say it themselves describe transposed convolutions
     * @throws InvalidProblemException naming the file, and the line and what is wrong with it; also when the file cannot be read, is
     *                                 not text or holds no problem
     */
    public static List<ProblemEntry> read(Path file, boolean transposed) {
        return entries(readLines(file, transposed));
    }

    /**
     * Reads all problems of a file with what else their lines say.
     *
     * @param transposed whether lines that do not say it themselves describe transposed convolutions
     * @throws InvalidProblemException as {@link #read}, but not for options
     */
    public static List<ProblemLine> readLines(Path file, boolean transposed) {
        if (Files.isDirectory(file)) {
            throw new InvalidProblemException("file " + file + " is a directory; expected a text file with one problem per line");
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return readLines(reader, file.toString(), transposed);
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
        return entries(readLines(reader, source, transposed));
    }

    private static List<ProblemLine> readLines(BufferedReader reader, String source, boolean transposed) throws IOException {
        List<ProblemLine> lines = new ArrayList<>();
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
                lines.add(readLine(line, source + ":" + number, transposed));
            }
        }
        if (lines.isEmpty()) {
            throw new InvalidProblemException("file " + source + " holds no problem; expected one per line");
        }
        return lines;
    }

    private static List<ProblemEntry> entries(List<ProblemLine> lines) {
        for (ProblemLine line : lines) {
            if (!line.options().isEmpty()) {
                throw new InvalidProblemException(line.where() + ": options stand behind the problem, "
                        + LineQuote.of(String.join(" ", line.options())) + "; allowed here: the problem alone");
            }
        }
        return lines.stream().flatMap(line -> line.entries().stream()).toList();
    }

    private static ProblemLine readLine(String line, String where, boolean transposed) {
        String stripped = line.strip();
        Matcher options = OPTIONS.matcher(stripped);
        // MIOpenDriver has options of its own with two dashes.
        boolean has = ProblemNotation.of(stripped) != ProblemNotation.MIOPEN && options.find();
        String problem = has ? stripped.substring(0, options.start()) : stripped;
        try {
            return new ProblemLine(where, ProblemNotation.read(problem, transposed),
                    has ? Arrays.asList(stripped.substring(options.start()).strip().split("\\s+")) : List.of());
        } catch (InvalidProblemException e) {
            throw new InvalidProblemException(where + ": " + e.getMessage(), e);
        }
    }

    private static InvalidProblemException notText(String source, Exception cause) {
        return new InvalidProblemException("file " + source + " is not a text file in UTF-8; expected one problem per line", cause);
    }
}
