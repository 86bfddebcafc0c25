package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.Arrays;

/**
 * Filters no larger than their stride, as of up-convolutions and patch embeddings: without padding they cut the input into boxes that do not
 * overlap. Each element of x then takes part in one position, with one tap, and x is the column matrix, its elements in another order. For
 * each group, with the positions P of all images
 *
 * <pre>
 *   FORWARD         y [K/G, P]                  = w   [K/G, C/G * taps] * boxes of x [C/G * taps, P]
 *   BACKWARD_DATA   boxes of dx [C/G * taps, P] = w^T [C/G * taps, K/G] * dy         [K/G, P]
 * </pre>
 *
 * <p>So every element of dx is written once, and nothing is added up. What no box covers is zero. Some panels of positions are packed
 * together, taken apart tap by tap, and meet one tile of packed filters after the other; the sums of a tile are merged again where they
 * are written. Constant filters are packed once.
 */
final class BoxGemmAlgorithm implements CpuAlgorithm {

    /** Elements of packed filters, at most: larger ones are read rather where they lie. */
    private static final long MAX_FILTERS = 16 << 20;

    /** Rows of the input, at most, that is of a panel in the scratch memory of a thread. */
    private static final long MAX_ROWS = 1 << 15;

    private final CpuRuntime runtime;
    private final RequestMemo<BoxGemmPlan> plans;

    BoxGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> BoxGemmPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "box-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        ConvProblem problem = request.problem();
        Support served = HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only"))
                .and(Support.when(problem.axes().stream().allMatch(BoxGrid::isCut),
                        "it serves filters no larger than their stride, without padding, only"));
        if (!served.yes()) {
            return served;
        }
        long length = plans.of(request).filtersLength();
        long rows = plans.of(request).depth();
        return served.and(Support.when(length <= MAX_FILTERS, "packed filters have up to " + MAX_FILTERS + " elements, and there would be "
                        + length))
                .and(Support.when(rows <= MAX_ROWS, "it serves up to " + MAX_ROWS + " products for an output, and there are " + rows));
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.boxGemm(request, runtime, plans.of(request).usefulShare());
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Float.BYTES * plans.of(request).workspaceLength(runtime.threads())
                + FilterForm.workspaceBytes(filterForm(request), request);
    }

    @Override
    public boolean keepsFilters() {
        return true;
    }

    @Override
    public FilterForm filterForm(ConvRequest request) {
        BoxGemmPlan plan = plans.of(request);
        return new FilterForm(name() + (plan.forward() ? " forward " : " backward_data ") + plan.groups() + " " + plan.simd().name(),
                (int) plan.formLength());
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.AS_DEFINED;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void formFilters(CpuCall call) {
        BoxGemmPlan plan = plan(call);
        if (plan.forward()) {
            call.parallel(plan.groups() * plan.rows().tiles(), BoxGemmAlgorithm::turnFilters);
        } else {
            call.parallel(plan.groups() * plan.filterChunks(), BoxGemmAlgorithm::copyFilters);
        }
    }

    private static BoxGemmPlan plan(CpuCall call) {
        return call.plan().prepared(BoxGemmPlan.class);
    }

    private static void turnFilters(CpuCall call, int part, int worker) {
        BoxGemmPlan plan = plan(call);
        int group = part / plan.rows().tiles();
        int tile = part % plan.rows().tiles();
        PackedFilters.turn(call.w().floats(), plan.filterAt(call, group, plan.rows().first(tile)), plan.depth(), plan.rows().valid(tile),
                plan.depth(), call.filterForm(), plan.formAt(call, group, tile), plan.rows().height(tile));
    }

    private static void copyFilters(CpuCall call, int part, int worker) {
        BoxGemmPlan plan = plan(call);
        int group = part / plan.filterChunks();
        int k = part % plan.filterChunks() * BoxGemmPlan.FILTER_CHUNK;
        int end = Math.min(plan.depth(), k + BoxGemmPlan.FILTER_CHUNK);
        for (int tile = 0; tile < plan.rows().tiles(); tile++) {
            PackedFilters.copy(plan.simd(), call.w().floats(), plan.filterAt(call, group, plan.rows().first(tile)), plan.outputs(),
                    plan.rows().valid(tile), k, end, call.filterForm(), plan.formAt(call, group, tile), plan.rows().height(tile));
        }
    }

    @Override
    public void run(CpuCall call) {
        BoxGemmPlan plan = plan(call);
        if (!plan.out().isCovered() && !call.accumulate()) {
            call.parallel(plan.images() * plan.groups(), BoxGemmAlgorithm::clear);
        }
        call.parallel(plan.tasks(), BoxGemmAlgorithm::block);
    }

    private static void clear(CpuCall call, int unit, int worker) {
        BoxGemmPlan plan = plan(call);
        int at = plan.outAt(call, unit / plan.groups(), unit % plan.groups());
        Arrays.fill(plan.output(call).floats(), at, at + plan.out().sizeOf(plan.outputs()), 0);
    }

    private static void block(CpuCall call, int task, int worker) {
        BoxGemmPlan plan = plan(call);
        int end = plan.blocks().endPanel(task);
        for (int panel = plan.blocks().firstPanel(task); panel < end; panel += plan.together()) {
            panels(call, plan, plan.blocks().product(task), plan.blocks().firstTile(task), plan.blocks().endTile(task), panel,
                    Math.min(end, panel + plan.together()),
                    worker);
        }
    }

    /** Some tiles of rows by the positions of some panels: each tile goes through all of them, and so writes long pieces of few rows. */
    private static void panels(CpuCall call, BoxGemmPlan plan, int group, int firstTile, int endTile, int firstPanel, int endPanel,
                               int worker) {
        ColumnPanels columns = plan.columns();
        RowTiles rows = plan.rows();
        int from = columns.first(firstPanel);
        int to = Math.min(columns.columns(), columns.first(endPanel));
        int positions = plan.out().positions();
        pack(call, plan, group, firstPanel, endPanel, worker);
        boolean whole = plan.out().isDense() && to == columns.first(endPanel) && (to - 1) / positions == from / positions;
        for (int tile = firstTile; tile < endTile; tile++) {
            boolean direct = whole && rows.valid(tile) == rows.height(tile);
            float[] c = direct ? plan.output(call).floats() : call.workspace();
            int at = direct ? plan.outAt(call, from / positions, group) + rows.first(tile) * positions + from % positions : plan.sumsAt(worker);
            int step = direct ? positions : plan.rowStep();
            if (!direct && call.accumulate()) {
                moveSums(call, plan, group, tile, from, to, at, true);
            }
            for (int k = 0; k < plan.depth(); k += plan.depthBlock()) {
                for (int panel = firstPanel; panel < endPanel; panel++) {
                    multiply(call, plan, group, tile, k, panel, plan.panelsAt(worker) + (panel - firstPanel) * plan.panelLength(), c,
                            at + columns.first(panel) - from, step);
                }
            }
            if (!direct) {
                moveSums(call, plan, group, tile, from, to, at, false);
            }
        }
    }

    private static void multiply(CpuCall call, BoxGemmPlan plan, int group, int tile, int k, int panel, int panelAt, float[] c, int at,
                                 int step) {
        int height = plan.rows().height(tile);
        int width = plan.columns().width(panel);
        boolean fresh = k == 0 && !call.accumulate();
        plan.simd().panelTile(height, width / plan.simd().lanes(), plan.depthAt(k), call.filterForm(),
                plan.formAt(call, group, tile) + k * height, call.workspace(), panelAt + k * width, width,
                fresh ? PackedProduct.ZEROS : c, fresh ? 0 : at, fresh ? 0 : step, c, at, step);
    }

    /** Packs the positions of some panels: all taps of a row of boxes are taken apart, and then cut into panels. */
    private static void pack(CpuCall call, BoxGemmPlan plan, int group, int firstPanel, int endPanel, int worker) {
        ColumnPanels columns = plan.columns();
        int from = columns.first(firstPanel);
        int to = Math.min(columns.columns(), columns.first(endPanel));
        int positions = plan.in().positions();
        boolean inPlace = plan.in().isDense() && (to - 1) / positions == from / positions;
        int together;
        for (int k = 0; k < plan.depth(); k += together) {
            together = plan.in().together(k, plan.depth());
            if (inPlace) {
                packRow(call, plan, plan.input(call).floats(),
                        plan.inAt(call, from / positions, group) + k * positions + from % positions, k, firstPanel, endPanel, worker);
                continue;
            }
            moveRows(call, plan, true, group, k, together, from, to, plan.rowsAt(worker), true);
            for (int tap = 0; tap < together; tap++) {
                packRow(call, plan, call.workspace(), plan.rowsAt(worker) + tap * plan.rowStep(), k + tap, firstPanel, endPanel, worker);
            }
        }
    }

    /** Row k of some panels. What is behind the columns that there are takes arbitrary values, and so does the row below until it is there. */
    private static void packRow(CpuCall call, BoxGemmPlan plan, float[] row, int at, int k, int firstPanel, int endPanel, int worker) {
        ColumnPanels columns = plan.columns();
        int panel = firstPanel;
        while (panel < endPanel) {
            int width = columns.width(panel);
            int alike = 1;
            while (panel + alike < endPanel && columns.valid(panel + alike) == width) {
                alike++;
            }
            plan.simd().copyRuns(row, at + columns.first(panel) - columns.first(firstPanel), width, call.workspace(),
                    plan.panelsAt(worker) + (panel - firstPanel) * plan.panelLength() + k * width, plan.panelLength(),
                    columns.valid(panel), alike);
            panel += alike;
        }
    }

    /** The sums of a tile to its rows of the output, or these to where the sums will be. */
    private static void moveSums(CpuCall call, BoxGemmPlan plan, int group, int tile, int from, int to, int sums, boolean read) {
        int first = plan.rows().first(tile);
        int end = first + plan.rows().valid(tile);
        int together;
        for (int row = first; row < end; row += together) {
            together = plan.out().together(row, end);
            moveRows(call, plan, false, group, row, together, from, to, sums + (row - first) * plan.rowStep(), read);
        }
    }

    /** Rows of the input, or of the output, that lie together, at positions {@code [from, to)} of all images, to scratch memory or back. */
    private static void moveRows(CpuCall call, BoxGemmPlan plan, boolean input, int group, int row, int rows, int from, int to, int scratch,
                                 boolean read) {
        BoxGrid grid = input ? plan.in() : plan.out();
        SimdProvider simd = plan.simd();
        int length;
        for (int position = from; position < to; position += length) {
            int first = position % grid.positions();
            length = Math.min(grid.positions() - first, to - position);
            int image = position / grid.positions();
            int at = scratch + position - from;
            if (!read) {
                grid.scatter(simd, call.workspace(), at, plan.rowStep(), plan.output(call).floats(), plan.outAt(call, image, group), row,
                        rows, first, first + length);
            } else if (input) {
                grid.gather(simd, plan.input(call).floats(), plan.inAt(call, image, group), row, rows, first, first + length,
                        call.workspace(), at, plan.rowStep());
            } else {
                grid.gather(simd, plan.output(call).floats(), plan.outAt(call, image, group), row, rows, first, first + length,
                        call.workspace(), at, plan.rowStep());
            }
        }
    }
}
