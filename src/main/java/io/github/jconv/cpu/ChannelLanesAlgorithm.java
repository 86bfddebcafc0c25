package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.ChannelLanesPlan.ResidueCorrelation;
import io.github.jconv.cpu.simd.ChannelLoops;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * Depthwise convolutions of small maps, whose rows would leave vectors empty: blocks of as many channels as a vector has lanes are turned
 * around, so that a vector runs over channels, and back. All taps are loads of whole vectors then, whatever the stride; two rows of
 * outputs share what both of them meet, and rows of padding are not computed with.
 *
 * <ul>
 *   <li>FORWARD: y of each channel from its padded channel of x.
 *   <li>BACKWARD_DATA: dx of each channel from its padded channel of dy, each residue class of the stride a correlation of its own.
 *   <li>BACKWARD_FILTER: dw of each channel from its padded channel of x and dy, in one chain for each tap.
 * </ul>
 */
final class ChannelLanesAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<ChannelLanesPlan> plans;

    ChannelLanesAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> ChannelLanesPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "channel-lanes";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request);
        return tensors.yes() ? ChannelLanesPlan.supports(request) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.channelLanes(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Float.BYTES * plans.of(request).workspaceLength(runtime.threads());
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
        call.parallel(call.plan().prepared(ChannelLanesPlan.class).tiles(), filter
                ? ChannelLanesAlgorithm::filterTile : ChannelLanesAlgorithm::correlateTile);
    }

    /** A unit is an image of a block of channels. What is zero in the beginning, padding and outputs without a tap, stays so. */
    private static void correlateTile(CpuCall call, int tile, int worker) {
        ChannelLanesPlan plan = call.plan().prepared(ChannelLanesPlan.class);
        Arrays.fill(call.workspace(), plan.planesAt(worker), plan.copyAt(worker), 0);
        int turned = -1;
        for (int unit = tile * plan.unitsOfTile(); unit < plan.endOf(tile); unit++) {
            int block = unit / plan.images();
            if (block != turned) {
                turnFilters(call, plan, block, worker);
                turned = block;
            }
            load(call, plan, block, unit % plan.images(), worker);
            for (int i = 0; i < plan.classes().size(); i++) {
                correlate(call, plan, plan.classes().get(i), worker);
            }
            store(call, plan, block, unit % plan.images(), worker);
        }
    }

    /** Filters shorter than a vector are read together with what lies behind them, where the array goes on so far. */
    private static void turnFilters(CpuCall call, ChannelLanesPlan plan, int block, int worker) {
        int from = call.w().offset() + block * plan.lanes() * plan.taps();
        int channels = plan.channelsOf(block);
        boolean beyond = from + (channels - 1) * plan.taps() + plan.lanes() <= call.w().floats().length;
        plan.simd().transpose(call.w().floats(), from, plan.taps(), channels, beyond ? Math.max(plan.taps(), plan.lanes()) : plan.taps(),
                call.workspace(), plan.filtersAt(worker), plan.lanes());
    }

    /** Rows of whole vectors are turned around into the padded channels, shorter ones all together and then copied there. */
    private static void load(CpuCall call, ChannelLanesPlan plan, int block, int image, int worker) {
        HostTensor in = plan.in().tensor(call);
        int lanes = plan.lanes();
        int size = plan.inRows() * plan.inColumns();
        int from = in.offset() + (image * plan.channels() + block * lanes) * size;
        int to = plan.planesAt(worker) + (plan.above() * plan.padded() + plan.left()) * lanes;
        boolean together = plan.inColumns() < lanes;
        int copy = plan.copyAt(worker);
        if (together) {
            plan.simd().transpose(in.floats(), from, size, plan.channelsOf(block), size, call.workspace(), copy, lanes);
        }
        for (int row = 0; row < plan.inRows(); row++) {
            int at = to + row * plan.padded() * lanes;
            if (together) {
                System.arraycopy(call.workspace(), copy + row * plan.inColumns() * lanes, call.workspace(), at, plan.inColumns() * lanes);
            } else {
                plan.simd().transpose(in.floats(), from + row * plan.inColumns(), size, plan.channelsOf(block), plan.inColumns(),
                        call.workspace(), at, lanes);
            }
        }
    }

    private static void correlate(CpuCall call, ChannelLanesPlan plan, ResidueCorrelation c, int worker) {
        float[] scratch = call.workspace();
        ChannelLoops loops = plan.simd().channelLoops();
        int filters = plan.filtersAt(worker);
        int planes = plan.planesAt(worker);
        int outs = plan.outsAt(worker);
        for (int row = 0; row < c.first().length; row++) {
            if (c.pairs(row)) {
                int a = c.leading(row);
                int b = 2 * row + 1 - a;
                loops.correlatePair(c.taps(), c.first()[a], c.end()[a], c.first()[b], c.end()[b], c.apart(), scratch, filters,
                        scratch, planes + c.inAt()[a], planes + c.inAt()[b], c.inStep(), scratch, outs + c.outAt()[a], outs + c.outAt()[b],
                        c.outStep(), c.columns());
                row++;
                continue;
            }
            loops.correlate(c.taps(), c.first()[row], c.end()[row], scratch, filters, scratch, planes + c.inAt()[row], c.inStep(), scratch,
                    outs + c.outAt()[row], c.outStep(), c.columns());
        }
    }

    private static void store(CpuCall call, ChannelLanesPlan plan, int block, int image, int worker) {
        HostTensor out = plan.out().tensor(call);
        int to = out.offset() + (image * plan.channels() + block * plan.lanes()) * plan.outs();
        turnBack(call, plan, plan.outsAt(worker), plan.outs(), plan.channelsOf(block), out.floats(), to, plan.copyAt(worker));
    }

    /** Writes {@code length} elements of each channel of a block, or adds them to what is there. */
    private static void turnBack(CpuCall call, ChannelLanesPlan plan, int from, int length, int channels, float[] out, int to, int copy) {
        if (call.accumulate()) {
            plan.simd().transpose(call.workspace(), from, plan.lanes(), length, channels, call.workspace(), copy, length);
            plan.simd().add(call.workspace(), copy, out, to, channels * length);
        } else {
            plan.simd().transpose(call.workspace(), from, plan.lanes(), length, channels, out, to, length);
        }
    }

    private static void filterTile(CpuCall call, int tile, int worker) {
        ChannelLanesPlan plan = call.plan().prepared(ChannelLanesPlan.class);
        ConvGeometry g = call.geometry();
        float[] scratch = call.workspace();
        Arrays.fill(scratch, plan.planesAt(worker), plan.outsAt(worker), 0);
        for (int block = tile * plan.unitsOfTile(); block < plan.endOf(tile); block++) {
            int sums = plan.filtersAt(worker);
            Arrays.fill(scratch, sums, sums + plan.shifts().length * plan.lanes(), 0);
            for (int image = 0; image < plan.images(); image++) {
                load(call, plan, block, image, worker);
                int dy = call.y().offset() + (image * plan.channels() + block * plan.lanes()) * plan.outs();
                plan.simd().transpose(call.y().floats(), dy, plan.outs(), plan.channelsOf(block), plan.outs(), scratch, plan.outsAt(worker),
                        plan.lanes());
                ResidueCorrelation c = plan.classes().get(0);
                for (int p = 0; p < g.p(); p++) {
                    plan.simd().channelLoops().addProducts(plan.shifts(), scratch,
                            plan.planesAt(worker) + plan.above() * plan.padded() * plan.lanes() + c.inAt()[p], c.inStep(), scratch,
                            plan.outsAt(worker) + c.outAt()[p], c.columns(), scratch, sums);
                }
            }
            turnBack(call, plan, sums, plan.taps(), plan.channelsOf(block), call.w().floats(),
                    call.w().offset() + block * plan.lanes() * plan.taps(), plan.copyAt(worker));
        }
    }
}
