package io.github.jconv.cpu;

import io.github.jconv.algorithm.Conversion;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;

/**
 * The copies of x, w and y that a {@link Conversion} computes on, in fp32 with the channels first, as windows of the scratch memory.
 *
 * @param x     of a block
 * @param y     of a block
 * @param restX of what is left of the batch, or null
 * @param restY likewise
 */
record ConvertedCopies(HostTensor x, HostTensor w, HostTensor y, HostTensor restX, HostTensor restY) {

    static ConvertedCopies in(float[] workspace, Conversion.Plans plans) {
        ConvProblem block = plans.block().request().problem();
        ConvPlan rest = plans.rest();
        return new ConvertedCopies(window(workspace, plans.x(), block.xShape()), window(workspace, plans.w(), block.wShape()),
                window(workspace, plans.y(), block.yShape()),
                rest == null ? null : window(workspace, plans.x(), rest.request().problem().xShape()),
                rest == null ? null : window(workspace, plans.y(), rest.request().problem().yShape()));
    }

    private static HostTensor window(float[] workspace, long bytes, TensorShape shape) {
        return HostTensor.wrap(shape, workspace, Math.toIntExact(bytes / Float.BYTES));
    }

    HostTensor x(boolean ofRest) {
        return ofRest ? restX : x;
    }

    HostTensor y(boolean ofRest) {
        return ofRest ? restY : y;
    }
}
