package io.github.jconv.cudnn;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cudnn.CudnnHandle.Answer;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import java.util.List;

/**
 * One algorithm of cuDNN, under cuDNN's own name. Whether it serves a request is asked of the library itself, after what can be said
 * without it.
 */
public final class CudnnAlgorithm implements ConvAlgorithm {

    private final LibraryAlgorithm algorithm;
    private final DeviceOptions options;
    private final CudnnHandle handle;
    private final PaddedCopy copies;

    CudnnAlgorithm(LibraryAlgorithm algorithm, DeviceOptions options, CudnnHandle handle, PaddedCopy copies) {
        this.algorithm = algorithm;
        this.options = options;
        this.handle = handle;
        this.copies = copies;
    }

    @Override
    public String name() {
        return algorithm.name();
    }

    @Override
    public Support supports(ConvRequest request) {
        Support known = Support.when(algorithm.number(request.operation()) >= 0,
                        "cuDNN has no algorithm of this name for " + request.operation().text())
                .and(Support.when(algorithm.isDeterministic() || options.varying(),
                        "its results may differ from run to run, and that was not allowed"))
                .and(Support.when(algorithm.addsProducts() || !usesTf32(request),
                        "nothing is known of how far transforms in TF32 are off"));
        if (!known.yes()) {
            return known;
        }
        CudnnShape shape = new CudnnShape(request);
        Support describable = shape.describable();
        return describable.yes() ? answer(request, shape).support() : describable;
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        CudnnShape shape = new CudnnShape(request);
        return shape.copyBytes() + answer(request, shape).workspaceBytes();
    }

    @Override
    public CudnnPlan prepare(ConvRequest request) {
        CudnnShape shape = new CudnnShape(request);
        return new CudnnPlan(shape, shape.planes(), shape.isCopied() ? shape.copyGeometry() : null, shape.copyBytes(),
                answer(request, shape).workspaceBytes());
    }

    @Override
    public List<String> conversions(ConvRequest request) {
        return new CudnnShape(request).conversions();
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        if (!algorithm.addsProducts()) {
            return Accuracy.TRANSFORMED;
        }
        return usesTf32(request) ? Accuracy.TF32_PRODUCTS : Accuracy.SUM_OF_PRODUCTS;
    }

    private boolean usesTf32(ConvRequest request) {
        return options.mathMode() == MathMode.TF32 && request.dataType() == DataType.FLOAT32;
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return algorithm.addsProducts() ? NonFinite.ZEROS_TAKE_PART : NonFinite.SPREADS;
    }

    /** cuDNN's number of this algorithm; negative where the operation has none. */
    int number(ConvOperation operation) {
        return algorithm.number(operation);
    }

    /** The library knows no empty tensors; an empty batch never comes to it. */
    private Answer answer(ConvRequest request, CudnnShape shape) {
        return shape.isEmpty() ? new Answer(Support.supported(), 0) : handle.ask(request.operation(), shape, algorithm);
    }

    /** Enqueues the plan's operation. */
    void run(ConvPlan plan, long x, long w, long y, long workspace, boolean accumulate) {
        ConvOperation operation = plan.request().operation();
        CudnnPlan prepared = plan.prepared(CudnnPlan.class);
        if (prepared.plane() == null) {
            run(operation, prepared, x, w, y, workspace, accumulate);
            return;
        }
        if (operation == ConvOperation.BACKWARD_DATA) {
            run(operation, prepared, workspace, w, y, workspace + prepared.copyBytes(), false);
            copies.crop(prepared.plane(), prepared.planes(), workspace, x, accumulate);
        } else {
            copies.pad(prepared.plane(), prepared.planes(), x, workspace);
            run(operation, prepared, workspace, w, y, workspace + prepared.copyBytes(), accumulate);
        }
    }

    /**
     * Enqueues {@code y = max(convolution of x and w + bias, 0)} as one call.
     *
     * @return false when there is no such call for this plan; nothing was enqueued that matters
     */
    boolean runWithBiasAndRelu(ConvPlan plan, long x, long w, DeviceTensor y, DeviceTensor bias, long workspace) {
        if (plan.request().operation() != ConvOperation.FORWARD) {
            return false;
        }
        CudnnPlan prepared = plan.prepared(CudnnPlan.class);
        long input = x;
        if (prepared.plane() != null) {
            copies.pad(prepared.plane(), prepared.planes(), x, workspace);
            input = workspace;
        }
        return handle.runWithBiasAndRelu(prepared.shape(), algorithm, input, w, y, bias, workspace + prepared.copyBytes(),
                prepared.workspaceBytes());
    }

    private void run(ConvOperation operation, CudnnPlan prepared, long x, long w, long y, long workspace, boolean accumulate) {
        handle.run(operation, prepared.shape(), algorithm, x, w, y, prepared.workspaceBytes() == 0 ? 0 : workspace,
                prepared.workspaceBytes(), accumulate);
    }
}
