package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * Depthwise and other narrow groups, row by row: several rows of outputs are summed up in registers side by side, so that a row of the
 * padded input is loaded once for several of them. At a stride of 2 along rows every other sum is dropped, which costs less than taking
 * the inputs apart ({@link PaddedPlanes}).
 *
 * <ul>
 *   <li>FORWARD: y of each filter from its group's channels of x, with strides up to 2 along rows.
 *   <li>BACKWARD_DATA: dx of each channel from its group's channels of dy, with stride 1.
 * </ul>
 */
final class PaddedRowsAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<RowsPlan> plans;

    PaddedRowsAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> RowsPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "padded-rows";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request);
        return tensors.yes() ? RowsPlan.supports(request) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.paddedRows(request, runtime);
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
        call.parallel(call.plan().prepared(RowsPlan.class).tiles(), PaddedRowsAlgorithm::tile);
    }

    /**
     * Vectors write behind an output channel, which is computed before the next for that reason; the last ones of a tile are computed in
     * scratch memory. Several units are laid out at a time, so that the first is in the cache when it is computed with, not on its way.
     */
    private static void tile(CpuCall call, int tile, int worker) {
        RowsPlan plan = call.plan().prepared(RowsPlan.class);
        int planes = worker * plan.workerLength();
        int end = Math.min(plan.units(), (tile + 1) * plan.unitsOfTile());
        Arrays.fill(call.workspace(), planes, planes + plan.planesLength(), 0);
        for (int first = tile * plan.unitsOfTile(); first < end; first += plan.unitsAtOnce()) {
            int last = Math.min(end, first + plan.unitsAtOnce());
            HostTensor in = plan.in().tensor(call);
            int size = plan.planes().inputs();
            for (int channel = first * plan.ins(); channel < last * plan.ins(); channel++) {
                plan.planes().load(plan.simd(), in.floats(), in.offset() + channel * size, call.workspace(),
                        planes + (channel - first * plan.ins()) * plan.planes().length());
            }
            for (int unit = first; unit < last; unit++) {
                correlate(call, plan, unit, planes + (unit - first) * plan.ins() * plan.planes().length(), planes + plan.planesLength(),
                        end);
            }
        }
    }

    private static void correlate(CpuCall call, RowsPlan plan, int unit, int planes, int scratch, int endOfTile) {
        float[] out = plan.out().tensor(call).floats();
        int offset = plan.out().tensor(call).offset();
        long end = offset + (long) endOfTile * plan.outs() * plan.outChannel();
        int filters = call.w().offset() + unit % call.geometry().groups() * plan.filterOfGroup();
        for (int o = 0; o < plan.outs(); o++) {
            int to = offset + (unit * plan.outs() + o) * plan.outChannel();
            int filter = filters + o * plan.filterOfOut();
            if (call.accumulate()) {
                correlate(call, plan, filter, planes, call.workspace(), scratch);
                plan.simd().add(call.workspace(), scratch, out, to, plan.outChannel());
            } else if (to + (long) plan.spread() <= end) {
                correlate(call, plan, filter, planes, out, to);
            } else {
                correlate(call, plan, filter, planes, call.workspace(), scratch);
                System.arraycopy(call.workspace(), scratch, out, to, plan.outChannel());
            }
        }
    }

    private static void correlate(CpuCall call, RowsPlan plan, int filter, int planes, float[] to, int at) {
        int size = plan.outChannel() / Math.max(1, plan.depths().length);
        for (int depth = 0; depth < plan.depths().length; depth++) {
            plan.simd().correlate(plan.depths()[depth], call.w().floats(), filter, call.workspace(), planes, to, at + depth * size);
        }
    }
}
