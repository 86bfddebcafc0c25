package io.github.jconv.cuda;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;

/**
 * A matrix product on tensor cores whose columns exist only in shared memory: no scratch memory, and nothing of x is written twice. Where
 * the math mode is TF32, of factors rounded to it; where it is TF32X3, of three products in TF32 for each product. The data gradient of a
 * convolution with stride 1 is a convolution of dy with the filter read backwards, from K channels to C, and padded by
 * {@code dilation * (filter - 1) - padding}. The filter gradient, a small matrix of long sums, is computed in parts, all at once, that a last
 * kernel adds up in a fixed order.
 *
 * <p>No GPU has measured it yet: in TF32, which cuBLAS has as well, it is chosen by autotuning only, where it is the fastest. TF32X3 is its
 * own, and who asks for that gets it.
 */
final class TensorGemmAlgorithm implements CudaAlgorithm {

    private static final int LEAST_CAPABILITY = 80;

    /** Blocks that keep a large GPU busy: two for each of 132 multiprocessors. */
    private static final long WANTED_BLOCKS = 264;

    /** Positions that a block should at least have to add up. */
    private static final long LEAST_PER_PART = 512;

    /** Of a filter gradient: how many parts of the positions, how many positions in each, and the elements of dw. */
    private record Parts(int count, long perPart, long elements) {

        static Parts of(ConvProblem problem) {
            long positions = problem.batch() * problem.outputPositions();
            long columns = problem.channelsPerGroup() * problem.filterTaps();
            long blocks = TensorTile.of(problem.filtersPerGroup()).blocks(problem.groups(), problem.filtersPerGroup(), columns);
            long wanted = Math.min((WANTED_BLOCKS + blocks - 1) / blocks, positions / LEAST_PER_PART);
            long count = Math.max(1, wanted);
            long perPart = TensorTile.wholeSteps(Math.max(1, (positions + count - 1) / count));
            return new Parts((int) ((positions + perPart - 1) / perPart), perPart, problem.wShape().elements());
        }

        long workspaceBytes() {
            return count == 1 ? 0 : Scratch.floats(count * elements);
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

    @Override
    public Support supports(ConvRequest request) {
        return GemmAlgorithm.inFp32(request)
                .and(Support.when(mathMode == MathMode.TF32 || mathMode == MathMode.TF32X3,
                        "it multiplies in TF32, which only the math modes TF32 and TF32X3 ask for"))
                .and(Support.when(computeCapability >= LEAST_CAPABILITY,
                        "the device's tensor cores have no TF32: its compute capability is below 8.0"))
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_DATA
                        || request.problem().axes().stream().allMatch(axis -> axis.stride() == 1), "it computes data gradients with stride 1 only"));
    }

    @Override
    public Support suits(ConvRequest request) {
        return GemmAlgorithm.isWorthColumns(request.problem())
                .and(Support.when(mathMode == MathMode.TF32X3, "no GPU has measured whether it is faster than cuBLAS in TF32"));
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return mathMode == MathMode.TF32X3 ? Accuracy.THREE_TF32_PRODUCTS : Accuracy.TF32_PRODUCTS;
    }

    @Override
    public String operandType(ConvRequest request) {
        return mathMode.text();
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return request.operation() == ConvOperation.BACKWARD_FILTER ? Parts.of(request.problem()).workspaceBytes() : 0;
    }

    /** An infinite factor less itself rounded is NaN. */
    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return mathMode == MathMode.TF32X3 ? NonFinite.SPREADS : NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return switch (request.operation()) {
            case FORWARD -> null;
            case BACKWARD_DATA -> backwards(ConvGeometry.of(request.problem()));
            case BACKWARD_FILTER -> Parts.of(request.problem());
        };
    }

    /** From y to x, without stride. */
    private static ConvGeometry backwards(ConvGeometry g) {
        return new ConvGeometry(g.n(), g.k(), g.c(), g.groups(), g.kg(), g.cg(), g.z(), g.p(), g.q(), g.t(), g.r(), g.s(), g.d(), g.h(),
                g.w(), 1, 1, 1, g.dilD() * (g.t() - 1) - g.padD(), g.dilH() * (g.r() - 1) - g.padH(), g.dilW() * (g.s() - 1) - g.padW(),
                g.dilD(), g.dilH(), g.dilW(), 1, 1, 1);
    }

    @Override
    public void run(CudaCall call) {
        boolean three = mathMode == MathMode.TF32X3;
        Kernels kernels = call.kernels();
        switch (call.plan().request().operation()) {
            case FORWARD -> kernels.tensorGemm(three, call.geometry(), call.x(), call.w(), call.y(), false, call.accumulate());
            case BACKWARD_DATA -> kernels.tensorGemm(three, call.prepared(ConvGeometry.class), call.y(), call.w(), call.x(), true,
                    call.accumulate());
            case BACKWARD_FILTER -> filterGradient(call, call.prepared(Parts.class), three);
        }
    }

    private static void filterGradient(CudaCall call, Parts parts, boolean three) {
        boolean single = parts.count == 1;
        call.kernels().tensorFilter(three, call.geometry(), call.x(), call.y(), single ? call.w() : call.workspace(), parts.count, parts.perPart,
                single && call.accumulate());
        if (!single) {
            call.kernels().sumParts(DataType.FLOAT32, call.workspace(), call.w(), parts.count, parts.elements, call.accumulate());
        }
    }
}
