package io.github.jconv.problem;

/**
 * A problem as somebody wrote it down: a convolution, or a transposed convolution layer, with the name that it was given.
 */
public sealed interface ProblemEntry {

    /** The name, empty when none was given. */
    String name();

    /** The convolution that is computed: the one described, or the equivalent one of the layer described. */
    ConvProblem problem();

    /** The canonical line of what was described; {@link ProblemNotation} reads it back. */
    String line();

    ProblemEntry named(String newName);

    ProblemEntry withBatch(long newBatch);

    /** Whether a transposed convolution was described, so that its forward is the BACKWARD_DATA of {@link #problem()}. */
    default boolean isTransposed() {
        return this instanceof Transposed;
    }

    /** The name, or the line when there is no name. */
    default String label() {
        return name().isEmpty() ? line() : name();
    }

    /** A convolution. */
    record Convolution(String name, ConvProblem problem) implements ProblemEntry {

        @Override
        public String line() {
            return ProblemText.format(problem);
        }

        @Override
        public Convolution named(String newName) {
            return new Convolution(newName, problem);
        }

        @Override
        public Convolution withBatch(long newBatch) {
            return new Convolution(name, problem.withBatch(newBatch));
        }

        @Override
        public String toString() {
            return name.isEmpty() ? line() : name + " " + line();
        }
    }

    /** A transposed convolution layer. */
    record Transposed(String name, TransposedConvolution layer) implements ProblemEntry {

        @Override
        public ConvProblem problem() {
            return layer.equivalent();
        }

        @Override
        public String line() {
            return ProblemText.format(layer);
        }

        @Override
        public Transposed named(String newName) {
            return new Transposed(newName, layer);
        }

        @Override
        public Transposed withBatch(long newBatch) {
            return new Transposed(name, layer.withBatch(newBatch));
        }

        @Override
        public String toString() {
            return name.isEmpty() ? line() : name + " " + line();
        }
    }
}
