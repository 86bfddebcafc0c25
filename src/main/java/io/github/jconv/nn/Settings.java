package io.github.jconv.nn;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What training was set up with, by name and as text. */
final class Settings {

    private Settings() {
    }

    /**
     * A choice and what it was given.
     *
     * @param kind           what is chosen, such as {@code optimizer}
     * @param choice         its name
     * @param namesAndValues of what it was given: a name, its value, and so on; they are called {@code kind.name}
     */
    static Map<String, String> of(String kind, String choice, Object... namesAndValues) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(kind, choice);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(kind + "." + namesAndValues[i], namesAndValues[i + 1].toString());
        }
        return Collections.unmodifiableMap(settings);
    }

    /** @throws DifferentSettingException naming the first setting that is not the one in the file */
    static void requireSame(Path file, Map<String, String> now, Map<String, String> stored) {
        Map<String, String> all = new LinkedHashMap<>(now);
        stored.forEach(all::putIfAbsent);
        for (String setting : all.keySet()) {
            String value = now.getOrDefault(setting, DifferentSettingException.NONE);
            String before = stored.getOrDefault(setting, DifferentSettingException.NONE);
            if (!isSame(value, before)) {
                throw new DifferentSettingException(file, setting, value, before);
            }
        }
    }

    /** Java 17 and newer versions write some numbers in different ways, but each reads the same number from both. */
    private static boolean isSame(String value, String before) {
        if (value.equals(before)) {
            return true;
        }
        if (value.matches("-?\\d+") && before.matches("-?\\d+")) {
            // Whole numbers are written in one way, and a double does not tell large ones apart.
            return false;
        }
        try {
            return Double.parseDouble(value) == Double.parseDouble(before);
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
