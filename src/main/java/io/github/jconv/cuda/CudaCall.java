package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.device.ConvertedRun;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.tensor.DataType;

/**
 * The arguments of one run on the device, tensors as addresses. One object serves all runs of a backend, so that a run allocates
 * nothing.
 */
public final class CudaCall {

    private final Kernels kernels;
    private final RowMajorGemm gemm;
    private final ConvertedRun converted;
    private ConvPlan plan;
    private long x;
    private long w;
    private long y;
    private long keptFilters;
    private long workspace;
    private boolean accumulate;
    private long bias;
    private boolean relu;

    CudaCall(DeviceContext context, Kernels kernels) {
        this.kernels = kernels;
        this.gemm = new RowMajorGemm(context);
        this.converted = new ConvertedRun(context);
    }

    void bind(ConvPlan boundPlan, long boundX, long boundW, long boundY, long boundWorkspace, boolean boundAccumulate) {
        plan = boundPlan;
        x = boundX;
        w = boundW;
        y = boundY;
        keptFilters = 0;
        workspace = boundWorkspace;
        accumulate = boundAccumulate;
        bias = 0;
        relu = false;
    }

    /** Once the plan is bound, of an algorithm that adds a bias itself: the bias that is added, and whether a ReLU follows. */
    void endWith(long boundBias, boolean withRelu) {
        bias = boundBias;
        relu = withRelu;
    }

    /** Once the plan is bound: the form in which it reads constant filters is made, if it has one and it is not there. */
    void keep(DeviceTensor filters) {
        keptFilters = converted.keptFilters(plan, filters);
    }

    ConvPlan plan() {
        return plan;
    }

    ConvGeometry geometry() {
        return plan.geometry();
    }

    /** What the algorithm's prepare made. */
    <T> T prepared(Class<T> type) {
        return plan.prepared(type);
    }

    /** Address of x, or of dx when the operation is BACKWARD_DATA. */
    long x() {
        return x;
    }

    /** Address of w, or of dw when the operation is BACKWARD_FILTER. */
    long w() {
        return w;
    }

    /** Address of y, or of dy unless the operation is FORWARD. */
    long y() {
        return y;
    }

    /** Address of the kept form of constant filters; 0 without one. */
    long keptFilters() {
        return keptFilters;
    }

    /** Address of at least the plan's workspace, with arbitrary contents. */
    long workspace() {
        return workspace;
    }

    /** Address of the bias that is added to the output; 0 without one. */
    long bias() {
        return bias;
    }

    /** Store {@code max(., 0)} of the result. */
    boolean relu() {
        return relu;
    }

    /** Add to the output instead of overwriting it. */
    boolean accumulate() {
        return accumulate;
    }

    Kernels kernels() {
        return kernels;
    }

    /** Products of matrices of the type of the call's tensors. */
    RowMajorGemm gemm() {
        return gemmTo(plan.request().dataType());
    }

    /** The same whose results are of a type: that of the call's tensors, or fp32. */
    RowMajorGemm gemmTo(DataType result) {
        return gemm.of(plan.request().dataType(), result);
    }

    /** For tensors in other forms than algorithms know. */
    ConvertedRun converted() {
        return converted;
    }
}
