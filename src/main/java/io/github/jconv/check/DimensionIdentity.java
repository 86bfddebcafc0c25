package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;

/** A problem is one of a dimension more, whose outermost axis has one position and one tap. */
final class DimensionIdentity extends Identity {

    DimensionIdentity() {
        super("one dimension more");
    }

    @Override
    boolean rearranges(ConvRequest request) {
        return true;
    }

    @Override
    boolean appliesTo(ConvRequest request) {
        return request.problem().dimensions() < 3;
    }

    /** The problem, and that with a further axis. */
    private record Both(Operands given, Operands lifted) {

        static Both of(ConvRequest request, long seed) {
            Operands given = DataKind.INTEGERS.operands(request, seed);
            ConvProblem p = request.problem();
            List<SpatialAxis> axes = new ArrayList<>(p.axes());
            axes.add(0, SpatialAxis.unit());
            ConvProblem more = new ConvProblem(p.batch(), p.inputChannels(), p.outputChannels(), p.groups(), axes);
            return new Both(given, new Operands(with(request, more), Blocks.reshaped(given.x(), more.xShape()),
                    Blocks.reshaped(given.w(), more.wShape()), Blocks.reshaped(given.y(), more.yShape())));
        }
    }

    @Override
    Outcome verify(ConvolutionUnderTest subject, RequestContext context) {
        Both both = context.shared(Both.class, () -> Both.of(context.request(), context.seed()));
        HostTensor lifted = result(subject, context, both.lifted);
        return equal(Blocks.reshaped(lifted, both.given.outputShape()), result(subject, context, both.given),
                "the problem with a further axis, " + both.lifted.request().problem() + ", and without");
    }
}
