package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import java.util.Arrays;

/**
 * The filter gradient of 1-tap filters as matrix products of which one factor keeps its rows, which are only moved apart. Positions follow
 * one another in both tensors, so one of them must be turned around for the vectors: the one with fewer channels. For each group
 *
 * <pre>
 *   dw   [K/G, C/G] = sum of images: dy [K/G, positions] * (x turned around)  [positions, C/G]      or
 *   dw^T [C/G, K/G] = sum of images: x  [C/G, positions] * (dy turned around) [positions, K/G]
 * </pre>
 *
 * <p>The products of all images that fit into scratch memory at once are summed up there, so dw is written once for them; sums of the second
 * form are turned back. Each element of dw is one such sum over images and positions in their order, whatever is turned and however rows
 * are shared out, or a few of them, one after the other.
 */
final class TurnedPointwiseAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<TurnedPointwisePlan> plans;

    TurnedPointwiseAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> TurnedPointwisePlan.of(request.problem(), runtime));
    }

    @Override
    public String name() {
        return "turned-1x1";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_FILTER, "it serves backward_filter only"));
        return tensors.yes() ? TurnedPointwisePlan.supports(request.problem()) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.turnedPointwise(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * plans.of(request).workspaceLength(runtime.threads());
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void run(CpuCall call) {
        TurnedPointwisePlan plan = call.plan().prepared(TurnedPointwisePlan.class);
        for (int block = 0; block < plan.blocks(); block++) {
            call.parallel(plan.groups() * plan.panels().panels() * plan.imagesOf(block), block, TurnedPointwiseAlgorithm::turn);
            call.parallel(plan.groups() * plan.rowBlocks() * plan.columnBlocks(), block, TurnedPointwiseAlgorithm::multiply);
        }
    }

    /** A panel of one image of the factor that is turned. */
    private static void turn(CpuCall call, int task, int worker) {
        TurnedPointwisePlan plan = call.plan().prepared(TurnedPointwisePlan.class);
        int images = plan.imagesOf(call.step());
        int image = task % images;
        ColumnPanels panels = plan.panels();
        int panel = task / images % panels.panels();
        int group = task / images / panels.panels();
        var tensor = plan.turnsX() ? call.x() : call.y();
        int from = tensor.offset() + (((firstImage(call, plan) + image) * plan.groups() + group) * plan.columns() + panels.first(panel)) * plan.positions();
        plan.simd().transpose(tensor.floats(), from, plan.positions(), panels.valid(panel), plan.positions(), call.workspace(),
                plan.turned(group, panel, image), panels.width(panel));
    }

    private static int firstImage(CpuCall call, TurnedPointwisePlan plan) {
        return call.step() * plan.block();
    }

    private static boolean accumulates(CpuCall call) {
        return call.accumulate() || call.step() > 0;
    }

    /** A block of rows and columns of a group: the sums over the images of a block. */
    private static void multiply(CpuCall call, int task, int worker) {
        TurnedPointwisePlan plan = call.plan().prepared(TurnedPointwisePlan.class);
        int firstPanel = task % plan.columnBlocks() * plan.panelsOfBlock();
        int endPanel = Math.min(plan.panels().panels(), firstPanel + plan.panelsOfBlock());
        int firstTile = task / plan.columnBlocks() % plan.rowBlocks() * plan.tileBlock();
        int endTile = Math.min(plan.tiles().tiles(), firstTile + plan.tileBlock());
        int group = task / plan.columnBlocks() / plan.rowBlocks();
        int row = plan.tiles().first(firstTile);
        int rows = Math.min(plan.rows(), plan.tiles().first(endTile)) - row;
        int sums = plan.sumsAt(worker);
        Arrays.fill(call.workspace(), sums, sums + (plan.tiles().first(endTile) - row) * plan.sumsRow(), 0);
        var left = plan.turnsX() ? call.y() : call.x();
        for (int image = 0; image < plan.imagesOf(call.step()); image++) {
            int from = left.offset() + (((firstImage(call, plan) + image) * plan.groups() + group) * plan.rows() + row) * plan.positions();
            for (int position = 0; position < plan.positions(); position += plan.part()) {
                int depth = Math.min(plan.part(), plan.positions() - position);
                plan.simd().copyRuns(left.floats(), from + position, plan.positions(), call.workspace(), plan.rowsAt(worker),
                        SimdProvider.ROW_STEP, depth, rows);
                for (int panel = firstPanel; panel < endPanel; panel++) {
                    addProducts(call.workspace(), plan, firstTile, endTile, depth, plan.rowsAt(worker),
                            plan.turned(group, panel, image) + position * plan.panels().width(panel), plan.panels().width(panel),
                            sums + plan.panels().first(panel) - plan.panels().first(firstPanel));
                }
            }
        }
        int column = plan.panels().first(firstPanel);
        int columns = Math.min(plan.columns(), plan.panels().first(endPanel)) - column;
        if (plan.turnsX()) {
            writeFilters(call, plan, group, row, rows, column, columns, sums);
        } else {
            writeChannels(call, plan, group, row, rows, column, columns, sums, worker);
        }
    }

    /** Some tiles of rows with a panel, which stays in a first-level cache. */
    private static void addProducts(float[] scratch, TurnedPointwisePlan plan, int firstTile, int endTile, int depth, int rows, int panel,
                                    int width, int sums) {
        RowTiles tiles = plan.tiles();
        for (int tile = firstTile; tile < endTile; tile++) {
            int row = tiles.first(tile) - tiles.first(firstTile);
            int c = sums + row * plan.sumsRow();
            plan.simd().rowTile(tiles.height(tile), width / plan.simd().lanes(), depth, scratch, rows + row * SimdProvider.ROW_STEP, scratch,
                    panel, width, scratch, c, plan.sumsRow(), scratch, c, plan.sumsRow());
        }
    }

    /** Sums whose rows are filters: as they lie. */
    private static void writeFilters(CpuCall call, TurnedPointwisePlan plan, int group, int row, int rows, int column, int columns,
                                     int sums) {
        float[] dw = call.w().floats();
        int to = call.w().offset() + (group * plan.rows() + row) * plan.columns() + column;
        for (int i = 0; i < rows; i++) {
            if (accumulates(call)) {
                plan.simd().add(call.workspace(), sums + i * plan.sumsRow(), dw, to + i * plan.columns(), columns);
            } else {
                System.arraycopy(call.workspace(), sums + i * plan.sumsRow(), dw, to + i * plan.columns(), columns);
            }
        }
    }

    /** Sums whose rows are channels: turned back. */
    private static void writeChannels(CpuCall call, TurnedPointwisePlan plan, int group, int row, int rows, int column, int columns,
                                      int sums, int worker) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        float[] dw = call.w().floats();
        int to = call.w().offset() + (group * plan.columns() + column) * plan.rows() + row;
        if (!accumulates(call) && rows >= simd.lanes()) {
            simd.transpose(scratch, sums, plan.sumsRow(), rows, columns, dw, to, plan.rows());
        } else if (!accumulates(call)) {
            Transposition.transpose(rows, columns, scratch, sums, plan.sumsRow(), dw, to, plan.rows());
        } else {
            int lines = plan.linesAt(worker);
            simd.transpose(scratch, sums, plan.sumsRow(), rows, columns, scratch, lines, plan.linesRow());
            for (int j = 0; j < columns; j++) {
                simd.add(scratch, lines + j * plan.linesRow(), dw, to + j * plan.rows(), rows);
            }
        }
    }
}
