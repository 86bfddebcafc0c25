package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Output padding crops less: where several input sizes have the same output, so that dy is the same, dx for the longer one begins
 * with dx for the shorter one.
 */
final class OutputPaddingIdentity extends Identity {

    OutputPaddingIdentity() {
        super("output padding");
    }

    @Override
    boolean rearranges(ConvRequest request) {
        return true;
    }

    @Override
    boolean appliesTo(ConvRequest request) {
        return request.operation() == ConvOperation.BACKWARD_DATA && request.problem().axes().stream().anyMatch(a -> a.stride() > 1);
    }

    /** The same dy for the problem, without output padding, and with the largest. */
    private record Lengths(Operands given, Operands shortest, Operands longest) {

        static Lengths of(ConvRequest request, long seed) {
            Operands given = DataKind.INTEGERS.operands(request, seed);
            return new Lengths(given, new Operands(with(request, withUnreached(request.problem(), false)), null, given.w(), given.y()),
                    new Operands(with(request, withUnreached(request.problem(), true)), null, given.w(), given.y()));
        }
    }

    @Override
    Outcome verify(ConvolutionUnderTest subject, RequestContext context) {
        Lengths lengths = context.shared(Lengths.class, () -> Lengths.of(context.request(), context.seed()));
        ConvProblem shortest = lengths.shortest.request().problem();
        HostTensor dx = result(subject, context, lengths.given);
        HostTensor shorter = result(subject, context, lengths.shortest);
        HostTensor longer = result(subject, context, lengths.longest);
        Outcome ofShorter = equal(Blocks.corner(dx, shortest.xShape()), shorter, "the begin of dx and dx without output padding, " + shortest);
        return ofShorter.failed() ? ofShorter
                : equal(Blocks.corner(longer, context.request().problem().xShape()), dx, "dx with the largest output padding, "
                        + lengths.longest.request().problem() + ", and the problem's");
    }

    /** The shortest or the longest input that has the same output. */
    private static ConvProblem withUnreached(ConvProblem p, boolean longest) {
        List<SpatialAxis> axes = new ArrayList<>();
        for (SpatialAxis a : p.axes()) {
            long unreached = longest ? a.stride() - 1 : Math.max(0, a.unreached() - (a.input() - 1));
            axes.add(new SpatialAxis(a.input() - a.unreached() + unreached, a.filter(), a.stride(), a.padBegin(), a.padEnd(),
                    a.dilation()));
        }
        return new ConvProblem(p.batch(), p.inputChannels(), p.outputChannels(), p.groups(), axes);
    }
}
