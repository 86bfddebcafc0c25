package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/** A small relative of the problem, with different sizes on every axis, exactly. */
final class LopsidedCheck implements Check {

    @Override
    public Tier tier() {
        return Tier.HYGIENE;
    }

    @Override
    public String name() {
        return "lopsided";
    }

    @Override
    public Outcome run(ConvolutionUnderTest subject, RequestContext context) {
        for (ConvProblem variant : Lopsided.variants(context.request().problem())) {
            ConvRequest request = context.request().with(variant);
            if (subject.supports(request).yes()) {
                return run(subject, context.remembered(variant, Probe.class, () -> probe(request, context.seed())));
            }
        }
        return Outcome.skipped(tier(), "it serves no small problem of this kind with different sizes on every axis");
    }

    private static Probe probe(ConvRequest request, long seed) {
        return new Probe(DataKind.INTEGERS, DataKind.INTEGERS.operands(request, seed), null, seed);
    }

    private Outcome run(ConvolutionUnderTest subject, Probe probe) {
        HostTensor output = probe.run(subject, false);
        Comparison comparison = Comparison.of(output, probe.expectation(subject, false));
        return comparison.agrees() ? Outcome.passed(tier())
                : Outcome.failed(tier(), "of the lopsided relative " + probe.operands().request().problem() + ", " + comparison.finding());
    }
}
