package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import java.util.Arrays;

/**
 * A matrix product with the column matrix of x, of which each thread packs a block at a time ("implicit GEMM"): no column buffer
 * of an image, let alone of the batch. For each image and group
 *
 * <pre>
 *   FORWARD   y [K/G, positions] = w [K/G, C/G * taps] * columns(x) [C/G * taps, positions]
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
        return Support.when(request.dataType() == DataType.FLOAT32, "it computes in fp32 only")
                .and(Support.when(request.operation() == ConvOperation.FORWARD, "it serves forward only"));
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
        call.parallel(call.plan().prepared(Plan.class).blocks.tiles(), Im2colGemmAlgorithm::forwardTile);
    }

    private Plan plan(ConvRequest request) {
        ConvProblem p = request.problem();
        ColumnMatrix columns = new ColumnMatrix(AxisWalk.forward(p.axis3(0)), AxisWalk.forward(p.axis3(1)),
                AxisWalk.forward(p.axis3(2)), (int) p.inputPositions(), (int) p.axis3(1).input(), (int) p.axis3(2).input());
        GemmBlocks blocks = GemmBlocks.of(p.batch() * p.groups(), p.filtersPerGroup(), p.outputPositions(),
                p.channelsPerGroup() * p.filterTaps(), runtime);
        return new Plan(runtime.simd(), columns, blocks);
    }

    private record Plan(SimdProvider simd, ColumnMatrix columns, GemmBlocks blocks) {

        int panelsLength() {
            return PanelGemm.panelsLength(simd, blocks.depthBlock(), blocks.columnBlock());
        }

        int rowLength() {
            return ColumnMatrix.rowLength(simd, blocks.columnBlock());
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
            for (int i = 0; i < rows; i++) {
                Arrays.fill(y, yAt + i * blocks.columns(), yAt + i * blocks.columns() + columns, 0);
            }
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
}
