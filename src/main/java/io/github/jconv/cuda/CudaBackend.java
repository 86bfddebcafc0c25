package io.github.jconv.cuda;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceEvent;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * JConv's own kernels and cuBLAS on one device. Tensors of the device are computed on where they are, without waiting; tensors on
 * the heap are copied to the device for the call, and the output back, which waits.
 */
public final class CudaBackend implements Backend {

    private final DeviceContext context;
    private final Kernels kernels;
    private final CudaCall call;
    private final List<CudaAlgorithm> algorithms;
    private final HostArguments hostArguments;
    private final ReentrantLock oneAtATime = new ReentrantLock();

    /** @param context becomes the backend's and is closed with it */
    public CudaBackend(DeviceContext context) {
        this(context, Scratch.OF_A_CACHE, false);
    }

    /**
     * For tests.
     *
     * @param scratch    how large the chunks of intermediate results are
     * @param alwaysWide kernels count in 64 bits even where 32 would do
     */
    CudaBackend(DeviceContext context, Scratch scratch, boolean alwaysWide) {
        this.context = context;
        kernels = new Kernels(context, alwaysWide);
        call = new CudaCall(context, kernels);
        hostArguments = new HostArguments(context);
        algorithms = algorithms(context.options().mathMode(), scratch);
    }

    /** The fastest first; what serves everything last. Needs no device. */
    static List<CudaAlgorithm> algorithms(MathMode mathMode, Scratch scratch) {
        return List.of(
                new FullSizeGemmAlgorithm(mathMode),
                new PointwiseGemmAlgorithm(mathMode),
                new DepthwiseAlgorithm(),
                new ParityAlgorithm(mathMode, scratch),
                new GemmCol2imAlgorithm(mathMode, scratch),
                new Im2colGemmAlgorithm(mathMode, scratch),
                new ZeroInsertAlgorithm(scratch),
                new DirectAlgorithm());
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public String description() {
        MathMode mathMode = context.options().mathMode();
        return context.info() + (mathMode == MathMode.FP32 ? "" : ", matrix products in " + mathMode);
    }

    /** The device that this backend computes on. */
    public DeviceContext context() {
        return context;
    }

    @Override
    public List<CudaAlgorithm> algorithms() {
        return algorithms;
    }

    @Override
    public Support accepts(Tensor tensor) {
        if (tensor instanceof HostTensor || tensor instanceof DeviceTensor device && device.context() == context) {
            return Support.supported();
        }
        return Support.no((tensor instanceof DeviceTensor ? "a DeviceTensor of another context" : "a "
                + tensor.getClass().getSimpleName()) + "; allowed: a DeviceTensor of this engine's context, or a HostTensor");
    }

    @Override
    public void run(ConvPlan plan, Tensor x, Tensor w, Tensor y, boolean accumulate) {
        run(plan, x, w, y, null, accumulate);
    }

    /** Tensors on the heap are copied once for both steps. */
    @Override
    public void runWithBias(ConvPlan plan, Tensor x, Tensor w, Tensor y, Tensor bias) {
        run(plan, x, w, y, bias, false);
    }

    private void run(ConvPlan plan, Tensor x, Tensor w, Tensor y, Tensor bias, boolean accumulate) {
        ConvOperation operation = plan.request().operation();
        oneAtATime.lock();
        try {
            DeviceTensor deviceX = onDevice(0, x, operation != ConvOperation.BACKWARD_DATA || accumulate);
            DeviceTensor deviceW = onDevice(1, w, operation != ConvOperation.BACKWARD_FILTER || accumulate);
            DeviceTensor deviceY = onDevice(2, y, operation != ConvOperation.FORWARD || accumulate);
            DeviceTensor output = operation.outputOf(deviceX, deviceW, deviceY);
            if (bias != null) {
                addBias(onDevice(3, bias, true), output);
            }
            runOnDevice(plan, deviceX, deviceW, deviceY, accumulate || bias != null);
            hostArguments.copyBack(output, operation.outputOf(x, w, y));
        } finally {
            oneAtATime.unlock();
        }
    }

    private void runOnDevice(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, boolean accumulate) {
        if (plan.request().problem().batch() == 0) {
            if (plan.request().operation() == ConvOperation.BACKWARD_FILTER && !accumulate) {
                kernels.fill(w.address(), 0, w.bytes() / Float.BYTES);
            }
            return;
        }
        long workspace = context.workspace(plan.workspaceBytes());
        call.bind(plan, x.address(), w.address(), y.address(), workspace, accumulate);
        ((CudaAlgorithm) plan.algorithm()).run(call);
    }

    @Override
    public void broadcastBias(Tensor bias, Tensor output) {
        oneAtATime.lock();
        try {
            DeviceTensor deviceOutput = onDevice(0, output, false);
            addBias(onDevice(1, bias, true), deviceOutput);
            hostArguments.copyBack(deviceOutput, output);
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Overwrites the output with the bias of each channel. */
    private void addBias(DeviceTensor bias, DeviceTensor output) {
        TensorShape shape = output.shape();
        kernels.addBias(output.dataType(), bias.address(), output.address(), shape.size(0), (int) shape.size(1), positions(shape),
                false);
    }

    @Override
    public void backwardBias(Tensor dy, Tensor dbias, boolean accumulate) {
        oneAtATime.lock();
        try {
            DeviceTensor deviceDy = onDevice(0, dy, true);
            DeviceTensor deviceDbias = onDevice(1, dbias, accumulate);
            kernels.biasGradient(dy.dataType(), deviceDy.address(), deviceDbias.address(), dy.shape().size(0),
                    (int) dy.shape().size(1), positions(dy.shape()), accumulate);
            hostArguments.copyBack(deviceDbias, dbias);
        } finally {
            oneAtATime.unlock();
        }
    }

    /** By events on the main stream, so that the host's share is not counted. */
    @Override
    public double secondsOf(Runnable work) {
        try (DeviceEvent begin = context.newEvent(); DeviceEvent end = context.newEvent()) {
            begin.record(context.stream());
            work.run();
            end.record(context.stream());
            end.synchronize();
            return end.millisSince(begin) * 1e-3;
        }
    }

    @Override
    public void poisonWorkspace(ConvPlan plan) {
        oneAtATime.lock();
        try {
            context.releaseWorkspace();
            long bytes = plan.workspaceBytes();
            kernels.fill(context.workspace(bytes), Float.NaN, bytes / Float.BYTES);
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public DeviceTensor newTensor(DataType type, TensorShape shape) {
        return context.newTensor(type, shape);
    }

    @Override
    public void upload(HostTensor values, Tensor target) {
        ((DeviceTensor) target).copyFrom(values);
    }

    @Override
    public void download(Tensor values, HostTensor target) {
        ((DeviceTensor) values).copyTo(target);
    }

    @Override
    public void close() {
        oneAtATime.lock();
        try {
            hostArguments.close();
            context.close();
        } finally {
            oneAtATime.unlock();
        }
    }

    private DeviceTensor onDevice(int argument, Tensor tensor, boolean isRead) {
        return tensor instanceof DeviceTensor device ? device : hostArguments.onDevice(argument, (HostTensor) tensor, isRead);
    }

    private static long positions(TensorShape shape) {
        long positions = 1;
        for (int i = 2; i < shape.rank(); i++) {
            positions *= shape.size(i);
        }
        return positions;
    }
}
