package io.github.jconv.algorithm;

import java.util.List;

/**
 * An algorithm that knows fp32 (and fp64) tensors with the channels first, and serves tensors of other types and layouts through a
 * {@link Conversion}, which its plans name. Requests that need none go to the algorithm as they are. A backend puts its algorithms
 * behind this, and adds how they are run.
 *
 * @param <A> the algorithms of the backend
 */
public abstract class ThroughConversion<A extends ConvAlgorithm> implements ConvAlgorithm {

    private final A algorithm;
    private final boolean keepsCopies;
    private final RequestMemo<Conversion> conversions;

    /** @param keepsCopies whether runs keep the copies of constant filters beside them; otherwise what the algorithm makes of those */
    protected ThroughConversion(A algorithm, boolean keepsCopies) {
        this.algorithm = algorithm;
        this.keepsCopies = keepsCopies;
        conversions = new RequestMemo<>(request -> keepsCopies ? Conversion.keepingCopies(request, algorithm)
                : Conversion.of(request, algorithm));
    }

    /** Whether a request goes through copies: if its tensors are in another form than the algorithm takes. */
    protected boolean isConverted(ConvRequest request) {
        return Conversion.isNeeded(request);
    }

    /** The algorithm itself. */
    protected final A algorithm() {
        return algorithm;
    }

    @Override
    public final String name() {
        return algorithm.name();
    }

    @Override
    public Support supports(ConvRequest request) {
        return isConverted(request) ? conversions.of(request).support() : algorithm.supports(request);
    }

    @Override
    public final Support suits(ConvRequest request) {
        return algorithm.suits(known(request));
    }

    @Override
    public final boolean servesToCheck() {
        return algorithm.servesToCheck();
    }

    @Override
    public final long workspaceBytes(ConvRequest request) {
        return isConverted(request) ? conversions.of(request).workspaceBytes() : algorithm.workspaceBytes(request);
    }

    /** Of converted filters it is the copy, or what the algorithm makes of that: see {@link Conversion#filterForm}. */
    @Override
    public final FilterForm filterForm(ConvRequest request) {
        return isConverted(request) ? conversions.of(request).filterForm() : algorithm.filterForm(request);
    }

    @Override
    public final boolean keepsFilters() {
        return keepsCopies || algorithm.keepsFilters();
    }

    @Override
    public final long flops(ConvRequest request) {
        return isConverted(request) ? conversions.of(request).flops() : algorithm.flops(request);
    }

    @Override
    public Object prepare(ConvRequest request) {
        return isConverted(request) ? conversions.of(request).plans() : algorithm.prepare(request);
    }

    @Override
    public final List<String> conversions(ConvRequest request) {
        return isConverted(request) ? conversions.of(request).names() : algorithm.conversions(request);
    }

    @Override
    public final String operandType(ConvRequest request) {
        return algorithm.operandType(known(request));
    }

    @Override
    public final Accuracy accuracy(ConvRequest request) {
        return algorithm.accuracy(known(request));
    }

    @Override
    public final NonFinite nonFinite(ConvRequest request) {
        return algorithm.nonFinite(known(request));
    }

    /** What the algorithm is asked in the end. */
    private ConvRequest known(ConvRequest request) {
        return isConverted(request) ? conversions.of(request).block() : request;
    }
}
