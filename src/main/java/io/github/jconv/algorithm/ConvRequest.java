package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;

/**
 * What is asked of an algorithm: an operation of a problem on tensors of a type, with filters that may change from call to call or
 * not. The key under which plans are remembered.
 */
public record ConvRequest(ConvProblem problem, ConvOperation operation, DataType dataType, FilterUse filters) {

    /** With filters that may change. */
    public ConvRequest(ConvProblem problem, ConvOperation operation, DataType dataType) {
        this(problem, operation, dataType, FilterUse.CHANGING);
    }

    public static ConvRequest fp32(ConvProblem problem, ConvOperation operation) {
        return new ConvRequest(problem, operation, DataType.FLOAT32);
    }

    /** The same with filters that do not change; without a difference for BACKWARD_FILTER, whose result they are. */
    public ConvRequest withConstantFilters() {
        return new ConvRequest(problem, operation, dataType,
                operation == ConvOperation.BACKWARD_FILTER ? FilterUse.CHANGING : FilterUse.CONSTANT);
    }

    @Override
    public String toString() {
        return operation.text() + " " + problem + (dataType == DataType.FLOAT32 ? "" : " " + dataType)
                + (filters == FilterUse.CONSTANT ? " with constant filters" : "");
    }
}
