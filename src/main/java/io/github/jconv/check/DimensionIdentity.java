package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
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

    @Override
    Outcome verify(ConvolutionUnderTest subject, ConvRequest request, long seed) {
        Operands operands = DataKind.INTEGERS.operands(request, seed);
        ConvProblem p = request.problem();
        List<SpatialAxis> axes = new ArrayList<>(p.axes());
        axes.add(0, SpatialAxis.unit());
        ConvProblem more = new ConvProblem(p.batch(), p.inputChannels(), p.outputChannels(), p.groups(), axes);
        Operands lifted = new Operands(with(request, more), Blocks.reshaped(operands.x(), more.xShape()),
                Blocks.reshaped(operands.w(), more.wShape()), Blocks.reshaped(operands.y(), more.yShape()));
        return equal(Blocks.reshaped(result(subject, lifted), operands.outputShape()), result(subject, operands),
                "the problem with a further axis, " + more + ", and without");
    }
}
