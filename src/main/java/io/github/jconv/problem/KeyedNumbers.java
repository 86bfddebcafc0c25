package io.github.jconv.problem;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keys followed by numbers, as in {@code n2c6h7w9_ph1:0}: what the canonical notation and benchdnn's are made of. A reader takes
 * the keys that it knows; what is left over at the end is an error, and so is a key that comes twice.
 */
final class KeyedNumbers {

    private static final Pattern TOKEN = Pattern.compile("([a-z]+)(-?\\d+)(?::(-?\\d+))?");

    private record Value(long first, Long second) {
    }

    private final Map<String, Value> values = new LinkedHashMap<>();
    private final List<String> known = new ArrayList<>();

    /**
     * @throws InvalidProblemException when a part of the text is not a key with a number, or a key is given twice
     */
    KeyedNumbers(String text) {
        Matcher matcher = TOKEN.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) == '_') {
                at++;
            } else if (matcher.region(at, text.length()).lookingAt()) {
                Value value = new Value(number(matcher.group(2)), matcher.group(3) == null ? null : number(matcher.group(3)));
                if (values.put(matcher.group(1), value) != null) {
                    throw new InvalidProblemException("'" + matcher.group(1) + "' is given twice");
                }
                at = matcher.end();
            } else {
                throw new InvalidProblemException("cannot read '" + LineQuote.of(text.substring(at))
                        + "'; expected a key of small letters and its number");
            }
        }
    }

    /** A whole number that is not beyond {@link SpatialAxis#MAX} on either side, so that arithmetic with it cannot overflow. */
    static long number(String digits) {
        try {
            long number = Long.parseLong(digits);
            if (number >= -SpatialAxis.MAX && number <= SpatialAxis.MAX) {
                return number;
            }
        } catch (NumberFormatException beyondLong) {
            // The message below serves both: the range matters, not the Java type.
        }
        throw new InvalidProblemException("'" + LineQuote.of(digits) + "' is not a number in the allowed range: "
                + -SpatialAxis.MAX + ".." + SpatialAxis.MAX);
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /** The number of a key that must be there. */
    long take(String key) {
        return required(key, single(key, remove(key)));
    }

    long take(String key, long byDefault) {
        Long value = single(key, remove(key));
        return value == null ? byDefault : value;
    }

    /** The number of a key, or null. */
    Long takeOrNull(String key) {
        return single(key, remove(key));
    }

    /** The one or two numbers of a key: {@code 1:0}, or {@code 1} for {@code 1:1}; zeros when the key is not there. */
    PaddingRule.Padding takePair(String key) {
        Value value = remove(key);
        if (value == null) {
            return new PaddingRule.Padding(0, 0);
        }
        return new PaddingRule.Padding(value.first, value.second == null ? value.first : value.second);
    }

    /** Ends the reading. */
    void requireAllTaken() {
        if (!values.isEmpty()) {
            throw new InvalidProblemException("unknown key '" + values.keySet().iterator().next() + "'; allowed here: "
                    + String.join(" ", known));
        }
    }

    private Value remove(String key) {
        known.add(key);
        return values.remove(key);
    }

    private static Long single(String key, Value value) {
        if (value != null && value.second != null) {
            throw new InvalidProblemException("'" + key + "' has two numbers; only padding has");
        }
        return value == null ? null : value.first;
    }

    private static long required(String key, Long value) {
        if (value == null) {
            throw new InvalidProblemException("'" + key + "' is missing");
        }
        return value;
    }
}
