package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.GemmGeometry;

/**
 * A matrix product whose columns exist only in shared memory, in fp32 on the ordinary cores: no scratch memory, and nothing of x or dy is
 * written twice; of forward and the data gradient ({@link GemmProducts}), which end with the bias and the ReLU themselves. Behind those with
 * columns in the list, since no GPU has measured it yet: it is chosen where the columns' scratch memory is not allowed, and by autotuning
 * where it is the fastest.
 */
final class ImplicitGemmAlgorithm implements CudaAlgorithm {

    @Override
    public String name() {
        return "implicit-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        return GemmAlgorithm.inFp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only"))
                .and(GemmProducts.areFew(request));
    }

    @Override
    public boolean addsBias(ConvRequest request) {
        return true;
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
    public Object prepare(ConvRequest request) {
        return GemmProducts.of(request);
    }

    @Override
    public void run(CudaCall call) {
        call.prepared(GemmProducts.class).launchAll(call, ImplicitGemmAlgorithm::multiply);
    }

    private static void multiply(CudaCall call, GemmGeometry product, long source, long target) {
        call.kernels().implicitGemm(product, source, call.w(), target, call);
    }
}
