package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import java.util.List;

/** A request with the data and references that its checks share. Used by one thread. */
final class RequestContext {

    private final ConvRequest request;
    private final CheckSettings settings;
    private final List<ConvolutionUnderTest> subjects;
    private Probe lastProbe;

    /** @param subjects those that serve the request, in order of preference as a pivot */
    RequestContext(ConvRequest request, CheckSettings settings, List<ConvolutionUnderTest> subjects) {
        this.request = request;
        this.settings = settings;
        this.subjects = List.copyOf(subjects);
    }

    ConvRequest request() {
        return request;
    }

    long seed() {
        return settings.seed();
    }

    List<ConvolutionUnderTest> subjects() {
        return subjects;
    }

    /** Whether the whole reference would cost more than the budget. */
    boolean sampled() {
        return request.problem().macs() > settings.referenceBudget();
    }

    /** How many elements of the output are compared with the reference. */
    long elementsToCompare() {
        long elements = request.operation().outputShape(request.problem()).elements();
        return sampled()
                ? Math.min(elements, settings.referenceBudget() / request.operation().accumulationLength(request.problem()))
                : elements;
    }

    /** The data of one kind and their reference; only those asked for last are kept, since they can be large. */
    Probe probe(DataKind kind) {
        if (lastProbe == null || lastProbe.kind() != kind) {
            lastProbe = null;
            lastProbe = new Probe(kind, this);
        }
        return lastProbe;
    }
}
