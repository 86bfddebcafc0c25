package io.github.jconv.bench;

import io.github.jconv.check.report.Ceilings;
import java.util.OptionalDouble;

/**
 * The least time that an operation of a problem takes where a backend computes: all its operations at the rate that the backend reaches
 * at best with factors of that type, or every tensor moved once, in the type that it is stored in, at the rate of a large copy, whichever
 * is longer. A bias is moved, too; adding it and a ReLU count as no operations. Tensors that the caches keep from one run to the next, and
 * algorithms with fewer operations than the definition, can go below it.
 *
 * @param seconds  at least
 * @param ofMemory whether moving the tensors takes longer than computing
 */
public record Floor(double seconds, boolean ofMemory) {

    /**
     * That of what was measured.
     *
     * @param ceilings of its backend; null when they are not known
     * @return null where the rate of such products is not known
     */
    public static Floor of(Measurement measurement, Ceilings ceilings) {
        OptionalDouble flopsPerSecond = ceilings == null ? OptionalDouble.empty()
                : ceilings.flopsPerSecondOf(measurement.operandType());
        if (flopsPerSecond.isEmpty()) {
            return null;
        }
        double computing = measurement.problem().flops() / flopsPerSecond.getAsDouble();
        double moving = measurement.tensorBytes() / ceilings.copyBytesPerSecond();
        return new Floor(Math.max(computing, moving), moving > computing);
    }

    /** What part of the median run's time is the floor, in percent. */
    public double percentOf(Measurement measurement) {
        return 100 * seconds / (measurement.medianMs() * 1e-3);
    }
}
