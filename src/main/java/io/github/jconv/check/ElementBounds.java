package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;

/** How far each element of a result may lie from the definition, for checks of one's own. */
public final class ElementBounds {

    private ElementBounds() {
    }

    /**
     * @param accuracy the arithmetic of the result
     * @param x        x, or anything when the operation is BACKWARD_DATA
     * @param w        w, or anything when the operation is BACKWARD_FILTER
     * @param y        dy, or anything when the operation is FORWARD
     * @param start    the values that the result was added to, or null
     * @param exact    whether the elements are integers so small that sums of their products are exact
     * @return for each element, in row-major order: 0 where it must be equal, infinity where nothing can be said
     */
    public static double[] of(Accuracy accuracy, ConvRequest request, HostTensor x, HostTensor w, HostTensor y, HostTensor start,
                              boolean exact) {
        ConvOperation operation = request.operation();
        Operands operands = new Operands(request, operation == ConvOperation.BACKWARD_DATA ? null : x,
                operation == ConvOperation.BACKWARD_FILTER ? null : w, operation == ConvOperation.FORWARD ? null : y);
        Expectation expectation = new DefinitionExpectation(ElementSums.of(operands, null, true), new ContributingTerms(request), start,
                exact, request.dataType(), accuracy, TransformSums.of(accuracy, operands, null));
        double[] bounds = new double[expectation.size()];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = expectation.bound(i);
        }
        return bounds;
    }
}
