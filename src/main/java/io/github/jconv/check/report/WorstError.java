package io.github.jconv.check.report;

import io.github.jconv.problem.ConvOperation;

/**
 * The largest error/bound of a set of checks.
 *
 * @param ratio   error/bound
 * @param subject whose error
 * @param problem on which problem line
 * @param check   in which check
 */
public record WorstError(double ratio, String subject, String problem, ConvOperation operation, String check) {
}
