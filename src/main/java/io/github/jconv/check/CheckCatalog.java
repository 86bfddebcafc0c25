package io.github.jconv.check;

import io.github.jconv.check.report.Tier;
import java.util.List;
import java.util.Set;

/** All checks, in the order in which they are run: those on the same data stand together. */
final class CheckCatalog {

    private static final List<Check> ALL = List.of(
            ComparisonCheck.exact(false),
            ComparisonCheck.exact(true),
            new BiasCheck(),
            new BiasGradientCheck(false),
            new BiasGradientCheck(true),
            ComparisonCheck.real(false),
            ComparisonCheck.real(true),
            new RepeatCheck(),
            ComparisonCheck.specials(),
            new LopsidedCheck(),
            new AdjointIdentity(),
            new BatchSplitIdentity(),
            new GroupSplitIdentity(),
            new DeltaIdentity(),
            new LinearityIdentity(),
            new PointwiseIdentity(),
            new DilationIdentity(),
            new DimensionIdentity(),
            new OutputPaddingIdentity());

    private CheckCatalog() {
    }

    static List<Check> of(Set<Tier> tiers) {
        return ALL.stream().filter(check -> tiers.contains(check.tier())).toList();
    }
}
