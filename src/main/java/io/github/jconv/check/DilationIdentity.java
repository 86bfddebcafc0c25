package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;

/** A dilated filter is a dense one with zeros between its taps. */
final class DilationIdentity extends Identity {

    /** The dense filter may cost this many times as much. */
    private static final long GREATEST_GROWTH = 64;

    DilationIdentity() {
        super("dilation as zeros");
    }

    @Override
    boolean appliesTo(ConvRequest request) {
        ConvProblem problem = request.problem();
        return problem.axes().stream().anyMatch(a -> a.dilation() > 1 && a.filter() > 1)
                && dense(problem).filterTaps() <= GREATEST_GROWTH * problem.filterTaps();
    }

    /** The problem, and that with the dense filter. */
    private record Both(Operands dilated, Operands withZeros) {

        static Both of(ConvRequest request, long seed) {
            Operands dilated = DataKind.INTEGERS.operands(request, seed);
            ConvProblem dense = dense(request.problem());
            long[] steps = steps(request.problem());
            HostTensor w = dilated.w() == null ? null : Blocks.scatter(dilated.w(), new long[steps.length], steps, dense.wShape());
            return new Both(dilated, new Operands(with(request, dense), dilated.x(), w, dilated.y()));
        }
    }

    @Override
    Outcome verify(ConvolutionUnderTest subject, RequestContext context) {
        ConvRequest request = context.request();
        Both both = context.shared(Both.class, () -> Both.of(request, context.seed()));
        HostTensor got = result(subject, context, both.withZeros);
        long[] steps = steps(request.problem());
        HostTensor ofTaps = request.operation() == ConvOperation.BACKWARD_FILTER
                ? Blocks.gather(got, new long[steps.length], steps, request.problem().wShape()) : got;
        return equal(result(subject, context, both.dilated), ofTaps,
                "the dilated filter and the dense one with zeros, " + both.withZeros.request().problem());
    }

    private static ConvProblem dense(ConvProblem problem) {
        List<SpatialAxis> axes = new ArrayList<>();
        for (SpatialAxis a : problem.axes()) {
            axes.add(new SpatialAxis(a.input(), a.extent(), a.stride(), a.padBegin(), a.padEnd(), 1));
        }
        return new ConvProblem(problem.batch(), problem.inputChannels(), problem.outputChannels(), problem.groups(), axes);
    }

    private static long[] steps(ConvProblem problem) {
        long[] steps = new long[2 + problem.dimensions()];
        steps[0] = 1;
        steps[1] = 1;
        for (int i = 0; i < problem.dimensions(); i++) {
            steps[2 + i] = problem.axes().get(i).dilation();
        }
        return steps;
    }
}
