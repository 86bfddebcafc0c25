package io.github.jconv.check;

import io.github.jconv.check.report.Tier;
import io.github.jconv.tensor.HostTensor;

/** The same call yields the same bits, also when the scratch memory was spoilt before it. */
final class RepeatCheck implements Check {

    @Override
    public Tier tier() {
        return Tier.HYGIENE;
    }

    @Override
    public String name() {
        return "repeat";
    }

    @Override
    public Outcome run(ConvolutionUnderTest subject, RequestContext context) {
        Probe probe = context.probe(DataKind.REALS);
        HostTensor once = probe.run(subject, false);
        subject.poisonWorkspace(context.request());
        HostTensor poisoned = probe.run(subject, false);
        int difference = Bits.firstDifference(once, poisoned);
        if (difference < 0) {
            return Outcome.passed(tier());
        }
        HostTensor again = probe.run(subject, false);
        HostTensor onceMore = probe.run(subject, false);
        boolean repeats = Bits.firstDifference(again, onceMore) < 0 && Bits.firstDifference(once, again) < 0;
        return Outcome.failed(tier(), "element " + Positions.of(once.shape(), difference) + " is " + once.get(difference)
                + " and, called again " + (repeats ? "with NaN in the scratch memory" : "with the same data") + ", "
                + poisoned.get(difference));
    }
}
