package io.github.jconv;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The front door: convolutions, transposed convolutions and all their gradients on one device.
 *
 * <p>Shapes are those of {@link ConvProblem} and {@link TransposedConvolution}. Methods that take an output write into it;
 * the others return a new tensor in the same place and of the same type as their first tensor. An output must not overlap an
 * input. Every tensor of a call has the same type: fp32, or fp64 for gradient checks.
 *
 * <p>Safe for use from several threads; calls are executed one after another. Results do not depend on the number of threads.
 * Once an engine has seen a problem, further calls with given outputs allocate nothing.
 */
public final class ConvEngine implements AutoCloseable {

    /** Bytes of scratch memory that a plan may ask for unless an engine is built with another limit: 256 MiB. */
    public static final long DEFAULT_WORKSPACE_LIMIT = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ConvEngine.class);
    private static final int REMEMBERED_PLANS = 1024;
    private static final Support NOTHING = Support.no("null; allowed: a tensor");

    private final Backend backend;
    private final AlgorithmChooser chooser;
    private final long workspaceLimit;
    private final PlanCache plans = new PlanCache(REMEMBERED_PLANS);

    private ConvEngine(Backend backend, AlgorithmChooser chooser, long workspaceLimit) {
        this.backend = backend;
        this.chooser = chooser;
        this.workspaceLimit = workspaceLimit;
    }

    /** An engine with the defaults of {@link Builder}. */
    public static ConvEngine open() {
        return builder().open();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The backend in use, its name, description and algorithms. */
    public Backend backend() {
        return backend;
    }

    /** A new tensor of zeros where this engine computes. */
    public Tensor newTensor(DataType type, TensorShape shape) {
        return backend.newTensor(type, shape);
    }

    /** Copies values from the heap into a tensor of this engine with the same type and shape. */
    public void upload(HostTensor values, Tensor target) {
        backend.upload(values, target);
    }

    /** Copies the values of a tensor of this engine to the heap, when everything that writes them is done. */
    public void download(Tensor values, HostTensor target) {
        backend.download(values, target);
    }

    /**
     * The operations of a network besides convolutions, on this engine's tensors.
     *
     * @throws UnsupportedRequestException when the backend computes convolutions only
     */
    public TensorOps networkOps() {
        return backend.networkOps().orElseThrow(() -> new UnsupportedRequestException(
                "backend " + backend.name() + " computes convolutions only; networks need another one, such as cpu"));
    }

    // --- plans ------------------------------------------------------------------------------------------------------------

    /** Which algorithm serves an operation of a problem in fp32, why, and with what workspace. */
    public ConvPlan plan(ConvProblem problem, ConvOperation operation) {
        return plan(problem, operation, DataType.FLOAT32);
    }

    /** The plan of a transposed convolution's forward in fp32. */
    public ConvPlan plan(TransposedConvolution layer) {
        return plan(layer.equivalent(), ConvOperation.BACKWARD_DATA);
    }

    private ConvPlan plan(ConvProblem problem, ConvOperation operation, DataType type) {
        ConvPlan plan = plans.get(problem, operation, type);
        if (plan == null) {
            plan = chooser.choose(new ConvRequest(problem, operation, type), backend.name(), backend.algorithms(), workspaceLimit);
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
        T y = newOutput(x, problem.yShape());
        forward(problem, x, w, bias, y);
        return y;
    }

    /** The same into {@code y}. */
    public <T extends Tensor> void forward(ConvProblem problem, T x, T w, T bias, T y) {
        forward(problem, x, w, bias, y, WriteMode.OVERWRITE);
    }

    private void forward(ConvProblem problem, Tensor x, Tensor w, Tensor bias, Tensor y, WriteMode mode) {
        run(problem, ConvOperation.FORWARD, x, w, y, bias, mode);
    }

    /** dx, the gradient with respect to x, from dy and w. */
    public <T extends Tensor> T backwardData(ConvProblem problem, T dy, T w) {
        T dx = newOutput(dy, problem.xShape());
        backwardData(problem, dy, w, dx, WriteMode.OVERWRITE);
        return dx;
    }

    /** The same into {@code dx}. */
    public <T extends Tensor> void backwardData(ConvProblem problem, T dy, T w, T dx, WriteMode mode) {
        run(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, null, mode);
    }

    /** dw, the gradient with respect to w, from x and dy. */
    public <T extends Tensor> T backwardFilter(ConvProblem problem, T x, T dy) {
        T dw = newOutput(x, problem.wShape());
        backwardFilter(problem, x, dy, dw, WriteMode.OVERWRITE);
        return dw;
    }

    /** The same into {@code dw}. */
    public <T extends Tensor> void backwardFilter(ConvProblem problem, T x, T dy, T dw, WriteMode mode) {
        run(problem, ConvOperation.BACKWARD_FILTER, x, dw, dy, null, mode);
    }

    /** dbias {@code [K]}: the sum of dy over images and positions, for each channel. */
    public <T extends Tensor> T backwardBias(ConvProblem problem, T dy) {
        T dbias = newOutput(dy, problem.biasShape());
        backwardBias(problem, dy, dbias, WriteMode.OVERWRITE);
        return dbias;
    }

    /** The same into {@code dbias}. */
    public <T extends Tensor> void backwardBias(ConvProblem problem, T dy, T dbias, WriteMode mode) {
        requireY("dy", dy, problem);
        requireChannels("dbias", dbias, problem.outputChannels(), problem);
        runBackwardBias(problem, dy, dbias, mode);
    }

    // --- transposed convolution: the backward-data of its equivalent convolution ---------------------------------------------

    /** The layer's output {@code [N, outputChannels, output...]}. */
    public <T extends Tensor> T forward(TransposedConvolution layer, T input, T weight) {
        return forward(layer, input, weight, null);
    }

    /** The layer's output plus {@code bias[c]} at every position of channel c, whether or not the filter reaches it. */
    public <T extends Tensor> T forward(TransposedConvolution layer, T input, T weight, T bias) {
        T output = newOutput(input, layer.equivalent().xShape());
        forward(layer, input, weight, bias, output);
        return output;
    }

    /** The same into {@code output}. */
    public <T extends Tensor> void forward(TransposedConvolution layer, T input, T weight, T bias, T output) {
        run(layer.equivalent(), ConvOperation.BACKWARD_DATA, output, weight, input, bias, WriteMode.OVERWRITE);
    }

    /** The gradient with respect to the layer's input, from the gradient of its output: the equivalent convolution's forward. */
    public <T extends Tensor> T backwardData(TransposedConvolution layer, T outputGradient, T weight) {
        T inputGradient = newOutput(outputGradient, layer.equivalent().yShape());
        backwardData(layer, outputGradient, weight, inputGradient, WriteMode.OVERWRITE);
        return inputGradient;
    }

    /** The same into {@code inputGradient}. */
    public <T extends Tensor> void backwardData(TransposedConvolution layer, T outputGradient, T weight, T inputGradient,
                                                WriteMode mode) {
        forward(layer.equivalent(), outputGradient, weight, null, inputGradient, mode);
    }

    /** The gradient with respect to the layer's weight, from its input and the gradient of its output. */
    public <T extends Tensor> T backwardFilter(TransposedConvolution layer, T input, T outputGradient) {
        return backwardFilter(layer.equivalent(), outputGradient, input);
    }

    /** The same into {@code weightGradient}. */
    public <T extends Tensor> void backwardFilter(TransposedConvolution layer, T input, T outputGradient, T weightGradient,
                                                  WriteMode mode) {
        backwardFilter(layer.equivalent(), outputGradient, input, weightGradient, mode);
    }

    /** The gradient with respect to the layer's bias {@code [outputChannels]}. */
    public <T extends Tensor> T backwardBias(TransposedConvolution layer, T outputGradient) {
        T biasGradient = newOutput(outputGradient, layer.biasShape());
        backwardBias(layer, outputGradient, biasGradient, WriteMode.OVERWRITE);
        return biasGradient;
    }

    /** The same into {@code biasGradient}. */
    public <T extends Tensor> void backwardBias(TransposedConvolution layer, T outputGradient, T biasGradient, WriteMode mode) {
        requireX("output gradient", outputGradient, layer.equivalent());
        requireChannels("bias gradient", biasGradient, layer.outputChannels(), layer.equivalent());
        runBackwardBias(layer.equivalent(), outputGradient, biasGradient, mode);
    }

    @Override
    public void close() {
        backend.close();
    }

    // --- one way in for everything ------------------------------------------------------------------------------------------

    private void run(ConvProblem problem, ConvOperation operation, Tensor x, Tensor w, Tensor y, Tensor bias, WriteMode mode) {
        requireX(operation == ConvOperation.BACKWARD_DATA ? "dx" : "x", x, problem);
        requireW(operation == ConvOperation.BACKWARD_FILTER ? "dw" : "w", w, problem);
        requireY(operation == ConvOperation.FORWARD ? "y" : "dy", y, problem);
        requireSameType(problem, x, w);
        requireSameType(problem, x, y);
        Tensor output = switch (operation) {
            case FORWARD -> y;
            case BACKWARD_DATA -> x;
            case BACKWARD_FILTER -> w;
        };
        requireApart(problem, output, x);
        requireApart(problem, output, w);
        requireApart(problem, output, y);
        boolean accumulate = mode == WriteMode.ACCUMULATE;
        if (bias != null) {
            requireChannels("bias", bias, output == y ? problem.outputChannels() : problem.inputChannels(), problem);
            requireSameType(problem, x, bias);
            requireApart(problem, output, bias);
        }
        ConvPlan plan = plan(problem, operation, x.dataType());
        if (bias != null) {
            backend.broadcastBias(bias, output);
            accumulate = true;
        }
        backend.run(plan, x, w, y, accumulate);
    }

    private void runBackwardBias(ConvProblem problem, Tensor dy, Tensor dbias, WriteMode mode) {
        requireSameType(problem, dy, dbias);
        requireApart(problem, dbias, dy);
        backend.backwardBias(dy, dbias, mode == WriteMode.ACCUMULATE);
    }

    // The checks build an expected shape only for a message: a call that passes them allocates nothing.

    private void requireX(String name, Tensor tensor, ConvProblem problem) {
        requireHere(name, tensor, problem);
        if (!problem.isXShape(tensor.shape())) {
            throw wrongShape(name, tensor, problem.xShape(), problem);
        }
    }

    private void requireW(String name, Tensor tensor, ConvProblem problem) {
        requireHere(name, tensor, problem);
        if (!problem.isWShape(tensor.shape())) {
            throw wrongShape(name, tensor, problem.wShape(), problem);
        }
    }

    private void requireY(String name, Tensor tensor, ConvProblem problem) {
        requireHere(name, tensor, problem);
        if (!problem.isYShape(tensor.shape())) {
            throw wrongShape(name, tensor, problem.yShape(), problem);
        }
    }

    private void requireChannels(String name, Tensor tensor, long channels, ConvProblem problem) {
        requireHere(name, tensor, problem);
        if (tensor.shape().rank() != 1 || tensor.shape().size(0) != channels) {
            throw wrongShape(name, tensor, TensorShape.of(channels), problem);
        }
    }

    private void requireHere(String name, Tensor tensor, ConvProblem problem) {
        Support here = tensor == null ? NOTHING : backend.accepts(tensor);
        if (!here.yes()) {
            throw new InvalidProblemException(name + " is " + here.reason() + " on the " + backend.name() + " backend (problem "
                    + problem + ")");
        }
    }

    private static InvalidProblemException wrongShape(String name, Tensor tensor, TensorShape expected, ConvProblem problem) {
        return new InvalidProblemException(name + " has shape " + tensor.shape() + "; the problem " + problem + " needs " + expected);
    }

    /** The output tensor lives where the input does, so its type is the input's. */
    @SuppressWarnings("unchecked")
    private static <T extends Tensor> T newOutput(T like, TensorShape shape) {
        return (T) like.newTensor(shape);
    }

    private static void requireSameType(ConvProblem problem, Tensor first, Tensor second) {
        if (first.dataType() != second.dataType()) {
            throw new InvalidProblemException("tensors of type " + first.dataType() + " and " + second.dataType()
                    + " in one call; allowed: one type (problem " + problem + ")");
        }
    }

    private static void requireApart(ConvProblem problem, Tensor output, Tensor input) {
        if (output != input && output.overlaps(input)) {
            throw new InvalidProblemException("the output overlaps an input in memory; allowed: separate tensors (problem " + problem
                    + ")");
        }
    }

    /** How an engine is opened. */
    public static final class Builder {

        private int threads = defaultThreads();
        private long workspaceLimit = DEFAULT_WORKSPACE_LIMIT;
        private String backend = Backends.names().get(0);
        private AlgorithmChooser chooser = AlgorithmChooser.firstThatSuits();
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

        /** The backend by name, one of {@link Backends#names()}; the preferred one of this host unless set. */
        public Builder backend(String name) {
            backend = name;
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

        /** One algorithm for everything; what it cannot serve is refused, never served by another one. */
        public Builder algorithm(String name) {
            chooser = AlgorithmChooser.fixed(name);
            return this;
        }

        /** One algorithm for one operation. */
        public Builder algorithm(ConvOperation operation, String name) {
            perOperation.put(operation, AlgorithmChooser.fixed(name));
            return this;
        }

        /** A choice of your own. */
        public Builder chooser(AlgorithmChooser custom) {
            chooser = custom;
            return this;
        }

        public ConvEngine open() {
            Backend opened = Backends.open(backend, threads);
            LOG.info("JConv on {}: {}", opened.name(), opened.description());
            return new ConvEngine(opened, AlgorithmChooser.perOperation(perOperation, chooser), workspaceLimit);
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
