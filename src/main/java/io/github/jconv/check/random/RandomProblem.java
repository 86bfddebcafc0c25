package io.github.jconv.check.random;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;

/** A problem and the type of its tensors. */
public record RandomProblem(ConvProblem problem, DataType dataType) {
}
