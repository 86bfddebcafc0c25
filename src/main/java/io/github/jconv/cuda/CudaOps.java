package io.github.jconv.cuda;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceMemory;
import io.github.jconv.device.DeviceOps;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.device.Launch;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.GeometryCache;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;

/**
 * The network operations on tensors of one device, in fp32 and fp64: each is enqueued on the context's main stream, as one kernel or two;
 * formulas and contracts stand at the head of the files in {@code kernels/}. Nothing waits, so all of it can be captured in a graph.
 *
 * <p>Safe for use from several threads: it shares no argument block and no scratch memory with the convolutions.
 */
final class CudaOps implements DeviceOps {

    /** Blocks of a sum over a whole tensor: as many partial sums are added up at the end. */
    private static final int MOST_PARTIAL_SUMS = 512;

    private static final int THREADS_OF_STEP = 256;

    private final DeviceContext context;
    private final Kernels kernels;
    private final GeometryCache windows = new GeometryCache();
    private DeviceMemory partialSums;

    CudaOps(DeviceContext context, boolean alwaysWide) {
        this.context = context;
        this.kernels = new Kernels(context, alwaysWide);
    }

    // --- element-wise ---------------------------------------------------------------------------------------------------------

    @Override
    public synchronized void fill(Tensor y, double value) {
        Launch launch = kernels.of(KernelName.FILL, typeOf(y)).with(address(y));
        (typeOf(y) == DataType.FLOAT64 ? launch.with(value) : launch.with((float) value)).with(count(y)).forEach(count(y));
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        context.copy(address(x), address(y), y.bytes());
    }

    @Override
    public synchronized void addScaled(Tensor x, double factor, Tensor y) {
        kernels.of(KernelName.ADD_SCALED, typeOf(y)).with(address(x)).with(factor).with(address(y)).with(count(y)).forEach(count(y));
    }

    @Override
    public synchronized void scale(Tensor y, double factor) {
        kernels.of(KernelName.SCALE, typeOf(y)).with(address(y)).with(factor).with(count(y)).forEach(count(y));
    }

    @Override
    public synchronized void activation(Activation f, double slope, Tensor x, Tensor y) {
        kernels.of(KernelName.ACTIVATION, typeOf(y)).with(f.ordinal()).with(slope).with(address(x)).with(address(y)).with(count(y))
                .forEach(count(y));
    }

    @Override
    public synchronized void activationBackward(Activation f, double slope, Tensor y, Tensor dy, Tensor dx) {
        kernels.of(KernelName.ACTIVATION_BACKWARD, typeOf(dx)).with(f.ordinal()).with(slope).with(address(y)).with(address(dy))
                .with(address(dx)).with(count(dx)).forEach(count(dx));
    }

    @Override
    public synchronized void dropout(Tensor x, double rate, long seed, Tensor step, Tensor y) {
        kernels.of(KernelName.DROPOUT, typeOf(y)).with(address(x)).with(rate).with(1 / (1 - rate)).with(seed).with(address(step))
                .with(address(y)).with(count(y)).forEach(count(y));
    }

    @Override
    public synchronized void addSumOfSquares(Tensor x, Tensor sum) {
        if (partialSums == null) {
            partialSums = context.allocate((long) MOST_PARTIAL_SUMS * Double.BYTES, "partial sums");
        }
        long count = count(x);
        int threads = Kernels.threadsForSum(count);
        int parts = (int) Math.min((count + threads - 1) / threads, MOST_PARTIAL_SUMS);
        kernels.of(KernelName.SUM_OF_SQUARES, typeOf(x)).with(address(x)).with(partialSums.address()).with(count)
                .blocks(parts, threads, threads * Double.BYTES);
        int threadsOfParts = Kernels.threadsForSum(parts);
        kernels.of(KernelName.ADD_UP, DataType.FLOAT32).with(partialSums.address()).with(address(sum)).with(parts)
                .blocks(1, threadsOfParts, threadsOfParts * Double.BYTES);
    }

    @Override
    public synchronized void limitNorm(Tensor squares, double limit, Tensor y) {
        kernels.of(KernelName.LIMIT_NORM, typeOf(y)).with(address(squares)).with(limit).with(address(y)).with(count(y))
                .forEach(count(y));
    }

    // --- channels and positions -----------------------------------------------------------------------------------------------

    @Override
    public synchronized void copyChannels(Tensor from, long fromChannel, Tensor to, long toChannel, long channels) {
        long positions = positions(from);
        int bytes = from.dataType().bytes();
        long images = from.shape().size(0);
        kernels.of(KernelName.COPY_CHANNELS, typeOf(to))
                .with(address(from) + fromChannel * positions * bytes).with(address(to) + toChannel * positions * bytes)
                .with(images).with(channels * positions).with(from.shape().size(1) * positions).with(to.shape().size(1) * positions)
                .forEach(images * channels * positions);
    }

    @Override
    public synchronized void maxPool(ConvProblem window, Tensor x, Tensor y) {
        ConvGeometry g = windows.of(window);
        kernels.direct(KernelName.MAX_POOL, typeOf(y), g, g.n()).with(address(x)).with(address(y)).with(g).with(planes(y))
                .forEach(count(y));
    }

    @Override
    public synchronized void maxPoolBackward(ConvProblem window, Tensor x, Tensor dy, Tensor dx) {
        ConvGeometry g = windows.of(window);
        kernels.direct(KernelName.MAX_POOL_BACKWARD, typeOf(dx), g, g.n()).with(address(x)).with(address(dy)).with(address(dx))
                .with(g).with(planes(dx)).forEach(count(dx));
    }

    @Override
    public synchronized void averagePool(ConvProblem window, boolean countPadding, Tensor x, Tensor y) {
        ConvGeometry g = windows.of(window);
        kernels.direct(KernelName.AVERAGE_POOL, typeOf(y), g, g.n()).with(address(x)).with(address(y)).with(g).with(planes(y))
                .with(countPadding).forEach(count(y));
    }

    @Override
    public synchronized void averagePoolBackward(ConvProblem window, boolean countPadding, Tensor dy, Tensor dx) {
        ConvGeometry g = windows.of(window);
        kernels.direct(KernelName.AVERAGE_POOL_BACKWARD, typeOf(dx), g, g.n()).with(address(dy)).with(address(dx)).with(g)
                .with(planes(dx)).with(countPadding).forEach(count(dx));
    }

    @Override
    public synchronized void pad(PadMode mode, long[] before, Tensor x, Tensor y) {
        kernels.indexed(KernelName.PAD, typeOf(y), count(y)).with(mode.ordinal()).with(x.shape(), y.shape(), before)
                .with(address(x)).with(address(y)).with(planes(x)).forEach(count(y));
    }

    @Override
    public synchronized void padBackward(PadMode mode, long[] before, Tensor dy, Tensor dx) {
        kernels.indexed(KernelName.PAD_BACKWARD, typeOf(dx), count(dy)).with(mode.ordinal()).with(dx.shape(), dy.shape(), before)
                .with(address(dy)).with(address(dx)).with(planes(dx)).forEach(count(dx));
    }

    // --- normalisation --------------------------------------------------------------------------------------------------------

    @Override
    public synchronized void batchNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon, double momentum, Tensor runningMean,
                                       Tensor runningVariance, Tensor mean, Tensor inverseDeviation, Tensor y) {
        perChannel(kernels.of(KernelName.BATCH_NORM, typeOf(y)).with(address(x)).with(address(gamma)).with(address(beta))
                .with(epsilon).with(momentum).with(address(runningMean)).with(address(runningVariance)).with(address(mean))
                .with(address(inverseDeviation)).with(address(y)), x);
    }

    @Override
    public synchronized void batchNormInference(Tensor x, Tensor gamma, Tensor beta, double epsilon, Tensor runningMean,
                                                Tensor runningVariance, Tensor y) {
        perChannel(kernels.of(KernelName.BATCH_NORM_INFERENCE, typeOf(y)).with(address(x)).with(address(gamma)).with(address(beta))
                .with(epsilon).with(address(runningMean)).with(address(runningVariance)).with(address(y)), x);
    }

    @Override
    public synchronized void batchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor inverseDeviation, Tensor dy, Tensor dx,
                                               Tensor dgamma, Tensor dbeta) {
        perChannel(kernels.of(KernelName.BATCH_NORM_BACKWARD, typeOf(dx)).with(address(x)).with(address(gamma)).with(address(mean))
                .with(address(inverseDeviation)).with(address(dy)).with(address(dx)).with(address(dgamma)).with(address(dbeta)), x);
    }

    /** One block for each channel, with room for two sums of each thread. */
    private static void perChannel(Launch launch, Tensor x) {
        int channels = (int) x.shape().size(1);
        int threads = Kernels.threadsForSum(count(x) / Math.max(channels, 1));
        launch.with(x.shape().size(0)).with(channels).with(positions(x)).blocks(channels, threads, 2 * threads * Double.BYTES);
    }

    @Override
    public synchronized void localResponseNorm(Tensor x, long size, double alpha, double beta, double k, Tensor y) {
        acrossChannels(kernels.of(KernelName.RESPONSE_NORM, typeOf(y)).with(address(x)).with(size).with(alpha).with(beta).with(k)
                .with(address(y)), x);
    }

    @Override
    public synchronized void localResponseNormBackward(Tensor x, long size, double alpha, double beta, double k, Tensor dy, Tensor dx) {
        acrossChannels(kernels.of(KernelName.RESPONSE_NORM_BACKWARD, typeOf(dx)).with(address(x)).with(size).with(alpha).with(beta)
                .with(k).with(address(dy)).with(address(dx)), x);
    }

    private static void acrossChannels(Launch launch, Tensor x) {
        launch.with(x.shape().size(0)).with((int) x.shape().size(1)).with(positions(x)).forEach(count(x));
    }

    // --- losses ---------------------------------------------------------------------------------------------------------------

    @Override
    public synchronized void softmaxCrossEntropy(Tensor x, Tensor labels, double scale, Tensor loss, Tensor dx) {
        perImage(KernelName.SOFTMAX_CROSS_ENTROPY, x, labels, scale, loss, dx);
    }

    @Override
    public synchronized void sigmoidCrossEntropy(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        perImage(KernelName.SIGMOID_CROSS_ENTROPY, x, targets, scale, loss, dx);
    }

    @Override
    public synchronized void squaredError(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        perImage(KernelName.SQUARED_ERROR, x, targets, scale, loss, dx);
    }

    /** One block for each image. */
    private void perImage(KernelName name, Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        long images = x.shape().size(0);
        long elements = count(x) / Math.max(images, 1);
        int threads = Kernels.threadsForSum(elements);
        kernels.of(name, typeOf(dx)).with(address(x)).with(address(targets)).with(scale).with(address(loss)).with(address(dx))
                .with(images).with(elements).blocks(images, threads, threads * Double.BYTES);
    }

    // --- optimiser steps ------------------------------------------------------------------------------------------------------

    @Override
    public synchronized void sgdStep(Tensor w, Tensor dw, Tensor v, Tensor rate, double momentum, double decay,
                                     boolean nesterov) {
        kernels.of(KernelName.SGD_STEP, typeOf(w)).with(address(w)).with(address(dw)).with(address(v)).with(address(rate))
                .with(momentum).with(decay).with(nesterov).with(count(w)).forEach(count(w));
    }

    @Override
    public synchronized void adamStep(Tensor w, Tensor dw, Tensor m, Tensor v, Tensor step, Tensor rate, double beta1, double beta2,
                                      double epsilon, double decay, boolean decoupled) {
        kernels.of(KernelName.ADAM_STEP, typeOf(w)).with(address(w)).with(address(dw)).with(address(m)).with(address(v))
                .with(address(step)).with(address(rate)).with(beta1).with(beta2).with(epsilon).with(decoupled ? 0 : decay)
                .with(decoupled ? decay : 0).with(count(w))
                .blocks((count(w) + THREADS_OF_STEP - 1) / THREADS_OF_STEP, THREADS_OF_STEP, 3 * Double.BYTES);
    }

    // --- tensors --------------------------------------------------------------------------------------------------------------

    @Override
    public synchronized void close() {
        if (partialSums != null) {
            partialSums.close();
            partialSums = null;
        }
    }

    private long address(Tensor tensor) {
        if (!(tensor instanceof DeviceTensor device) || device.context() != context) {
            throw new IllegalArgumentException("a tensor is " + (tensor == null ? "null" : tensor instanceof DeviceTensor
                    ? "a DeviceTensor of another context" : "a " + tensor.getClass().getSimpleName())
                    + "; allowed on the cuda backend: a DeviceTensor of its context");
        }
        if (device.dataType().isNarrow() || device.layout() != Layout.NCHW) {
            throw new IllegalArgumentException("a tensor is " + Tensor.describe(device)
                    + "; allowed for network operations on the cuda backend: FLOAT32 or FLOAT64, NCHW");
        }
        return device.address();
    }

    private DataType typeOf(Tensor tensor) {
        address(tensor);
        return tensor.dataType();
    }

    private static long count(Tensor tensor) {
        return tensor.shape().elements();
    }

    /** Channels of all images. */
    private static long planes(Tensor tensor) {
        return tensor.shape().size(0) * tensor.shape().size(1);
    }

    /** Elements of one channel of one image. */
    private static long positions(Tensor tensor) {
        return tensor.shape().positions();
    }
}
