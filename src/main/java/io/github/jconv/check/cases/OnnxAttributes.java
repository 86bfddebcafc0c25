package io.github.jconv.check.cases;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The attributes of an ONNX node as a listing writes them: {@code pads=1,0,1,0;strides=2,2}. */
final class OnnxAttributes {

    private static final Set<String> KNOWN = Set.of("auto_pad", "dilations", "group", "kernel_shape", "output_padding",
            "output_shape", "pads", "strides");

    private final Map<String, String> values = new LinkedHashMap<>();

    OnnxAttributes(String text) {
        for (String attribute : text.isBlank() ? new String[0] : text.split(";", -1)) {
            int equals = attribute.indexOf('=');
            String name = equals < 0 ? attribute : attribute.substring(0, equals);
            if (equals < 0 || !KNOWN.contains(name)) {
                throw new IllegalArgumentException("attribute '" + attribute + "' is not known; allowed: name=values with a name of "
                        + KNOWN.stream().sorted().toList());
            }
            if (values.put(name, attribute.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("attribute '" + name + "' is given twice");
            }
        }
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String text(String name, String byDefault) {
        return values.getOrDefault(name, byDefault);
    }

    /** As many integers as wanted; all the same default when the attribute is absent. */
    long[] integers(String name, int wanted, long byDefault) {
        if (!has(name)) {
            long[] defaults = new long[wanted];
            Arrays.fill(defaults, byDefault);
            return defaults;
        }
        String[] parts = values.get(name).split(",", -1);
        if (parts.length != wanted) {
            throw new IllegalArgumentException("attribute '" + name + "=" + values.get(name) + "' has " + parts.length
                    + " numbers; expected: " + wanted);
        }
        long[] integers = new long[wanted];
        for (int i = 0; i < wanted; i++) {
            integers[i] = integer(name, parts[i]);
        }
        return integers;
    }

    private static long integer(String name, String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("attribute '" + name + "' has '" + text + "'; expected: an integer", e);
        }
    }
}
