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
import java.util.List;

/**
 * A matrix product on tensor cores whose columns exist only in shared memory: no scratch memory, and nothing of x is written twice. Of fp32
 * tensors where the math mode is TF32, of factors rounded to it; where it is TF32X3, of three products in TF32 for each product. Of tensors of
 * 16 bits as they are, with sums in fp32 that are rounded once. The data gradient is the same product once for each class of inputs that the
 * same taps meet, one where all strides are 1 ({@link GemmGeometry}). The filter gradient, a small matrix of long sums, is computed in parts of
 * fp32, all at once, that a last kernel adds up in a fixed order.
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

    /** Of the inputs of a data gradient, each a launch. */
    private static final long MOST_CLASSES = 64;

    /** The launches of forward or a data gradient. */
    private record Products(List<GemmGeometry> launches) {
    }

    /**
     * Of a filter gradient.
     *
     * @param count     how many parts of the positions there are
     * @param perPart   how many positions in each
     * @param elements  of dw
     * @param inPlace   whether the only part is dw itself
     */
    private record Parts(int count, long perPart, long elements, boolean inPlace) {

        static Parts of(ConvProblem problem, TensorArithmetic arithmetic) {
            long positions = problem.batch() * problem.outputPositions();
            long columns = problem.channelsPerGroup() * problem.filterTaps();
            long blocks = TensorTile.of(problem.filtersPerGroup()).blocks(problem.groups(), problem.filtersPerGroup(), columns);
            long wanted = Math.min((WANTED_BLOCKS + blocks - 1) / blocks, positions / LEAST_PER_PART);
            long count = Math.max(1, wanted);
            long perPart = TensorTile.wholeSteps(arithmetic, Math.max(1, (positions + count - 1) / count));
            count = (positions + perPart - 1) / perPart;
            return new Parts((int) count, perPart, problem.wShape().elements(), count == 1 && !arithmetic.tensors().isNarrow());
        }

        long workspaceBytes() {
            return inPlace ? 0 : Scratch.floats(count * elements);
        }
    }

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
    public Support supports(ConvRequest request) {
        return GemmAlgorithm.notInFp64(request)
                .and(Support.when(request.dataType().isNarrow() || mathMode == MathMode.TF32 || mathMode == MathMode.TF32X3,
                        "of fp32 tensors it multiplies in TF32, which only the math modes TF32 and TF32X3 ask for"))
                .and(Support.when(computeCapability >= LEAST_CAPABILITY,
                        "the device's tensor cores have no TF32 and no bfloat16: its compute capability is below 8.0"))
                .and(request.operation() == ConvOperation.BACKWARD_DATA ? hasFewClasses(request.problem()) : Support.supported());
    }

    private TensorArithmetic arithmetic(ConvRequest request) {
        return switch (request.dataType()) {
            case FLOAT16 -> TensorArithmetic.FP16;
            case BFLOAT16 -> TensorArithmetic.BF16;
            default -> mathMode == MathMode.TF32X3 ? TensorArithmetic.TF32X3 : TensorArithmetic.TF32;
        };
    }

    private static Support hasFewClasses(ConvProblem problem) {
        long classes = GemmGeometry.classCount(problem);
        return Support.when(classes <= MOST_CLASSES,
                "the strides divide the inputs into " + classes + " classes, each a launch; it takes at most " + MOST_CLASSES);
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
            case FORWARD -> new Products(List.of(GemmGeometry.forward(request.problem())));
            case BACKWARD_DATA -> new Products(GemmGeometry.backwardData(request.problem()));
            case BACKWARD_FILTER -> Parts.of(request.problem(), arithmetic(request));
        };
    }

    @Override
    public void run(CudaCall call) {
        TensorArithmetic arithmetic = arithmetic(call.plan().request());
        switch (call.plan().request().operation()) {
            case FORWARD -> multiply(call, call.prepared(Products.class), arithmetic, call.x(), call.y());
            case BACKWARD_DATA -> multiply(call, call.prepared(Products.class), arithmetic, call.y(), call.x());
            case BACKWARD_FILTER -> filterGradient(call, call.prepared(Parts.class), arithmetic);
        }
    }

    /** Inputs that no tap meets become zero, or stay what they are. */
    private static void multiply(CudaCall call, Products products, TensorArithmetic arithmetic, long source, long target) {
        for (int i = 0; i < products.launches.size(); i++) {
            GemmGeometry g = products.launches.get(i);
            if (g.taps() > 0 || !call.accumulate()) {
                call.kernels().tensorGemm(arithmetic, g, source, call.w(), target, call.accumulate());
            }
        }
    }

    private static void filterGradient(CudaCall call, Parts parts, TensorArithmetic arithmetic) {
        call.kernels().tensorFilter(arithmetic, call.geometry(), call.x(), call.y(), parts.inPlace ? call.w() : call.workspace(), parts.count,
                parts.perPart, parts.inPlace && call.accumulate());
        if (!parts.inPlace) {
            call.kernels().sumParts(arithmetic.tensors(), call.workspace(), call.w(), parts.count, parts.elements, call.accumulate());
        }
    }
}
