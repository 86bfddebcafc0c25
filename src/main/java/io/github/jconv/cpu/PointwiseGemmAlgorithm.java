package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A matrix product on the tensors as they lie, without a column matrix and mostly without packing: for 1-tap filters at every
 * position, and for filters as large as the input ("fully connected"), where the D = C/G * taps inputs of an image and group are
 * one vector. For each group
 *
 * <pre>
 *                     1-tap, P positions, each image             full-size, N images
 *   FORWARD           y  [K/G, P]   = w   [K/G, C/G] * x  [C/G, P]     y^T [K/G, N] = w    [K/G, D] * x^T [D, N]
 *   BACKWARD_DATA     dx [C/G, P]   = w^T [C/G, K/G] * dy [K/G, P]     dx  [N, D]   = dy   [N, K/G] * w   [K/G, D]
 *   BACKWARD_FILTER   dw [K/G, C/G] = sum of images: dy [K/G, P] * x^T [P, C/G]
 *                                                                      dw  [K/G, D] = dy^T [K/G, N] * x   [N, D]
 * </pre>
 */
final class PointwiseGemmAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<Plan> plans;

    PointwiseGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> Plan.of(request, runtime));
    }

    @Override
    public String name() {
        return "gemm-1x1";
    }

    @Override
    public Support supports(ConvRequest request) {
        return HeapTensors.fp32(request)
                .and(Support.when(request.problem().isPointwise() || request.problem().isFullSize(),
                        "it serves 1-tap filters without stride and padding, and filters as large as the input, only"));
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.gemmInPlace(request);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * runtime.threads() * plans.of(request).workerLength();
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void run(CpuCall call) {
        call.parallel(call.plan().prepared(Plan.class).blocks.tiles(), PointwiseGemmAlgorithm::tile);
    }

    /**
     * {@code C = sum over summands: A * B} for each unit, a pair of image and group.
     *
     * @param summands matrix products that add up to one C: the images of a filter gradient, otherwise 1
     * @param inPlace  whether B is multiplied as it lies; it is packed otherwise
     * @param aShifts  in place: where the columns of A lie in a block along k, or null if they follow one another
     * @param bShifts  in place: where the rows of B lie in a block along k
     */
    private record Plan(SimdProvider simd, GemmBlocks blocks, int groups, int summands, MatrixView a, MatrixView b, MatrixView c,
                        boolean inPlace, int[] aShifts, int[] bShifts) {

        private static Plan of(CpuRuntime runtime, GemmBlocks blocks, int groups, int summands, MatrixView a, MatrixView b, MatrixView c) {
            boolean inPlace = InPlaceGemm.suits(runtime.simd(), blocks, a.column(), b.row(), b.column(), c.column());
            return new Plan(runtime.simd(), inPlace ? blocks.inPlace() : blocks, groups, summands, a, b, c, inPlace,
                    inPlace && a.column() != 1 ? shifts(blocks.inPlace(), a.column()) : null,
                    inPlace ? shifts(blocks.inPlace(), b.row()) : null);
        }

        private static int[] shifts(GemmBlocks blocks, int step) {
            return IntStream.range(0, blocks.depthBlock()).map(k -> k * step).toArray();
        }

        static Plan of(ConvRequest request, CpuRuntime runtime) {
            ConvGeometry g = ConvGeometry.of(request.problem());
            return request.problem().isPointwise() ? pointwise(request, g, runtime) : fullSize(request, g, runtime);
        }

        private static Plan pointwise(ConvRequest request, ConvGeometry g, CpuRuntime runtime) {
            int positions = (int) request.problem().outputPositions();
            MatrixView x = new MatrixView(Of.X, g.c() * positions, g.cg() * positions, positions, 1);
            MatrixView y = new MatrixView(Of.Y, g.k() * positions, g.kg() * positions, positions, 1);
            MatrixView w = new MatrixView(Of.W, 0, g.kg() * g.cg(), g.cg(), 1);
            long units = (long) g.n() * g.groups();
            return switch (request.operation()) {
                case FORWARD -> Plan.of(runtime, GemmBlocks.of(units, g.kg(), positions, g.cg(), runtime), g.groups(), 1,
                        w, x, y);
                case BACKWARD_DATA -> Plan.of(runtime, GemmBlocks.of(units, g.cg(), positions, g.kg(), runtime),
                        g.groups(), 1, w.transposed(), y, x);
                case BACKWARD_FILTER -> Plan.of(runtime, GemmBlocks.of(g.groups(), g.kg(), g.cg(), positions, runtime),
                        g.groups(), g.n(), y, x.transposed(), w);
            };
        }

        private static Plan fullSize(ConvRequest request, ConvGeometry g, CpuRuntime runtime) {
            int inputs = (int) (request.problem().channelsPerGroup() * request.problem().filterTaps());
            MatrixView x = new MatrixView(Of.X, 0, inputs, g.groups() * inputs, 1);
            MatrixView y = new MatrixView(Of.Y, 0, g.kg(), g.k(), 1);
            MatrixView w = new MatrixView(Of.W, 0, g.kg() * inputs, inputs, 1);
            return switch (request.operation()) {
                case FORWARD -> Plan.of(runtime, GemmBlocks.of(g.groups(), g.kg(), g.n(), inputs, runtime), g.groups(), 1,
                        w, x.transposed(), y.transposed());
                case BACKWARD_DATA -> Plan.of(runtime, GemmBlocks.of(g.groups(), g.n(), inputs, g.kg(), runtime),
                        g.groups(), 1, y, w, x);
                case BACKWARD_FILTER -> Plan.of(runtime, GemmBlocks.of(g.groups(), g.kg(), inputs, g.n(), runtime),
                        g.groups(), 1, y.transposed(), x, w);
            };
        }

        int panelsLength() {
            return inPlace ? 0 : PanelGemm.panelsLength(simd, blocks.depthBlock(), blocks.columnBlock());
        }

        /** A block of C when its columns do not lie side by side. */
        int blockLength() {
            return c.column() == 1 ? 0 : blocks.rowBlock() * blocks.columnBlock();
        }

        int workerLength() {
            return panelsLength() + blockLength()
                    + (inPlace ? InPlaceGemm.scratchLength(simd) : PanelGemm.scratchLength(simd, blocks.depthBlock()));
        }
    }

    private static void tile(CpuCall call, int tile, int worker) {
        Plan plan = call.plan().prepared(Plan.class);
        GemmBlocks blocks = plan.blocks;
        int image = blocks.unit(tile) / plan.groups;
        int group = blocks.unit(tile) % plan.groups;
        int rows = blocks.rowsOf(tile);
        int columns = blocks.columnsOf(tile);
        float[] out = plan.c.tensor(call).floats();
        int at = plan.c.at(call, image, group, blocks.firstRow(tile), blocks.firstColumn(tile));
        int panels = worker * plan.workerLength();
        if (plan.c.column() == 1) {
            if (!call.accumulate()) {
                clear(out, at, plan.c.row(), rows, columns);
            }
            multiply(call, plan, tile, image, group, out, at, plan.c.row(), panels);
        } else {
            float[] scratch = call.workspace();
            int block = panels + plan.panelsLength();
            clear(scratch, block, columns, rows, columns);
            multiply(call, plan, tile, image, group, scratch, block, columns, panels);
            writeBlock(scratch, block, rows, columns, out, at, plan.c, call.accumulate());
        }
    }

    private static void multiply(CpuCall call, Plan plan, int tile, int image, int group, float[] c, int cAt, int cRow, int panels) {
        GemmBlocks blocks = plan.blocks;
        float[] a = plan.a.tensor(call).floats();
        int scratch = panels + plan.panelsLength() + plan.blockLength();
        for (int summand = 0; summand < plan.summands; summand++) {
            for (int k = 0; k < blocks.depth(); k += blocks.depthBlock()) {
                int depth = blocks.depthAt(k);
                if (plan.inPlace) {
                    InPlaceGemm.multiply(plan.simd, blocks.rowsOf(tile), blocks.columnsOf(tile), depth,
                            a, plan.a.at(call, image + summand, group, blocks.firstRow(tile), k), plan.a.row(), plan.aShifts,
                            plan.b.tensor(call).floats(), plan.b.at(call, image + summand, group, k, blocks.firstColumn(tile)),
                            plan.bShifts, c, cAt, cRow, call.workspace(), scratch);
                    continue;
                }
                packB(call, plan.b, plan.b.at(call, image + summand, group, k, blocks.firstColumn(tile)), depth,
                        blocks.columnsOf(tile), plan.simd, panels);
                PanelGemm.multiply(plan.simd, blocks.rowsOf(tile), blocks.columnsOf(tile), depth,
                        a, plan.a.at(call, image + summand, group, blocks.firstRow(tile), k), plan.a.row(), plan.a.column(),
                        call.workspace(), panels, c, cAt, cRow, call.workspace(), scratch);
            }
        }
    }

    private static void packB(CpuCall call, MatrixView view, int at, int depth, int columns, SimdProvider simd, int panels) {
        float[] b = view.tensor(call).floats();
        if (view.column() == 1) {
            for (int k = 0; k < depth; k++) {
                PanelGemm.packRow(simd, b, at + k * view.row(), columns, call.workspace(), panels, k, depth);
            }
        } else {
            for (int j = 0; j < columns; j++) {
                PanelGemm.packColumn(simd, b, at + j * view.column(), depth, call.workspace(), panels, j, columns);
            }
        }
    }

    private static void clear(float[] c, int at, int cRow, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            Arrays.fill(c, at + i * cRow, at + i * cRow + columns, 0);
        }
    }

    private static void writeBlock(float[] block, int blockAt, int rows, int columns, float[] c, int at, MatrixView view,
                                   boolean accumulate) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                int to = at + i * view.row() + j * view.column();
                float value = block[blockAt + i * columns + j];
                c[to] = accumulate ? c[to] + value : value;
            }
        }
    }
}
