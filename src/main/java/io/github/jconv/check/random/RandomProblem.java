package io.github.jconv.check.random;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/** A problem and the form of its tensors. */
public record RandomProblem(ConvProblem problem, DataType dataType, Layout layout) {
}
