package io.github.jconv.cpu.ops;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.cpu.WorkerPool;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceOps;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The network operations on the CPU: fp32 threaded over tiles, fp64 (for gradient checks) by the definitions. Shares threads and lock
 * with the convolutions of its backend.
 */
public final class CpuOps implements TensorOps {

    private final WorkerPool pool;
    private final ReentrantLock oneAtATime;
    private final ReferenceOps definition = new ReferenceOps();
    private final Map<ConvProblem, ConvGeometry> windows = new HashMap<>();
    private final OpJob job = new OpJob();

    public CpuOps(WorkerPool pool, ReentrantLock oneAtATime) {
        this.pool = pool;
        this.oneAtATime = oneAtATime;
    }

    @Override
    public void fill(Tensor y, double value) {
        if (isDouble(y)) {
            definition.fill(y, value);
            return;
        }
        begin();
        job.y = host(y);
        job.a = value;
        run(OpJob.chunks(job.y), ElementwiseTiles::fill);
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        if (isDouble(y)) {
            definition.copy(x, y);
            return;
        }
        begin();
        job.x = host(x);
        job.y = host(y);
        run(OpJob.chunks(job.y), ElementwiseTiles::copy);
    }

    @Override
    public void addScaled(Tensor x, double factor, Tensor y) {
        if (isDouble(y)) {
            definition.addScaled(x, factor, y);
            return;
        }
        begin();
        job.x = host(x);
        job.y = host(y);
        job.a = factor;
        run(OpJob.chunks(job.y), ElementwiseTiles::addScaled);
    }

    @Override
    public void scale(Tensor y, double factor) {
        if (isDouble(y)) {
            definition.scale(y, factor);
            return;
        }
        begin();
        job.y = host(y);
        job.a = factor;
        run(OpJob.chunks(job.y), ElementwiseTiles::scale);
    }

    @Override
    public void activation(Activation f, double slope, Tensor x, Tensor y) {
        if (isDouble(y)) {
            definition.activation(f, slope, x, y);
            return;
        }
        begin();
        job.kind = f;
        job.a = slope;
        job.x = host(x);
        job.y = host(y);
        run(OpJob.chunks(job.y), ElementwiseTiles::activation);
    }

    @Override
    public void activationBackward(Activation f, double slope, Tensor y, Tensor dy, Tensor dx) {
        if (isDouble(y)) {
            definition.activationBackward(f, slope, y, dy, dx);
            return;
        }
        begin();
        job.kind = f;
        job.a = slope;
        job.y = host(y);
        job.dy = host(dy);
        job.dx = host(dx);
        run(OpJob.chunks(job.y), ElementwiseTiles::activationBackward);
    }

    @Override
    public void dropout(Tensor x, double rate, long seed, long step, Tensor y) {
        if (isDouble(y)) {
            definition.dropout(x, rate, seed, step, y);
            return;
        }
        begin();
        job.x = host(x);
        job.y = host(y);
        job.a = rate;
        job.seed = seed;
        job.step = step;
        run(OpJob.chunks(job.y), ElementwiseTiles::dropout);
    }

    @Override
    public double sumOfSquares(Tensor x) {
        if (isDouble(x)) {
            return definition.sumOfSquares(x);
        }
        oneAtATime.lock();
        try {
            job.x = host(x);
            int chunks = OpJob.chunks(job.x);
            if (job.partial.length < chunks) {
                job.partial = new double[chunks];
            }
            pool.run(chunks, job, ElementwiseTiles::sumOfSquares);
            double sum = 0;
            for (int i = 0; i < chunks; i++) {
                sum += job.partial[i];
            }
            return sum;
        } finally {
            job.release();
            oneAtATime.unlock();
        }
    }

    /** Copying is bound by memory, so one thread does it. */
    @Override
    public void copyChannels(Tensor from, long fromChannel, Tensor to, long toChannel, long channels) {
        if (isDouble(to)) {
            definition.copyChannels(from, fromChannel, to, toChannel, channels);
            return;
        }
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
        if (isDouble(y)) {
            definition.maxPool(window, x, y);
            return;
        }
        begin();
        job.window = geometry(window);
        job.x = host(x);
        job.y = host(y);
        run(planes(x), PoolingTiles::maxPool);
    }

    @Override
    public void maxPoolBackward(ConvProblem window, Tensor x, Tensor dy, Tensor dx) {
        if (isDouble(dx)) {
            definition.maxPoolBackward(window, x, dy, dx);
            return;
        }
        begin();
        job.window = geometry(window);
        job.x = host(x);
        job.dy = host(dy);
        job.dx = host(dx);
        run(planes(x), PoolingTiles::maxPoolBackward);
    }

    @Override
    public void averagePool(ConvProblem window, boolean countPadding, Tensor x, Tensor y) {
        if (isDouble(y)) {
            definition.averagePool(window, countPadding, x, y);
            return;
        }
        begin();
        job.window = geometry(window);
        job.flag = countPadding;
        job.x = host(x);
        job.y = host(y);
        run(planes(x), PoolingTiles::averagePool);
    }

    @Override
    public void averagePoolBackward(ConvProblem window, boolean countPadding, Tensor dy, Tensor dx) {
        if (isDouble(dx)) {
            definition.averagePoolBackward(window, countPadding, dy, dx);
            return;
        }
        begin();
        job.window = geometry(window);
        job.flag = countPadding;
        job.dy = host(dy);
        job.dx = host(dx);
        run(planes(dx), PoolingTiles::averagePoolBackward);
    }

    @Override
    public void pad(PadMode mode, long[] before, Tensor x, Tensor y) {
        if (isDouble(y)) {
            definition.pad(mode, before, x, y);
            return;
        }
        begin();
        job.kind = mode;
        job.before = before;
        job.x = host(x);
        job.y = host(y);
        run(planes(x), PoolingTiles::pad);
    }

    @Override
    public void padBackward(PadMode mode, long[] before, Tensor dy, Tensor dx) {
        if (isDouble(dx)) {
            definition.padBackward(mode, before, dy, dx);
            return;
        }
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
        if (isDouble(y)) {
            definition.batchNorm(x, gamma, beta, epsilon, momentum, runningMean, runningVariance, mean, inverseDeviation, y);
            return;
        }
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
        if (isDouble(y)) {
            definition.batchNormInference(x, gamma, beta, epsilon, runningMean, runningVariance, y);
            return;
        }
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
        if (isDouble(dx)) {
            definition.batchNormBackward(x, gamma, mean, inverseDeviation, dy, dx, dgamma, dbeta);
            return;
        }
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
        if (isDouble(y)) {
            definition.localResponseNorm(x, size, alpha, beta, k, y);
            return;
        }
        beginResponseNorm(x, size, alpha, beta, k);
        job.y = host(y);
        run(OpJob.images(job.x), NormalisationTiles::localResponseNorm);
    }

    @Override
    public void localResponseNormBackward(Tensor x, long size, double alpha, double beta, double k, Tensor dy, Tensor dx) {
        if (isDouble(dx)) {
            definition.localResponseNormBackward(x, size, alpha, beta, k, dy, dx);
            return;
        }
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
        if (isDouble(dx)) {
            definition.softmaxCrossEntropy(x, labels, scale, loss, dx);
            return;
        }
        loss(x, labels, scale, loss, dx, LossTiles::softmaxCrossEntropy);
    }

    @Override
    public void sigmoidCrossEntropy(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        if (isDouble(dx)) {
            definition.sigmoidCrossEntropy(x, targets, scale, loss, dx);
            return;
        }
        loss(x, targets, scale, loss, dx, LossTiles::sigmoidCrossEntropy);
    }

    @Override
    public void squaredError(Tensor x, Tensor targets, double scale, Tensor loss, Tensor dx) {
        if (isDouble(dx)) {
            definition.squaredError(x, targets, scale, loss, dx);
            return;
        }
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
    public void sgdStep(Tensor w, Tensor dw, Tensor v, double rate, double momentum, double decay) {
        if (isDouble(w)) {
            definition.sgdStep(w, dw, v, rate, momentum, decay);
            return;
        }
        begin();
        job.x = host(w);
        job.dx = host(dw);
        job.first = host(v);
        job.a = rate;
        job.b = momentum;
        job.c = decay;
        run(OpJob.chunks(job.x), ElementwiseTiles::sgdStep);
    }

    @Override
    public void adamStep(Tensor w, Tensor dw, Tensor m, Tensor v, long step, double rate, double beta1, double beta2, double epsilon,
                         double decay) {
        if (isDouble(w)) {
            definition.adamStep(w, dw, m, v, step, rate, beta1, beta2, epsilon, decay);
            return;
        }
        begin();
        job.x = host(w);
        job.dx = host(dw);
        job.first = host(m);
        job.second = host(v);
        job.a = rate / (1 - Math.pow(beta1, step));
        job.b = beta1;
        job.c = beta2;
        job.d = epsilon;
        job.e = decay;
        job.correction = 1 - Math.pow(beta2, step);
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

    private ConvGeometry geometry(ConvProblem window) {
        ConvGeometry geometry = windows.get(window);
        if (geometry == null) {
            geometry = ConvGeometry.of(window);
            windows.put(window, geometry);
        }
        return geometry;
    }

    private static int planes(Tensor tensor) {
        return (int) (tensor.shape().size(0) * tensor.shape().size(1));
    }

    private static boolean isDouble(Tensor tensor) {
        return tensor.dataType() == DataType.FLOAT64;
    }

    /** A tensor from elsewhere is refused; an operation that has begun is then given up. */
    private HostTensor host(Tensor tensor) {
        if (tensor instanceof HostTensor heap) {
            return heap;
        }
        if (oneAtATime.isHeldByCurrentThread()) {
            job.release();
            oneAtATime.unlock();
        }
        throw new IllegalArgumentException("a tensor is " + (tensor == null ? "null" : "a " + tensor.getClass().getSimpleName())
                + "; allowed on the cpu backend: a HostTensor");
    }
}
