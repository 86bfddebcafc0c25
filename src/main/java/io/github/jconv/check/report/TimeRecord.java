package io.github.jconv.check.report;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/**
 * How long a subject that was found right takes for a request, data in place.
 *
 * @param suite         the suite of the problem
 * @param subject       whose time
 * @param problem       the problem line
 * @param operandType   of the factors of products when they are multiplied, {@code fp32}, {@code tf32}, {@code bf16}, ...; empty when that
 *                      is not known
 * @param medianSeconds seconds of the median run
 * @param runs          how many runs were timed
 */
public record TimeRecord(String suite, String subject, String problem, ConvOperation operation, DataType dataType, Layout layout,
                         String operandType, double medianSeconds, int runs) {

    /** A record of before there were layouts is one of NCHW; one of before it named the factors' type does not say it. */
    public TimeRecord {
        layout = layout == null ? Layout.NCHW : layout;
        operandType = operandType == null ? "" : operandType;
    }

    /** The same subject and request with what was measured. */
    public TimeRecord measured(String factors, double seconds, int timedRuns) {
        return new TimeRecord(suite, subject, problem, operation, dataType, layout, factors, seconds, timedRuns);
    }

    /** The same subject and request alone. */
    public TimeRecord untimed() {
        return measured("", 0, 0);
    }

    /** {@link ConvProblem#flops()} per second. */
    public double flopsPerSecond() {
        return ConvProblem.parse(problem).flops() / medianSeconds;
    }

    /** Operations per byte of x, w and y, each moved once: the least traffic there can be. */
    public double intensity() {
        ConvProblem parsed = ConvProblem.parse(problem);
        double elements = (double) parsed.xShape().elements() + parsed.wShape().elements() + parsed.yShape().elements();
        return parsed.flops() / (elements * dataType.bytes());
    }
}
