package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvGeometry;
import java.util.List;
import java.util.stream.Stream;

/**
 * A decision: which algorithm serves a request, with what workspace, and why. Immutable; made once per request and remembered.
 */
public final class ConvPlan {

    /** An algorithm that was considered and not taken. */
    public record PassedOver(String algorithm, String because) {
    }

    private final ConvRequest request;
    private final String backend;
    private final ConvAlgorithm algorithm;
    private final long workspaceBytes;
    private final String reason;
    private final List<PassedOver> passedOver;
    private final ConvGeometry geometry;
    private final Object prepared;
    private final FilterForm filterForm;

    public ConvPlan(ConvRequest request, String backend, ConvAlgorithm algorithm, String reason, List<PassedOver> passedOver) {
        this.request = request;
        this.backend = backend;
        this.algorithm = algorithm;
        this.workspaceBytes = algorithm.workspaceBytes(request);
        this.reason = reason;
        this.passedOver = List.copyOf(passedOver);
        this.geometry = ConvGeometry.of(request.problem());
        this.prepared = algorithm.prepare(request);
        this.filterForm = algorithm.filterForm(request);
    }

    private ConvPlan(ConvPlan other, List<PassedOver> alsoPassedOver) {
        this.request = other.request;
        this.backend = other.backend;
        this.algorithm = other.algorithm;
        this.workspaceBytes = other.workspaceBytes;
        this.reason = other.reason;
        this.passedOver = Stream.concat(alsoPassedOver.stream(), other.passedOver.stream()).toList();
        this.geometry = other.geometry;
        this.prepared = other.prepared;
        this.filterForm = other.filterForm;
    }

    /** The same decision, with others named that were not taken. */
    public ConvPlan alsoPassedOver(List<PassedOver> others) {
        return others.isEmpty() ? this : new ConvPlan(this, others);
    }

    public ConvRequest request() {
        return request;
    }

    public String backend() {
        return backend;
    }

    public ConvAlgorithm algorithm() {
        return algorithm;
    }

    public long workspaceBytes() {
        return workspaceBytes;
    }

    /** The form of the filters that a run reads, if it is not the one they are given in; otherwise null. */
    public FilterForm filterForm() {
        return filterForm;
    }

    /** Bytes that are kept beside constant filters as long as they live. */
    public long keptBytes() {
        return filterForm == null || request.filters() == FilterUse.CHANGING ? 0 : filterForm.bytes();
    }

    /** The arithmetic that the algorithm uses. */
    public Accuracy accuracy() {
        return algorithm.accuracy(request);
    }

    /** Copies that a run makes of whole tensors only to change their form; see {@link ConvAlgorithm#conversions}. */
    public List<String> conversions() {
        return algorithm.conversions(request);
    }

    /** Why this algorithm, in a sentence. */
    public String reason() {
        return reason;
    }

    /** The algorithms in front of the chosen one, each with the reason it was not taken. */
    public List<PassedOver> passedOver() {
        return passedOver;
    }

    /** The problem as plain numbers, ready for inner loops. */
    public ConvGeometry geometry() {
        return geometry;
    }

    /** What the algorithm's {@link ConvAlgorithm#prepare} made for this request. */
    public <T> T prepared(Class<T> type) {
        return type.cast(prepared);
    }

    @Override
    public String toString() {
        String arithmetic = accuracy() == Accuracy.SUM_OF_PRODUCTS ? "" : " in " + accuracy();
        String through = conversions().isEmpty() ? "" : " through " + String.join(" and ", conversions());
        String kept = keptBytes() == 0 ? "" : ", " + keptBytes() + " bytes kept with the filters";
        return request + ": " + backend + ":" + algorithm.name() + arithmetic + through + ", workspace " + workspaceBytes + " bytes" + kept
                + "; " + reason;
    }
}
