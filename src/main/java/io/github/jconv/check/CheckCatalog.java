package io.github.jconv.check;

import io.github.jconv.check.report.Tier;
import java.util.List;
import java.util.Set;

/** All checks, in the order in which they are run: those on the same data stand together. */
final class CheckCatalog {

    /** Those with the same kind of data one after the other, which then share it. */
    private static final List<Check> RESULTS = List.of(
            ComparisonCheck.exact(false),
            ComparisonCheck.exact(true),
            new BiasCheck(),
            new BiasGradientCheck(false),
            new BiasGradientCheck(true),
            ComparisonCheck.rounded(false),
            ComparisonCheck.rounded(true),
            ComparisonCheck.real(false),
            ComparisonCheck.real(true),
            new RepeatCheck(),
            ComparisonCheck.specials(),
            new LopsidedCheck());

    private static final List<Check> IDENTITIES = List.of(
            new AdjointIdentity(),
            new BatchSplitIdentity(),
            new GroupSplitIdentity(),
            new DeltaIdentity(),
            new LinearityIdentity(),
            new PointwiseIdentity(),
            new DilationIdentity(),
            new DimensionIdentity(),
            new OutputPaddingIdentity());

    private static final List<Check> WHOLE = List.of(ComparisonCheck.exact(false));

    private CheckCatalog() {
    }

    /** Results of one problem, and what running it does to memory. */
    static List<Check> results(Set<Tier> tiers) {
        return of(RESULTS, tiers);
    }

    static List<Check> identities(Set<Tier> tiers) {
        return of(IDENTITIES, tiers);
    }

    /** What is checked of a large problem beside its thinner relative. */
    static List<Check> whole(Set<Tier> tiers) {
        return of(WHOLE, tiers);
    }

    private static List<Check> of(List<Check> checks, Set<Tier> tiers) {
        return checks.stream().filter(check -> tiers.contains(check.tier())).toList();
    }
}
