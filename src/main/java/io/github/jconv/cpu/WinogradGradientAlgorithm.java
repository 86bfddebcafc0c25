package io.github.jconv.cpu;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * The filter gradient by Winograd's minimal filtering: the derivative of F(4 x 4, 3 x 3) by its filter, 36 products instead of 144 for a
 * tile of 4 x 4 outputs. With the transforms of {@link io.github.jconv.cpu.simd.WinogradTransforms} on both axes, for each point e of
 * a tile
 *
 * <pre>
 *   V[e][t][c] = (B^T d B)[e]        d: 6 x 6 inputs of channel c at tile t
 *   W[e][t][k] = (A dy A^T)[e]       dy: 4 x 4 gradients of filter k at tile t, 0 outside
 *   M[e] = V[e]^T W[e]               sums over the tiles of all images, in ascending order
 *   dw[k][c] = G^T M G
 * </pre>
 *
 * <p>With a dilation, rows and columns that lie so far apart are maps of their own, as in {@link WinogradAlgorithm}.
 *
 * <p>Its sums are other sums than those of the definition: see {@link Accuracy}.
 */
final class WinogradGradientAlgorithm implements CpuAlgorithm {

    private static final int AREA = WinogradGradientPlan.AREA;
    private static final int POINTS = WinogradGradientPlan.POINTS;

    private final CpuRuntime runtime;
    private final RequestMemo<WinogradGradientPlan> plans;

    WinogradGradientAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> WinogradGradientPlan.of(request.problem(), runtime));
    }

    @Override
    public String name() {
        return "winograd-filter";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support shape = HeapTensors.fp32(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_FILTER, "it serves backward_filter only"))
                .and(WinogradAlgorithm.servesFilters(request.problem()));
        return shape.yes() ? Support.when(plans.of(request).workspaceLength <= HostTensor.MAX_ELEMENTS,
                "its scratch memory exceeds one array") : shape;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.winogradGradient(request, runtime, plans.of(request).count);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Float.BYTES * plans.of(request).workspaceLength;
    }

    @Override
    public long flops(ConvRequest request) {
        ConvProblem p = request.problem();
        return 2L * AREA * plans.of(request).count * p.inputChannels() * p.filtersPerGroup();
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return Accuracy.WINOGRAD_4X4;
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.SPREADS;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void run(CpuCall call) {
        WinogradGradientPlan plan = plan(call);
        call.prepared().reserve(plan.inputs.chunks() + 1);
        for (int step = 0; step < plan.steps(); step++) {
            call.parallel(plan.inputs.chunks() * plan.chunksOf(step), step, WinogradGradientAlgorithm::addProducts);
        }
    }

    private static WinogradGradientPlan plan(CpuCall call) {
        return call.plan().prepared(WinogradGradientPlan.class);
    }

    /** Transforms a chunk of channels of the inputs of a block of tiles. */
    private static void transformInputs(CpuCall call, WinogradGradientPlan plan, int chunk, int worker) {
        int first = plan.blockOf(call.step()) * plan.tileBlock;
        int end = first + plan.tilesOf(plan.blockOf(call.step()));
        plan.inputs.transform(call, plan.simd, plan.inputTransform, POINTS, plan.groupOf(call.step()), chunk, first, end,
                plan.scratchAt(worker), call.workspace(), plan.inputsAt(worker, chunk), plan.inputPoint, plan.channelSlots);
    }

    /** The same of the gradients. */
    private static void transformGradients(CpuCall call, WinogradGradientPlan plan, int filterChunk, int worker) {
        int first = plan.blockOf(call.step()) * plan.tileBlock;
        int end = first + plan.tilesOf(plan.blockOf(call.step()));
        plan.gradients.transform(call, plan.simd, plan.gradientTransform, POINTS, plan.groupOf(call.step()), filterChunk, first, end,
                plan.scratchAt(worker), call.workspace(), plan.gradientsAt(worker), plan.gradientPoint(), plan.slots(filterChunk));
    }

    /** A chunk of channels and one of filters: adds the products of a block of tiles, and after the last block makes filters of the sums. */
    private static void addProducts(CpuCall call, int pair, int worker) {
        WinogradGradientPlan plan = plan(call);
        SimdProvider simd = plan.simd;
        float[] memory = call.workspace();
        int block = plan.blockOf(call.step());
        int filterChunk = plan.firstChunkOf(call.step()) + pair / plan.inputs.chunks();
        int chunk = pair % plan.inputs.chunks();
        if (call.prepared().isNew(chunk, chunk, worker)) {
            transformInputs(call, plan, chunk, worker);
        }
        if (call.prepared().isNew(plan.inputs.chunks(), filterChunk, worker)) {
            transformGradients(call, plan, filterChunk, worker);
        }
        int slots = plan.slots(filterChunk);
        int rows = WinogradPlan.wholeTiles(plan.inputs.channelsOf(chunk));
        int sums = plan.sumsAt(pair, worker);
        for (int point = 0; point < AREA; point++) {
            int c = sums + point * plan.sumsPoint(filterChunk);
            if (block == 0) {
                Arrays.fill(memory, c, c + rows * slots, 0);
            }
            int height;
            for (int i = 0; i < rows; i += height) {
                height = WinogradPlan.heightOfTile(rows - i);
                simd.packedTile(height, plan.vectors(filterChunk), plan.tilesOf(block), memory,
                        plan.inputsAt(worker, chunk) + point * plan.inputPoint + i, 1, plan.channelSlots, memory,
                        plan.gradientsAt(worker) + point * plan.gradientPoint(), memory, c + i * slots, slots);
            }
        }
        if (block == plan.blocks() - 1) {
            writeFilters(call, plan, plan.groupOf(call.step()), chunk, filterChunk, sums, worker);
        }
    }

    /** {@code dw = G^T M G}, turned back from filters of taps to taps of filters. */
    private static void writeFilters(CpuCall call, WinogradGradientPlan plan, int group, int chunk, int filterChunk, int sums, int worker) {
        float[] memory = call.workspace();
        int slots = plan.slots(filterChunk);
        int point = plan.sumsPoint(filterChunk);
        int half = plan.turnedAt(worker);
        int taps = half + 3 * POINTS * slots;
        int count = plan.inputs.channelsOf(chunk);
        for (int first = 0; first < count; first += WinogradGradientPlan.FILTER_CHANNELS) {
            int channels = Math.min(WinogradGradientPlan.FILTER_CHANNELS, count - first);
            for (int c = 0; c < channels; c++) {
                plan.transforms.filterGradient(POINTS, memory, sums + (first + c) * slots, point, POINTS * point, memory, half, slots,
                        POINTS * slots, slots);
                plan.transforms.filterGradient(3, memory, half, POINTS * slots, slots, memory, taps + 9 * c * slots, 3 * slots, slots, slots);
            }
            store(call, plan, group * plan.filters + filterChunk * plan.gradients.chunk(), plan.gradients.channelsOf(filterChunk),
                    chunk * plan.channelSlots + first, channels, taps, slots);
        }
    }

    private static void store(CpuCall call, WinogradGradientPlan plan, int firstFilter, int filters, int firstChannel, int channels,
                              int taps, int slots) {
        float[] dw = call.w().floats();
        int length = 9 * channels;
        int to = call.w().offset() + (firstFilter * plan.channels + firstChannel) * 9;
        if (!call.accumulate() && length % plan.simd.lanes() == 0) {
            plan.simd.transpose(call.workspace(), taps, slots, length, filters, dw, to, plan.channels * 9);
            return;
        }
        int copy = taps + 9 * WinogradGradientPlan.FILTER_CHANNELS * slots;
        plan.simd.transpose(call.workspace(), taps, slots, length, filters, call.workspace(), copy, WinogradGradientPlan.TAPS);
        for (int k = 0; k < filters; k++) {
            int from = copy + k * WinogradGradientPlan.TAPS;
            if (call.accumulate()) {
                plan.simd.add(call.workspace(), from, dw, to + k * plan.channels * 9, length);
            } else {
                System.arraycopy(call.workspace(), from, dw, to + k * plan.channels * 9, length);
            }
        }
    }
}
