package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;

/** The gradient of a bias, bit for bit on integers, overwriting and accumulating. */
final class BiasGradientCheck implements Check {

    private static final int LARGEST = 2;

    private final boolean accumulate;

    BiasGradientCheck(boolean accumulate) {
        this.accumulate = accumulate;
    }

    @Override
    public Tier tier() {
        return Tier.EXACT;
    }

    @Override
    public String name() {
        return accumulate ? "bias gradient accumulated" : "bias gradient";
    }

    @Override
    public boolean appliesTo(RequestContext context) {
        ConvRequest request = context.request();
        return request.operation() != ConvOperation.BACKWARD_FILTER && (request.dataType().isNarrow() || range(request).density() == 1);
    }

    private static ExactRange range(ConvRequest request) {
        return ExactRange.of(request.operation().outputShape(request.problem()).elements(), DataKind.largestExact(request.dataType()));
    }

    @Override
    public boolean concerns(ConvolutionUnderTest subject) {
        return subject instanceof BiasedConvolutionUnderTest;
    }

    @Override
    public Outcome run(ConvolutionUnderTest subject, RequestContext context) {
        ConvRequest request = context.request();
        HostTensor gradient = context.remembered("gradient", HostTensor.class, () -> gradient(request, context.seed()));
        HostTensor start = accumulate
                ? Fills.integers(request.dataType(), Biases.shape(gradient.shape()), Fills.hash(context.seed(), 7), 1, 1) : null;
        double[] sums = context.remembered("sums", double[].class,
                () -> Biases.sums(gradient, (int) gradient.shape().size(1), false));
        HostTensor dbias = GuardedBiasRun.backwardBias((BiasedConvolutionUnderTest) subject, request, gradient, start);
        return Outcome.of(tier(), Comparison.of(dbias, new GivenExpectation(HostTensor.of(dbias.shape(), withStart(sums, start)),
                i -> 0)));
    }

    private static HostTensor gradient(ConvRequest request, long seed) {
        ExactRange range = range(request);
        return Fills.integers(request.dataType(), request.layout(), request.operation().outputShape(request.problem()),
                Fills.hash(seed, 6), Math.min(LARGEST, range.magnitude()), range.density());
    }

    private static double[] withStart(double[] sums, HostTensor start) {
        double[] values = sums.clone();
        for (int i = 0; start != null && i < values.length; i++) {
            values[i] += start.get(i);
        }
        return values;
    }
}
