package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * BACKWARD_DATA, and so the forward of transposed convolutions, as one dense convolution for each residue class of the stride
 * ({@link io.github.jconv.problem.ResidueClass}): a matrix product with the column matrix of dy, in which no inserted zero is
 * multiplied. For each image, group and class
 *
 * <pre>
 *   dx [C/G, inputs of the class] = w^T [C/G, K/G * taps of the class] * columns(dy) [K/G * taps, inputs]
 * </pre>
 *
 * <p>Blocks of w^T and of the columns are packed by the thread that multiplies them.
 */
final class ResidueGemmAlgorithm implements CpuAlgorithm {

    /** Rows of a tile: its block of dx and its block of w^T stay in a second-level cache. */
    private static final int MAX_ROWS = 192;

    /** A stride beyond this makes classes of few elements each, and as many matrix products. */
    private static final int MAX_CLASSES = 1024;

    private final CpuRuntime runtime;
    private final RequestMemo<Plan> plans;

    ResidueGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> Plan.of(request.problem(), runtime));
    }

    @Override
    public String name() {
        return "residue-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        return HeapTensors.fp32(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_DATA, "it serves backward_data only"))
                .and(Support.when(classes(request.problem()) <= MAX_CLASSES, "the stride makes " + classes(request.problem())
                        + " residue classes; it serves up to " + MAX_CLASSES));
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.residueGemm(request.problem(), runtime);
    }

    /** Residue classes of all axes together that have a tap. */
    static long classes(ConvProblem problem) {
        return problem.axes().stream().mapToLong(axis -> Math.min(axis.tapStep(), axis.filter())).reduce(1, (a, b) -> a * b);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * runtime.threads() * plans.of(request).workerLength;
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
        Plan plan = call.plan().prepared(Plan.class);
        if (!plan.covers && !call.accumulate()) {
            call.parallel(call.geometry().n() * call.geometry().c(), ResidueGemmAlgorithm::clearChannel);
        }
        call.parallel(plan.tiles, ResidueGemmAlgorithm::tile);
    }

    /**
     * One residue class: the three walks of its columns and the cut of its products.
     *
     * @param filterAt where each tap of the class lies in a filter plane
     * @param dense    whether its elements are all of dx, in the order of dx
     */
    private record Residue(ColumnMatrix columns, GemmBlocks blocks, int[] filterAt, boolean dense) {

        static Residue of(ConvProblem p, AxisWalk depth, AxisWalk height, AxisWalk width, CpuRuntime runtime) {
            ColumnMatrix columns = new ColumnMatrix(depth, height, width, (int) p.outputPositions(), (int) p.axis3(1).output(),
                    (int) p.axis3(2).output());
            int[] filterAt = new int[columns.taps()];
            for (int tap = 0; tap < filterAt.length; tap++) {
                int s = width.filter(tap % width.taps);
                int r = height.filter(tap / width.taps % height.taps);
                int t = depth.filter(tap / width.taps / height.taps);
                filterAt[tap] = (int) ((t * p.axis3(1).filter() + r) * p.axis3(2).filter() + s);
            }
            GemmBlocks blocks = GemmBlocks.of(p.batch() * p.groups(), p.channelsPerGroup(), columns.columns(),
                    p.filtersPerGroup() * filterAt.length, MAX_ROWS, runtime);
            return new Residue(columns, blocks, filterAt, columns.columns() == p.inputPositions());
        }
    }

    /**
     * @param covers       whether the classes reach every element of dx
     * @param panelsLength scratch memory for packed columns, and so on for a row of columns, a block of w^T, a block of dx
     */
    private record Plan(SimdProvider simd, List<Residue> residues, boolean covers, int tiles, int panelsLength, int rowLength,
                        int filterLength, int blockLength, int workerLength) {

        static Plan of(ConvProblem p, CpuRuntime runtime) {
            List<Residue> residues = new ArrayList<>();
            for (AxisWalk depth : AxisWalk.backwardData(p.axis3(0))) {
                for (AxisWalk height : AxisWalk.backwardData(p.axis3(1))) {
                    for (AxisWalk width : AxisWalk.backwardData(p.axis3(2))) {
                        residues.add(Residue.of(p, depth, height, width, runtime));
                    }
                }
            }
            SimdProvider simd = runtime.simd();
            int panels = 0;
            int row = 0;
            int filter = 0;
            int block = 0;
            int scratch = 0;
            int tiles = 0;
            long reached = 0;
            for (Residue residue : residues) {
                GemmBlocks b = residue.blocks;
                panels = Math.max(panels, PanelGemm.panelsLength(simd, b.depthBlock(), b.columnBlock()));
                row = Math.max(row, ColumnMatrix.rowLength(simd, b.columnBlock()));
                filter = Math.max(filter, b.rowBlock() * b.depthBlock());
                block = Math.max(block, residue.dense ? 0 : b.rowBlock() * b.columnBlock());
                scratch = Math.max(scratch, PanelGemm.scratchLength(simd, b.depthBlock()));
                tiles += b.tiles();
                reached += residue.columns.columns();
            }
            return new Plan(simd, List.copyOf(residues), reached == p.inputPositions(), tiles, panels, row, filter, block,
                    panels + row + filter + block + scratch);
        }
    }

    private static void clearChannel(CpuCall call, int channel, int worker) {
        ConvGeometry g = call.geometry();
        int size = g.d() * g.h() * g.w();
        int at = call.x().offset() + channel * size;
        Arrays.fill(call.x().floats(), at, at + size, 0);
    }

    private static void tile(CpuCall call, int tile, int worker) {
        Plan plan = call.plan().prepared(Plan.class);
        int number = 0;
        int own = tile;
        while (own >= plan.residues.get(number).blocks.tiles()) {
            own -= plan.residues.get(number).blocks.tiles();
            number++;
        }
        Residue residue = plan.residues.get(number);
        GemmBlocks blocks = residue.blocks;
        ConvGeometry g = call.geometry();
        int channelSize = g.d() * g.h() * g.w();
        float[] dx = call.x().floats();
        int dxAt = call.x().offset() + (blocks.unit(own) * g.cg() + blocks.firstRow(own)) * channelSize;
        int rows = blocks.rowsOf(own);
        int columns = blocks.columnsOf(own);
        int scratch = worker * plan.workerLength;
        if (residue.dense) {
            int at = dxAt + blocks.firstColumn(own);
            if (!call.accumulate()) {
                clear(dx, at, channelSize, rows, columns);
            }
            multiply(call, plan, residue, own, dx, at, channelSize, scratch);
        } else {
            int block = scratch + plan.panelsLength + plan.rowLength + plan.filterLength;
            clear(call.workspace(), block, columns, rows, columns);
            multiply(call, plan, residue, own, call.workspace(), block, columns, scratch);
            for (int i = 0; i < rows; i++) {
                residue.columns.scatter(call.workspace(), block + i * columns, blocks.firstColumn(own), columns, dx,
                        dxAt + i * channelSize, g.h(), g.w(), call.accumulate());
            }
        }
    }

    private static void multiply(CpuCall call, Plan plan, Residue residue, int tile, float[] c, int cAt, int cRow, int panels) {
        GemmBlocks blocks = residue.blocks;
        ConvGeometry g = call.geometry();
        float[] scratch = call.workspace();
        int row = panels + plan.panelsLength;
        int filter = row + plan.rowLength;
        int dyAt = call.y().offset() + blocks.unit(tile) * g.kg() * residue.columns.channelSize();
        int from = blocks.firstColumn(tile);
        int columns = blocks.columnsOf(tile);
        int rows = blocks.rowsOf(tile);
        for (int k = 0; k < blocks.depth(); k += blocks.depthBlock()) {
            int depth = blocks.depthAt(k);
            packFilter(call, residue, blocks.unit(tile) % g.groups(), blocks.firstRow(tile), rows, k, depth, scratch, filter);
            residue.columns.pack(plan.simd, call.y().floats(), dyAt, k, depth, from, from + columns, scratch, panels, scratch, row);
            PanelGemm.multiply(plan.simd, rows, columns, depth, scratch, filter, depth, 1, scratch, panels, c, cAt, cRow,
                    scratch, filter + plan.filterLength + plan.blockLength);
        }
    }

    /** Rows of w^T: for one channel, filters and in each the taps of the class. */
    private static void packFilter(CpuCall call, Residue residue, int group, int firstChannel, int channels, int firstDepth, int depth,
                                   float[] to, int toAt) {
        ConvGeometry g = call.geometry();
        float[] w = call.w().floats();
        int[] filterAt = residue.filterAt;
        int plane = g.t() * g.r() * g.s();
        for (int c = 0; c < channels; c++) {
            int tap = firstDepth % filterAt.length;
            int at = call.w().offset() + ((group * g.kg() + firstDepth / filterAt.length) * g.cg() + firstChannel + c) * plane;
            for (int i = 0; i < depth; i++) {
                to[toAt + c * depth + i] = w[at + filterAt[tap]];
                if (++tap == filterAt.length) {
                    tap = 0;
                    at += g.cg() * plane;
                }
            }
        }
    }

    private static void clear(float[] c, int at, int cRow, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            Arrays.fill(c, at + i * cRow, at + i * cRow + columns, 0);
        }
    }
}
