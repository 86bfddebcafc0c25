package io.github.jconv.check.cases;

import com.fasterxml.jackson.databind.JsonNode;

/** The fields of a JSON object, with errors that name the field and what was expected of it. */
final class JsonFields {

    /** A field is missing or of the wrong kind. */
    static final class FieldException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        FieldException(String message) {
            super(message);
        }
    }

    private final JsonNode node;

    JsonFields(JsonNode node) {
        if (!node.isObject()) {
            throw new FieldException("is not a JSON object");
        }
        this.node = node;
    }

    boolean has(String name) {
        return node.has(name);
    }

    String text(String name) {
        JsonNode value = required(name);
        if (!value.isTextual()) {
            throw wrong(name, value, "a text");
        }
        return value.textValue();
    }

    boolean flag(String name) {
        JsonNode value = required(name);
        if (!value.isBoolean()) {
            throw wrong(name, value, "true or false");
        }
        return value.booleanValue();
    }

    double number(String name) {
        JsonNode value = required(name);
        if (!value.isNumber()) {
            throw wrong(name, value, "a number");
        }
        return value.doubleValue();
    }

    long integer(String name) {
        return integer(name, required(name));
    }

    /** A list of as many integers as wanted, or of any length when that is negative. */
    long[] integers(String name, int wanted) {
        JsonNode value = required(name);
        if (!value.isArray() || wanted >= 0 && value.size() != wanted) {
            throw wrong(name, value, "a list of " + (wanted < 0 ? "" : wanted + " ") + "integers");
        }
        long[] integers = new long[value.size()];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = integer(name, value.get(i));
        }
        return integers;
    }

    JsonFields object(String name) {
        JsonNode value = required(name);
        if (!value.isObject()) {
            throw wrong(name, value, "an object");
        }
        return new JsonFields(value);
    }

    private JsonNode required(String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new FieldException("'" + name + "' is missing");
        }
        return value;
    }

    private static long integer(String name, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(name, value, "an integer");
        }
        return value.longValue();
    }

    private static FieldException wrong(String name, JsonNode value, String expected) {
        String shown = value.toString();
        return new FieldException("'" + name + "' is " + (shown.length() > 80 ? shown.substring(0, 80) + "..." : shown)
                + "; expected: " + expected);
    }
}
