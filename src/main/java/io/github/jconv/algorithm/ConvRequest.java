package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/**
 * What is asked of an algorithm: an operation of a problem on tensors of a type, all three in one layout, with filters that may change
 * from call to call or not. The key under which plans are remembered.
 */
public record ConvRequest(ConvProblem problem, ConvOperation operation, DataType dataType, Layout layout, FilterUse filters) {

    /** In NCHW, with filters that may change. */
    public ConvRequest(ConvProblem problem, ConvOperation operation, DataType dataType) {
        this(problem, operation, dataType, Layout.NCHW);
    }

    /** With filters that may change. */
    public ConvRequest(ConvProblem problem, ConvOperation operation, DataType dataType, Layout layout) {
        this(problem, operation, dataType, layout, FilterUse.CHANGING);
    }

    public static ConvRequest fp32(ConvProblem problem, ConvOperation operation) {
        return new ConvRequest(problem, operation, DataType.FLOAT32);
    }

    /** The same with filters that do not change; without a difference for BACKWARD_FILTER, whose result they are. */
    public ConvRequest withConstantFilters() {
        return new ConvRequest(problem, operation, dataType, layout,
                operation == ConvOperation.BACKWARD_FILTER ? FilterUse.CHANGING : FilterUse.CONSTANT);
    }

    /** The same of another problem. */
    public ConvRequest with(ConvProblem other) {
        return new ConvRequest(other, operation, dataType, layout, filters);
    }

    /** Another operation of the same, with filters that may change. */
    public ConvRequest with(ConvOperation other) {
        return new ConvRequest(problem, other, dataType, layout);
    }

    @Override
    public String toString() {
        return operation.text() + " " + problem + (dataType == DataType.FLOAT32 ? "" : " " + dataType)
                + (layout == Layout.NCHW ? "" : " " + layout) + (filters == FilterUse.CONSTANT ? " with constant filters" : "");
    }
}
