package io.github.jconv.check;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Required;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A problem with what of it is checked, where that is not what is checked of the others.
 *
 * @param operations those it is checked in; none for those of the run
 * @param dataTypes  types of tensors, likewise
 * @param layouts    layouts of tensors, likewise
 */
public record ScopedProblem(ConvProblem problem, List<ConvOperation> operations, List<DataType> dataTypes, List<Layout> layouts) {

    public ScopedProblem {
        Required.given(problem, "problem");
        operations = Required.eachGiven(operations, "operations");
        dataTypes = Required.eachGiven(dataTypes, "data types");
        layouts = Required.eachGiven(layouts, "layouts");
    }

    /** In everything that the run is asked for. */
    public static ScopedProblem of(ConvProblem problem) {
        return new ScopedProblem(problem, List.of(), List.of(), List.of());
    }

    /** The same for another problem. */
    public ScopedProblem with(ConvProblem other) {
        return new ScopedProblem(other, operations, dataTypes, layouts);
    }

    /** The line of the problem, and behind it what is said of it, as in a file of problems. */
    @Override
    public String toString() {
        return problem + option("--operation", operations.stream().map(ConvOperation::text).toList())
                + option("--type", dataTypes.stream().map(DataType::text).toList())
                + option("--layout", layouts.stream().map(Layout::text).toList());
    }

    private static String option(String name, Collection<String> values) {
        return values.isEmpty() ? "" : values.stream().collect(Collectors.joining(",", " " + name + " ", ""));
    }
}
