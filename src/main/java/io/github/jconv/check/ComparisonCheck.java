package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.Support;
import io.github.jconv.check.report.Tier;
import io.github.jconv.tensor.HostTensor;

/** The result against the definition, element by element, and where that covers a sample only, against other subjects' results. */
final class ComparisonCheck implements Check {

    /** On integers without zero fewer results than this come out as zero by chance, whatever the problem. */
    private static final double LEAST_SHARE_OF_NON_ZEROS = 0.5;
    private static final int FEW = 16;

    private final Tier tier;
    private final String name;
    private final DataKind kind;
    private final boolean accumulate;

    private ComparisonCheck(Tier tier, String name, DataKind kind, boolean accumulate) {
        this.tier = tier;
        this.name = name;
        this.kind = kind;
        this.accumulate = accumulate;
    }

    /** Bit for bit on integers. */
    static ComparisonCheck exact(boolean accumulate) {
        return new ComparisonCheck(Tier.EXACT, name(accumulate), DataKind.INTEGERS, accumulate);
    }

    /** Rounded once and to the nearest, on integers whose sums are exact but no numbers of a type of 16 bits. */
    static ComparisonCheck rounded(boolean accumulate) {
        return new ComparisonCheck(Tier.EXACT, accumulate ? "accumulate, rounded" : "rounded", DataKind.ROUNDED, accumulate);
    }

    /** Within the bound on reals. */
    static ComparisonCheck real(boolean accumulate) {
        return new ComparisonCheck(Tier.REAL, name(accumulate), DataKind.REALS, accumulate);
    }

    /** Infinities and NaN at the edges of the data go where the definition sends them. */
    static ComparisonCheck specials() {
        return new ComparisonCheck(Tier.HYGIENE, "specials", DataKind.SPECIALS, false);
    }

    @Override
    public Tier tier() {
        return tier;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean appliesTo(RequestContext context) {
        if (kind == DataKind.ROUNDED && !context.request().dataType().isNarrow()) {
            return false;
        }
        return kind.isExact() || ErrorBound.of(context.request().dataType())
                .covers(context.request().operation().accumulationLength(context.request().problem()) + 1);
    }

    @Override
    public void prepare(RequestContext context) {
        context.probe(kind).prepare(accumulate);
    }

    @Override
    public Outcome run(ConvolutionUnderTest subject, RequestContext context) {
        Support accumulates = accumulate ? subject.accumulates(context.request()) : Support.supported();
        if (!accumulates.yes()) {
            return Outcome.skipped(tier, accumulates.reason());
        }
        if (kind == DataKind.SPECIALS && subject.accuracy(context.request()) == Accuracy.TRANSFORMED) {
            return Outcome.skipped(tier, "its transforms spread what is not finite");
        }
        Probe probe = context.probe(kind);
        HostTensor output = probe.run(subject, accumulate);
        Expectation expectation = probe.expectation(subject, accumulate);
        boolean spreads = kind == DataKind.SPECIALS && subject.accuracy(context.request()).makesNanOfInfinities();
        Comparison comparison = spreads
                ? Comparison.ofSpread(output, expectation, subject.accuracy(context.request()).isWinograd())
                : Comparison.of(output, expectation);
        if (!comparison.agrees()) {
            return Outcome.of(tier, comparison).withWrong(new WrongResult(output, expectation));
        }
        if (kind == DataKind.INTEGERS && comparison.compared() >= FEW && probe.shareOfNonZeros() < LEAST_SHARE_OF_NON_ZEROS) {
            return Outcome.failed(Tier.HYGIENE, "the share of nonzero results is " + probe.shareOfNonZeros()
                    + "; below " + LEAST_SHARE_OF_NON_ZEROS + " the data prove little");
        }
        return Outcome.of(tier, comparison).withPivot(probe.compareWithPivot(subject, output, accumulate));
    }

    private static String name(boolean accumulate) {
        return accumulate ? "accumulate" : "overwrite";
    }
}
