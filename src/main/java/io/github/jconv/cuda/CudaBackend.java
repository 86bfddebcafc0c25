package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.device.DeviceBackend;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceOps;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.device.MathMode;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** JConv's own kernels and cuBLAS on one device. */
public final class CudaBackend extends DeviceBackend {

    private final Kernels kernels;
    private final CudaCall call;
    private final List<CudaAlgorithm> algorithms;
    private final CudaOps networkOps;

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
        super(context);
        kernels = new Kernels(context, alwaysWide);
        call = new CudaCall(context, kernels);
        networkOps = new CudaOps(context, alwaysWide);
        algorithms = algorithms(context.options().mathMode(), context.info().computeCapability(), scratch);
    }

    /** The other operations of a network, for a backend that computes convolutions only; the caller closes them. */
    public static DeviceOps networkOps(DeviceContext context) {
        return new CudaOps(context, false);
    }

    /** The names of all algorithms; no device is needed for that. */
    public static List<String> algorithmNames() {
        return algorithms(MathMode.FP32, 0, Scratch.OF_A_CACHE).stream().map(ConvAlgorithm::name).toList();
    }

    /**
     * The fastest first; what serves everything last. Needs no device.
     *
     * @param computeCapability of the device, as 90
     */
    static List<CudaAlgorithm> algorithms(MathMode mathMode, int computeCapability, Scratch scratch) {
        return Stream.<CudaAlgorithm>of(
                new TensorGemmAlgorithm(mathMode, computeCapability),
                new FullSizeGemmAlgorithm(mathMode),
                new PointwiseGemmAlgorithm(mathMode),
                new DepthwiseStripsAlgorithm(),
                new DepthwiseAlgorithm(),
                new ParityAlgorithm(mathMode, scratch),
                new GemmCol2imAlgorithm(mathMode, scratch),
                new Im2colGemmAlgorithm(mathMode, scratch),
                new ImplicitGemmAlgorithm(),
                new ZeroInsertAlgorithm(scratch),
                new DirectAlgorithm()).<CudaAlgorithm>map(ConvertingAlgorithm::new).toList();
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public List<CudaAlgorithm> algorithms() {
        return algorithms;
    }

    /** On tensors of the device only: nothing is copied from or to the heap. */
    @Override
    public Optional<TensorOps> networkOps() {
        return Optional.of(networkOps);
    }

    @Override
    protected void release() {
        networkOps.close();
    }

    @Override
    protected void enqueue(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, boolean accumulate) {
        bind(plan, x, w, y, accumulate);
        ((CudaAlgorithm) plan.algorithm()).run(call);
    }

    private void bind(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, boolean accumulate) {
        long workspace = context().workspace(plan.workspaceBytes());
        call.bind(plan, x.address(), w.address(), y.address(), workspace, accumulate);
        call.keep(w);
    }

    @Override
    protected void enqueueWithBias(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, DeviceTensor bias) {
        if (!enqueueInFewPasses(plan, x, w, y, bias, false)) {
            super.enqueueWithBias(plan, x, w, y, bias);
        }
    }

    @Override
    protected void enqueueWithBiasAndRelu(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, DeviceTensor bias) {
        if (!enqueueInFewPasses(plan, x, w, y, bias, true)) {
            super.enqueueWithBiasAndRelu(plan, x, w, y, bias);
        }
    }

    /** With the bias and the ReLU in the algorithm's own pass over the output, or in one behind it; false if it can be neither. */
    private boolean enqueueInFewPasses(ConvPlan plan, DeviceTensor x, DeviceTensor w, DeviceTensor y, DeviceTensor bias, boolean relu) {
        DeviceTensor output = plan.request().operation().outputOf(x, w, y);
        CudaAlgorithm algorithm = (CudaAlgorithm) plan.algorithm();
        if (algorithm.addsBias(plan.request())) {
            bind(plan, x, w, y, false);
            call.endWith(bias.address(), relu);
            algorithm.run(call);
            return true;
        }
        // Of 16 bits the result would be rounded before the bias is added, and then again.
        if (!output.dataType().isNarrow()) {
            enqueue(plan, x, w, y, false);
            addBias(bias, output, true, relu);
            return true;
        }
        return false;
    }

    /** Of 16 bits: all others have their ReLU with the bias. */
    @Override
    protected void enqueueRelu(DeviceTensor output) {
        kernels.relu(output.dataType(), output.address(), output.shape().elements());
    }

    @Override
    protected void enqueueBroadcast(DeviceTensor bias, DeviceTensor output) {
        addBias(bias, output, false, false);
    }

    /** With the channels last, every position is an image of its own. */
    private void addBias(DeviceTensor bias, DeviceTensor output, boolean accumulate, boolean relu) {
        TensorShape shape = output.shape();
        boolean last = output.layout() == Layout.NHWC;
        kernels.addBias(output.dataType(), bias.address(), output.address(), last ? shape.size(0) * shape.positions() : shape.size(0),
                (int) shape.size(1), last ? 1 : shape.positions(), accumulate, relu);
    }

    @Override
    protected void enqueueBiasGradient(DeviceTensor dy, DeviceTensor dbias, boolean accumulate) {
        kernels.biasGradient(dy.dataType(), dy.address(), dbias.address(), dy.shape().size(0), (int) dy.shape().size(1),
                dy.shape().positions(), dy.layout() == Layout.NHWC, accumulate);
    }
}
