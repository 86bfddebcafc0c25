package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.ChannelsLastPlan.Block;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import java.util.Arrays;

/**
 * The filter gradient as a matrix product for each tap, with dy as it lies and x turned around so that the channels of one position
 * follow one another: then a tap is a shift, and vectors run over channels. For each group and tap
 *
 * <pre>
 *   dw(tap) [K/G, C/G] = sum of images: dy [K/G, positions] * x shifted by the tap [positions, C/G]
 * </pre>
 *
 * <p>Nothing is packed for each tap. What must be turned around, x before and the sums afterwards, is small beside the sums
 * themselves unless there are few positions or few filters.
 */
final class ChannelsLastGemmAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;

    ChannelsLastGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public String name() {
        return "channels-last-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_FILTER, "it serves backward_filter only"));
        return tensors.yes() ? ChannelsLastPlan.supports(request, runtime) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.channelsLastGemm(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * ChannelsLastPlan.of(request.problem(), runtime).workspaceLength();
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return ChannelsLastPlan.of(request.problem(), runtime);
    }

    @Override
    public void run(CpuCall call) {
        ChannelsLastPlan plan = call.plan().prepared(ChannelsLastPlan.class);
        ConvGeometry g = call.geometry();
        call.parallel(g.groups() * plan.rowBlocks(), ChannelsLastGemmAlgorithm::clearSums);
        for (int step = 0; step < g.n() * plan.blocks().length; step++) {
            call.parallel(g.groups() * plan.linesOfBlock(), step, ChannelsLastGemmAlgorithm::turnLine);
            call.parallel(g.groups() * plan.rowBlocks(), step, ChannelsLastGemmAlgorithm::addProducts);
        }
        call.parallel(g.k(), ChannelsLastGemmAlgorithm::writeFilter);
    }

    private static void clearSums(CpuCall call, int tile, int worker) {
        ChannelsLastPlan plan = call.plan().prepared(ChannelsLastPlan.class);
        int group = tile / plan.rowBlocks();
        int first = tile % plan.rowBlocks() * plan.rowBlock();
        int end = Math.min(plan.rowSlots(), first + plan.rowBlock());
        Arrays.fill(call.workspace(), plan.sumsAt(group, first), plan.sumsAt(group, end), 0);
    }

    /** One line of the inputs of a block: from channels of positions to positions of channels, with zeros for padding. */
    private static void turnLine(CpuCall call, int tile, int worker) {
        ChannelsLastPlan plan = call.plan().prepared(ChannelsLastPlan.class);
        ConvGeometry g = call.geometry();
        Block block = plan.blocks()[call.step() % plan.blocks().length];
        int image = call.step() / plan.blocks().length;
        int group = tile / plan.linesOfBlock();
        int line = tile % plan.linesOfBlock();
        int to = plan.turnedAt(group) + line * plan.lineLength();
        float[] turned = call.workspace();
        int d = block.inDepth() + line / plan.in()[1];
        int h = block.inRow() + line % plan.in()[1];
        int from = Math.max(0, -block.inColumn());
        int end = Math.min(plan.in()[2], g.w() - block.inColumn());
        boolean inside = d >= 0 && d < g.d() && h >= 0 && h < g.h() && end > from;
        int stride = plan.channelStride();
        if (!inside || from > 0 || end < plan.in()[2] || g.cg() < stride) {
            Arrays.fill(turned, to, to + plan.lineLength(), 0);
        }
        if (!inside) {
            return;
        }
        float[] x = call.x().floats();
        int channel = call.x().offset() + ((image * g.c() + group * g.cg()) * g.d() + d) * g.h() * g.w() + h * g.w() + block.inColumn();
        for (int c = 0; c < g.cg(); c++) {
            for (int i = from; i < end; i++) {
                turned[to + i * stride + c] = x[channel + i];
            }
            channel += g.d() * g.h() * g.w();
        }
    }

    /** A block of filters of one group: adds what the positions of this block contribute to all taps. */
    private static void addProducts(CpuCall call, int tile, int worker) {
        ChannelsLastPlan plan = call.plan().prepared(ChannelsLastPlan.class);
        ConvGeometry g = call.geometry();
        Block block = plan.blocks()[call.step() % plan.blocks().length];
        int image = call.step() / plan.blocks().length;
        int group = tile / plan.rowBlocks();
        int first = tile % plan.rowBlocks() * plan.rowBlock();
        int end = Math.min(plan.rowSlots(), first + plan.rowBlock());
        int dy = call.y().offset() + (image * g.k() + group * g.kg()) * plan.positions();
        for (int z = 0; z < block.depths(); z++) {
            for (int p = 0; p < block.rows(); p += plan.rowsOfPiece()) {
                int rows = Math.min(plan.rowsOfPiece(), block.rows() - p);
                for (int q = 0; q < block.columns(); q += plan.columnsOfPiece()) {
                    int columns = Math.min(plan.columnsOfPiece(), block.columns() - q);
                    int at = ((block.depth() + z) * g.p() + block.row() + p) * g.q() + block.column() + q;
                    addPiece(call, plan, group, first, end, dy + at, rows * columns, plan.turnedAt(group) + plan.turnedShift(z, p, q));
                }
            }
        }
    }

    /**
     * Adds the products of a piece of positions.
     *
     * @param dy    where the piece lies in the group's first filter
     * @param depth positions of the piece
     * @param x     where the first tap of its first position lies in the turned inputs
     */
    private static void addPiece(CpuCall call, ChannelsLastPlan plan, int group, int firstSlot, int endSlot, int dy, int depth, int x) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        int lastRow = call.geometry().kg() - SimdProvider.TILE_ROWS;
        int vectors;
        for (int c = 0; c < plan.channelSlots(); c += vectors * simd.lanes()) {
            vectors = simd.shiftedTileVectors();
            while (vectors * simd.lanes() > plan.channelSlots() - c) {
                vectors /= 2;
            }
            for (int tap = 0; tap < plan.tapShifts().length; tap++) {
                for (int slot = firstSlot; slot < endSlot; slot += SimdProvider.TILE_ROWS) {
                    // The last tile overlaps the one above it; its own slots keep their sums apart.
                    int row = Math.min(slot, lastRow);
                    simd.shiftedTile(vectors, depth, call.y().floats(), dy + row * plan.positions(), plan.positions(), null,
                            scratch, x + plan.tapShifts()[tap] + c, plan.positionShifts(), scratch,
                            plan.sumsAt(group, slot) + tap * plan.channelSlots() + c, plan.sumsOfRow());
                }
            }
        }
    }

    /** One filter of dw, turned back from taps of channels to channels of taps. */
    private static void writeFilter(CpuCall call, int filter, int worker) {
        ChannelsLastPlan plan = call.plan().prepared(ChannelsLastPlan.class);
        ConvGeometry g = call.geometry();
        int row = filter % g.kg();
        int lastTile = plan.rowSlots() - SimdProvider.TILE_ROWS;
        int sums = plan.sumsAt(filter / g.kg(), row < lastTile ? row : row + plan.rowSlots() - g.kg());
        int taps = plan.tapShifts().length;
        float[] dw = call.w().floats();
        float[] scratch = call.workspace();
        int to = call.w().offset() + filter * g.cg() * taps;
        for (int c = 0; c < g.cg(); c++) {
            for (int tap = 0; tap < taps; tap++) {
                float sum = scratch[sums + tap * plan.channelSlots() + c];
                dw[to] = call.accumulate() ? dw[to] + sum : sum;
                to++;
            }
        }
    }
}
