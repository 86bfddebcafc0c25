package io.github.jconv.device;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.RecordedWork;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What every backend on a device does alike. Tensors of the device are computed on where they are, without waiting; tensors on the
 * heap are copied to the device for the call, and the output back, which waits.
 */
public abstract class DeviceBackend implements Backend {

    /** The bytes of a NaN, in every type. */
    private static final int POISON = 0xFF;

    private final DeviceContext context;
    private final HostArguments hostArguments;
    private final FormCopy conversions;
    private final ReentrantLock oneAtATime = new ReentrantLock();

    /** @param context becomes the backend's and is closed with it */
    protected DeviceBackend(DeviceContext context) {
        this.context = context;
        this.hostArguments = new HostArguments(context);
        this.conversions = new FormCopy(context);
    }

    /** The device that this backend computes on. */
    public final DeviceContext context() {
        return context;
    }

    @Override
    public final String deviceName() {
        return context.info().name();
    }

    @Override
    public String description() {
        MathMode mathMode = context.options().mathMode();
        return context.info() + (mathMode == MathMode.FP32 ? "" : ", matrix products in " + mathMode);
    }

    /** Device 0 of the installed libraries and fp32 are what the command takes unless told otherwise. */
    @Override
    public final String commandOptions() {
        DeviceOptions options = context.options();
        String place = options.source() == LibrarySource.EMULATED ? "emulated" : options.ordinal() > 0 ? "" + options.ordinal() : "";
        return "--backend " + name() + (place.isEmpty() ? "" : " --device " + place)
                + (options.mathMode() == MathMode.FP32 ? "" : " --math " + options.mathMode().text());
    }

    // --- what a backend does its own way: enqueued on the main stream, without allocating or waiting ---------------------------

    /** Computes the plan's operation. The batch is not empty. */
    protected abstract void enqueue(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, boolean accumulate);

    /** The same, overwriting, with {@code bias[k]} added to channel k of the output. */
    protected void enqueueWithBias(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, DeviceTensor bias) {
        enqueueBroadcast(bias, plan.request().operation().outputOf(x, w, y));
        enqueue(plan, x, w, y, true);
    }

    /** The same, and then {@code max(., 0)} of every element of the output. */
    protected void enqueueWithBiasAndRelu(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, DeviceTensor bias) {
        enqueueWithBias(plan, x, w, y, bias);
        enqueueRelu(plan.request().operation().outputOf(x, w, y));
    }

    /** {@code max(., 0)} of every element, in place. */
    protected abstract void enqueueRelu(DeviceTensor output);

    /** Sets every position of channel k to {@code bias[k]}. */
    protected abstract void enqueueBroadcast(DeviceTensor bias, DeviceTensor output);

    /** {@code dbias[k] = sum over n, positions: dy[n, k, ...]}. */
    protected abstract void enqueueBiasGradient(DeviceTensor dy, DeviceTensor dbias, boolean accumulate);

    /** Frees what the backend has on the context, which is closed afterwards. */
    protected void release() {
    }

    // --- calls -------------------------------------------------------------------------------------------------------------------

    @Override
    public final Support accepts(Tensor tensor) {
        if (tensor instanceof HostTensor || tensor instanceof DeviceTensor device && device.context() == context) {
            return Support.supported();
        }
        return Support.no((tensor instanceof DeviceTensor ? "a DeviceTensor of another context" : "a "
                + tensor.getClass().getSimpleName()) + "; allowed: a DeviceTensor of this engine's context, or a HostTensor");
    }

    @Override
    public final boolean isOnHeap() {
        return false;
    }

    @Override
    public final void run(ConvPlan plan, Tensor x, Tensor w, Tensor y, boolean accumulate) {
        run(plan, x, w, y, null, false, accumulate);
    }

    /** Tensors on the heap are copied once for both steps. */
    @Override
    public final void runWithBias(ConvPlan plan, Tensor x, Tensor w, Tensor y, Tensor bias) {
        run(plan, x, w, y, bias, false, false);
    }

    @Override
    public final void runWithBiasAndRelu(ConvPlan plan, Tensor x, Tensor w, Tensor y, Tensor bias) {
        run(plan, x, w, y, bias, true, false);
    }

    private void run(ConvPlan plan, Tensor x, Tensor w, Tensor y, Tensor bias, boolean relu, boolean accumulate) {
        ConvOperation operation = plan.request().operation();
        oneAtATime.lock();
        try {
            DeviceTensor deviceX = onDevice(0, x, operation != ConvOperation.BACKWARD_DATA || accumulate);
            DeviceTensor deviceW = onDevice(1, w, operation != ConvOperation.BACKWARD_FILTER || accumulate);
            DeviceTensor deviceY = onDevice(2, y, operation != ConvOperation.FORWARD || accumulate);
            DeviceTensor deviceBias = bias == null ? null : onDevice(3, bias, true);
            if (plan.request().problem().batch() == 0) {
                sumsOfNothing(operation, deviceW, accumulate);
            } else if (bias == null) {
                enqueue(plan, deviceX, deviceW, deviceY, accumulate);
            } else if (relu) {
                enqueueWithBiasAndRelu(plan, deviceX, deviceW, deviceY, deviceBias);
            } else {
                enqueueWithBias(plan, deviceX, deviceW, deviceY, deviceBias);
            }
            hostArguments.copyBack(operation.outputOf(deviceX, deviceW, deviceY), operation.outputOf(x, w, y));
        } finally {
            oneAtATime.unlock();
        }
    }

    /** What an empty batch leaves to do: the other outputs have no elements. */
    private static void sumsOfNothing(ConvOperation operation, DeviceTensor w, boolean accumulate) {
        if (operation == ConvOperation.BACKWARD_FILTER && !accumulate) {
            w.fillZero();
        }
    }

    @Override
    public final void broadcastBias(Tensor bias, Tensor output) {
        oneAtATime.lock();
        try {
            DeviceTensor deviceOutput = onDevice(0, output, false);
            enqueueBroadcast(onDevice(1, bias, true), deviceOutput);
            hostArguments.copyBack(deviceOutput, output);
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public final void backwardBias(Tensor dy, Tensor dbias, boolean accumulate) {
        oneAtATime.lock();
        try {
            DeviceTensor deviceDy = onDevice(0, dy, true);
            DeviceTensor deviceDbias = onDevice(1, dbias, accumulate);
            enqueueBiasGradient(deviceDy, deviceDbias, accumulate);
            hostArguments.copyBack(deviceDbias, dbias);
        } finally {
            oneAtATime.unlock();
        }
    }

    /** As the context was opened. */
    @Override
    public final long workspaceLimit() {
        return context.options().workspaceLimit();
    }

    /**
     * By events on the main stream, so that the host's share is not counted. The work is done twice and timed the second time: it is
     * enqueued while the device is still at the first, where otherwise the device would wait for each launch within the time.
     */
    @Override
    public final double secondsOf(Runnable work) {
        oneAtATime.lock();
        try (DeviceEvent begin = context.newEvent(); DeviceEvent end = context.newEvent()) {
            work.run();
            begin.record(context.stream());
            work.run();
            end.record(context.stream());
            end.synchronize();
            return end.millisSince(begin) * 1e-3;
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Those of cuBLAS on a large product. */
    @Override
    public final Map<String, Double> measurePeakGflops(double seconds) {
        Map<String, Double> gflops = new LinkedHashMap<>();
        measured(() -> DeviceCeilings.flops(context.options())).ifPresent(all ->
                all.forEach((arithmetic, flops) -> gflops.put(arithmetic.text(), flops * 1e-9)));
        return gflops;
    }

    @Override
    public final OptionalDouble measureCopyBytesPerSecond(double seconds) {
        return measured(() -> DeviceCeilings.copy(context)).map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }

    /** The speed of an emulated device says nothing. */
    private <T> Optional<T> measured(Supplier<T> ceiling) {
        if (context.options().source() == LibrarySource.EMULATED) {
            return Optional.empty();
        }
        oneAtATime.lock();
        try {
            return Optional.of(ceiling.get());
        } finally {
            oneAtATime.unlock();
        }
    }

    /** As a CUDA graph. Other threads' calls wait, or they would be recorded with the work. */
    @Override
    public final Optional<RecordedWork> record(Runnable work) {
        oneAtATime.lock();
        try {
            return Optional.of(new Recorded(context.capture(work)));
        } finally {
            oneAtATime.unlock();
        }
    }

    /** A graph that waits for its turn like every other call. */
    private final class Recorded implements RecordedWork {

        private final CapturedGraph graph;

        Recorded(CapturedGraph graph) {
            this.graph = graph;
        }

        @Override
        public void run() {
            oneAtATime.lock();
            try {
                graph.run();
            } finally {
                oneAtATime.unlock();
            }
        }

        @Override
        public void close() {
            graph.close();
        }
    }

    @Override
    public final void poisonWorkspace(ConvPlan plan) {
        oneAtATime.lock();
        try {
            context.releaseWorkspace();
            long bytes = plan.workspaceBytes();
            context.fill(context.workspace(bytes), POISON, bytes);
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public final DeviceTensor newTensor(DataType type, Layout layout, TensorShape shape) {
        oneAtATime.lock();
        try {
            return context.newTensor(type, layout, shape);
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Between tensors of the device; values of the heap are converted there. */
    @Override
    public final void convert(Tensor source, Tensor target) {
        Support support = source instanceof HostTensor && target instanceof HostTensor ? Support.supported()
                : FormCopy.support(source.dataType(), target.dataType());
        if (!support.yes()) {
            throw new UnsupportedRequestException(support.reason());
        }
        if (source instanceof HostTensor from) {
            HostTensor converted = from.to(target.dataType(), target.layout());
            if (target instanceof HostTensor to) {
                to.copyFrom(converted);
            } else {
                upload(converted, target);
            }
            return;
        }
        oneAtATime.lock();
        try {
            TensorShape shape = source.shape();
            DeviceTensor to = onDevice(1, target, false);
            boolean hasChannels = shape.rank() > 1;
            conversions.copy(source.dataType(), source.layout(), ((DeviceTensor) source).address(), to.dataType(), to.layout(),
                    to.address(), shape.rank() == 0 ? 1 : shape.size(0), hasChannels ? shape.size(1) : 1, shape.positions());
            to.changed();
            hostArguments.copyBack(to, target);
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public final void upload(HostTensor values, Tensor target) {
        oneAtATime.lock();
        try {
            ((DeviceTensor) target).copyFrom(values);
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public final void download(Tensor values, HostTensor target) {
        oneAtATime.lock();
        try {
            ((DeviceTensor) values).copyTo(target);
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public final void close() {
        oneAtATime.lock();
        try {
            hostArguments.close();
            release();
            context.close();
        } finally {
            oneAtATime.unlock();
        }
    }

    private DeviceTensor onDevice(int argument, Tensor tensor, boolean isRead) {
        return tensor instanceof DeviceTensor device ? device : hostArguments.onDevice(argument, (HostTensor) tensor, isRead);
    }
}
