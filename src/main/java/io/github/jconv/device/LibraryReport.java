package io.github.jconv.device;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What was tried to find and load native libraries, and with what success.
 *
 * @param entries one per library, in the order in which they are needed
 */
public record LibraryReport(List<Entry> entries) {

    public LibraryReport {
        entries = List.copyOf(entries);
    }

    /** How it stands with a library. */
    public enum Status {
        LOADED, MISSING, UNUSABLE, NOT_TRIED
    }

    /**
     * A place where a library was looked for, or a step of loading it.
     *
     * @param where   a file, a folder or a step
     * @param outcome what was found there
     */
    public record Attempt(String where, String outcome) {

        @Override
        public String toString() {
            return where + ": " + outcome;
        }
    }

    /**
     * One library.
     *
     * @param library  which
     * @param status   how it stands
     * @param path     the file that is used; null when there is none
     * @param version  as its file name tells; empty when it does not
     * @param attempts everything tried, in order
     * @param problem  why it cannot be used, in a sentence; empty when it can
     * @param remedy   what mends it, in a sentence; empty when nothing needs to be mended
     */
    public record Entry(NativeLibrary library, Status status, String path, String version, List<Attempt> attempts, String problem,
                        String remedy) {

        public Entry {
            attempts = List.copyOf(attempts);
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(library.title()).append(": ").append(status.name().toLowerCase().replace('_', ' '));
            if (path != null) {
                text.append(", ").append(path);
            }
            if (!version.isEmpty()) {
                text.append(" (version ").append(version).append(')');
            }
            attempts.forEach(attempt -> text.append(System.lineSeparator()).append("    ").append(attempt));
            if (!problem.isEmpty()) {
                text.append(System.lineSeparator()).append("    problem: ").append(problem);
            }
            if (!remedy.isEmpty()) {
                text.append(System.lineSeparator()).append("    remedy: ").append(remedy);
            }
            return text.toString();
        }
    }

    /** Whether every library is loaded. */
    public boolean complete() {
        return entries.stream().allMatch(entry -> entry.status() == Status.LOADED);
    }

    /** The entry of a library. */
    public Optional<Entry> entry(NativeLibrary library) {
        return entries.stream().filter(entry -> entry.library() == library).findFirst();
    }

    /** The first problem and its remedy in one line; empty when all is well. */
    public String problem() {
        return entries.stream().filter(entry -> !entry.problem().isEmpty()).findFirst()
                .map(entry -> entry.library().title() + ": " + entry.problem() + "; " + entry.remedy()).orElse("");
    }

    /** All of it, for reading. */
    @Override
    public String toString() {
        return entries.stream().map(Entry::toString).collect(Collectors.joining(System.lineSeparator()));
    }
}
