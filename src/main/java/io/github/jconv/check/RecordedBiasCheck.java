package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.check.cases.BiasRecording;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;

/** The gradient of a bias against a recorded one, for subjects that serve biases. */
final class RecordedBiasCheck extends RecordedCheck {

    private final BiasRecording recording;

    RecordedBiasCheck(BiasRecording recording, String command) {
        super(recording.caseName(), recording.operation(), recording.accuracy(), command);
        this.recording = recording;
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
        long terms = gradient.shape().size(0) * gradient.shape().positions();
        ErrorBound bound = ErrorBound.of(type);
        return Outcome.of(tier(), Comparison.of(dbias, new GivenExpectation(recording.expected(),
                i -> allowed(bound.of(terms, absolute[i], recording.expected().get(i)), type, Accuracy.SUM_OF_PRODUCTS))));
    }
}
