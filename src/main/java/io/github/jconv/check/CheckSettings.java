package io.github.jconv.check;

import io.github.jconv.check.report.Ceilings;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What a run checks and how much it may cost.
 *
 * @param shrink    whether a failing problem is reduced to a minimal one
 * @param notes     what a reader of the report must know
 * @param ceilings  what the backends reach at best, where times are measured
 * @param timer     measures subjects that were found right
 * @param memory    what need not be done again
 * @param timeLimit after which no further check begins, or null
 */
record CheckSettings(Set<Tier> tiers, Set<ConvOperation> operations, Set<DataType> dataTypes, Set<Layout> layouts, long seed, Effort effort,
                     boolean shrink, List<String> notes, List<Ceilings> ceilings, SubjectTimer timer, CheckMemory memory,
                     Duration timeLimit, BooleanSupplier cancelled, CheckListener listener) {
}
