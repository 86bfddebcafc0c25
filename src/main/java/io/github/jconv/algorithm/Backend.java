package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A place where convolutions are computed: an ordered list of algorithms, fastest first, the always-applicable one last, and the
 * means to run them.
 *
 * <p>A backend may be called from several threads; calls are executed one after another. Shapes, types and aliasing of the
 * tensors have been checked by the caller ({@code ConvEngine}).
 */
public interface Backend extends AutoCloseable {

    /** Short and stable: {@code cpu}, {@code cuda}, {@code cudnn}. */
    String name();

    /** The options of the {@code jconv} command that open this backend as it was opened. */
    default String commandOptions() {
        return "--backend " + name();
    }

    /** What it runs on, in a sentence. */
    String description();

    /** The version of the library that computes, as {@code 9.5.1}; empty where JConv itself does. */
    default String libraryVersion() {
        return "";
    }

    /** The name of the device, as {@code NVIDIA H200}; empty where there is none. */
    default String deviceName() {
        return "";
    }

    List<? extends ConvAlgorithm> algorithms();

    /** How an algorithm is chosen unless somebody says otherwise. */
    default AlgorithmChooser usualChooser() {
        return AlgorithmChooser.firstThatSuits();
    }

    /**
     * Computes the plan's operation; nothing is allocated once the workspace has its size.
     *
     * @param x          x, or dx when the operation is BACKWARD_DATA
     * @param w          w, or dw when the operation is BACKWARD_FILTER; constant if the plan's request says so
     * @param y          y, or dy unless the operation is FORWARD
     * @param accumulate add to the output's present values instead of overwriting them
     * @throws AlgorithmRefusedException when the plan's algorithm declines after all
     */
    void run(ConvPlan plan, Tensor x, Tensor w, Tensor y, boolean accumulate);

    /**
     * Computes the plan's operation, FORWARD or BACKWARD_DATA, and adds {@code bias[k]} to every position of channel k of the output,
     * which is overwritten. The arguments are those of {@link #run}.
     */
    default void runWithBias(ConvPlan plan, Tensor x, Tensor w, Tensor y, Tensor bias) {
        broadcastBias(bias, plan.request().operation() == ConvOperation.FORWARD ? y : x);
        run(plan, x, w, y, true);
    }

    /**
     * The same, and then {@code max(., 0)} of every element of the output; one step where the backend has one for it.
     *
     * @throws UnsupportedRequestException when the backend computes convolutions only and has no such step
     */
    default void runWithBiasAndRelu(ConvPlan plan, Tensor x, Tensor w, Tensor y, Tensor bias) {
        runWithBias(plan, x, w, y, bias);
        Tensor output = plan.request().operation() == ConvOperation.FORWARD ? y : x;
        networkOps().orElseThrow(() -> new UnsupportedRequestException("backend " + name() + " has no ReLU"))
                .activation(Activation.RELU, 0, output, output);
    }

    /** Sets every position of channel k of {@code output}, {@code [N, K, positions...]}, to {@code bias[k]}. */
    void broadcastBias(Tensor bias, Tensor output);

    /** {@code dbias[k] = sum over n, positions: dy[n, k, ...]}. */
    void backwardBias(Tensor dy, Tensor dbias, boolean accumulate);

    /** The most bytes of scratch memory that a plan may ask for; what asks for more fails. */
    default long workspaceLimit() {
        return Long.MAX_VALUE;
    }

    /**
     * Does some work with this backend, once or twice, and tells how many seconds it takes where the backend computes, the waiting
     * included.
     */
    default double secondsOf(Runnable work) {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) * 1e-9;
    }

    /**
     * Gives the scratch memory exactly the size that the plan states and fills it with NaN, so that the plan's next run shows
     * whether it reads what it did not write or needs more than it stated. For tests.
     */
    void poisonWorkspace(ConvPlan plan);

    /**
     * Whether a tensor lies where this backend computes. A no says what it is and what is allowed, as
     * {@code a HostTensor; allowed: a DeviceTensor}.
     */
    Support accepts(Tensor tensor);

    /** Whether it computes on tensors of the heap where they lie; otherwise their values are copied for each call, and results back. */
    default boolean isOnHeap() {
        return true;
    }

    /** A new tensor of zeros where this backend computes. */
    Tensor newTensor(DataType type, Layout layout, TensorShape shape);

    /** The same, NCHW. */
    default Tensor newTensor(DataType type, TensorShape shape) {
        return newTensor(type, Layout.NCHW, shape);
    }

    /**
     * Copies the values of a tensor of this backend into another one of the same shape, in its type and layout: rounded once, to the
     * nearest, ties to even, where that type is narrower.
     *
     * @throws UnsupportedRequestException where this backend has no such conversion
     */
    void convert(Tensor source, Tensor target);

    /** Copies values from the heap into a tensor of this backend with the same type, layout and shape. */
    void upload(HostTensor values, Tensor target);

    /** Copies the values of a tensor of this backend to the heap, to one of the same form, when everything that writes them is done. */
    void download(Tensor values, HostTensor target);

    /** The other operations of a network; empty where a backend computes convolutions only. */
    default Optional<TensorOps> networkOps() {
        return Optional.empty();
    }

    /**
     * Records what the work asks of this backend instead of doing it. The work must have been done once before, and must neither wait
     * for results nor copy from or to the heap. Empty, and nothing is done, where a backend computes before a call returns, so that
     * nothing would be gained.
     *
     * @return the recorded work; the caller closes it
     */
    default Optional<RecordedWork> record(Runnable work) {
        return Optional.empty();
    }

    /**
     * The rates at which this backend multiplies and adds when nothing holds it up, measured now, by the type of the factors
     * ({@link ConvAlgorithm#operandType}); without those that cannot be measured. Other load on the machine lowers them, as it lowers
     * what is compared with them.
     *
     * @param seconds how long to measure each, after the JVM has compiled what is measured
     * @return 10^9 operations per second, two for each multiply-add
     */
    default Map<String, Double> measurePeakGflops(double seconds) {
        return Map.of();
    }

    /**
     * The rate at which memory is copied where this backend computes, measured now; empty where that cannot be measured.
     *
     * @param seconds how long to measure
     * @return bytes read plus bytes written per second
     */
    default OptionalDouble measureCopyBytesPerSecond(double seconds) {
        return OptionalDouble.empty();
    }

    @Override
    void close();
}
