package io.github.jconv.cpu;

import static io.github.jconv.cpu.simd.KernelFamily.CHANNEL_LOOPS;
import static io.github.jconv.cpu.simd.KernelFamily.CORRELATION;
import static io.github.jconv.cpu.simd.KernelFamily.DEPTHWISE_LOOPS;
import static io.github.jconv.cpu.simd.KernelFamily.FOURIER;
import static io.github.jconv.cpu.simd.KernelFamily.GATHERED_ROWS;
import static io.github.jconv.cpu.simd.KernelFamily.GEMM_TILES;
import static io.github.jconv.cpu.simd.KernelFamily.INTERLEAVED_TILES;
import static io.github.jconv.cpu.simd.KernelFamily.PACKED_TILES;
import static io.github.jconv.cpu.simd.KernelFamily.PANEL_TILES;
import static io.github.jconv.cpu.simd.KernelFamily.PLANE_SUMS;
import static io.github.jconv.cpu.simd.KernelFamily.ROWS;
import static io.github.jconv.cpu.simd.KernelFamily.ROW_TILES;
import static io.github.jconv.cpu.simd.KernelFamily.SHIFTED_TILES;
import static io.github.jconv.cpu.simd.KernelFamily.TAP_TILES;
import static io.github.jconv.cpu.simd.KernelFamily.TRANSPOSES;
import static io.github.jconv.cpu.simd.KernelFamily.WINOGRAD;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.cpu.ops.CpuOps;
import io.github.jconv.cpu.ops.OpsByType;
import io.github.jconv.cpu.simd.FmaPeak;
import io.github.jconv.cpu.simd.DoubleSums;
import io.github.jconv.cpu.simd.KernelFamily;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.reference.ReferenceOps;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** The pure-Java backend: runs on every host. */
public final class CpuBackend implements Backend {

    private final CpuRuntime runtime;
    private final WorkerPool pool;
    private final List<CpuAlgorithm> algorithms;
    private final CpuCall call;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private final TensorOps networkOps;
    private final double[][] biasSums;
    private final WorkerPool.Tile<CpuCall> backwardBiasTile = this::backwardBiasTile;

    /** @param threads how many threads share the work of a call, the caller included; 1 and up */
    public CpuBackend(int threads) {
        this(threads, SimdProvider.chosen());
    }

    /** The same with inner loops of one's own choice, for tests and comparisons. */
    public CpuBackend(int threads, SimdProvider simd) {
        pool = new WorkerPool(threads);
        runtime = new CpuRuntime(simd, threads);
        call = new CpuCall(pool);
        biasSums = new double[threads][DoubleSums.LENGTH];
        networkOps = new OpsByType(new CpuOps(pool, oneAtATime, simd), new ReferenceOps());
        algorithms = List.of(
                forAllForms(new WinogradAlgorithm(runtime, 4), WINOGRAD, PACKED_TILES, TRANSPOSES, ROWS),
                forAllForms(new WinogradAlgorithm(runtime, 2), WINOGRAD, PACKED_TILES, TRANSPOSES, ROWS),
                forAllForms(new WinogradGradientAlgorithm(runtime), WINOGRAD, PACKED_TILES, TRANSPOSES, ROWS),
                forAllForms(new LatticeGemmAlgorithm(runtime), PANEL_TILES, TRANSPOSES, GATHERED_ROWS, ROWS),
                forAllForms(new BoxGemmAlgorithm(runtime), PANEL_TILES, TRANSPOSES, ROWS),
                forAllForms(new WindowGemmAlgorithm(runtime), SHIFTED_TILES, PLANE_SUMS, TRANSPOSES, ROWS),
                forAllForms(new FullWidthGemmAlgorithm(runtime), SHIFTED_TILES, ROWS),
                forAllForms(new FourierAlgorithm(runtime), FOURIER, TRANSPOSES),
                forAllForms(new TurnedGemmAlgorithm(runtime), PANEL_TILES, GATHERED_ROWS, TRANSPOSES, ROWS),
                forAllForms(new ImplicitGemmAlgorithm(runtime), PANEL_TILES, ROW_TILES, GATHERED_ROWS, TRANSPOSES, ROWS),
                forAllForms(new FlatGemmAlgorithm(runtime), SHIFTED_TILES, GATHERED_ROWS, ROWS),
                forAllForms(new ShiftedGemmAlgorithm(runtime), SHIFTED_TILES, TAP_TILES, GATHERED_ROWS, TRANSPOSES, ROWS),
                forAllForms(new GroupedGradientAlgorithm(runtime), TAP_TILES, TRANSPOSES, GATHERED_ROWS, ROWS),
                forAllForms(new TurnedPointwiseAlgorithm(runtime), ROW_TILES, TRANSPOSES, ROWS),
                forAllForms(new ColumnsLastGemmAlgorithm(runtime), PACKED_TILES, TRANSPOSES, GATHERED_ROWS, ROWS),
                forAllForms(new ChannelsLastGemmAlgorithm(runtime), INTERLEAVED_TILES, TRANSPOSES, ROWS),
                forAllForms(new Depthwise3x3Algorithm(runtime), DEPTHWISE_LOOPS, ROWS),
                forAllForms(new ChannelLanesAlgorithm(runtime), CHANNEL_LOOPS, TRANSPOSES, ROWS),
                forAllForms(new PaddedRowsAlgorithm(runtime), CORRELATION, ROWS),
                forAllForms(new ShiftedPlanesAlgorithm(runtime), PLANE_SUMS, ROWS),
                forAllForms(new PackedPointwiseAlgorithm(runtime), PANEL_TILES, PACKED_TILES, TRANSPOSES, ROWS),
                forAllForms(new PointwiseGemmAlgorithm(runtime), SHIFTED_TILES, GEMM_TILES, ROWS),
                forAllForms(new Im2colGemmAlgorithm(runtime), GEMM_TILES, ROWS),
                forAllForms(new ResidueGemmAlgorithm(runtime), GEMM_TILES, ROWS),
                forAllForms(new Col2imGemmAlgorithm(runtime), PANEL_TILES, PACKED_TILES, TRANSPOSES, ROWS),
                forAllForms(new AlternatePointsAlgorithm(runtime)),
                forAllForms(new DirectAlgorithm(runtime)),
                forAllForms(new ZeroInsertAlgorithm(runtime)),
                // The definition knows elements by their number and rounds what it stores, so it serves tensors of every form as they are.
                new ReferenceAlgorithm());
    }

    /** @param kernels the families of vector kernels that its runs call */
    private CpuAlgorithm forAllForms(CpuAlgorithm algorithm, KernelFamily... kernels) {
        return new ConvertingAlgorithm(algorithm, runtime.simd(), Set.of(kernels));
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return runtime.description();
    }

    @Override
    public List<CpuAlgorithm> algorithms() {
        return algorithms;
    }

    @Override
    public void run(ConvPlan plan, Tensor x, Tensor w, Tensor y, boolean accumulate) {
        oneAtATime.lock();
        try {
            call.bind(plan, (HostTensor) x, (HostTensor) w, (HostTensor) y, accumulate);
            call.formFilters();
            ((CpuAlgorithm) plan.algorithm()).run(call);
        } finally {
            call.release();
            oneAtATime.unlock();
        }
    }

    @Override
    public void broadcastBias(Tensor bias, Tensor output) {
        runOnChannels((HostTensor) bias, (HostTensor) output, false, CpuBackend::broadcastBiasTile);
    }

    @Override
    public void backwardBias(Tensor dy, Tensor dbias, boolean accumulate) {
        runOnChannels((HostTensor) dbias, (HostTensor) dy, accumulate, backwardBiasTile);
    }

    @Override
    public void poisonWorkspace(ConvPlan plan) {
        oneAtATime.lock();
        try {
            call.poisonWorkspace(plan);
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public Support accepts(Tensor tensor) {
        return tensor instanceof HostTensor ? Support.supported()
                : Support.no("a " + tensor.getClass().getSimpleName() + "; allowed: a HostTensor");
    }

    @Override
    public HostTensor newTensor(DataType type, Layout layout, TensorShape shape) {
        return HostTensor.zeros(type, layout, shape);
    }

    @Override
    public void convert(Tensor source, Tensor target) {
        ((HostTensor) target).convertFrom((HostTensor) source);
    }

    @Override
    public void upload(HostTensor values, Tensor target) {
        values.copyTo((HostTensor) target);
    }

    @Override
    public void download(Tensor values, HostTensor target) {
        ((HostTensor) values).copyTo(target);
    }

    @Override
    public Optional<TensorOps> networkOps() {
        return Optional.of(networkOps);
    }

    /** Of fp32, by all threads at once: clock and hyper-threads make several threads less than several times one. */
    @Override
    public Map<String, Double> measurePeakGflops(double seconds) {
        double[] gflops = new double[pool.threads()];
        oneAtATime.lock();
        try {
            FmaPeak.awaitCompiled(runtime.simd(), 10 * seconds);
            pool.run(gflops.length, gflops, (results, tile, worker) -> results[tile] = FmaPeak.gflops(runtime.simd(), seconds));
        } finally {
            oneAtATime.unlock();
        }
        return Map.of("fp32", Arrays.stream(gflops).sum());
    }

    @Override
    public OptionalDouble measureCopyBytesPerSecond(double seconds) {
        oneAtATime.lock();
        try {
            return OptionalDouble.of(CopyRate.bytesPerSecond(pool, seconds));
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public void close() {
        pool.close();
    }

    /** One tile per channel; the bias is bound as w, the tensor with channels as y. */
    private void runOnChannels(HostTensor bias, HostTensor y, boolean accumulate, WorkerPool.Tile<CpuCall> tile) {
        oneAtATime.lock();
        try {
            call.bind(null, null, bias, y, accumulate);
            call.parallel((int) y.shape().size(1), tile);
        } finally {
            call.release();
            oneAtATime.unlock();
        }
    }

    private static void broadcastBiasTile(CpuCall call, int channel, int worker) {
        HostTensor y = call.y();
        double bias = call.w().get(channel);
        int channels = (int) y.shape().size(1);
        int batch = (int) y.shape().size(0);
        int positions = (int) y.shape().positions();
        boolean inRuns = y.dataType() == DataType.FLOAT32 && y.layout() == Layout.NCHW;
        for (int n = 0; n < batch; n++) {
            int begin = (n * channels + channel) * positions;
            if (inRuns) {
                Arrays.fill(y.floats(), y.offset() + begin, y.offset() + begin + positions, (float) bias);
            } else {
                for (int i = 0; i < positions; i++) {
                    y.set(begin + i, bias);
                }
            }
        }
    }

    /** Sums in double: a bias gradient adds up so many values that fp32 would lose some (256 ones too many are lost in half). */
    private void backwardBiasTile(CpuCall bound, int channel, int worker) {
        HostTensor dy = bound.y();
        HostTensor dbias = bound.w();
        int channels = (int) dy.shape().size(1);
        int batch = (int) dy.shape().size(0);
        int positions = (int) dy.shape().positions();
        double sum = 0;
        if (dy.dataType() == DataType.FLOAT32 && dy.layout() == Layout.NCHW) {
            double[] sums = biasSums[worker];
            Arrays.fill(sums, 0);
            runtime.simd().doubleSums().add(dy.floats(), dy.offset() + channel * positions, channels * positions, positions, batch, sums);
            sum = DoubleSums.total(sums, 0);
        } else {
            for (int n = 0; n < batch; n++) {
                for (int i = 0; i < positions; i++) {
                    sum += dy.get((n * channels + channel) * positions + i);
                }
            }
        }
        dbias.set(channel, bound.accumulate() ? dbias.get(channel) + sum : sum);
    }
}
