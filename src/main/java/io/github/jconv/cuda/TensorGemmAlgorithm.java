package io.github.jconv.cuda;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.GemmGeometry;
import io.github.jconv.tensor.DataType;
import java.util.List;

/**
 * A matrix product on tensor cores whose columns exist only in shared memory: no scratch memory, and nothing of x is written twice. Where
 * the math mode is TF32, of factors rounded to it; where it is TF32X3, of three products in TF32 for each product. The data gradient is the
 * same product once for each class of inputs that the same taps meet, one where all strides are 1 ({@link GemmGeometry}). The filter gradient,
 * a small matrix of long sums, is computed in parts, all at once, that a last kernel adds up in a fixed order.
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

    /** Of the inputs of a data gradient, each a launch. */
    private static final long MOST_CLASSES = 64;

    /** The launches of forward or a data gradient. */
    private record Products(List<GemmGeometry> launches) {
    }

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
                .and(request.operation() == ConvOperation.BACKWARD_DATA ? hasFewClasses(request.problem()) : Support.supported());
    }

    private static Support hasFewClasses(ConvProblem problem) {
        long classes = GemmGeometry.classCount(problem);
        return Support.when(classes <= MOST_CLASSES,
                "the strides divide the inputs into " + classes + " classes, each a launch; it takes at most " + MOST_CLASSES);
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
            case FORWARD -> new Products(List.of(GemmGeometry.forward(request.problem())));
            case BACKWARD_DATA -> new Products(GemmGeometry.backwardData(request.problem()));
            case BACKWARD_FILTER -> Parts.of(request.problem());
        };
    }

    @Override
    public void run(CudaCall call) {
        boolean three = mathMode == MathMode.TF32X3;
        switch (call.plan().request().operation()) {
            case FORWARD -> multiply(call, call.prepared(Products.class), three, call.x(), call.y());
            case BACKWARD_DATA -> multiply(call, call.prepared(Products.class), three, call.y(), call.x());
            case BACKWARD_FILTER -> filterGradient(call, call.prepared(Parts.class), three);
        }
    }

    /** To nothing that was there before, inputs that no tap meets add nothing. */
    private static void multiply(CudaCall call, Products products, boolean three, long source, long target) {
        for (int i = 0; i < products.launches.size(); i++) {
            GemmGeometry g = products.launches.get(i);
            if (g.taps() > 0 || !call.accumulate()) {
                call.kernels().tensorGemm(three, g, source, call.w(), target, call.accumulate());
            }
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
