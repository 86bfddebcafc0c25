package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.check.cases.Recording;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import java.util.List;

/** The result of an operation against a recorded one. */
final class RecordedResultCheck extends RecordedCheck {

    private final Recording recording;

    RecordedResultCheck(Recording recording, String command) {
        super(recording.caseName(), recording.operation(), recording.accuracy(), command);
        this.recording = recording;
    }

    @Override
    public Outcome run(ConvolutionUnderTest subject, RequestContext context) {
        if (recording.bias() != null && !(subject instanceof BiasedConvolutionUnderTest)) {
            Support accumulates = subject.accumulates(context.request());
            if (!accumulates.yes()) {
                return Outcome.skipped(tier(), "it adds no bias and does not accumulate: " + accumulates.reason());
            }
        }
        Accuracy arithmetic = subject.accuracy(context.request());
        Prepared prepared = context.remembered(List.of(recording, arithmetic), Prepared.class,
                () -> prepare(context.request().dataType(), arithmetic));
        return Outcome.of(tier(), Comparison.of(prepared.run(subject), prepared.expectation));
    }

    /** The recording in the type of the request; without a bias, start and bias are null. */
    private record Prepared(Operands operands, HostTensor bias, HostTensor start, Expectation expectation) {

        HostTensor run(ConvolutionUnderTest subject) {
            GuardedRun run = new GuardedRun(operands);
            return bias != null && subject instanceof BiasedConvolutionUnderTest biased ? run.runWithBias(biased, bias)
                    : run.run(subject, start);
        }
    }

    private Prepared prepare(DataType type, Accuracy arithmetic) {
        Operands operands = new Operands(new ConvRequest(recording.problem(), recording.operation(), type), in(type, recording.x()),
                in(type, recording.w()), in(type, recording.y()));
        HostTensor bias = in(type, recording.bias());
        HostTensor start = bias == null ? null : Biases.broadcast(bias, Layout.NCHW, operands.outputShape());
        return new Prepared(operands, bias, start, expectation(operands, start, arithmetic));
    }

    private static HostTensor in(DataType type, HostTensor tensor) {
        return tensor == null ? null : tensor.to(type);
    }

    /** A result recorded in fp32 has an error of its own, within the same bound: two errors add up. */
    private Expectation expectation(Operands operands, HostTensor start, Accuracy arithmetic) {
        DataType type = operands.request().dataType();
        boolean inFp32 = recording.accuracy().recorder() == DataType.FLOAT32;
        ElementSums sums = ElementSums.of(operands, null, true);
        Expectation definition = new DefinitionExpectation(sums, new ContributingTerms(operands.request()), start,
                recording.accuracy().exact(), inFp32 ? DataType.FLOAT32 : type, arithmetic, TransformSums.of(arithmetic, operands, null));
        return new GivenExpectation(recording.expected(), i -> allowed((inFp32 ? 2 : 1) * definition.bound(i), type, arithmetic));
    }
}
