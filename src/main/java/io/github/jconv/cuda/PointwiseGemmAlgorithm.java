package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;

/**
 * 1x1 filters, stride 1, no padding: a matrix product straight on x and y, without columns. For each image and group, with
 * {@code HW} positions,
 *
 * <pre>
 *   FORWARD          y  [K/G, HW]  = w [K/G, C/G] * x [C/G, HW]
 *   BACKWARD_DATA    dx [C/G, HW]  = w' * dy
 *   BACKWARD_FILTER  dw [K/G, C/G] = dy * x', added up over the images
 * </pre>
 */
final class PointwiseGemmAlgorithm extends GemmAlgorithm {

    PointwiseGemmAlgorithm(MathMode mathMode) {
        super(mathMode);
    }

    @Override
    public String name() {
        return "gemm-1x1";
    }

    @Override
    public Support supports(ConvRequest request) {
        return notInFp64(request).and(Support.when(request.problem().isPointwise(),
                "its filter is not 1x1 with stride 1 and without padding"));
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return request.operation() == ConvOperation.BACKWARD_FILTER ? filterSum(request).workspaceBytes() : 0;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return request.operation() == ConvOperation.BACKWARD_FILTER ? filterSum(request) : null;
    }

    @Override
    public void run(CudaCall call) {
        ConvGeometry g = call.geometry();
        long positions = (long) g.d() * g.h() * g.w();
        switch (call.plan().request().operation()) {
            case FORWARD -> call.gemm()
                    .a(call.w(), g.cg(), 0, (long) g.kg() * g.cg(), false)
                    .b(call.x(), positions, g.c() * positions, g.cg() * positions, false)
                    .c(call.y(), positions, g.k() * positions, g.kg() * positions)
                    .multiply(g.kg(), positions, g.cg(), g.n(), g.groups(), call.accumulate());
            case BACKWARD_DATA -> call.gemm()
                    .a(call.w(), g.cg(), 0, (long) g.kg() * g.cg(), true)
                    .b(call.y(), positions, g.k() * positions, g.kg() * positions, false)
                    .c(call.x(), positions, g.c() * positions, g.cg() * positions)
                    .multiply(g.cg(), positions, g.kg(), g.n(), g.groups(), call.accumulate());
            case BACKWARD_FILTER -> {
                FilterSum sum = call.prepared(FilterSum.class);
                sum.add(call, call.workspace(), call.y(), call.x(), positions, g.n(), true);
                sum.finish(call, call.workspace());
            }
        }
    }

    private static FilterSum filterSum(ConvRequest request) {
        return FilterSum.of(request, request.problem().batch());
    }
}
