package io.github.jconv.cli;

import io.github.jconv.check.ScopedProblem;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.ProblemLine;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How a problem of a file is to be checked, as its line says with options of the command. */
@Command
final class LineOptions {

    @Mixin
    private OperationsOption operations;

    @Mixin
    private DataTypesOption types;

    @Mixin
    private LayoutsOption layouts;

    @Option(names = "--seed")
    private Long seed;

    @Option(names = "--device", converter = JConv.DevicePlace.class)
    private DeviceRequest device;

    @Option(names = "--math", converter = JConv.MathOfLine.class)
    private MathMode math;

    private final Set<String> names = new LinkedHashSet<>();

    private LineOptions() {
    }

    /** @throws InvalidProblemException naming the file, the line and what is wrong with its options */
    static LineOptions of(ProblemLine line) {
        LineOptions options = new LineOptions();
        CommandLine parser = new CommandLine(options).registerConverter(Long.class, WholeNumber::ofLong);
        try {
            CommandLine.ParseResult parsed = parser.parseArgs(line.options().toArray(String[]::new));
            JConv.requireValues(parsed);
            parsed.matchedOptions().forEach(option -> options.names.add(option.longestName()));
        } catch (ParameterException e) {
            throw new InvalidProblemException(line.where() + ": " + e.getMessage() + "; allowed behind a problem: --operation, --type,"
                    + " --layout, --seed, --device, --math", e);
        }
        return options;
    }

    /** The names of the options. */
    Set<String> names() {
        return names;
    }

    /** @param given names of options that are given on the command line, and therefore do not count here */
    ScopedProblem scope(ConvProblem problem, Set<String> given) {
        return new ScopedProblem(problem, given.contains("--operation") ? List.of() : operations.orElse(List.of()),
                given.contains("--type") ? List.of() : types.orElse(List.of()),
                given.contains("--layout") ? List.of() : layouts.orElse(List.of()));
    }

    /** The values of those that are one for all problems of a run, by name. */
    Map<String, String> ofTheRun() {
        Map<String, String> values = new LinkedHashMap<>();
        if (seed != null) {
            values.put("--seed", String.valueOf(seed));
        }
        if (device != null) {
            values.put("--device", device.toString());
        }
        if (math != null) {
            values.put("--math", math.text());
        }
        return values;
    }
}
