package io.github.jconv.check.sweep;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a sweep was asked for, and on what machine: everything on which its results depend.
 *
 * @param values each argument by name, in order
 */
public record SweepArguments(@JsonValue Map<String, String> values) {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public SweepArguments {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The first difference, as {@code --seed was 1 and is 2}; empty when there is none. */
    public Optional<String> differenceTo(SweepArguments now) {
        TreeSet<String> names = new TreeSet<>(values.keySet());
        names.addAll(now.values.keySet());
        return names.stream().filter(name -> !text(values.get(name)).equals(text(now.values.get(name)))).findFirst()
                .map(name -> name + " was " + text(values.get(name)) + " and is " + text(now.values.get(name)));
    }

    private static String text(String value) {
        return value == null || value.isEmpty() ? "nothing" : value;
    }
}
