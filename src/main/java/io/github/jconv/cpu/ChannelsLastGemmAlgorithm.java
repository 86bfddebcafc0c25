package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.ChannelsLastPlan.Block;
import io.github.jconv.cpu.ChannelsLastPlan.Box;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import java.util.Arrays;

/**
 * The filter gradient as a matrix product for each tap, with x and dy turned around so that the channels of one position follow one
 * another: then a tap is a shift, and both factors are read in pieces of neighbours. For each group and tap
 *
 * <pre>
 *   dw(tap)^T [C/G, K/G] = sum of images: x shifted by the tap [positions, C/G]^T * dy [positions, K/G]
 * </pre>
 *
 * <p>Only positions whose input is none of the padding take part. Channels and filters exchange their parts where tiles are fuller
 * then. Fewer channels than a tile has rows are joined by the taps along the last axis: these follow one another, too, if the turned x
 * has the padding at the ends of its lines; see {@link MergedTaps}.
 *
 * <p>Nothing is packed for each tap. What must be turned around, x and dy before and the sums afterwards, is small beside the sums
 * themselves unless there are few positions, channels or filters.
 */
final class ChannelsLastGemmAlgorithm implements CpuAlgorithm {

    /** Columns of sums that are turned back at a time where they are added to what is there. */
    private static final int COLUMNS_AT_A_TIME = 64;

    private final CpuRuntime runtime;
    private final RequestMemo<ChannelsLastPlan> plans;

    ChannelsLastGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> ChannelsLastPlan.of(request.problem(), runtime));
    }

    @Override
    public String name() {
        return "channels-last-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_FILTER, "it serves backward_filter only"));
        return tensors.yes() ? ChannelsLastPlan.supports(request) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.channelsLastGemm(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * plans.of(request).workspaceLength(runtime.threads());
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return ChannelsLastPlan.mergedTaps(request.problem()) > 1 ? NonFinite.ZEROS_TAKE_PART : NonFinite.AS_DEFINED;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return new Prepared(plans.of(request), runtime.threads());
    }

    record Prepared(ChannelsLastPlan plan, int threads) {
    }

    static ChannelsLastPlan plan(CpuCall call) {
        return call.plan().prepared(Prepared.class).plan;
    }

    @Override
    public void run(CpuCall call) {
        ChannelsLastPlan plan = plan(call);
        if (plan.blocks().length == 0 && !call.accumulate()) {
            Arrays.fill(call.w().floats(), call.w().offset(), call.w().offset() + call.w().length(), 0);
        }
        if (plan.mergedTaps() > 1 && plan.blocks().length > 0) {
            MergedTaps.run(call, plan);
            return;
        }
        ConvGeometry g = call.geometry();
        for (int step = 0; step < plan.blocks().length; step++) {
            Block block = plan.blocks()[step];
            int lines = linesOfX(g, block) * plan.xPanels() + linesOfY(g, block) * plan.yPanels();
            call.parallel(block.images() * g.groups() * lines, step, ChannelsLastGemmAlgorithm::turn);
            call.parallel(g.groups() * plan.rowBlocks() * plan.columnBlocks(), step, ChannelsLastGemmAlgorithm::multiply);
        }
    }

    private static int linesOfX(ConvGeometry g, Block block) {
        return lines(block.in(), g.h(), g.w());
    }

    static int linesOfY(ConvGeometry g, Block block) {
        return lines(block.out(), g.p(), g.q());
    }

    /** Pieces of a box in which positions follow one another in the tensor: rows, whole slices, or all. */
    private static int lines(Box box, int height, int width) {
        return box.columns() < width ? box.depths() * box.rows() : box.rows() < height ? box.depths() : 1;
    }

    /** One line of a panel of x or dy: from channels of positions to positions of channels. */
    private static void turn(CpuCall call, int tile, int worker) {
        ChannelsLastPlan plan = plan(call);
        ConvGeometry g = call.geometry();
        Block block = plan.blocks()[call.step()];
        int linesOfX = linesOfX(g, block);
        int tilesOfX = block.images() * g.groups() * plan.xPanels() * linesOfX;
        boolean isX = tile < tilesOfX;
        int lines = isX ? linesOfX : linesOfY(g, block);
        int panels = isX ? plan.xPanels() : plan.yPanels();
        int at = isX ? tile : tile - tilesOfX;
        int line = at % lines;
        int panel = at / lines % panels;
        int group = at / lines / panels % g.groups();
        int image = at / lines / panels / g.groups();
        if (isX) {
            int from = call.x().offset() + ((block.image() + image) * g.c() + group * g.cg() + panel * plan.xChannels()) * g.d() * g.h() * g.w();
            int to = plan.turnedX(group, panel) + image * block.in().positions() * plan.xStep();
            turnLine(call, call.x().floats(), from, g.d(), g.h(), g.w(), block.in(), lines, line,
                    Math.min(plan.xChannels(), g.cg() - panel * plan.xChannels()), to, plan.xStep());
        } else {
            int from = call.y().offset() + ((block.image() + image) * g.k() + group * g.kg() + panel * plan.yChannels()) * g.z() * g.p() * g.q();
            turnLine(call, call.y().floats(), from, g.z(), g.p(), g.q(), block.out(), lines, line,
                    Math.min(plan.yChannels(), g.kg() - panel * plan.yChannels()),
                    plan.turnedY(group, panel) + image * block.out().positions() * plan.yStep(), plan.yStep());
        }
    }

    static void turnLine(CpuCall call, float[] tensor, int at, int depth, int height, int width, Box box, int lines, int line,
                                 int channels, int to, int step) {
        int length = box.positions() / lines;
        if (length > 0) {
            int first = line * length;
            int d = box.depth() + first / (box.rows() * box.columns());
            int h = box.row() + first / box.columns() % box.rows();
            plan(call).simd().transpose(tensor, at + (d * height + h) * width + box.column(),
                    depth * height * width, channels, length, call.workspace(), to + first * step, step);
        }
    }

    /** A block of rows and columns of one group: sums up what the positions of this block contribute to all taps. */
    private static void multiply(CpuCall call, int tile, int worker) {
        ChannelsLastPlan plan = plan(call);
        Block block = plan.blocks()[call.step()];
        int column = tile % plan.columnBlocks() * plan.columnBlock();
        int row = tile / plan.columnBlocks() % plan.rowBlocks() * plan.rowBlock();
        int group = tile / plan.columnBlocks() / plan.rowBlocks();
        int rows = Math.min(plan.rowBlock(), plan.rows() - row);
        int columns = Math.min(plan.columnBlock(), plan.columns() - column);
        int sums = plan.sums(worker);
        Arrays.fill(call.workspace(), sums, sums + plan.sumsLength(), 0);
        addBlock(call, plan, block, plan.turnedX(group, 0), plan.turnedY(group, 0), row, rows, column, columns, sums);
        if (plan.filtersAcross()) {
            writeFilters(call, plan, group, row, rows, column, columns, worker);
        } else {
            writeChannels(call, plan, group, row, rows, column, columns, worker);
        }
    }

    /**
     * Adds the products of a block of outputs for all taps.
     *
     * @param turnedX where the panels of the turned x begin, and so on
     */
    static void addBlock(CpuCall call, ChannelsLastPlan plan, Block block, int turnedX, int turnedY, int row, int rows, int column,
                         int columns, int sums) {
        Box out = block.out();
        for (int image = 0; image < block.images(); image++) {
            int x = turnedX + image * block.in().positions() * plan.xStep();
            int y = turnedY + image * out.positions() * plan.yStep();
            for (int z = out.depth(); z < out.depth() + out.depths(); z++) {
                for (int p = out.row(); p < out.row() + out.rows(); p += plan.rowsOfPiece()) {
                    for (int q = out.column(); q < out.column() + out.columns(); q += plan.columnsOfPiece()) {
                        addPiece(call, plan, block, x, y, z, p, q, row, rows, column, columns, sums);
                    }
                }
            }
        }
    }

    /** Adds the products of a piece of positions for all taps. */
    private static void addPiece(CpuCall call, ChannelsLastPlan plan, Block block, int x, int y, int z, int p, int q, int row, int rows,
                                 int column, int columns, int sums) {
        int rowEnd = Math.min(p + plan.rowsOfPiece(), block.out().row() + block.out().rows());
        int columnEnd = Math.min(q + plan.columnsOfPiece(), block.out().column() + block.out().columns());
        AxisWalk width = plan.width();
        for (int t = 0; t < plan.depth().taps; t++) {
            if (!plan.depth().inside(z, t)) {
                continue;
            }
            for (int r = 0; r < plan.height().taps; r++) {
                int firstRow = Math.max(p, plan.height().first(r));
                int rowsOfTap = Math.min(rowEnd, plan.height().end(r)) - firstRow;
                for (int s = 0; s < width.taps; s += plan.mergedTaps()) {
                    int firstColumn = plan.mergedTaps() > 1 ? q : Math.max(q, width.first(s));
                    int columnsOfTap = (plan.mergedTaps() > 1 ? columnEnd : Math.min(columnEnd, width.end(s))) - firstColumn;
                    if (rowsOfTap > 0 && columnsOfTap > 0) {
                        int tap = (t * plan.height().taps + r) * (width.taps / plan.mergedTaps()) + s / plan.mergedTaps();
                        int xAt = x + at(block.in(), plan.depth().in(z, t), plan.height().in(firstRow, r), width.in(firstColumn, s))
                                * plan.xStep();
                        int yAt = y + at(block.out(), z, firstRow, firstColumn) * plan.yStep();
                        addTap(call, plan, rowsOfTap * columnsOfTap, xAt, plan.xShifts()[columnsOfTap], yAt, plan.yShifts()[columnsOfTap],
                                row, rows, column, columns, sums + tap * plan.columnBlock());
                    }
                }
            }
        }
    }

    /** Where a position lies among those of a box. */
    private static int at(Box box, int depth, int row, int column) {
        return ((depth - box.depth()) * box.rows() + row - box.row()) * box.columns() + column - box.column();
    }

    private static void addTap(CpuCall call, ChannelsLastPlan plan, int positions, int x, int[] xShifts, int y, int[] yShifts, int row,
                               int rows, int column, int columns, int sums) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        boolean filtersAcross = plan.filtersAcross();
        int a = filtersAcross ? x : y;
        int b = filtersAcross ? y : x;
        int[] aShifts = filtersAcross ? xShifts : yShifts;
        int[] bShifts = filtersAcross ? yShifts : xShifts;
        int aPanel = filtersAcross ? plan.xPanel() : plan.yPanel();
        int bPanel = filtersAcross ? plan.yPanel() : plan.xPanel();
        int across = filtersAcross ? plan.yChannels() : plan.xChannels();
        int sumsOfRow = plan.taps() * plan.columnBlock();
        for (int j = 0; j < columns; j += SimdProvider.TILE_VECTORS * simd.lanes()) {
            int vectors = columns - j > simd.lanes() ? SimdProvider.TILE_VECTORS : 1;
            int right = b + (column + j) / across * bPanel + (column + j) % across;
            int height;
            for (int i = 0; i < rows; i += height) {
                // Rows and columns beyond the last are those of other positions, or nothing: their sums are dropped.
                height = rows - i > SimdProvider.TILE_ROWS ? SimdProvider.INTERLEAVED_ROWS : SimdProvider.TILE_ROWS;
                int left = a + (plan.mergedTaps() > 1 ? i : (row + i) / SimdProvider.INTERLEAVED_ROWS * aPanel);
                simd.interleavedTile(height, vectors, positions, scratch, left, aShifts, scratch, right, bShifts,
                        scratch, sums + i * sumsOfRow + j, sumsOfRow);
            }
        }
    }

    /** Sums whose columns are filters: to filters of channels and taps. */
    private static void writeFilters(CpuCall call, ChannelsLastPlan plan, int group, int row, int rows, int column, int columns, int worker) {
        ConvGeometry g = call.geometry();
        int filterLength = plan.rows() * plan.taps();
        write(call, plan.simd(), plan.sums(worker), plan.columnBlock(), rows * plan.taps(), columns, plan.lines(worker),
                call.w().offset() + (group * g.kg() + column) * filterLength + row * plan.taps(), filterLength);
    }

    /** Sums whose columns are channels: for each filter, from taps of channels to channels of taps. */
    private static void writeChannels(CpuCall call, ChannelsLastPlan plan, int group, int row, int rows, int column, int columns, int worker) {
        ConvGeometry g = call.geometry();
        int dw = call.w().offset() + ((group * g.kg() + row) * g.cg() + column) * plan.taps();
        for (int i = 0; i < rows; i++) {
            write(call, plan.simd(), plan.sums(worker) + i * plan.taps() * plan.columnBlock(), plan.columnBlock(), plan.taps(), columns,
                    plan.lines(worker), dw + i * g.cg() * plan.taps(), plan.taps());
        }
    }

    /** Transposes sums into dw, or adds them to it: what is there already is of an earlier block, or to be kept. */
    static void write(CpuCall call, SimdProvider simd, int sums, int sumsStep, int rows, int columns, int lines, int dw, int dwStep) {
        boolean add = call.accumulate() || call.step() > 0;
        // Behind less than a vector of rows, a transpose would write what others have written.
        if (!add && (rows >= simd.lanes() || dwStep == rows)) {
            simd.transpose(call.workspace(), sums, sumsStep, rows, columns, call.w().floats(), dw, dwStep);
            return;
        }
        int some = Math.min(COLUMNS_AT_A_TIME, columns);
        for (int j = 0; j < columns; j += some) {
            int width = Math.min(some, columns - j);
            simd.transpose(call.workspace(), sums + j, sumsStep, rows, width, call.workspace(), lines, rows);
            for (int i = 0; i < width; i++) {
                if (add) {
                    simd.add(call.workspace(), lines + i * rows, call.w().floats(), dw + (j + i) * dwStep, rows);
                } else {
                    System.arraycopy(call.workspace(), lines + i * rows, call.w().floats(), dw + (j + i) * dwStep, rows);
                }
            }
        }
    }
}
