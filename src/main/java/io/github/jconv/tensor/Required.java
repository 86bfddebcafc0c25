package io.github.jconv.tensor;

import java.util.Arrays;
import java.util.List;

/** Refuses what is missing where it is given, and not where it would be used. */
public final class Required {

    private Required() {
    }

    /**
     * The value.
     *
     * @param parameter as the message names it
     * @throws IllegalArgumentException naming the parameter when the value is null
     */
    public static <T> T given(T value, String parameter) {
        if (value == null) {
            throw new IllegalArgumentException(parameter + " is null; allowed: a value");
        }
        return value;
    }

    /** A copy of a list of which neither itself nor a value is null. */
    public static <T> List<T> eachGiven(List<? extends T> values, String parameter) {
        List<? extends T> all = given(values, parameter);
        for (int i = 0; i < all.size(); i++) {
            given(all.get(i), parameter + ", number " + (i + 1) + " of " + all.size() + ",");
        }
        return List.copyOf(all);
    }

    /** The same of an array. */
    public static <T> List<T> eachGiven(T[] values, String parameter) {
        return eachGiven(Arrays.asList(given(values, parameter)), parameter);
    }
}
