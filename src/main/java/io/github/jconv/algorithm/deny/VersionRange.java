package io.github.jconv.algorithm.deny;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Versions of a library: {@code 9.8} (every 9.8.x), {@code 9.8..9.14} (from 9.8 to every 9.14.x), {@code 9.8..} or {@code ..8.9}.
 * A bound is compared as far as it goes, so an upper bound of 9.14 holds for 9.14.1.
 */
record VersionRange(String first, String last) {

    static final VersionRange ANY = new VersionRange("", "");

    private static final Pattern VERSION = Pattern.compile("\\d{1,9}(\\.\\d{1,9})*");

    /** @throws IllegalArgumentException with the rest of a sentence */
    static VersionRange parse(String text) {
        int dots = text.indexOf("..");
        String first = dots < 0 ? text : text.substring(0, dots);
        String last = dots < 0 ? text : text.substring(dots + 2);
        boolean wrong = first.isEmpty() && last.isEmpty() || !isVersion(first) || !isVersion(last);
        if (wrong) {
            throw new IllegalArgumentException("versions is '" + text + "'; allowed: 9.8, 9.8..9.14, 9.8.. or ..8.9");
        }
        return new VersionRange(first, last);
    }

    private static boolean isVersion(String text) {
        return text.isEmpty() || VERSION.matcher(text).matches();
    }

    boolean contains(String version) {
        return (first.isEmpty() || compare(version, first) >= 0) && (last.isEmpty() || compare(version, last) <= 0);
    }

    /** As many parts as the bound has. */
    private static int compare(String version, String bound) {
        int[] parts = numbers(version);
        int[] bounds = numbers(bound);
        for (int i = 0; i < bounds.length; i++) {
            int difference = Integer.compare(i < parts.length ? parts[i] : 0, bounds[i]);
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("\\.")).mapToInt(part -> VERSION.matcher(part).matches() ? Integer.parseInt(part) : 0).toArray();
    }
}
