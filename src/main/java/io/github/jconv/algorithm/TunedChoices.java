package io.github.jconv.algorithm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What measurements have shown to be the fastest algorithm, kept in a text file for the next run of the program: one line per choice
 * with, separated by tabs, JConv's version, the place (device, driver, arithmetic), the request, the algorithm and its microseconds.
 *
 * <p>The file is replaced as a whole, so that a reader never meets half of one; of two programs that write at the same moment one may
 * lose a choice, which it measures again. Lines that cannot be read are left out, with a message, and gone after the next write. A file
 * that cannot be read or written costs its benefit only. Safe for use from several threads.
 */
public final class TunedChoices {

    private static final Logger LOG = LoggerFactory.getLogger(TunedChoices.class);
    private static final Pattern SEPARATORS = Pattern.compile("\\p{Cntrl}+");
    private static final String HEADING = "# JConv: the fastest algorithm of each request, as measured; safe to delete";
    private static final int FIELDS = 5;
    private static final int FIELDS_OF_KEY = 3;

    /**
     * What was found.
     *
     * @param algorithm    the fastest one's name
     * @param microseconds of its median run
     */
    public record Choice(String algorithm, double microseconds) {
    }

    private final Path file;
    private final String version;
    private final Map<String, Choice> choices = new LinkedHashMap<>();

    private TunedChoices(Path file, String version) {
        this.file = file;
        this.version = version;
    }

    /** The choices of a file, which need not exist yet. */
    public static TunedChoices inFile(Path file) {
        return inFile(file, Optional.ofNullable(TunedChoices.class.getPackage().getImplementationVersion()).orElse("development"));
    }

    static TunedChoices inFile(Path file, String version) {
        TunedChoices choices = new TunedChoices(file, version);
        choices.read();
        return choices;
    }

    /** What was measured for a request at a place, by this version of JConv. */
    public synchronized Optional<Choice> find(String place, ConvRequest request) {
        return Optional.ofNullable(choices.get(key(place, request)));
    }

    /** Keeps a choice, and whatever other programs have written since. */
    public synchronized void remember(String place, ConvRequest request, Choice choice) {
        read();
        choices.put(key(place, request), choice);
        write();
    }

    private String key(String place, ConvRequest request) {
        return String.join("\t", List.of(clean(version), clean(place), clean(request.toString())));
    }

    private static String clean(String field) {
        return SEPARATORS.matcher(field).replaceAll(" ");
    }

    private void read() {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            LOG.warn("The measured choices in {} cannot be read: {}", file, e.toString());
            return;
        }
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).startsWith("#") && !take(lines.get(i))) {
                LOG.warn("Line {} of {} is damaged and ignored", i + 1, file);
            }
        }
    }

    /** False for a damaged line. */
    private boolean take(String line) {
        String[] fields = line.split("\t", -1);
        if (fields.length != FIELDS || fields[FIELDS_OF_KEY].isBlank()) {
            return false;
        }
        try {
            double microseconds = Double.parseDouble(fields[FIELDS - 1]);
            if (!(microseconds >= 0) || Double.isInfinite(microseconds)) {
                return false;
            }
            choices.put(String.join("\t", List.of(fields).subList(0, FIELDS_OF_KEY)), new Choice(fields[FIELDS_OF_KEY], microseconds));
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private void write() {
        List<String> lines = new ArrayList<>();
        lines.add(HEADING);
        choices.forEach((key, choice) -> lines.add(key + "\t" + choice.algorithm + "\t" + choice.microseconds));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName().toString(), ".new");
            try {
                Files.write(fresh, lines);
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException e) {
            LOG.warn("The measured choices cannot be kept in {}: {}", file, e.toString());
        }
    }
}
