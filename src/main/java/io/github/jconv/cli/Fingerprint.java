package io.github.jconv.cli;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Tells whether two runs have the same problems, without holding them. */
final class Fingerprint {

    private static final int SHOWN = 12;

    private final MessageDigest digest;
    private int problems;

    Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** @param list whose texts tell everything about them */
    void add(String suite, List<?> list) {
        problems += list.size();
        digest.update((suite + "\n").getBytes(StandardCharsets.UTF_8));
        list.forEach(problem -> digest.update((problem + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /** As {@code 250 (0123456789ab)}; ends the adding. */
    @Override
    public String toString() {
        return problems + " (" + HexFormat.of().formatHex(digest.digest()).substring(0, SHOWN) + ")";
    }
}
