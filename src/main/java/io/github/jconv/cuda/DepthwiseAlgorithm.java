package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/**
 * One input channel per group: every element of the maps is read about once and written once, no matrix is built. Sums are
 * of fp32, also where tensors have 16 bits and results are rounded once. The filter gradient is summed in {@link FilterParts}.
 */
final class DepthwiseAlgorithm implements CudaAlgorithm {

    /** Blocks that keep a large GPU busy: four for each of 132 multiprocessors. */
    private static final long WANTED_BLOCKS = 528;

    /** Positions that a block should at least have to add up. */
    private static final long LEAST_PER_PART = 1024;

    private static final long TAPS_PER_BLOCK = 9;

    @Override
    public String name() {
        return "depthwise";
    }

    /** Those of 16 bits, too. */
    @Override
    public boolean takes(ConvRequest request) {
        return request.layout() == Layout.NCHW;
    }

    @Override
    public String operandType(ConvRequest request) {
        return "fp32";
    }

    @Override
    public Support supports(ConvRequest request) {
        return GemmAlgorithm.notInFp64(request)
                .and(Support.when(request.problem().channelsPerGroup() == 1, "its groups have more than one input channel"));
    }

    @Override
    public Support suits(ConvRequest request) {
        return Support.when(request.problem().isDepthwise(), "it has a single input channel");
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return request.operation() == ConvOperation.BACKWARD_FILTER ? parts(request.problem()).workspaceBytes() : 0;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return parts(request.problem());
    }

    @Override
    public void run(CudaCall call) {
        ConvGeometry g = call.geometry();
        DataType type = call.plan().request().dataType();
        Kernels kernels = call.kernels();
        switch (call.plan().request().operation()) {
            case FORWARD -> kernels.depthwiseForward(type, g, call.x(), call.w(), call.y(), call.accumulate());
            case BACKWARD_DATA -> kernels.depthwiseBackwardData(type, g, call.y(), call.w(), call.x(), call.accumulate());
            case BACKWARD_FILTER -> {
                FilterParts parts = call.prepared(FilterParts.class);
                kernels.depthwiseFilter(type, g, call.x(), call.y(), call.workspace(), parts.count());
                parts.addUp(call, type);
            }
        }
    }

    private static FilterParts parts(ConvProblem problem) {
        long blocks = problem.outputChannels() * ((problem.filterTaps() + TAPS_PER_BLOCK - 1) / TAPS_PER_BLOCK);
        return FilterParts.of(WANTED_BLOCKS, blocks, ConvOperation.BACKWARD_FILTER.accumulationLength(problem), LEAST_PER_PART,
                problem.wShape().elements());
    }
}
