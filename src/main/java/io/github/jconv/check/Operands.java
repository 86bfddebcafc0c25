package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;

/**
 * A request with its two inputs; the tensor that the operation writes is null.
 *
 * @param x x, or null when the operation is BACKWARD_DATA
 * @param w w, or null when the operation is BACKWARD_FILTER
 * @param y dy, or null when the operation is FORWARD
 */
record Operands(ConvRequest request, HostTensor x, HostTensor w, HostTensor y) {

    TensorShape outputShape() {
        return request.operation().outputShape(request.problem());
    }

    /** One output element by the definition, in fp64. */
    double definitionAt(long index) {
        return ReferenceConvolution.elementAt(request.problem(), request.operation(), x, w, y, index);
    }

    /** The same request on the absolute values. */
    Operands absolute() {
        return new Operands(request, absolute(x), absolute(w), absolute(y));
    }

    /** The same numbers in the form whose elements are read fastest. */
    Operands forReading() {
        return new Operands(request, forReading(x), forReading(w), forReading(y));
    }

    private static HostTensor forReading(HostTensor tensor) {
        return tensor == null || tensor.layout() == Layout.NCHW && !tensor.dataType().isNarrow() ? tensor
                : tensor.to(tensor.dataType().computedIn(), Layout.NCHW);
    }

    private static HostTensor absolute(HostTensor tensor) {
        if (tensor == null) {
            return null;
        }
        HostTensor absolute = tensor.copy();
        for (int i = 0; i < absolute.length(); i++) {
            absolute.set(i, Math.abs(absolute.get(i)));
        }
        return absolute;
    }
}
