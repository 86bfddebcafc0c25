package io.github.jconv.cudnn;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.device.CudnnVersion;
import io.github.jconv.device.ConvertedRun;
import io.github.jconv.device.DeviceBackend;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceOps;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.problem.ConvOperation;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * cuDNN 8 or 9 behind the same contract: each of its algorithms is one of the list, 2-d and 3-d as they are, 1-d as 2-d. Where the
 * paddings of an axis differ, which cuDNN cannot be told, x is copied with the difference written out, and the plan says so. Types and
 * layouts are cuDNN's own; what an algorithm declines in them it serves through copies in fp32 with the channels first, which the plan
 * names, too.
 *
 * <p>cuDNN's libraries must have been loaded before ({@code NativeLibraries.loadCudnn}).
 */
public final class CudnnBackend extends DeviceBackend {

    private final CudnnHandle handle;
    private final List<CudnnAlgorithm> algorithms;

    /** Null where only convolutions are wanted. */
    private final DeviceOps networkOps;

    /**
     * Without the other operations of a network.
     *
     * @param context becomes the backend's and is closed with it
     */
    public CudnnBackend(DeviceContext context) {
        this(context, null);
    }

    /**
     * @param context    becomes the backend's and is closed with it
     * @param networkOps the other operations of a network on this context, closed with the backend; or null
     */
    public CudnnBackend(DeviceContext context, DeviceOps networkOps) {
        super(context);
        this.networkOps = networkOps;
        handle = new CudnnHandle(context);
        Operands operands = new Operands(context);
        ConvertedRun converted = new ConvertedRun(context);
        algorithms = Arrays.stream(LibraryAlgorithm.values())
                .map(algorithm -> new CudnnAlgorithm(algorithm, context.options(), handle, operands, converted)).toList();
    }

    @Override
    public String name() {
        return "cudnn";
    }

    @Override
    public String description() {
        return "cuDNN " + libraryVersion() + " on " + super.description();
    }

    @Override
    public String libraryVersion() {
        return CudnnVersion.text();
    }

    @Override
    public List<CudnnAlgorithm> algorithms() {
        return algorithms;
    }

    @Override
    public Optional<TensorOps> networkOps() {
        return Optional.ofNullable(networkOps);
    }

    /** What cuDNN's own heuristic ranks first. */
    @Override
    public AlgorithmChooser usualChooser() {
        return new HeuristicChooser(handle, context().options().mathMode());
    }

    @Override
    protected void enqueue(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, boolean accumulate) {
        long workspace = context().workspace(plan.workspaceBytes());
        ((CudnnAlgorithm) plan.algorithm()).run(plan, x.address(), w, y.address(), workspace, accumulate);
    }

    @Override
    protected void enqueueWithBias(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, DeviceTensor bias) {
        if (y.dataType().isNarrow()) {
            // Result and bias are then rounded together, once.
            super.enqueueWithBias(plan, x, w, y, bias);
            return;
        }
        enqueue(plan, x, w, y, false);
        handle.addBias(bias, plan.request().operation() == ConvOperation.FORWARD ? y : x);
    }

    /** In one call where the algorithm can. */
    @Override
    protected void enqueueWithBiasAndRelu(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, DeviceTensor bias) {
        long workspace = context().workspace(plan.workspaceBytes());
        CudnnAlgorithm algorithm = (CudnnAlgorithm) plan.algorithm();
        if (!algorithm.runWithBiasAndRelu(plan, x.address(), w.address(), y, bias, workspace)) {
            super.enqueueWithBiasAndRelu(plan, x, w, y, bias);
        }
    }

    @Override
    protected void enqueueRelu(DeviceTensor output) {
        handle.relu(output);
    }

    @Override
    protected void enqueueBroadcast(DeviceTensor bias, DeviceTensor output) {
        if (output.shape().size(0) > 0) {
            output.fillZero();
            handle.addBias(bias, output);
        }
    }

    @Override
    protected void enqueueBiasGradient(DeviceTensor dy, DeviceTensor dbias, boolean accumulate) {
        if (dy.shape().size(0) > 0) {
            handle.biasGradient(dy, dbias, accumulate);
        } else if (!accumulate) {
            dbias.fillZero();
        }
    }

    @Override
    protected void release() {
        if (networkOps != null) {
            networkOps.close();
        }
        handle.close();
    }
}
