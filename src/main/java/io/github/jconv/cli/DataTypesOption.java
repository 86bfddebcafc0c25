package io.github.jconv.cli;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.tensor.DataType;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The types of tensors that a command checks. */
final class DataTypesOption {

    @Option(names = "--type", paramLabel = "NAME,...", hideParamSyntax = true, split = ",", converter = ByText.class,
            description = "Types of tensors: float32, float64; float32 unless given.")
    private List<DataType> types = List.of(DataType.FLOAT32);

    void applyTo(CrossCheck check) {
        check.dataTypes(types.get(0), types.toArray(DataType[]::new));
    }

    @Override
    public String toString() {
        return String.join(",", types.stream().map(DataType::text).sorted().distinct().toList());
    }

    /** Reads the names that reports use. */
    static final class ByText implements ITypeConverter<DataType> {

        @Override
        public DataType convert(String text) {
            return Stream.of(DataType.values()).filter(type -> type.text().equals(text)).findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + text + "' is no type of tensors; allowed: "
                            + String.join(", ", Stream.of(DataType.values()).map(DataType::text).toList())));
        }
    }
}
