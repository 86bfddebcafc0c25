package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;

/**
 * The filter gradient as a strided valid convolution in its own right: x is the larger map, dy the filter that slides over it,
 * images are summed like channels. Stride and dilation exchange their parts:
 *
 * <pre>
 *   dw[k, c, r] = sum over n, p:  x[n, c, r * dilation - padBegin + p * stride] * dy[n, k, p]
 * </pre>
 *
 * <p>So a stride of the forward convolution dilates dy: its elements meet alternate points of x, read in place, and exactly the R
 * positions that dw has are computed. Nothing is spread out with zeros and no full convolution is thrown away.
 *
 * <p>It differs from {@code direct} in the loop that runs innermost: here along a row of dw, there along a row of dy. It pays
 * where the filter is wider than the output (a filter nearly as large as its input, long one-dimensional filters).
 */
final class AlternatePointsAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;

    AlternatePointsAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public String name() {
        return "alternate-points";
    }

    @Override
    public Support supports(ConvRequest request) {
        return Support.when(request.operation() == ConvOperation.BACKWARD_FILTER, "it computes the filter gradient only")
                .and(Support.when(request.dataType() == DataType.FLOAT32, "it computes in fp32 only"));
    }

    @Override
    public Support suits(ConvRequest request) {
        SpatialAxis width = request.problem().axis3(2);
        return Support.when(width.filter() > width.output(), "the rows of dw are not longer than those of dy ("
                + width.filter() + " against " + width.output() + ")");
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return 0;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return DirectPlan.of(request, StridedCorrelation.filterGradient(request.problem()), runtime.threads());
    }

    @Override
    public void run(CpuCall call) {
        DirectPlan.run(call);
    }
}
