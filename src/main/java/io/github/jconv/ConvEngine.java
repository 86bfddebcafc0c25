package io.github.jconv;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.AlgorithmRefusedException;
import io.github.jconv.algorithm.Autotuner;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.algorithm.RecordedWork;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.algorithm.TunedChoices;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.algorithm.deny.DenyList;
import io.github.jconv.device.DeviceChoice;
import io.github.jconv.device.DeviceException;
import io.github.jconv.device.DevicePolicy;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.MathMode;
import io.github.jconv.device.NativeLibraryException;
import io.github.jconv.device.UserCache;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Required;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The front door: convolutions, transposed convolutions and all their gradients on one device.
 *
 * <p>Shapes are those of {@link ConvProblem} and {@link TransposedConvolution}. Methods that take an output write into it;
 * the others return a new tensor in the same place and of the same type as their first tensor. An output must not overlap an
 * input. Every tensor of a call has the same type: fp32, fp64 for gradient checks, or one of 16 bits for storage (sums are in fp32), and
 * the same layout: NCHW, or NHWC with the channels last, filters included. What a backend does not serve in that form it serves through
 * copies, which {@link ConvPlan#conversions} names.
 *
 * <p>Safe for use from several threads; calls are executed one after another. Results do not depend on the number of threads.
 * Once an engine has seen a problem, further calls with given outputs allocate nothing. A closed engine computes and copies nothing any
 * more: it throws an {@link IllegalStateException}.
 */
public final class ConvEngine implements AutoCloseable {

    /** Bytes of scratch memory that a plan may ask for unless an engine is built with another limit: 256 MiB. */
    public static final long DEFAULT_WORKSPACE_LIMIT = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ConvEngine.class);
    private static final int REMEMBERED_PLANS = 1024;
    private static final String TUNED_CHOICES = "tuned-choices.txt";

    private final Backend backend;
    private final DeviceChoice deviceChoice;
    private final AlgorithmChooser chooser;
    private final long workspaceLimit;
    private final TensorChecks checks;
    private final PlanCache plans = new PlanCache(REMEMBERED_PLANS);
    private volatile boolean closed;

    private ConvEngine(EnginePlace place, AlgorithmChooser chooser, long workspaceLimit) {
        this.backend = place.backend();
        this.deviceChoice = place.choice();
        this.chooser = chooser;
        this.workspaceLimit = workspaceLimit;
        this.checks = new TensorChecks(backend);
    }

    /** An engine with the defaults of {@link Builder}. */
    public static ConvEngine open() {
        return builder().open();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Where choices made by measuring are remembered unless another file is given: in the user's cache folder. */
    public static Path tunedChoices() {
        return UserCache.folder().resolve(TUNED_CHOICES);
    }

    /** The backend in use, its name, description and algorithms. */
    public Backend backend() {
        return backend;
    }

    /** Where this engine computes, and why there; for a CPU in place of a GPU, what was tried and what mends it. */
    public DeviceChoice deviceChoice() {
        return deviceChoice;
    }

    /** A new tensor of zeros where this engine computes, NCHW. */
    public Tensor newTensor(DataType type, TensorShape shape) {
        return newTensor(type, Layout.NCHW, shape);
    }

    /** A new tensor of zeros where this engine computes. */
    public Tensor newTensor(DataType type, Layout layout, TensorShape shape) {
        requireOpen();
        return backend.newTensor(type, layout, shape);
    }

    /**
     * Copies the values of a tensor of this engine into another one of the same shape and of any type and layout, each rounded once, to
     * the nearest, ties to even, where that type is narrower. A device converts between the layouts of a type, and between fp32 and the
     * types of 16 bits.
     *
     * @throws UnsupportedRequestException where the backend has no such conversion
     */
    public void convert(Tensor source, Tensor target) {
        requireOpen();
        checks.conversion(source, target);
        backend.convert(source, target);
    }

    /** Copies values from the heap into a tensor of this engine with the same type, layout and shape. */
    public void upload(HostTensor values, Tensor target) {
        requireOpen();
        backend.upload(values, target);
    }

    /** Copies the values of a tensor of this engine to the heap, when everything that writes them is done. */
    public void download(Tensor values, HostTensor target) {
        requireOpen();
        backend.download(values, target);
    }

    /**
     * The operations of a network besides convolutions, on this engine's tensors.
     *
     * @throws UnsupportedRequestException when the backend computes convolutions only
     */
    public TensorOps networkOps() {
        requireOpen();
        return backend.networkOps().orElseThrow(() -> new UnsupportedRequestException(
                "backend " + backend.name() + " computes convolutions only; networks need another one, such as cpu"));
    }

    /** Records work on this engine's tensors to be run again as a whole, where its backend can: see {@link Backend#record}. */
    public Optional<RecordedWork> record(Runnable work) {
        requireOpen();
        return backend.record(work);
    }

    /** Convolutions as functions of tensors, the problem inferred from their shapes. */
    public Functional functional() {
        return new Functional(this);
    }

    // --- plans ------------------------------------------------------------------------------------------------------------

    /** Which algorithm serves an operation of a problem in fp32, NCHW, why, and with what workspace. */
    public ConvPlan plan(ConvProblem problem, ConvOperation operation) {
        return plan(problem, operation, DataType.FLOAT32, Layout.NCHW, FilterUse.CHANGING);
    }

    /** Which algorithm serves a request, why, through what conversions, and with what workspace. */
    public ConvPlan plan(ConvRequest request) {
        return plan(request.problem(), request.operation(), request.dataType(), request.layout(), request.filters());
    }

    /** The plan of a transposed convolution's forward in fp32. */
    public ConvPlan plan(TransposedConvolution layer) {
        return plan(layer.equivalent(), ConvOperation.BACKWARD_DATA);
    }

    private ConvPlan plan(ConvProblem problem, ConvOperation operation, DataType type, Layout layout, FilterUse filters) {
        ConvPlan plan = plans.get(problem, operation, type, layout, filters);
        if (plan == null) {
            plan = chooser.choose(new ConvRequest(problem, operation, type, layout, filters), backend.name(), backend.algorithms(),
                    workspaceLimit);
            LOG.debug("{}", plan);
            plans.put(plan);
        }
        return plan;
    }

    // --- convolution ------------------------------------------------------------------------------------------------------

    /** y of x and w; see {@link ConvProblem} for the formula and the shapes. */
    public <T extends Tensor> T forward(ConvProblem problem, T x, T w) {
        return forward(problem, x, w, null);
    }

    /** y of x and w plus {@code bias[k]} at every position of channel k; the bias may be null. */
    public <T extends Tensor> T forward(ConvProblem problem, T x, T w, T bias) {
        return filled(newOutput(problem, "x", x, problem.yShape()),
                out -> forward(problem, x, w, bias, out));
    }

    /** The same into {@code y}. */
    public <T extends Tensor> void forward(ConvProblem problem, T x, T w, T bias, T y) {
        run(problem, ConvOperation.FORWARD, TensorRoles.FORWARD, x, w, y, bias, false, WriteMode.OVERWRITE);
    }

    /** {@code max(y, 0)} of the same y, in one step where the backend has one; the bias may not be null. */
    public <T extends Tensor> T forwardRelu(ConvProblem problem, T x, T w, T bias) {
        return filled(newOutput(problem, "x", x, problem.yShape()), out -> forwardRelu(problem, x, w, bias, out));
    }

    /** The same into {@code y}. */
    public <T extends Tensor> void forwardRelu(ConvProblem problem, T x, T w, T bias, T y) {
        run(problem, ConvOperation.FORWARD, TensorRoles.FORWARD, x, w, y, Required.given(bias, "bias"), true,
                WriteMode.OVERWRITE);
    }

    /** dx, the gradient with respect to x, from dy and w. */
    public <T extends Tensor> T backwardData(ConvProblem problem, T dy, T w) {
        return filled(newOutput(problem, "dy", dy, problem.xShape()),
                out -> backwardData(problem, dy, w, out, WriteMode.OVERWRITE));
    }

    /** The same into {@code dx}. */
    public <T extends Tensor> void backwardData(ConvProblem problem, T dy, T w, T dx, WriteMode mode) {
        run(problem, ConvOperation.BACKWARD_DATA, TensorRoles.BACKWARD_DATA, dx, w, dy, null, false, mode);
    }

    /** dw, the gradient with respect to w, from x and dy. */
    public <T extends Tensor> T backwardFilter(ConvProblem problem, T x, T dy) {
        return filled(newOutput(problem, "x", x, problem.wShape()),
                out -> backwardFilter(problem, x, dy, out, WriteMode.OVERWRITE));
    }

    /** The same into {@code dw}. */
    public <T extends Tensor> void backwardFilter(ConvProblem problem, T x, T dy, T dw, WriteMode mode) {
        run(problem, ConvOperation.BACKWARD_FILTER, TensorRoles.BACKWARD_FILTER, x, dw, dy, null, false, mode);
    }

    /** dbias {@code [K]}: the sum of dy over images and positions, for each channel. */
    public <T extends Tensor> T backwardBias(ConvProblem problem, T dy) {
        return filled(newOutput(problem, "dy", dy, problem.biasShape()),
                out -> backwardBias(problem, dy, out, WriteMode.OVERWRITE));
    }

    /** The same into {@code dbias}. */
    public <T extends Tensor> void backwardBias(ConvProblem problem, T dy, T dbias, WriteMode mode) {
        checks.backwardBias(problem, dy, dbias, mode);
        runBackwardBias(problem, dy, dbias, mode);
    }

    // --- transposed convolution: the backward-data of its equivalent convolution ---------------------------------------------

    /** The layer's output {@code [N, outputChannels, output...]}. */
    public <T extends Tensor> T forward(TransposedConvolution layer, T input, T weight) {
        return forward(layer, input, weight, null);
    }

    /** The layer's output plus {@code bias[c]} at every position of channel c, whether or not the filter reaches it. */
    public <T extends Tensor> T forward(TransposedConvolution layer, T input, T weight, T bias) {
        return filled(newOutput(layer.equivalent(), "input", input, layer.equivalent().xShape()),
                out -> forward(layer, input, weight, bias, out));
    }

    /** The same into {@code output}. */
    public <T extends Tensor> void forward(TransposedConvolution layer, T input, T weight, T bias, T output) {
        run(layer.equivalent(), ConvOperation.BACKWARD_DATA, TensorRoles.LAYER_FORWARD, output, weight, input, bias, false,
                WriteMode.OVERWRITE);
    }

    /** The gradient with respect to the layer's input, from the gradient of its output: the equivalent convolution's forward. */
    public <T extends Tensor> T backwardData(TransposedConvolution layer, T outputGradient, T weight) {
        return filled(newOutput(layer.equivalent(), "output gradient", outputGradient, layer.equivalent().yShape()),
                out -> backwardData(layer, outputGradient, weight, out, WriteMode.OVERWRITE));
    }

    /** The same into {@code inputGradient}. */
    public <T extends Tensor> void backwardData(TransposedConvolution layer, T outputGradient, T weight, T inputGradient,
                                                WriteMode mode) {
        run(layer.equivalent(), ConvOperation.FORWARD, TensorRoles.LAYER_BACKWARD_DATA, outputGradient, weight, inputGradient, null,
                false, mode);
    }

    /** The gradient with respect to the layer's weight, from its input and the gradient of its output. */
    public <T extends Tensor> T backwardFilter(TransposedConvolution layer, T input, T outputGradient) {
        return filled(newOutput(layer.equivalent(), "input", input, layer.equivalent().wShape()),
                out -> backwardFilter(layer, input, outputGradient, out, WriteMode.OVERWRITE));
    }

    /** The same into {@code weightGradient}. */
    public <T extends Tensor> void backwardFilter(TransposedConvolution layer, T input, T outputGradient, T weightGradient,
                                                  WriteMode mode) {
        run(layer.equivalent(), ConvOperation.BACKWARD_FILTER, TensorRoles.LAYER_BACKWARD_FILTER, outputGradient, weightGradient,
                input, null, false, mode);
    }

    /** The gradient with respect to the layer's bias {@code [outputChannels]}. */
    public <T extends Tensor> T backwardBias(TransposedConvolution layer, T outputGradient) {
        return filled(newOutput(layer.equivalent(), "output gradient", outputGradient, layer.biasShape()),
                out -> backwardBias(layer, outputGradient, out, WriteMode.OVERWRITE));
    }

    /** The same into {@code biasGradient}. */
    public <T extends Tensor> void backwardBias(TransposedConvolution layer, T outputGradient, T biasGradient, WriteMode mode) {
        checks.layerBackwardBias(layer.equivalent(), outputGradient, biasGradient, mode);
        runBackwardBias(layer.equivalent(), outputGradient, biasGradient, mode);
    }

    @Override
    public void close() {
        closed = true;
        backend.close();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
    }

    // --- one way in for everything ------------------------------------------------------------------------------------------

    private void run(ConvProblem problem, ConvOperation operation, TensorRoles roles, Tensor x, Tensor w, Tensor y, Tensor bias,
                     boolean relu, WriteMode mode) {
        requireOpen();
        checks.operation(problem, operation, roles, x, w, y, bias, mode);
        ConvPlan plan = plan(problem, operation, x.dataType(), x.layout(), FilterUse.of(operation, w));
        try {
            if (bias == null) {
                backend.run(plan, x, w, y, mode == WriteMode.ACCUMULATE);
            } else if (relu) {
                backend.runWithBiasAndRelu(plan, x, w, y, bias);
            } else {
                backend.runWithBias(plan, x, w, y, bias);
            }
            operation.outputOf(x, w, y).changed();
        } catch (AlgorithmRefusedException e) {
            LOG.info("{}: {}; another algorithm is chosen", plan.request(), e.getMessage());
            plans.forget(plan);
            run(problem, operation, roles, x, w, y, bias, relu, mode);
        } catch (DeviceException e) {
            throw e.during(plan);
        }
    }

    private void runBackwardBias(ConvProblem problem, Tensor dy, Tensor dbias, WriteMode mode) {
        requireOpen();
        try {
            backend.backwardBias(dy, dbias, mode == WriteMode.ACCUMULATE);
        } catch (DeviceException e) {
            throw e.during("the bias gradient of " + problem);
        }
    }

    /** The output tensor lives where the input does, so its type is the input's. */
    @SuppressWarnings("unchecked")
    private <T extends Tensor> T newOutput(ConvProblem problem, String name, T like, TensorShape shape) {
        checks.place(problem, name, like);
        return (T) like.newTensor(shape);
    }

    /** The output, which is closed when filling it fails: nobody else knows of it yet. */
    private static <T extends Tensor> T filled(T output, Consumer<T> fill) {
        try {
            fill.accept(output);
            return output;
        } catch (RuntimeException | Error e) {
            output.close();
            throw e;
        }
    }

    /** How an engine is opened. */
    public static final class Builder {

        private boolean strict = Boolean.getBoolean("jconv.strict");

        private int threads = defaultThreads();
        private long workspaceLimit = DEFAULT_WORKSPACE_LIMIT;
        private String backend;
        private DeviceRequest device;
        private MathMode mathMode = MathMode.ofProperty();
        private boolean varying;
        private AlgorithmChooser chooser;
        private Path tuned;
        private final Map<ConvOperation, AlgorithmChooser> perOperation = new EnumMap<>(ConvOperation.class);

        private Builder() {
        }

        /** CPU threads that share the work of a call; the number of cores unless set, or the property {@code jconv.threads}. */
        public Builder threads(int count) {
            if (count < 1 || count > 1024) {
                throw new IllegalArgumentException("threads is " + count + "; allowed: 1..1024");
            }
            threads = count;
            return this;
        }

        /** The backend by name, one of {@link Backends#names()}; unless set, the one that {@link #device} leads to. */
        public Builder backend(String name) {
            backend = Required.given(name, "backend");
            return this;
        }

        /**
         * Whether to compute on a GPU; on the first one. Unless set, the property {@code jconv.device} says it: {@code auto},
         * {@code cpu}, {@code gpu}, {@code emulated}, or the number of a device; and {@code auto} prefers a GPU where there is one.
         */
        public Builder device(DevicePolicy policy) {
            return device(DeviceRequest.of(Required.given(policy, "device policy")));
        }

        /** On which device to compute. */
        public Builder device(DeviceRequest request) {
            device = Required.given(request, "device");
            return this;
        }

        /**
         * Whether to take algorithms of cuDNN as well whose results may differ in their last bits from run to run; not unless set. All
         * others give the same bits every time.
         */
        public Builder varying(boolean allowed) {
            varying = allowed;
            return this;
        }

        /**
         * The arithmetic of products on a device; fp32 unless set here or by the property {@code jconv.math}. The CPU always computes in
         * the type of the tensors.
         */
        public Builder mathMode(MathMode mode) {
            mathMode = Required.given(mode, "math mode");
            return this;
        }

        /** Bytes of scratch memory that a plan may ask for; {@link #DEFAULT_WORKSPACE_LIMIT} unless set. */
        public Builder workspaceLimit(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("workspace limit is " + bytes + "; allowed: 0 and up");
            }
            workspaceLimit = bytes;
            return this;
        }

        /**
         * One algorithm for everything, {@code ALGO_1} or {@code cudnn:ALGO_1}; what it cannot serve is refused, never served by another
         * one.
         */
        public Builder algorithm(String name) {
            chooser = AlgorithmChooser.fixed(Required.given(name, "algorithm"));
            return this;
        }

        /** One algorithm for one operation. */
        public Builder algorithm(ConvOperation operation, String name) {
            perOperation.put(Required.given(operation, "operation"), AlgorithmChooser.fixed(Required.given(name, "algorithm")));
            return this;
        }

        /**
         * Take no algorithm whose products are not those of the definition, in the type of the tensors: no Winograd, no Fourier transforms,
         * no TF32. Such an algorithm asked for by name is refused. Not so unless set, or the property {@code jconv.strict} is
         * {@code true}: see {@link Accuracy} for how far off their results may be.
         */
        public Builder strictAccuracy() {
            strict = true;
            return this;
        }

        /** A choice of your own. */
        public Builder chooser(AlgorithmChooser custom) {
            chooser = Required.given(custom, "chooser");
            return this;
        }

        /**
         * Choose by measuring: the first call of each request runs what can serve it and takes the fastest, which is remembered in the
         * user's cache folder ({@link UserCache}). Takes the place of {@link #chooser}.
         */
        public Builder autotune() {
            return autotune(tunedChoices());
        }

        /** The same with a file of one's own for what was measured; it need not exist. */
        public Builder autotune(Path file) {
            tuned = Required.given(file, "file of what was measured");
            return this;
        }

        /**
         * Opens the engine.
         *
         * @throws NativeLibraryException when a device is required and libraries are missing; its message is the report
         * @throws DeviceException        when a device is required and cannot be used
         */
        public ConvEngine open() {
            DenyList denied = DenyLists.ofThisHost();
            DeviceRequest request = device != null ? device : DeviceRequest.ofProperty();
            EnginePlace place = EnginePlace.open(backend, request, threads,
                    request.options().withWorkspaceLimit(workspaceLimit).withMathMode(mathMode).withVarying(varying));
            LOG.info("JConv on {}", place.choice());
            AlgorithmChooser all = AlgorithmChooser.perOperation(perOperation, otherwise(place.backend(), denied));
            return new ConvEngine(place, strict ? AlgorithmChooser.refusedUnlessStrict(all) : all, workspaceLimit);
        }

        /** What is denied is neither chosen nor measured; a choice of the caller's own is the caller's. */
        private AlgorithmChooser otherwise(Backend opened, DenyList denied) {
            if (tuned == null && chooser != null) {
                return chooser;
            }
            AlgorithmChooser own = tuned == null ? opened.usualChooser() : new Autotuner(opened, TunedChoices.inFile(tuned));
            return denied.concerning(opened).honouredBy(strict ? AlgorithmChooser.strict(own) : own);
        }

        private static int defaultThreads() {
            String property = System.getProperty("jconv.threads");
            if (property == null) {
                return Runtime.getRuntime().availableProcessors();
            }
            try {
                return Integer.parseInt(property.strip());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("property jconv.threads is '" + property + "'; allowed: 1..1024", e);
            }
        }
    }
}
