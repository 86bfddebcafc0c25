package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.DepthwiseLoops;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * Depthwise convolutions with 3x3 taps and a stride of 1 or 2, read where they lie: three rows of a map stand in registers, each row is read
 * once for all the taps that meet it, and what lies beside the map is masked ({@link DepthwiseLoops}).
 *
 * <ul>
 *   <li>FORWARD: y of each channel from x.
 *   <li>BACKWARD_DATA: dx of each channel from dy, with the filter turned around; with a stride of 2, two rows of dx from two rows of dy.
 *   <li>BACKWARD_FILTER: dw of each channel in {@value SimdProvider#PARTIAL_SUMS} partial sums for each tap.
 * </ul>
 */
final class Depthwise3x3Algorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<Depthwise3x3Plan> plans;

    Depthwise3x3Algorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> Depthwise3x3Plan.of(request, runtime));
    }

    @Override
    public String name() {
        return "depthwise-3x3";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request);
        return tensors.yes() ? Depthwise3x3Plan.supports(request) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.depthwise3x3(runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * runtime.threads() * plans.of(request).workerLength();
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void run(CpuCall call) {
        boolean filter = call.plan().request().operation() == ConvOperation.BACKWARD_FILTER;
        call.parallel(call.plan().prepared(Depthwise3x3Plan.class).tiles(), filter ? Depthwise3x3Algorithm::filterTile
                : Depthwise3x3Algorithm::mapsTile);
    }

    /**
     * Maps behind which an array or the tile ends are gone through one by one, in scratch memory, as is what is added; others of an image
     * together.
     */
    private static void mapsTile(CpuCall call, int tile, int worker) {
        Depthwise3x3Plan plan = call.plan().prepared(Depthwise3x3Plan.class);
        int end = plan.endOf(tile);
        int unit = tile * plan.unitsOfTile();
        int loose = call.accumulate() ? unit : end - Cuts.ceilDiv(plan.outBehind(), plan.outMap());
        HostTensor in = plan.in().tensor(call);
        HostTensor out = plan.out().tensor(call);
        while (unit < end) {
            int together = Math.min(loose, unit - unit % plan.channels() + plan.channels()) - unit;
            if (together <= 0 || !readable(in, unit, plan.inMap(), plan.begin(), plan.behind())) {
                alone(call, plan, unit, worker);
                unit++;
                continue;
            }
            while (!readable(in, unit + together - 1, plan.inMap(), plan.begin(), plan.behind())) {
                together--;
            }
            maps(call, plan, unit, together, in.floats(), in.offset() + unit * plan.inMap(), out.floats(), out.offset() + unit * plan.outMap());
            unit += together;
        }
    }

    /** Whether the array of a tensor has what loops read around a map of it. */
    private static boolean readable(HostTensor tensor, int map, int length, int begin, int behind) {
        long at = tensor.offset() + (long) map * length;
        return at + begin >= 0 && at + length + behind <= tensor.floats().length;
    }

    private static void maps(CpuCall call, Depthwise3x3Plan plan, int unit, int count, float[] in, int inAt, float[] out, int outAt) {
        DepthwiseLoops loops = plan.simd().depthwiseLoops();
        int filter = call.w().offset() + unit % plan.channels() * DepthwiseLoops.TAPS;
        if (plan.spread() != null) {
            loops.spread(plan.spread(), count, call.w().floats(), filter, in, inAt, plan.inMap(), out, outAt, plan.outMap());
        } else {
            loops.correlate(plan.rows(), plan.turned(), count, call.w().floats(), filter, in, inAt + plan.begin(), plan.inMap(), out, outAt,
                    plan.outMap());
        }
    }

    private static void alone(CpuCall call, Depthwise3x3Plan plan, int unit, int worker) {
        HostTensor out = plan.out().tensor(call);
        int in = copied(call, plan.in().tensor(call), unit, plan.inMap(), plan.inAt(worker));
        maps(call, plan, unit, 1, call.workspace(), in, call.workspace(), plan.outAt(worker));
        int to = out.offset() + unit * plan.outMap();
        if (call.accumulate()) {
            plan.simd().add(call.workspace(), plan.outAt(worker), out.floats(), to, plan.outMap());
        } else {
            System.arraycopy(call.workspace(), plan.outAt(worker), out.floats(), to, plan.outMap());
        }
    }

    private static void filterTile(CpuCall call, int tile, int worker) {
        Depthwise3x3Plan plan = call.plan().prepared(Depthwise3x3Plan.class);
        int sums = plan.sumsAt(worker);
        int ofChannel = DepthwiseLoops.TAPS * SimdProvider.PARTIAL_SUMS;
        for (int first = tile * plan.unitsOfTile(); first < plan.endOf(tile); first += Depthwise3x3Plan.CHANNELS_AT_ONCE) {
            int last = Math.min(plan.endOf(tile), first + Depthwise3x3Plan.CHANNELS_AT_ONCE);
            Arrays.fill(call.workspace(), sums, sums + (last - first) * ofChannel, 0);
            for (int image = 0; image < plan.images(); image++) {
                for (int channel = first; channel < last; channel++) {
                    addProducts(call, plan, image * plan.channels() + channel, sums + (channel - first) * ofChannel, worker);
                }
            }
            write(call, first * DepthwiseLoops.TAPS, last * DepthwiseLoops.TAPS, sums);
        }
    }

    private static void addProducts(CpuCall call, Depthwise3x3Plan plan, int map, int sums, int worker) {
        HostTensor x = plan.in().tensor(call);
        HostTensor dy = plan.out().tensor(call);
        boolean wholeX = readable(x, map, plan.inMap(), plan.begin(), plan.behind());
        boolean wholeDy = readable(dy, map, plan.outMap(), 0, plan.outBehind());
        int xAt = wholeX ? x.offset() + map * plan.inMap() : copied(call, x, map, plan.inMap(), plan.inAt(worker));
        int dyAt = wholeDy ? dy.offset() + map * plan.outMap() : copied(call, dy, map, plan.outMap(), plan.outAt(worker));
        plan.simd().depthwiseLoops().addProducts(plan.rows(), wholeX ? x.floats() : call.workspace(), xAt + plan.begin(),
                wholeDy ? dy.floats() : call.workspace(), dyAt, call.workspace(), sums);
    }

    private static int copied(CpuCall call, HostTensor from, int map, int length, int to) {
        System.arraycopy(from.floats(), from.offset() + map * length, call.workspace(), to, length);
        return to;
    }

    private static void write(CpuCall call, int first, int end, int sums) {
        float[] dw = call.w().floats();
        for (int i = first; i < end; i++) {
            float sum = SimdProvider.sum(call.workspace(), sums + (i - first) * SimdProvider.PARTIAL_SUMS);
            int at = call.w().offset() + i;
            dw[at] = call.accumulate() ? dw[at] + sum : sum;
        }
    }
}
