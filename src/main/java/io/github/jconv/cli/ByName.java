package io.github.jconv.cli;

import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads values by the names that reports use. */
abstract class ByName<T> implements ITypeConverter<T> {

    private final String kind;
    private final T[] values;
    private final Function<T, String> name;

    /** @param kind what a value is, for the message: {@code 'x' is no operation; allowed: ...} */
    ByName(String kind, T[] values, Function<T, String> name) {
        this.kind = kind;
        this.values = values;
        this.name = name;
    }

    @Override
    public T convert(String text) {
        return Stream.of(values).filter(value -> name.apply(value).equals(text)).findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is no " + kind + "; allowed: "
                        + String.join(", ", Stream.of(values).map(name).toList())));
    }
}
