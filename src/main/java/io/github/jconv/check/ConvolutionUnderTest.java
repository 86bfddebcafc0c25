package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/**
 * A convolution that is to be checked: your own kernel, your own library, or an algorithm of a backend.
 *
 * <p>Shapes and formulas are those of {@link ConvProblem} and {@link ConvOperation}. All tensors of a call have one type, are
 * dense and row-major, and are windows of larger arrays ({@link HostTensor#offset()}): what lies around a window must not be
 * touched. With {@link WriteMode#OVERWRITE} the output's present values are not numbers and must all be replaced; with
 * {@link WriteMode#ACCUMULATE} the result is added to them.
 */
public interface ConvolutionUnderTest {

    /** The name in reports. */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Whether a request is served, or why it is not; what is refused here is reported as skipped, what is thrown by a run as wrong. Besides
     * the problems of a check its relatives are asked for: of one dimension more, of a part of the batch or the groups, with a dense filter.
     */
    default Support supports(ConvRequest request) {
        return Support.supported();
    }

    /**
     * Whether it is reasonable to run a request that is served at full size, or why it is not: because other ways to compute it are
     * many times faster. Asked for large problems in runs of {@link Effort#quick()} only.
     */
    default Support suits(ConvRequest request) {
        return Support.supported();
    }

    /** Whether {@link WriteMode#ACCUMULATE} is served for a request, or why it is not. */
    default Support accumulates(ConvRequest request) {
        return Support.supported();
    }

    /** The arithmetic of a request, from which follows how far off a right result may be. */
    default Accuracy accuracy(ConvRequest request) {
        return Accuracy.SUM_OF_PRODUCTS;
    }

    /** Writes y of x and w. */
    void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode);

    /** Writes dx of dy and w. */
    void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode);

    /** Writes dw of x and dy. */
    void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode);

    /**
     * Fills the scratch memory that the request will use with NaN, and gives it no more than the stated size, so that the next run
     * shows whether it reads what it did not write. Does nothing where there is no scratch memory.
     */
    default void poisonWorkspace(ConvRequest request) {
    }

    /** Whether this is the definition itself, summed term by term: then it is run only where the whole reference is affordable. */
    default boolean isDefinition() {
        return false;
    }

    /** The options of {@code jconv check} that select this subject, or null when the command cannot reach it. */
    default String commandOptions() {
        return null;
    }

    /**
     * Runs an operation on its three tensors, of which it writes one.
     *
     * @param x x, or dx when the operation is BACKWARD_DATA
     * @param w w, or dw when the operation is BACKWARD_FILTER
     * @param y y, or dy unless the operation is FORWARD
     */
    default void run(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
        switch (operation) {
            case FORWARD -> forward(problem, x, w, y, mode);
            case BACKWARD_DATA -> backwardData(problem, y, w, x, mode);
            case BACKWARD_FILTER -> backwardFilter(problem, x, y, w, mode);
        }
    }
}
