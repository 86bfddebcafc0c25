package io.github.jconv.cpu.ops;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.cpu.WorkerPool;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.GeometryCache;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;
import java.util.concurrent.locks.ReentrantLock;

/** The network operations on the CPU in fp32, threaded over tiles. Shares threads and lock with the convolutions of its backend. */
public final class CpuOps implements TensorOps {

    private final WorkerPool pool;
    private final ReentrantLock oneAtATime;
    private final GeometryCache windows = new GeometryCache();
    private final OpJob job;

    public CpuOps(WorkerPool pool, ReentrantLock oneAtATime, SimdProvider simd) {
        this.pool = pool;
        this.oneAtATime = oneAtATime;
        this.job = new OpJob(simd, pool.threads());
    }

    @Override
    public void fill(Tensor y, double value) {
        begin();
        job.y = host(y);
        job.a = value;
        run(OpJob.chunks(job.y), ElementwiseTiles::fill);
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        begin();
        job.x = host(x);
        job.y = host(y);
        run(OpJob.chunks(job.y), ElementwiseTiles::copy);
    }

    @Override
    public void addScaled(Tensor x, double factor, Tensor y) {
        begin();
        job.x = host(x);
        job.y = host(y);
        job.a = factor;
        run(OpJob.chunks(job.y), ElementwiseTiles::addScaled);
    }

    @Override
    public void scale(Tensor y, double factor) {
        begin();
        job.y = host(y);
        job.a = factor;
        run(OpJob.chunks(job.y), ElementwiseTiles::scale);
    }

    @Override
    public void activation(Activation f, double slope, Tensor x, Tensor y) {
        begin();
        job.kind = f;
        job.a = slope;
        job.x = host(x);
        job.y = host(y);
        run(OpJob.chunks(job.y), ElementwiseTiles::activation);
    }

    @Override
    public void activationBackward(Activation f, double slope, Tensor y, Tensor dy, Tensor dx) {
        begin();
        job.kind = f;
        job.a = slope;
        job.y = host(y);
        job.dy = host(dy);
        job.dx = host(dx);
        run(OpJob.chunks(job.y), ElementwiseTiles::activationBackward);
    }

    @Override
    public void dropout(Tensor x, double rate, long seed, Tensor step, Tensor y) {
        begin();
        job.x = host(x);
        job.y = host(y);
        job.a = rate;
        job.seed = seed;
        job.step = (long) host(step).get(0);
        run(OpJob.chunks(job.y), ElementwiseTiles::dropout);
    }

    /** The sums of the chunks are added in their order. */
    @Override
    public void addSumOfSquares(Tensor x, Tensor sum) {
        HostTensor values = host(x);
        HostTensor total = host(sum);
        begin();
        try {
            job.x = values;
            int chunks = OpJob.chunks(job.x);
            if (job.partial.length < chunks) {
                job.partial = new double[chunks];
            }
            pool.run(chunks, job, ElementwiseTiles::sumOfSquares);
            for (int i = 0; i < chunks; i++) {
                total.set(0, total.get(0) + job.partial[i]);
            }
        } finally {
            job.release();
            oneAtATime.unlock();
        }
    }

    @Override
    public void limitNorm(Tensor squares, double limit, Tensor y) {
        double norm = Math.sqrt(host(squares).get(0));
        if (norm > limit) {
            scale(y, limit / norm);
        }
    }

    /** Copying is bound by memory, so one thread does it. */
    @Override
    public void copyChannels(Tensor from, long fromChannel, Tensor to, long toChannel, long channels) {
        HostTensor source = host(from);
        HostTensor target = host(to);
        int positions = OpJob.positions(source);
        for (int n = 0; n < OpJob.images(source); n++) {
            System.arraycopy(source.floats(),
                    source.offset() + (n * OpJob.channels(source) + (int) fromChannel) * positions, target.floats(),
                    target.offset() + (n * OpJob.channels(target) + (int) toChannel) * positions, (int) channels * positions);
        }
    }

    @Override
    public void maxPool(ConvProblem window, Tensor x, Tensor y) {
        begin();
        job.window = windows.of(window);
        job.x = host(x);
        job.y = host(y);
        run(planes(x), PoolingTiles::maxPool);
    }

    @Override
    public void maxPoolBackward(ConvProblem window, Tensor x, Tensor dy, Tensor dx) {
        begin();
        job.window = windows.of(window);
        job.x = host(x);
        job.dy = host(dy);
        job.dx = host(dx);
        run(planes(x), PoolingTiles::maxPoolBackward);
    }

    @Override
    public void averagePool(ConvProblem window, boolean countPadding, Tensor x, Tensor y) {
        begin();
        job.window = windows.of(window);
        job.flag = countPadding;
        job.x = host(x);
        job.y = host(y);
        run(planes(x), PoolingTiles::averagePool);
    }

    @Override
    public void averagePoolBackward(ConvProblem window, boolean countPadding, Tensor dy, Tensor dx) {
        begin();
        job.window = windows.of(window);
        job.flag = countPadding;
        job.dy = host(dy);
        job.dx = host(dx);
        run(planes(dx), PoolingTiles::averagePoolBackward);
    }

    @Override
    public void pad(PadMode mode, long[] before, Tensor x, Tensor y) {
        begin();
        job.kind = mode;
        job.before = before;
        job.x = host(x);
        job.y = host(y);
        run(planes(x), PoolingTiles::pad);
    }

    @Override
    public void padBackward(PadMode mode, long[] before, Tensor dy, Tensor dx) {
        begin();
        job.kind = mode;
        job.before = before;
        job.dy = host(dy);
        job.dx = host(dx);
        run(planes(dx), PoolingTiles::padBackward);
    }

    @Override
    public void batchNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon, double momentum, Tensor runningMean,
                          Tensor runningVariance, Tensor mean, Tensor inverseDeviation, Tensor y) {
        begin();
        job.x = host(x);
        job.first = host(gamma);
        job.second = host(beta);
        job.third = host(runningMean);
        job.fourth = host(runningVariance);
        job.dx = host(mean);
        job.dy = host(inverseDeviation);
        job.a = epsilon;
        job.b = momentum;
        job.y = host(y);
        run(OpJob.channels(job.x), NormalisationTiles::batchNorm);
    }

    @Override
    public void batchNormInference(Tensor x, Tensor gamma, Tensor beta, double epsilon, Tensor runningMean, Tensor runningVariance,
                                   Tensor y) {
        begin();
        job.x = host(x);
        job.first = host(gamma);
        job.second = host(beta);
        job.third = host(runningMean);
        job.fourth = host(runningVariance);
        job.a = epsilon;
        job.y = host(y);
        run(OpJob.channels(job.x), NormalisationTiles::batchNormInference);
    }

    @Override
    public void batchNormBackward(Tensor x, Tensor gamma, Tensor mean, Tensor inverseDeviation, Tensor dy, Tensor dx, Tensor dgamma,
                                  Tensor dbeta) {
        begin();
        job.x = host(x);
        job.first = host(gamma);
        job.second = host(mean);
        job.third = host(inverseDeviation);
        job.dy = host(dy);
        job.dx = host(dx);
        job.fourth = host(dgamma);
        job.y = host(dbeta);
        run(OpJob.channels(job.x), NormalisationTiles::batchNormBackward);
    }

    @Override
    public void localResponseNorm(Tensor x, long size, double alpha, double beta, double k, Tensor y) {
        beginResponseNorm(x, size, alpha, beta, k);
        job.y = host(y);
        run(OpJob.images(job.x), NormalisationTiles::localResponseNorm);
    }

    @Override
    public void localResponseNormBackward(Tensor x, long size, double alpha, double beta, double k, Tensor dy, Tensor dx) {
        beginResponseNorm(x, size, alpha, beta, k);
        job.dy = host(dy);
        job.dx = host(dx);
        run(OpJob.images(job.x), NormalisationTiles::localResponseNormBackward);
    }

    private void beginResponseNorm(Tensor x, long size, double alpha, double beta, double k) {
        begin();
        job.x = host(x);
        job.count = (int) size;
        job.a = alpha;
        job.b = beta;
        job.c = k;
    }

    @Override
    public void softmaxCrossEntropy(Tensor x, Tensor labels, double scale, Tensor loss, Tensor dx) {
        loss(x, labels, scale, loss, dx, LossTiles::softmaxCrossEntropy);
    }

    @Override
    public void sigmoidCrossEntropy(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        loss(x, targets, scale, loss, dx, LossTiles::sigmoidCrossEntropy);
    }

    @Override
    public void squaredError(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        loss(x, targets, scale, loss, dx, LossTiles::squaredError);
    }

    private void loss(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx, WorkerPool.Tile<OpJob> tile) {
        begin();
        job.x = host(x);
        job.y = host(targets);
        job.a = scale;
        job.first = host(loss);
        job.dx = host(dx);
        run(OpJob.images(job.x), tile);
    }

    @Override
    public void sgdStep(Tensor w, Tensor dw, Tensor v, Tensor rate, double momentum, double decay, boolean nesterov) {
        begin();
        job.x = host(w);
        job.dx = host(dw);
        job.first = host(v);
        job.a = host(rate).get(0);
        job.b = momentum;
        job.c = decay;
        run(OpJob.chunks(job.x), nesterov ? ElementwiseTiles::nesterovStep : ElementwiseTiles::sgdStep);
    }

    @Override
    public void adamStep(Tensor w, Tensor dw, Tensor m, Tensor v, Tensor step, Tensor rate, double beta1, double beta2, double epsilon,
                         double decay, boolean decoupled) {
        begin();
        job.x = host(w);
        job.dx = host(dw);
        job.first = host(m);
        job.second = host(v);
        double number = host(step).get(0);
        double now = host(rate).get(0);
        job.adam.set(now / (1 - Math.pow(beta1, number)), beta1, beta2, 1 - Math.pow(beta2, number), epsilon, decoupled ? 0 : decay,
                decoupled ? now * decay : 0);
        run(OpJob.chunks(job.x), ElementwiseTiles::adamStep);
    }

    /** Takes the lock; {@link #run} gives it back. */
    private void begin() {
        oneAtATime.lock();
    }

    private void run(int tiles, WorkerPool.Tile<OpJob> tile) {
        try {
            pool.run(tiles, job, tile);
        } finally {
            job.release();
            oneAtATime.unlock();
        }
    }

    private static int planes(Tensor tensor) {
        return (int) (tensor.shape().size(0) * tensor.shape().size(1));
    }

    /** A tensor from elsewhere, or with its channels last, is refused; an operation that has begun is then given up. */
    private HostTensor host(Tensor tensor) {
        if (tensor instanceof HostTensor heap && heap.layout() == Layout.NCHW) {
            return heap;
        }
        if (oneAtATime.isHeldByCurrentThread()) {
            job.release();
            oneAtATime.unlock();
        }
        throw new IllegalArgumentException("a tensor is " + (tensor == null ? "null" : tensor instanceof HostTensor ? tensor
                : "a " + tensor.getClass().getSimpleName())
                + "; allowed on the cpu backend: a HostTensor, of the type and the layout of the others");
    }
}
