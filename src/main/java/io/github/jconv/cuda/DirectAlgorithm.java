package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.tensor.DataType;

/**
 * The sums of the definition, one kernel for each operation, without scratch memory: serves every request, and is the only one for
 * fp64.
 */
final class DirectAlgorithm implements CudaAlgorithm {

    @Override
    public String name() {
        return "direct";
    }

    @Override
    public Support supports(ConvRequest request) {
        return Support.supported();
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return 0;
    }

    @Override
    public void run(CudaCall call) {
        ConvGeometry g = call.geometry();
        DataType type = call.plan().request().dataType();
        Kernels kernels = call.kernels();
        switch (call.plan().request().operation()) {
            case FORWARD -> kernels.stridedValidConv(type, g, g.n(), call.x(), call.w(), call.y(), call.accumulate());
            case BACKWARD_DATA -> kernels.directBackwardData(type, g, call.y(), call.w(), call.x(), call.accumulate());
            case BACKWARD_FILTER -> kernels.validConvFilter(type, g, g.n(), call.x(), call.y(), call.w(), call.accumulate());
        }
    }
}
