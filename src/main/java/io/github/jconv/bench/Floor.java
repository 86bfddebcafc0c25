package io.github.jconv.bench;

import io.github.jconv.check.report.Ceilings;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;

/**
 * The least time that an operation of a problem takes where a backend computes: all its operations at the rate that the backend reaches
 * at best, or every tensor moved once at the rate of a large copy, whichever is longer. Tensors that the caches keep from one run to the
 * next, and algorithms with fewer operations than the definition, can go below it.
 *
 * @param seconds  at least
 * @param ofMemory whether moving the tensors takes longer than computing
 */
public record Floor(double seconds, boolean ofMemory) {

    /** The same for the three operations of a problem in fp32. */
    public static Floor of(ConvProblem problem, Ceilings ceilings) {
        double computing = problem.flops() / ceilings.flopsPerSecond();
        double moving = problem.tensorBytes(DataType.FLOAT32) / ceilings.copyBytesPerSecond();
        return new Floor(Math.max(computing, moving), moving > computing);
    }

    /** What part of the median run's time is the floor, in percent. */
    public double percentOf(Measurement measurement) {
        return 100 * seconds / (measurement.medianMs() * 1e-3);
    }
}
