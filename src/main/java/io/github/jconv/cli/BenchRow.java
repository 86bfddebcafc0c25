package io.github.jconv.cli;

import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.bench.Measurement;

/**
 * What is measured in a row of a benchmark.
 *
 * @param fused with a bias and a ReLU in the same call, which is a forward
 */
record BenchRow(ConvPlan plan, boolean fused) {

    /** As the column of operations names it. */
    String work() {
        return Measurement.work(plan.request().operation(), fused);
    }
}
