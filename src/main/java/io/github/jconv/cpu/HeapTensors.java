package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;

/** Whether a request's tensors can be arrays on the heap that a fast algorithm computes with. */
final class HeapTensors {

    private HeapTensors() {
    }

    /** Yes for fp32 if each of x, w and y fits one array. */
    static Support fp32(ConvRequest request) {
        ConvProblem problem = request.problem();
        return Support.when(request.dataType() == DataType.FLOAT32, "it computes in fp32 only")
                .and(fits("x", problem.xShape())).and(fits("w", problem.wShape())).and(fits("y", problem.yShape()));
    }

    private static Support fits(String name, TensorShape shape) {
        return Support.when(shape.elements() <= HostTensor.MAX_ELEMENTS, name + " has " + shape.elements()
                + " elements and an array on the heap holds up to " + HostTensor.MAX_ELEMENTS);
    }
}
