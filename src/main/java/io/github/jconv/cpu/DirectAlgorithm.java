package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;

/**
 * The sums of the definition in fp32 on the tensors as they are: no column buffer, no workspace. The innermost loops run along a
 * row with its borders split off; see {@link RowKernels}.
 *
 * <ul>
 *   <li>FORWARD: a strided valid correlation of x with w.
 *   <li>BACKWARD_DATA: the same in gather form. Each residue class of the stride is a small dense correlation of dy with every
 *       stride-th tap, so that no inserted zero is ever multiplied and no two threads write one element.
 *   <li>BACKWARD_FILTER: sums over the rows of dy against alternate points of x; see {@link FilterGradientSums}.
 * </ul>
 */
final class DirectAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;

    DirectAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public String name() {
        return "direct";
    }

    @Override
    public Support supports(ConvRequest request) {
        return Support.when(request.dataType() == DataType.FLOAT32, "it computes in fp32 only");
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return 0;
    }

    @Override
    public Object prepare(ConvRequest request) {
        ConvProblem problem = request.problem();
        PlaneCorrelation correlation = switch (request.operation()) {
            case FORWARD -> StridedCorrelation.forward(problem);
            case BACKWARD_DATA -> StridedCorrelation.backwardData(problem);
            case BACKWARD_FILTER -> new FilterGradientSums(problem);
        };
        return DirectPlan.of(request, correlation, runtime.threads());
    }

    @Override
    public void run(CpuCall call) {
        DirectPlan.run(call);
    }
}
