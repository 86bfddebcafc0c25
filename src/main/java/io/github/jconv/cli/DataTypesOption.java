package io.github.jconv.cli;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.tensor.DataType;
import java.util.List;
import picocli.CommandLine.Option;

/** The types of tensors that a command checks or times. */
final class DataTypesOption {

    @Option(names = "--type", paramLabel = "NAME,...", hideParamSyntax = true, split = ",", converter = ByText.class,
            description = "Types of tensors: float32, float64, float16, bfloat16; float32 unless given.")
    private List<DataType> types;

    /** The types given, or float32. */
    void applyTo(CrossCheck check) {
        List<DataType> wanted = orElse(List.of(DataType.FLOAT32));
        check.dataTypes(wanted.get(0), wanted.toArray(DataType[]::new));
    }

    /** The types given, or others when none is. */
    List<DataType> orElse(List<DataType> others) {
        return types == null ? others : types.stream().distinct().toList();
    }

    /** The types given, if any, in a text. */
    @Override
    public String toString() {
        return String.join(",", orElse(List.of()).stream().sorted().map(DataType::text).toList());
    }

    /** Reads the names that reports use. */
    static final class ByText extends ByName<DataType> {

        ByText() {
            super("type of tensors", DataType.values(), DataType::text);
        }
    }
}
