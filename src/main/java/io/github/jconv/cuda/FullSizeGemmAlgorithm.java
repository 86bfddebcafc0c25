package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvGeometry;

/**
 * Filters as large as the unpadded input: a fully connected layer, one matrix product for the whole batch. For each group, with
 * {@code rows = C/G * taps},
 *
 * <pre>
 *   FORWARD          y  [N, K/G]    = x [N, rows] * w'
 *   BACKWARD_DATA    dx [N, rows]   = dy [N, K/G] * w [K/G, rows]
 *   BACKWARD_FILTER  dw [K/G, rows] = dy' * x
 * </pre>
 */
final class FullSizeGemmAlgorithm extends GemmAlgorithm {

    FullSizeGemmAlgorithm(MathMode mathMode) {
        super(mathMode);
    }

    @Override
    public String name() {
        return "gemm-full";
    }

    @Override
    public Support supports(ConvRequest request) {
        return notInFp64(request).and(Support.when(request.problem().isFullSize(), "its filter is not as large as the unpadded input"));
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return 0;
    }

    @Override
    public void run(CudaCall call) {
        ConvGeometry g = call.geometry();
        long rows = (long) g.cg() * g.t() * g.r() * g.s();
        RowMajorGemm gemm = call.gemm();
        switch (call.plan().request().operation()) {
            case FORWARD -> gemm
                    .a(call.x(), g.groups() * rows, 0, rows, false)
                    .b(call.w(), rows, 0, g.kg() * rows, true)
                    .c(call.y(), g.k(), 0, g.kg())
                    .multiply(g.n(), g.kg(), rows, 1, g.groups(), call.accumulate());
            case BACKWARD_DATA -> gemm
                    .a(call.y(), g.k(), 0, g.kg(), false)
                    .b(call.w(), rows, 0, g.kg() * rows, false)
                    .c(call.x(), g.groups() * rows, 0, rows)
                    .multiply(g.n(), rows, g.kg(), 1, g.groups(), call.accumulate());
            case BACKWARD_FILTER -> gemm
                    .a(call.y(), g.k(), 0, g.kg(), true)
                    .b(call.x(), g.groups() * rows, 0, rows, false)
                    .c(call.w(), rows, 0, g.kg() * rows)
                    .multiply(g.kg(), rows, g.n(), 1, g.groups(), call.accumulate());
        }
    }
}
