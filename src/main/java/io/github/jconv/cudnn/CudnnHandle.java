package io.github.jconv.cudnn;

import io.github.jconv.algorithm.AlgorithmRefusedException;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.CudnnVersion;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceException;
import io.github.jconv.device.DevicePointer;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;

/**
 * cuDNN on a context's main stream: what it answers about its algorithms, and runs of them. Addresses are device addresses. A run
 * allocates nothing and does not wait, once the shape has been asked about. Safe for use from several threads.
 *
 * <p>Descriptors and answers are kept for the shapes used last.
 *
 * <p>The functions of cuDNN that are used in this package have the same C signatures in cuDNN 8 and 9.
 */
final class CudnnHandle implements AutoCloseable {

    /** As many shapes as an engine remembers plans. */
    static final int SHAPES_KEPT = 1024;

    private static final int MOST_ALGORITHMS = 16;
    private static final int PLANE_RANK = 4;

    /**
     * What cuDNN says of an algorithm.
     *
     * @param support        a no has the library's own status text
     * @param workspaceBytes for a yes
     */
    record Answer(Support support, long workspaceBytes) {
    }

    /** A shape's descriptors, what was answered about it, and the algorithms that have no call with bias and ReLU for it. */
    private record Known(Descriptors descriptors, Answer[][] answers, Set<LibraryAlgorithm> unfused) {
    }

    private final DeviceContext context;
    private final cudnnHandle handle = new cudnnHandle();
    private final BiasDescriptors bias;
    private final ReluDescriptor relu;
    private final Scalars scalars = new Scalars();
    private final Map<CudnnShape, Known> shapes = new LinkedHashMap<>(16, 0.75f, true);
    private final DevicePointer xPointer = new DevicePointer();
    private final DevicePointer wPointer = new DevicePointer();
    private final DevicePointer yPointer = new DevicePointer();
    private final DevicePointer biasPointer = new DevicePointer();
    private final DevicePointer workspacePointer = new DevicePointer();

    /** 0 and 1 as cuDNN wants them: as fp64 for fp64 tensors, as fp32 for all others. */
    private static final class Scalars {

        private final ByteBuffer values = ByteBuffer.allocateDirect(4 * Double.BYTES).order(ByteOrder.nativeOrder());
        private final Pointer zero32 = at(0);
        private final Pointer one32 = at(1);
        private final Pointer zero64 = at(2);
        private final Pointer one64 = at(3);

        Scalars() {
            values.putFloat(0, 0).putFloat(Double.BYTES, 1).putDouble(2 * Double.BYTES, 0).putDouble(3 * Double.BYTES, 1);
        }

        private Pointer at(int place) {
            return Pointer.to(values).withByteOffset((long) place * Double.BYTES);
        }

        Pointer of(Storage storage, boolean one) {
            return storage == Storage.FP64 ? one ? one64 : zero64 : one ? one32 : zero32;
        }

        Pointer of(DeviceTensor tensor, boolean one) {
            return of(Storage.of(tensor.dataType(), MathMode.FP32), one);
        }
    }

    CudnnHandle(DeviceContext context) {
        this.context = context;
        context.refuseWhileCapturing("opening cuDNN");
        context.makeCurrent();
        CudnnStatus.check(context, JCudnn.cudnnCreate(handle), "cudnnCreate", "cuDNN " + CudnnVersion.text());
        try {
            CudnnStatus.check(context, JCudnn.cudnnSetStream(handle, new cudaStream_t(context.stream().handle())), "cudnnSetStream",
                    "cuDNN " + CudnnVersion.text());
            bias = new BiasDescriptors();
            relu = newRelu();
        } catch (RuntimeException | Error e) {
            JCudnn.cudnnDestroy(handle);
            throw e;
        }
    }

    /** Whether an algorithm serves the shape, and with what workspace; asked of the library once. */
    synchronized Answer ask(ConvOperation operation, CudnnShape shape, LibraryAlgorithm algorithm) {
        Answer[] answers = known(shape).answers[operation.ordinal()];
        if (answers[algorithm.ordinal()] == null) {
            answers[algorithm.ordinal()] = askLibrary(operation, known(shape).descriptors, algorithm.number(operation));
        }
        return answers[algorithm.ordinal()];
    }

    private Answer askLibrary(ConvOperation operation, Descriptors d, int number) {
        context.makeCurrent();
        long[] bytes = new long[1];
        int status = switch (operation) {
            case FORWARD -> JCudnn.cudnnGetConvolutionForwardWorkspaceSize(handle, d.x(), d.w(), d.convolution(), d.y(), number, bytes);
            case BACKWARD_DATA -> JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(handle, d.w(), d.y(), d.convolution(), d.x(),
                    number, bytes);
            case BACKWARD_FILTER -> JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(handle, d.x(), d.y(), d.convolution(), d.w(),
                    number, bytes);
        };
        if (CudnnStatus.isSuccess(status)) {
            return new Answer(Support.supported(), bytes[0]);
        }
        if (CudnnStatus.isRefusal(status)) {
            return new Answer(Support.no("cuDNN says " + CudnnStatus.text(status)), 0);
        }
        throw CudnnStatus.failure(context, status, "the workspace size of " + operation.text(), "cuDNN " + CudnnVersion.text());
    }

    /** cuDNN's own guess which algorithm is the fastest: its numbers, the best first, those that it says are able. */
    synchronized List<Integer> ranking(ConvOperation operation, CudnnShape shape) {
        context.makeCurrent();
        Descriptors d = known(shape).descriptors;
        int[] count = new int[1];
        return switch (operation) {
            case FORWARD -> {
                var answers = Stream.generate(cudnnConvolutionFwdAlgoPerf::new).limit(MOST_ALGORITHMS)
                        .toArray(cudnnConvolutionFwdAlgoPerf[]::new);
                int status = JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(handle, d.x(), d.w(), d.convolution(), d.y(),
                        MOST_ALGORITHMS, count, answers);
                yield able(status, count[0], i -> answers[i].status, i -> answers[i].algo);
            }
            case BACKWARD_DATA -> {
                var answers = Stream.generate(cudnnConvolutionBwdDataAlgoPerf::new).limit(MOST_ALGORITHMS)
                        .toArray(cudnnConvolutionBwdDataAlgoPerf[]::new);
                int status = JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, d.w(), d.y(), d.convolution(), d.x(),
                        MOST_ALGORITHMS, count, answers);
                yield able(status, count[0], i -> answers[i].status, i -> answers[i].algo);
            }
            case BACKWARD_FILTER -> {
                var answers = Stream.generate(cudnnConvolutionBwdFilterAlgoPerf::new).limit(MOST_ALGORITHMS)
                        .toArray(cudnnConvolutionBwdFilterAlgoPerf[]::new);
                int status = JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, d.x(), d.y(), d.convolution(), d.w(),
                        MOST_ALGORITHMS, count, answers);
                yield able(status, count[0], i -> answers[i].status, i -> answers[i].algo);
            }
        };
    }

    private static List<Integer> able(int status, int count, IntUnaryOperator statusOf, IntUnaryOperator algorithmOf) {
        return !CudnnStatus.isSuccess(status) ? List.of() : IntStream.range(0, count)
                .filter(i -> CudnnStatus.isSuccess(statusOf.applyAsInt(i))).map(algorithmOf).boxed().toList();
    }

    /**
     * Enqueues an operation.
     *
     * @throws AlgorithmRefusedException when the library declines it after all; it is remembered
     * @throws DeviceException           when it fails
     */
    synchronized void run(ConvOperation operation, CudnnShape shape, LibraryAlgorithm algorithm, long x, long w, long y, long workspace,
                          long workspaceBytes, boolean accumulate) {
        context.makeCurrentToEnqueue();
        Known known = known(shape);
        Descriptors d = known.descriptors;
        Pointer one = scalars.of(shape.storage(), true);
        Pointer beta = scalars.of(shape.storage(), accumulate);
        int number = algorithm.number(operation);
        xPointer.pointTo(x);
        wPointer.pointTo(w);
        yPointer.pointTo(y);
        workspacePointer.pointTo(workspaceBytes == 0 ? 0 : workspace);
        int status = switch (operation) {
            case FORWARD -> JCudnn.cudnnConvolutionForward(handle, one, d.x(), xPointer, d.w(), wPointer, d.convolution(), number,
                    workspacePointer, workspaceBytes, beta, d.y(), yPointer);
            case BACKWARD_DATA -> JCudnn.cudnnConvolutionBackwardData(handle, one, d.w(), wPointer, d.y(), yPointer, d.convolution(),
                    number, workspacePointer, workspaceBytes, beta, d.x(), xPointer);
            case BACKWARD_FILTER -> JCudnn.cudnnConvolutionBackwardFilter(handle, one, d.x(), xPointer, d.y(), yPointer,
                    d.convolution(), number, workspacePointer, workspaceBytes, beta, d.w(), wPointer);
        };
        if (!CudnnStatus.isSuccess(status)) {
            DeviceException failure = CudnnStatus.failure(context, status, "cuDNN's " + algorithm, operation.text());
            if (failure.contextLost() || !CudnnStatus.isRefusal(status)) {
                throw failure;
            }
            String because = "cuDNN said " + CudnnStatus.text(status) + " when it was run";
            known.answers[operation.ordinal()][algorithm.ordinal()] = new Answer(Support.no(because), 0);
            throw new AlgorithmRefusedException(algorithm.name(), because);
        }
    }

    /**
     * Enqueues {@code y = max(convolution + bias, 0)}.
     *
     * @return false when the library declines, which is remembered
     */
    synchronized boolean runWithBiasAndRelu(CudnnShape shape, LibraryAlgorithm algorithm, long x, long w, DeviceTensor y,
                                            DeviceTensor biasValues, long workspace, long workspaceBytes) {
        context.makeCurrentToEnqueue();
        Known known = known(shape);
        if (known.unfused.contains(algorithm)) {
            return false;
        }
        bias.describe(y, shape.rank());
        Descriptors d = known.descriptors;
        workspacePointer.pointTo(workspaceBytes == 0 ? 0 : workspace);
        int status = JCudnn.cudnnConvolutionBiasActivationForward(handle, scalars.of(shape.storage(), true), d.x(), xPointer.pointTo(x),
                d.w(), wPointer.pointTo(w), d.convolution(), algorithm.number(ConvOperation.FORWARD), workspacePointer, workspaceBytes,
                scalars.of(shape.storage(), false), d.y(), yPointer.pointTo(y.address()), bias.bias(),
                biasPointer.pointTo(biasValues.address()), relu.descriptor(), d.y(), yPointer);
        if (CudnnStatus.isRefusal(status)) {
            known.unfused.add(algorithm);
            return false;
        }
        CudnnStatus.check(context, status, "cudnnConvolutionBiasActivationForward", algorithm.name());
        return true;
    }

    /** Enqueues {@code max(., 0)} in place. */
    synchronized void relu(DeviceTensor y) {
        context.makeCurrentToEnqueue();
        bias.describe(y, PLANE_RANK);
        CudnnStatus.check(context, JCudnn.cudnnActivationForward(handle, relu.descriptor(), scalars.of(y, true),
                bias.tensor(), yPointer.pointTo(y.address()), scalars.of(y, false), bias.tensor(), yPointer),
                "cudnnActivationForward", y.toString());
    }

    /** Enqueues {@code y[n, k, ...] += bias[k]}. */
    synchronized void addBias(DeviceTensor biasValues, DeviceTensor y) {
        context.makeCurrentToEnqueue();
        bias.describe(y, PLANE_RANK);
        Pointer one = scalars.of(y, true);
        CudnnStatus.check(context, JCudnn.cudnnAddTensor(handle, one, bias.bias(), xPointer.pointTo(biasValues.address()), one,
                bias.tensor(), yPointer.pointTo(y.address())), "cudnnAddTensor", y.toString());
    }

    /** Enqueues the sums of dy over images and positions. */
    synchronized void biasGradient(DeviceTensor dy, DeviceTensor dbias, boolean accumulate) {
        context.makeCurrentToEnqueue();
        bias.describe(dy, PLANE_RANK);
        CudnnStatus.check(context, JCudnn.cudnnConvolutionBackwardBias(handle, scalars.of(dy, true), bias.tensor(),
                yPointer.pointTo(dy.address()), scalars.of(dy, accumulate), bias.bias(),
                xPointer.pointTo(dbias.address())), "cudnnConvolutionBackwardBias", dy.toString());
    }

    private ReluDescriptor newRelu() {
        try {
            return new ReluDescriptor();
        } catch (RuntimeException | Error e) {
            bias.close();
            throw e;
        }
    }

    private Known known(CudnnShape shape) {
        Known known = shapes.get(shape);
        if (known == null) {
            known = new Known(new Descriptors(shape),
                    new Answer[ConvOperation.values().length][LibraryAlgorithm.values().length],
                    EnumSet.noneOf(LibraryAlgorithm.class));
            shapes.put(shape, known);
            forgetTheOldest();
        }
        return known;
    }

    private void forgetTheOldest() {
        if (shapes.size() > SHAPES_KEPT) {
            var oldest = shapes.entrySet().iterator();
            oldest.next().getValue().descriptors.close();
            oldest.remove();
        }
    }

    /** Called before the context is closed. */
    @Override
    public synchronized void close() {
        shapes.values().forEach(known -> known.descriptors.close());
        shapes.clear();
        relu.close();
        bias.close();
        JCudnn.cudnnDestroy(handle);
    }
}
