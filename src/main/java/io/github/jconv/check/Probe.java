package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.tensor.HostTensor;

/** The data of one kind for a request, what the definition makes of them, and the means to run subjects on them. */
final class Probe {

    private final DataKind kind;
    private final RequestContext context;
    private final Operands operands;
    private final GuardedRun guarded;
    private final ContributingTerms terms;
    private final long[] sample;
    private ElementSums sums;
    private HostTensor start;

    Probe(DataKind kind, RequestContext context) {
        this.kind = kind;
        this.context = context;
        this.operands = kind.operands(context.request(), context.seed());
        this.guarded = new GuardedRun(operands);
        this.terms = new ContributingTerms(context.request());
        this.sample = context.sampled()
                ? SampleChooser.choose(operands.outputShape(), context.elementsToCompare(), context.seed()) : null;
    }

    DataKind kind() {
        return kind;
    }

    /** Runs a subject, overwriting or accumulating onto {@link #start()}. */
    HostTensor run(ConvolutionUnderTest subject, boolean accumulate) {
        return guarded.run(subject, accumulate ? start() : null);
    }

    /** The values that accumulation begins with. */
    HostTensor start() {
        if (start == null) {
            start = kind.start(context.request(), context.seed());
        }
        return start;
    }

    /** All elements of the output, or the sample. */
    Expectation expectation(boolean accumulate) {
        return expectation(sums(), accumulate);
    }

    /** The definition at the given elements. */
    Expectation expectationAt(long[] indices, boolean accumulate) {
        return expectation(ElementSums.of(operands, indices, kind == DataKind.REALS), accumulate);
    }

    private ElementSums sums() {
        if (sums == null) {
            sums = ElementSums.of(operands, sample, kind == DataKind.REALS);
        }
        return sums;
    }

    private Expectation expectation(ElementSums of, boolean accumulate) {
        return new DefinitionExpectation(of, terms, accumulate ? start() : null, kind, ErrorBound.of(request().dataType()));
    }

    private ConvRequest request() {
        return context.request();
    }
}
