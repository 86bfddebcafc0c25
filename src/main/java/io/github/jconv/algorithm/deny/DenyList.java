package io.github.jconv.algorithm.deny;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Algorithms of libraries that are known to be wrong for some requests. A plain text file with an entry on each line, comments after
 * {@code #}:
 *
 * <pre>
 *   backend=cudnn versions=9.8..9.14 type=bf16 dims=3 example=n1c4d5h6w7k4t3r3s3 | wrong results | https://...
 *   CONDITIONS                                                                   | REASON        | LINK
 * </pre>
 *
 * <p>Conditions: {@code backend} (required), {@code versions} of its library ({@code 9.8}, {@code 9.8..9.14}, {@code 9.8..}),
 * {@code device} (a part of its name), {@code operation}, {@code algorithm}, {@code type}, and any number of comparisons of the
 * problem, as {@code dims=3}, {@code groups>1}, {@code stride>=2}, {@code elements>=2147483648}. All of them must hold.
 * {@code example} is a problem that shows what is wrong. The link may be left out.
 *
 * <p>A choice of algorithms honours the list ({@link #honouredBy}). An algorithm that is asked for by name is used all the same, so that
 * the harness can put an entry to the proof.
 */
public final class DenyList {

    private static final String BUNDLED = "deny-list.txt";

    private final List<DenyEntry> entries;

    private DenyList(List<DenyEntry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** A list that denies nothing. */
    public static DenyList empty() {
        return new DenyList(List.of());
    }

    /** The one in JConv's jar. */
    public static DenyList bundled() {
        try (InputStream in = DenyList.class.getResourceAsStream(BUNDLED)) {
            return parse("JConv's deny-list", new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param known the backends and algorithms there are
     * @throws DenyListFormatException naming the line that cannot be read, or that names a backend or an algorithm that is not known
     */
    public static DenyList read(Path file, KnownAlgorithms known) throws IOException {
        return parse("deny-list " + file, Files.readAllLines(file), known);
    }

    /**
     * A list whose backends and algorithms may have any name.
     *
     * @param source what errors call it
     * @throws DenyListFormatException naming the line that cannot be read
     */
    public static DenyList parse(String source, List<String> lines) {
        return parse(source, lines, null);
    }

    /** @param known the backends and algorithms there are; null where any name will do */
    static DenyList parse(String source, List<String> lines, KnownAlgorithms known) {
        List<DenyEntry> entries = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                try {
                    DenyEntry entry = new DenyLineParser(line).parse();
                    if (known != null) {
                        entry.requireKnown(known);
                    }
                    entries.add(entry);
                } catch (IllegalArgumentException e) {
                    throw new DenyListFormatException(source, i + 1, e.getMessage());
                }
            }
        }
        return new DenyList(entries);
    }

    public List<DenyEntry> entries() {
        return entries;
    }

    /** The entries of both. */
    public DenyList and(DenyList other) {
        List<DenyEntry> both = new ArrayList<>(entries);
        both.addAll(other.entries);
        return new DenyList(both);
    }

    /** The entries about a backend as this host has it. */
    public DenyList concerning(Backend backend) {
        return new DenyList(entries.stream().filter(entry -> entry.concerns(backend)).toList());
    }

    /** The entry that denies an algorithm; the list is one {@link #concerning} the algorithm's backend. */
    public Optional<DenyEntry> find(ConvRequest request, ConvAlgorithm algorithm) {
        return entries.stream().filter(entry -> entry.denies(request, algorithm)).findFirst();
    }

    /** The chooser, which never sees what is denied; the list is one {@link #concerning} the backend whose algorithms it chooses from. */
    public AlgorithmChooser honouredBy(AlgorithmChooser chooser) {
        return entries.isEmpty() ? chooser : new DenyingChooser(this, chooser);
    }
}
