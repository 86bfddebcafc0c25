package io.github.jconv.check;

import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;

/** The result plus a bias, bit for bit on integers: the bias is there once, at every position of its channel. */
final class BiasCheck implements Check {

    @Override
    public Tier tier() {
        return Tier.EXACT;
    }

    @Override
    public String name() {
        return "bias";
    }

    @Override
    public boolean appliesTo(RequestContext context) {
        return context.request().operation() != ConvOperation.BACKWARD_FILTER;
    }

    @Override
    public boolean concerns(ConvolutionUnderTest subject) {
        return subject instanceof BiasedConvolutionUnderTest;
    }

    @Override
    public Outcome run(ConvolutionUnderTest subject, RequestContext context) {
        Probe probe = context.probe(DataKind.INTEGERS);
        HostTensor output = probe.runWithBias((BiasedConvolutionUnderTest) subject);
        return Outcome.of(tier(), Comparison.of(output, probe.expectationWithBias(subject)));
    }
}
