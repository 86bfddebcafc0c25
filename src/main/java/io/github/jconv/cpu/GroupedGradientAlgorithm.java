package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * The filter gradient of groups of a few channels, which alone would leave vectors empty. x is turned around with the padding at the ends of
 * its rows, so that the channels of a position follow one another, and behind them those of the next one: the channels of all taps along
 * the last axis lie side by side, and are the columns of a matrix product. Its rows are filters, turned around in panels. For each group,
 * and each tap of the other axes
 *
 * <pre>
 *   dw(tap) [K/G, S * C/G] = sum of positions: dy [positions, K/G]^T * windows of x [positions, S * C/G]
 * </pre>
 *
 * <p>Rows of x that lie in the padding are not multiplied. A thread lays out a group, or a few narrow ones, in its caches and multiplies it
 * at once. Each sum is one chain of fused multiply-adds over the positions in their order, from zero on.
 */
final class GroupedGradientAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<GroupedGradientPlan> plans;

    GroupedGradientAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> GroupedGradientPlan.of(request.problem(), runtime));
    }

    @Override
    public String name() {
        return "grouped-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_FILTER, "it serves backward_filter only"));
        return tensors.yes() ? GroupedGradientPlan.supports(request.problem()) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.groupedGemm(request, runtime);
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
        call.parallel(call.plan().prepared(GroupedGradientPlan.class).tasks(), GroupedGradientAlgorithm::sumUp);
    }

    /** A block of filters of a group, or all of a few groups. */
    private static void sumUp(CpuCall call, int task, int worker) {
        GroupedGradientPlan plan = call.plan().prepared(GroupedGradientPlan.class);
        int group = task / plan.filterBlocks() * plan.sides();
        int sides = Math.min(plan.sides(), plan.groups() - group);
        int filter = task % plan.filterBlocks() * plan.filterBlock();
        int filters = Math.min(plan.filterBlock(), plan.filters() - filter);
        Arrays.fill(call.workspace(), plan.sumsAt(worker, 0), plan.sumsAt(worker, plan.sides()), 0);
        for (int image = 0; image < call.geometry().n(); image++) {
            for (int z = 0; z < plan.depth().count; z++) {
                for (int p = 0; p < plan.height().count; p += plan.rowsOfBlock()) {
                    addBlock(call, plan, image, group, sides, filter, filters, z, p, worker);
                }
            }
        }
        for (int side = 0; side < sides; side++) {
            write(call, plan, plan.sumsAt(worker, side), (group + side) * plan.filters() + filter, filters, worker);
        }
    }

    /** The products of a block of rows of dy with all that they meet. */
    private static void addBlock(CpuCall call, GroupedGradientPlan plan, int image, int group, int sides, int filter, int filters, int z, int p,
                                 int worker) {
        int rows = Math.min(plan.rowsOfBlock(), plan.height().count - p);
        turnY(call, plan, image, group, sides, filter, filters, z, p, rows, worker);
        for (int t = 0; t < plan.depth().taps; t++) {
            if (plan.depth().inside(z, t)) {
                turnX(call, plan, image, group, sides, plan.depth().in(z, t), plan.height().in(p, 0), worker);
                for (int side = 0; side < sides; side++) {
                    multiply(call, plan, side, filters, t, p, rows, worker);
                }
            }
        }
    }

    /** From rows of filters to panels, in which {@link GroupedGradientPlan#PANEL} filters of a position follow one another. */
    private static void turnY(CpuCall call, GroupedGradientPlan plan, int image, int group, int sides, int filter, int filters, int z, int p,
                              int rows, int worker) {
        ConvGeometry g = call.geometry();
        float[] scratch = call.workspace();
        int all = sides == 1 ? filters : sides * plan.filters();
        int plane = g.z() * g.p() * g.q();
        int from = call.y().offset() + (image * g.k() + group * plan.filters() + filter) * plane + (z * g.p() + p) * g.q();
        int turned = plan.turnedAt(worker);
        int positions = rows * g.q();
        for (int i = 0; i < positions; i += GroupedGradientPlan.TURNED_POSITIONS) {
            int some = Math.min(GroupedGradientPlan.TURNED_POSITIONS, positions - i);
            for (int k = 0; k < all; k += GroupedGradientPlan.TURNED) {
                int width = Math.min(GroupedGradientPlan.TURNED, all - k);
                plan.simd().transpose(call.y().floats(), from + k * plane + i, plane, width, some, scratch, turned, GroupedGradientPlan.TURNED);
                if (sides == 1) {
                    for (int j = 0; j < width; j += GroupedGradientPlan.PANEL) {
                        copyPanel(plan, scratch, turned + j, plan.yAt(worker, 0, (k + j) / GroupedGradientPlan.PANEL), i, some);
                    }
                } else {
                    for (int side = 0; side < sides; side++) {
                        copyPanel(plan, scratch, turned + side * plan.filters(), plan.yAt(worker, side, 0), i, some);
                    }
                }
            }
        }
    }

    /** What a position has beyond the filters that there are is of no account: its sums are dropped. */
    private static void copyPanel(GroupedGradientPlan plan, float[] scratch, int turned, int panel, int position, int positions) {
        plan.simd().copyRuns(scratch, turned, GroupedGradientPlan.TURNED, scratch, panel + position * GroupedGradientPlan.PANEL,
                GroupedGradientPlan.PANEL, GroupedGradientPlan.PANEL, positions);
    }

    /** Turns the rows of a slice of x around that a block meets, from row {@code first} on, with zeros for the padding at their ends. */
    private static void turnX(CpuCall call, GroupedGradientPlan plan, int image, int group, int sides, int d, int first, int worker) {
        ConvGeometry g = call.geometry();
        float[] scratch = call.workspace();
        int column = plan.width().in(0, 0);
        int from = Math.min(plan.xColumns(), Math.max(0, -column));
        int end = Math.max(from, Math.min(plan.xColumns(), g.w() - column));
        int plane = g.d() * g.h() * g.w();
        int channel = call.x().offset() + (image * g.c() + group * plan.channels()) * plane + d * g.h() * g.w();
        int turned = plan.turnedAt(worker);
        int step = plan.turnedStep();
        int last = Math.min(g.h(), first + plan.xRows());
        int atOnce = plan.rowsAtOnce(g.w());
        for (int h = Math.max(0, first); h < last; h += atOnce) {
            int rows = Math.min(atOnce, last - h);
            int skipped = rows > 1 ? 0 : column + from;
            plan.simd().transpose(call.x().floats(), channel + h * g.w() + skipped, plane, sides * plan.channels(),
                    rows > 1 ? rows * g.w() : end - from, scratch, turned, step);
            for (int side = 0; side < sides; side++) {
                for (int row = 0; row < rows; row++) {
                    placeRow(plan, scratch, turned + (row * g.w() + column + from - skipped) * step + side * plan.channels(), from, end,
                            plan.xAt(worker, side) + (h + row - first) * plan.xColumns() * plan.channels());
                }
            }
        }
    }

    /** The last channels first: what is written behind them belongs to the next position, whose first channels follow, or to its row. */
    private static void placeRow(GroupedGradientPlan plan, float[] scratch, int turned, int from, int end, int row) {
        int channels = plan.channels();
        int step = plan.turnedStep();
        if (step == channels) {
            System.arraycopy(scratch, turned, scratch, row + from * channels, (end - from) * channels);
        } else {
            for (int c = (channels - 1) / CacheLine.FLOATS * CacheLine.FLOATS; c >= 0; c -= CacheLine.FLOATS) {
                plan.simd().copyRuns(scratch, turned + c, step, scratch, row + from * channels + c, channels,
                        Math.min(CacheLine.FLOATS, channels - c), end - from);
            }
        }
        Arrays.fill(scratch, row, row + from * channels, 0);
        Arrays.fill(scratch, row + end * channels, row + plan.xColumns() * channels, 0);
    }

    private static void multiply(CpuCall call, GroupedGradientPlan plan, int side, int filters, int t, int first, int rows, int worker) {
        AxisWalk height = plan.height();
        int x = plan.xAt(worker, side) - height.in(first, 0) * plan.xColumns() * plan.channels();
        for (int piece = first; piece < first + rows; piece += plan.rowsOfPiece()) {
            int end = Math.min(first + rows, piece + plan.rowsOfPiece());
            for (int r = 0; r < height.taps; r++) {
                int row = Math.max(piece, height.first(r));
                int rowsOfTap = Math.min(end, height.end(r)) - row;
                if (rowsOfTap > 0) {
                    addTap(call, plan, side, filters, x + height.in(row, r) * plan.xColumns() * plan.channels(), row - first, rowsOfTap,
                            (t * height.taps + r) * plan.columns(), worker);
                }
            }
        }
    }

    private static void addTap(CpuCall call, GroupedGradientPlan plan, int side, int filters, int x, int firstRow, int rows, int sumsOfTap,
                               int worker) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        int lanes = simd.lanes();
        int all = ceilDiv(plan.window(), lanes);
        int tiles = ceilDiv(all, SimdProvider.TAP_VECTORS);
        int positions = rows * plan.width().count;
        int y = firstRow * plan.width().count * GroupedGradientPlan.PANEL;
        int sumsRow = plan.sumsRow();
        int sums = plan.sumsAt(worker, side) + sumsOfTap;
        for (int tile = 0; tile < tiles; tile++) {
            int j = all * tile / tiles * lanes;
            int vectors = all * (tile + 1) / tiles - all * tile / tiles;
            for (int k = 0; k < filters; k += GroupedGradientPlan.PANEL) {
                int c = sums + k * sumsRow + j;
                simd.tapTile(vectors, positions, scratch, plan.yAt(worker, side, k / GroupedGradientPlan.PANEL) + y, scratch, x + j,
                        plan.shifts(), scratch, c, sumsRow, scratch, c, sumsRow);
            }
        }
    }

    /** The sums of a group's filters: from channels of taps to taps of channels. */
    private static void write(CpuCall call, GroupedGradientPlan plan, int sums, int filter, int filters, int worker) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        HostTensor w = call.w();
        int length = plan.channels() * plan.filterTaps();
        int to = w.offset() + filter * length;
        if (!call.accumulate() && length == plan.order().length) {
            simd.gatherRows(scratch, sums, plan.sumsRow(), plan.order(), 0, w.floats(), to, length, length, filters);
            return;
        }
        int line = plan.turnedAt(worker);
        for (int k = 0; k < filters; k++) {
            simd.gatherRows(scratch, sums + k * plan.sumsRow(), 0, plan.order(), 0, scratch, line, 0, plan.order().length, 1);
            if (call.accumulate()) {
                simd.add(scratch, line, w.floats(), to + k * length, length);
            } else {
                System.arraycopy(scratch, line, w.floats(), to + k * length, length);
            }
        }
    }
}
