package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvAlgorithm;

/** An algorithm of the CPU backend. */
public interface CpuAlgorithm extends ConvAlgorithm {

    /**
     * Writes the plan's {@link ConvAlgorithm#filterForm} of the call's w to {@link CpuCall#filterForm} from {@link CpuCall#filterFormAt}
     * on. Allocates nothing, and may use the workspace beside it. Called before {@link #run} where there is such a form, of constant
     * filters only once: a run reads it in place of w.
     */
    default void formFilters(CpuCall call) {
        throw new IllegalStateException(name() + " has no form of filters");
    }

    /** Computes the call's operation. Allocates nothing. */
    void run(CpuCall call);
}
