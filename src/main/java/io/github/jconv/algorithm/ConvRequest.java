package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;

/** What is asked of an algorithm: an operation of a problem on tensors of a type. The key under which plans are remembered. */
public record ConvRequest(ConvProblem problem, ConvOperation operation, DataType dataType) {

    public static ConvRequest fp32(ConvProblem problem, ConvOperation operation) {
        return new ConvRequest(problem, operation, DataType.FLOAT32);
    }

    @Override
    public String toString() {
        return operation.text() + " " + problem + (dataType == DataType.FLOAT32 ? "" : " " + dataType);
    }
}
