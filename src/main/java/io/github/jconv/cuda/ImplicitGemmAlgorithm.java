package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;

/**
 * A matrix product whose columns exist only in shared memory, in fp32 on the ordinary cores: no scratch memory, and nothing of x is
 * written twice. Behind im2col-gemm in the list, since no GPU has measured it yet: it is chosen where the columns' scratch memory is not
 * allowed, and by autotuning where it is the fastest.
 */
final class ImplicitGemmAlgorithm implements CudaAlgorithm {

    @Override
    public String name() {
        return "implicit-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        return GemmAlgorithm.inFp32(request).and(Support.when(request.operation() == ConvOperation.FORWARD, "it computes forward only"));
    }

    @Override
    public Support suits(ConvRequest request) {
        return GemmAlgorithm.isWorthColumns(request.problem());
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return 0;
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public void run(CudaCall call) {
        call.kernels().implicitGemm(call.geometry(), call.x(), call.w(), call.y(), call.accumulate());
    }
}
