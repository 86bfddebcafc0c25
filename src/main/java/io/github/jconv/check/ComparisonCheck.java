package io.github.jconv.check;

import io.github.jconv.algorithm.Support;
import io.github.jconv.check.report.Tier;
import io.github.jconv.tensor.HostTensor;

/** The result against the definition, element by element. */
final class ComparisonCheck implements Check {

    private final Tier tier;
    private final DataKind kind;
    private final boolean accumulate;

    private ComparisonCheck(Tier tier, DataKind kind, boolean accumulate) {
        this.tier = tier;
        this.kind = kind;
        this.accumulate = accumulate;
    }

    /** Bit for bit on integers. */
    static ComparisonCheck exact(boolean accumulate) {
        return new ComparisonCheck(Tier.EXACT, DataKind.INTEGERS, accumulate);
    }

    /** Within the bound on reals. */
    static ComparisonCheck real(boolean accumulate) {
        return new ComparisonCheck(Tier.REAL, DataKind.REALS, accumulate);
    }

    @Override
    public Tier tier() {
        return tier;
    }

    @Override
    public String name() {
        return accumulate ? "accumulate" : "overwrite";
    }

    @Override
    public Outcome run(ConvolutionUnderTest subject, RequestContext context) {
        Support accumulates = accumulate ? subject.accumulates(context.request()) : Support.supported();
        if (!accumulates.yes()) {
            return Outcome.skipped(tier, accumulates.reason());
        }
        Probe probe = context.probe(kind);
        HostTensor output = probe.run(subject, accumulate);
        return Outcome.of(tier, Comparison.of(output, probe.expectation(accumulate)));
    }
}
