package io.github.jconv.cuda;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.GemmGeometry;
import io.github.jconv.tensor.Layout;

/**
 * A matrix product on tensor cores whose columns exist only in shared memory: no scratch memory, and nothing of x is written twice. Of fp32
 * tensors where the math mode is TF32, of factors rounded to it; where it is TF32X3, of three products in TF32 for each product. Of tensors of
 * 16 bits as they are, with sums in fp32 that are rounded once. Forward and the data gradient are {@link GemmProducts}, which end
 * with the bias and the ReLU themselves; the filter gradient is computed in {@link FilterParts}.
 *
 * <p>No GPU has measured it yet: in TF32 and 16 bits, which cuBLAS has as well, it is chosen by autotuning only, where it is the fastest.
 * TF32X3 is its own, and who asks for that gets it.
 */
final class TensorGemmAlgorithm implements CudaAlgorithm {

    private static final int LEAST_CAPABILITY = 80;

    /** Blocks that keep a large GPU busy: two for each of 132 multiprocessors. */
    private static final long WANTED_BLOCKS = 264;

    /** Positions that a block should at least have to add up. */
    private static final long LEAST_PER_PART = 512;

    /**
     * Of a filter gradient.
     *
     * @param perPart   how many positions in each
     * @param inPlace   whether the only part is dw itself
     */
    private record Parts(FilterParts parts, long perPart, boolean inPlace) {

        static Parts of(ConvProblem problem, TensorArithmetic arithmetic) {
            long positions = problem.batch() * problem.outputPositions();
            long columns = problem.channelsPerGroup() * problem.filterTaps();
            long blocks = TensorTile.of(problem.filtersPerGroup()).blocks(problem.groups(), problem.filtersPerGroup(), columns);
            int wanted = FilterParts.of(WANTED_BLOCKS, blocks, positions, LEAST_PER_PART, problem.wShape().elements()).count();
            long perPart = TensorTile.wholeSteps(arithmetic, Math.max(1, (positions + wanted - 1) / wanted));
            int count = (int) ((positions + perPart - 1) / perPart);
            return new Parts(new FilterParts(count, problem.wShape().elements()), perPart, count == 1 && !arithmetic.tensors().isNarrow());
        }

        long workspaceBytes() {
            return inPlace ? 0 : parts.workspaceBytes();
        }
    }

    private final GemmProducts.Launcher launcher = this::multiply;
    private final MathMode mathMode;
    private final int computeCapability;

    TensorGemmAlgorithm(MathMode mathMode, int computeCapability) {
        this.mathMode = mathMode;
        this.computeCapability = computeCapability;
    }

    @Override
    public String name() {
        return "tensor-gemm";
    }

    /** Those of 16 bits, too. */
    @Override
    public boolean takes(ConvRequest request) {
        return request.layout() == Layout.NCHW;
    }

    @Override
    public boolean addsBias(ConvRequest request) {
        return true;
    }

    @Override
    public Support supports(ConvRequest request) {
        return GemmAlgorithm.notInFp64(request)
                .and(Support.when(request.dataType().isNarrow() || mathMode == MathMode.TF32 || mathMode == MathMode.TF32X3,
                        "of fp32 tensors it multiplies in TF32, which only the math modes TF32 and TF32X3 ask for"))
                .and(Support.when(computeCapability >= LEAST_CAPABILITY,
                        "the device's tensor cores have no TF32 and no bfloat16: its compute capability is below 8.0"))
                .and(GemmProducts.areFew(request));
    }

    private TensorArithmetic arithmetic(ConvRequest request) {
        return switch (request.dataType()) {
            case FLOAT16 -> TensorArithmetic.FP16;
            case BFLOAT16 -> TensorArithmetic.BF16;
            default -> mathMode == MathMode.TF32X3 ? TensorArithmetic.TF32X3 : TensorArithmetic.TF32;
        };
    }

    @Override
    public Support suits(ConvRequest request) {
        return GemmAlgorithm.isWorthColumns(request.problem())
                .and(Support.when(arithmetic(request) == TensorArithmetic.TF32X3,
                        "no GPU has measured whether it is faster than cuBLAS in " + operandType(request)));
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return switch (arithmetic(request)) {
            case TF32 -> Accuracy.TF32_PRODUCTS;
            case TF32X3 -> Accuracy.THREE_TF32_PRODUCTS;
            case FP16, BF16 -> Accuracy.TENSOR_CORE_SUMS;
        };
    }

    @Override
    public String operandType(ConvRequest request) {
        return request.dataType().isNarrow() ? CudaAlgorithm.super.operandType(request) : mathMode.text();
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return request.operation() == ConvOperation.BACKWARD_FILTER ? Parts.of(request.problem(), arithmetic(request)).workspaceBytes() : 0;
    }

    /** An infinite factor less itself rounded is NaN. */
    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return arithmetic(request) == TensorArithmetic.TF32X3 ? NonFinite.SPREADS : NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return switch (request.operation()) {
            case FORWARD, BACKWARD_DATA -> GemmProducts.of(request);
            case BACKWARD_FILTER -> Parts.of(request.problem(), arithmetic(request));
        };
    }

    @Override
    public void run(CudaCall call) {
        if (call.plan().request().operation() == ConvOperation.BACKWARD_FILTER) {
            filterGradient(call, call.prepared(Parts.class));
        } else {
            call.prepared(GemmProducts.class).launchAll(call, launcher);
        }
    }

    private void multiply(CudaCall call, GemmGeometry product, long source, long target) {
        call.kernels().tensorGemm(arithmetic(call.plan().request()), product, source, call.w(), target, call);
    }

    private void filterGradient(CudaCall call, Parts prepared) {
        TensorArithmetic arithmetic = arithmetic(call.plan().request());
        call.kernels().tensorFilter(arithmetic, call.geometry(), call.x(), call.y(), prepared.inPlace ? call.w() : call.workspace(),
                prepared.parts.count(), prepared.perPart, prepared.inPlace && call.accumulate());
        if (!prepared.inPlace) {
            prepared.parts.addUp(call, arithmetic.tensors());
        }
    }
}
