package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.cases.BiasRecording;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;

/** The gradient of a bias against one that somebody else computed, for subjects that serve biases. */
final class RecordedBiasCheck implements Check {

    private final BiasRecording recording;
    private final String command;

    RecordedBiasCheck(BiasRecording recording, String command) {
        this.recording = recording;
        this.command = command;
    }

    ConvOperation operation() {
        return recording.operation();
    }

    @Override
    public Tier tier() {
        return recording.accuracy().exact() ? Tier.EXACT : Tier.REAL;
    }

    @Override
    public String name() {
        return recording.caseName();
    }

    @Override
    public boolean concerns(ConvolutionUnderTest subject) {
        return subject instanceof BiasedConvolutionUnderTest;
    }

    @Override
    public Outcome run(ConvolutionUnderTest subject, RequestContext context) {
        DataType type = context.request().dataType();
        HostTensor gradient = recording.gradient().to(type);
        HostTensor dbias = GuardedBiasRun.backwardBias((BiasedConvolutionUnderTest) subject, context.request(), gradient, null);
        double[] absolute = Biases.sums(gradient, dbias.length(), true);
        long terms = gradient.shape().size(0) * Biases.positions(gradient.shape());
        ErrorBound bound = ErrorBound.of(type);
        boolean exact = recording.accuracy().exact();
        return Outcome.of(tier(), Comparison.of(dbias, new GivenExpectation(recording.expected(), i -> exact ? 0
                : Math.min(bound.of(terms, absolute[i], recording.expected().get(i)), recording.accuracy().tolerance(type)))));
    }

    @Override
    public boolean isGeneral() {
        return false;
    }

    @Override
    public String reproduction(ConvolutionUnderTest subject, ConvRequest request, long seed) {
        return Reproduction.ofRecorded(subject, request, command);
    }
}
