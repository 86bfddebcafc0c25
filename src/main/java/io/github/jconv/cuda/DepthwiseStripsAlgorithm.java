package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/**
 * Depthwise convolutions with the filters and strides that networks have, in strips of columns: what {@link DepthwiseAlgorithm} loads and
 * divides for each output, a thread does here once for several. In front of it in the list because it does less for the same bytes, which
 * can be counted in the PTX; no GPU has measured either yet. The filter gradient is summed in {@link FilterParts}.
 */
final class DepthwiseStripsAlgorithm implements CudaAlgorithm {

    /** Blocks that keep a large GPU busy: four for each of 132 multiprocessors. */
    private static final long WANTED_BLOCKS = 528;

    /** Strips that a block of the filter gradient should at least have to add up: four for each thread. */
    private static final long LEAST_PER_PART = 512;

    /** The kernels, their geometry, and of a filter gradient the parts. */
    private record Prepared(DepthwiseStrips kernels, ConvGeometry geometry, FilterParts parts) {
    }

    @Override
    public String name() {
        return "depthwise-strips";
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
    public String operandType(ConvRequest request) {
        return "fp32";
    }

    @Override
    public Support supports(ConvRequest request) {
        ConvProblem problem = request.problem();
        return GemmAlgorithm.notInFp64(request)
                .and(Support.when(problem.channelsPerGroup() == 1, "its groups have more than one input channel"))
                .and(Support.when(DepthwiseStrips.of(problem).isPresent(),
                        "it has filters of 3x3 or 5x5 with stride 1 or 2, or of 7x7 with stride 1, without dilation"))
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_DATA || problem.filtersPerGroup() == 1,
                        "its data gradient has one filter for each channel"))
                .and(Support.when(Kernels.countsIn32Bits(ConvGeometry.of(problem)), "it counts elements in 32 bits"));
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
        ConvProblem problem = request.problem();
        DepthwiseStrips strips = DepthwiseStrips.of(problem).orElseThrow();
        boolean backwards = request.operation() == ConvOperation.BACKWARD_DATA && strips.readsBackwards();
        ConvGeometry geometry = ConvGeometry.of(problem);
        return new Prepared(strips, backwards ? backwards(geometry) : geometry, parts(problem));
    }

    /** From dy to dx, with one filter per channel and stride 1. */
    private static ConvGeometry backwards(ConvGeometry g) {
        return new ConvGeometry(g.n(), g.c(), g.k(), g.groups(), 1, 1, 1, g.p(), g.q(), 1, g.r(), g.s(), 1, g.h(), g.w(), 1, 1, 1,
                0, g.r() - 1 - g.padH(), g.s() - 1 - g.padW(), 1, 1, 1, 1, 1, 1);
    }

    private static FilterParts parts(ConvProblem problem) {
        long strips = problem.batch() * DepthwiseStrips.of(problem).orElseThrow().strips(problem.axis3(1).output()) * problem.axis3(2).output();
        return FilterParts.of(WANTED_BLOCKS, problem.outputChannels(), strips, LEAST_PER_PART, problem.wShape().elements());
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public void run(CudaCall call) {
        Prepared prepared = call.prepared(Prepared.class);
        DepthwiseStrips strips = prepared.kernels;
        ConvGeometry g = prepared.geometry;
        DataType type = call.plan().request().dataType();
        Kernels kernels = call.kernels();
        switch (call.plan().request().operation()) {
            case FORWARD -> kernels.depthwiseStrips(type, strips, g, call.x(), call.w(), call.y(), false, call);
            case BACKWARD_DATA -> {
                if (strips.readsBackwards()) {
                    kernels.depthwiseStrips(type, strips, g, call.y(), call.w(), call.x(), true, call);
                } else {
                    kernels.depthwiseStripsData(type, strips, g, call.y(), call.w(), call.x(), call);
                }
            }
            case BACKWARD_FILTER -> {
                kernels.depthwiseStripsFilter(type, strips, g, call.x(), call.y(), call.workspace(), prepared.parts.count());
                prepared.parts.addUp(call, type);
            }
        }
    }
}
