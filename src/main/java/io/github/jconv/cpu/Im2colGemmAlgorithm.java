package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.Arrays;

/**
 * A matrix product with the column matrix of x, of which each thread packs a block at a time ("implicit GEMM"): no column buffer
 * of an image, let alone of the batch. For each image and group
 *
 * <pre>
 *   FORWARD           y  [K/G, positions]  = w  [K/G, C/G * taps]            * columns(x)   [C/G * taps, positions]
 *   BACKWARD_FILTER   dw [K/G, C/G * taps] = sum of images: dy [K/G, positions] * columns(x)^T [positions, C/G * taps]
 * </pre>
 */
final class Im2colGemmAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;

    Im2colGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public String name() {
        return "im2col-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        return HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_DATA,
                        "it serves forward and backward_filter only"));
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.gemmOverColumns(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * runtime.threads() * plan(request).workerLength();
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plan(request);
    }

    @Override
    public void run(CpuCall call) {
        boolean forward = call.plan().request().operation() == ConvOperation.FORWARD;
        call.parallel(call.plan().prepared(Plan.class).blocks.tiles(),
                forward ? Im2colGemmAlgorithm::forwardTile : Im2colGemmAlgorithm::backwardFilterTile);
    }

    private Plan plan(ConvRequest request) {
        ConvProblem p = request.problem();
        ColumnMatrix columns = ColumnMatrix.forward(p);
        long depth = p.channelsPerGroup() * p.filterTaps();
        return new Plan(runtime.simd(), columns, request.operation() == ConvOperation.FORWARD
                ? GemmBlocks.of(p.batch() * p.groups(), p.filtersPerGroup(), p.outputPositions(), depth, runtime)
                : GemmBlocks.of(p.groups(), p.filtersPerGroup(), depth, p.outputPositions(), runtime));
    }

    private record Plan(SimdProvider simd, ColumnMatrix columns, GemmBlocks blocks) {

        int panelsLength() {
            return PanelGemm.panelsLength(simd, blocks.depthBlock(), blocks.columnBlock());
        }

        int rowLength() {
            return ColumnMatrix.rowLength(simd, Math.max(blocks.columnBlock(), blocks.depthBlock()));
        }

        int workerLength() {
            return panelsLength() + rowLength() + PanelGemm.scratchLength(simd, blocks.depthBlock());
        }
    }

    private static void forwardTile(CpuCall call, int tile, int worker) {
        Plan plan = call.plan().prepared(Plan.class);
        GemmBlocks blocks = plan.blocks;
        ConvGeometry g = call.geometry();
        int image = blocks.unit(tile) / g.groups();
        int group = blocks.unit(tile) % g.groups();
        int firstRow = blocks.firstRow(tile);
        int rows = blocks.rowsOf(tile);
        int from = blocks.firstColumn(tile);
        int columns = blocks.columnsOf(tile);
        float[] y = call.y().floats();
        int yAt = call.y().offset() + ((image * g.k()) + group * g.kg() + firstRow) * blocks.columns() + from;
        if (!call.accumulate()) {
            clear(y, yAt, blocks.columns(), rows, columns);
        }
        int xAt = call.x().offset() + (image * g.c() + group * g.cg()) * plan.columns.channelSize();
        int wAt = call.w().offset() + (group * g.kg() + firstRow) * blocks.depth();
        float[] scratch = call.workspace();
        int panels = worker * plan.workerLength();
        int row = panels + plan.panelsLength();
        for (int k = 0; k < blocks.depth(); k += blocks.depthBlock()) {
            int depth = blocks.depthAt(k);
            plan.columns.pack(plan.simd, call.x().floats(), xAt, k, depth, from, from + columns, scratch, panels, scratch, row);
            PanelGemm.multiply(plan.simd, rows, columns, depth, call.w().floats(), wAt + k, blocks.depth(), 1, scratch, panels,
                    y, yAt, blocks.columns(), scratch, row + plan.rowLength());
        }
    }

    private static void backwardFilterTile(CpuCall call, int tile, int worker) {
        Plan plan = call.plan().prepared(Plan.class);
        GemmBlocks blocks = plan.blocks;
        ConvGeometry g = call.geometry();
        int group = blocks.unit(tile);
        int firstFilter = group * g.kg() + blocks.firstRow(tile);
        int rows = blocks.rowsOf(tile);
        int columns = blocks.columnsOf(tile);
        float[] dw = call.w().floats();
        int dwAt = call.w().offset() + firstFilter * blocks.columns() + blocks.firstColumn(tile);
        if (!call.accumulate()) {
            clear(dw, dwAt, blocks.columns(), rows, columns);
        }
        float[] scratch = call.workspace();
        int panels = worker * plan.workerLength();
        int row = panels + plan.panelsLength();
        for (int image = 0; image < g.n(); image++) {
            int xAt = call.x().offset() + (image * g.c() + group * g.cg()) * plan.columns.channelSize();
            int dyAt = call.y().offset() + (image * g.k() + firstFilter) * blocks.depth();
            for (int k = 0; k < blocks.depth(); k += blocks.depthBlock()) {
                int depth = blocks.depthAt(k);
                plan.columns.packTransposed(plan.simd, call.x().floats(), xAt, blocks.firstColumn(tile), columns, k, k + depth,
                        scratch, panels, scratch, row);
                PanelGemm.multiply(plan.simd, rows, columns, depth, call.y().floats(), dyAt + k, blocks.depth(), 1,
                        scratch, panels, dw, dwAt, blocks.columns(), scratch, row + plan.rowLength());
            }
        }
    }

    private static void clear(float[] c, int at, int cRow, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            Arrays.fill(c, at + i * cRow, at + i * cRow + columns, 0);
        }
    }
}
