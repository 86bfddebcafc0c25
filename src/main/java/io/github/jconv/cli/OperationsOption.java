package io.github.jconv.cli;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.problem.ConvOperation;
import java.util.List;
import picocli.CommandLine.Option;

/** Which of the three operations a command works on. */
final class OperationsOption {

    @Option(names = "--operation", paramLabel = "NAME,...", hideParamSyntax = true, split = ",", converter = ByText.class,
            description = "forward, backward_data, backward_filter; all unless given.")
    private List<ConvOperation> operations;

    List<ConvOperation> list() {
        return orElse(List.of(ConvOperation.values()));
    }

    /** The operations given, or others when none is. */
    List<ConvOperation> orElse(List<ConvOperation> others) {
        return operations == null ? others : operations.stream().distinct().toList();
    }

    void applyTo(CrossCheck check) {
        check.operations(list().get(0), list().toArray(ConvOperation[]::new));
    }

    @Override
    public String toString() {
        return String.join(",", list().stream().sorted().map(ConvOperation::text).toList());
    }

    /** Reads the names that reports use. */
    static final class ByText extends ByName<ConvOperation> {

        ByText() {
            super("operation", ConvOperation.values(), ConvOperation::text);
        }
    }
}
