package io.github.jconv.cli;

import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.TypeConversionException;

/** Reads values by the names that reports use. */
final class ByName {

    private ByName() {
    }

    /** @param kind what a value is, for the message: {@code 'x' is no operation; allowed: ...} */
    static <T> T read(String text, String kind, T[] values, Function<T, String> name) {
        return Stream.of(values).filter(value -> name.apply(value).equals(text)).findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is no " + kind + "; allowed: "
                        + String.join(", ", Stream.of(values).map(name).toList())));
    }
}
