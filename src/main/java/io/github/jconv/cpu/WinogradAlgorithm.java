package io.github.jconv.cpu;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * Winograd's minimal filtering F(m x m, 3 x 3): outputs in tiles of m by m, each from (m + 2) by (m + 2) inputs and as many
 * products per pair of channels instead of {@code 9 m^2}: 2.25 times fewer for m = 2, 4 times fewer for m = 4. With the transforms of
 * {@link io.github.jconv.cpu.simd.WinogradTransforms} on both axes, for each point e of a tile
 *
 * <pre>
 *   U[e][k][c] = (G g G^T)[e]      V[e][c][t] = (B^T d B)[e]      M[e] = U[e] V[e]      Y = A^T M A
 *
 *   FORWARD        d: channel c of x at tile t     g: filter k, channel c of w                       Y: channel k of y
 *   BACKWARD_DATA  d: channel k of dy              g: the same, rotated by half a turn, k for c      Y: channel c of dx
 * </pre>
 *
 * <p>The (m + 2)^2 products of matrices take all that is multiplied. Its sums are other sums than those of the definition: see
 * {@link Accuracy}.
 */
final class WinogradAlgorithm implements CpuAlgorithm {

    /** Rows of a task that multiplies a point of all tiles of a block. */
    private static final int PRODUCT_ROWS = 96;

    private final CpuRuntime runtime;
    private final int m;

    /** @param m outputs of a tile along an axis: 2 or 4 */
    WinogradAlgorithm(CpuRuntime runtime, int m) {
        this.runtime = runtime;
        this.m = m;
    }

    @Override
    public String name() {
        return "winograd-" + m + "x" + m;
    }

    @Override
    public Support supports(ConvRequest request) {
        ConvProblem p = request.problem();
        long rows = request.operation() == ConvOperation.FORWARD ? p.filtersPerGroup() : p.channelsPerGroup();
        Support shape = HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only"))
                .and(Support.when(p.axis3(0).equals(SpatialAxis.unit()) && isThree(p.axis3(1)) && isThree(p.axis3(2)),
                        "it serves 3x3 filters with stride 1 and dilation 1 only"))
                .and(Support.when(rows >= SimdProvider.TILE_ROWS, "it serves groups of " + SimdProvider.TILE_ROWS
                        + " output channels and more, and there " + (rows == 1 ? "is 1" : "are " + rows)));
        return shape.yes() ? Support.when(WinogradPlan.of(m, request, runtime).workspaceLength <= HostTensor.MAX_ELEMENTS,
                "its scratch memory exceeds one array") : shape;
    }

    private static boolean isThree(SpatialAxis axis) {
        return axis.filter() == 3 && axis.stride() == 1 && axis.dilation() == 1;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.winograd(m, request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Float.BYTES * WinogradPlan.of(m, request, runtime).workspaceLength;
    }

    @Override
    public long flops(ConvRequest request) {
        ConvProblem p = request.problem();
        return 2 * (m + 2) * (m + 2) * WinogradPlan.tiles(m, request) * p.inputChannels() * p.filtersPerGroup();
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return m == 2 ? Accuracy.WINOGRAD_2X2 : Accuracy.WINOGRAD_4X4;
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.SPREADS;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return WinogradPlan.of(m, request, runtime);
    }

    @Override
    public void run(CpuCall call) {
        WinogradPlan plan = plan(call);
        if (plan.tiles == 0) {
            return;
        }
        for (int group = 0; group < plan.groups; group++) {
            for (int block = 0; block < plan.outBlocks(); block++) {
                int step = (group * plan.outBlocks() + block) * plan.columnBlocks();
                int rows = plan.rows(block);
                call.parallel((rows + WinogradPlan.FILTER_ROWS - 1) / WinogradPlan.FILTER_ROWS, step, WinogradAlgorithm::filters);
                if (plan.apart) {
                    call.parallel(plan.columnBlocks(), step, WinogradAlgorithm::wholeTiles);
                } else {
                    together(call, plan, step, rows, block == 0 || plan.columnBlocks() > 1);
                }
            }
        }
    }

    /** All threads on one block of tiles after the other. */
    private static void together(CpuCall call, WinogradPlan plan, int firstStep, int rows, boolean newInputs) {
        for (int step = firstStep; step < firstStep + plan.columnBlocks(); step++) {
            if (newInputs) {
                call.parallel(plan.ins, step, WinogradAlgorithm::inputs);
            }
            call.parallel(plan.points * plan.points * productBlocks(rows), step, WinogradAlgorithm::products);
            call.parallel(rows, step, WinogradAlgorithm::outputs);
        }
    }

    private static WinogradPlan plan(CpuCall call) {
        return call.plan().prepared(WinogradPlan.class);
    }

    private static int group(WinogradPlan plan, int step) {
        return step / plan.columnBlocks() / plan.outBlocks();
    }

    private static int outBlock(WinogradPlan plan, int step) {
        return step / plan.columnBlocks() % plan.outBlocks();
    }

    /** A block of tiles from input to output. */
    private static void wholeTiles(CpuCall call, int block, int worker) {
        WinogradPlan plan = plan(call);
        int step = call.step();
        for (int i = 0; i < plan.ins; i++) {
            input(call, plan, group(plan, step), i, block, worker);
        }
        for (int point = 0; point < plan.points * plan.points; point++) {
            product(call, plan, point, plan.outs, 0, plan.outs, plan.columns(block), worker);
        }
        for (int o = 0; o < plan.outs; o++) {
            output(call, plan, group(plan, step), 0, o, block, worker);
        }
    }

    private static void inputs(CpuCall call, int channel, int worker) {
        WinogradPlan plan = plan(call);
        input(call, plan, group(plan, call.step()), channel, call.step() % plan.columnBlocks(), worker);
    }

    private static void products(CpuCall call, int tile, int worker) {
        WinogradPlan plan = plan(call);
        int step = call.step();
        int rows = plan.rows(outBlock(plan, step));
        int blocks = productBlocks(rows);
        int first = tile % blocks * PRODUCT_ROWS;
        int end = tile % blocks == blocks - 1 ? rows : first + PRODUCT_ROWS;
        product(call, plan, tile / blocks, rows, first, end, plan.columns(step % plan.columnBlocks()), worker);
    }

    private static void outputs(CpuCall call, int row, int worker) {
        WinogradPlan plan = plan(call);
        int step = call.step();
        output(call, plan, group(plan, step), outBlock(plan, step), row, step % plan.columnBlocks(), worker);
    }

    /** Blocks of rows of a product, the last of which may be larger: less than a tile of rows cannot be multiplied. */
    private static int productBlocks(int rows) {
        return Math.max(1, rows / PRODUCT_ROWS);
    }

    // --- filters: U = G g G^T -----------------------------------------------------------------------------------------------

    private static void filters(CpuCall call, int tile, int worker) {
        WinogradPlan plan = plan(call);
        int block = outBlock(plan, call.step());
        int first = tile * WinogradPlan.FILTER_ROWS;
        int rows = Math.min(WinogradPlan.FILTER_ROWS, plan.rows(block) - first);
        for (int in = 0; in < plan.ins; in += WinogradPlan.FILTER_COLUMNS) {
            int ins = Math.min(WinogradPlan.FILTER_COLUMNS, plan.ins - in);
            gatherTaps(call, plan, group(plan, call.step()), block * plan.outBlock + first, rows, in, ins, plan.scratchOf(worker));
            for (int row = 0; row < rows; row++) {
                filter(call, plan, first + row, in, ins, plan.scratchOf(worker), row);
            }
        }
    }

    /** Taps as rows of input channels, one set for each output channel. */
    private static void gatherTaps(CpuCall call, WinogradPlan plan, int group, int firstOut, int rows, int firstIn, int ins, int to) {
        float[] w = call.w().floats();
        float[] scratch = call.workspace();
        int perRow = plan.forward ? plan.ins * 9 : 9;
        int perIn = plan.forward ? 9 : plan.outs * 9;
        int at = call.w().offset() + group * plan.ins * plan.outs * 9 + firstOut * perRow + firstIn * perIn;
        int firstTap = plan.forward ? 0 : 8;
        int tapStep = plan.forward ? 1 : -1;
        for (int i = 0; i < ins; i++) {
            for (int row = 0; row < rows; row++) {
                int from = at + i * perIn + row * perRow + firstTap;
                int column = to + row * 9 * WinogradPlan.FILTER_COLUMNS + i;
                for (int tap = 0; tap < 9; tap++) {
                    scratch[column + tap * WinogradPlan.FILTER_COLUMNS] = w[from + tap * tapStep];
                }
            }
        }
    }

    private static void filter(CpuCall call, WinogradPlan plan, int row, int firstIn, int ins, int scratch, int set) {
        float[] memory = call.workspace();
        int columns = WinogradPlan.FILTER_COLUMNS;
        int half = scratch + WinogradPlan.FILTER_ROWS * 9 * columns;
        plan.transforms.filter(plan.m, 1, memory, scratch + set * 9 * columns, 0, 3 * columns, memory, half, 0, 3 * columns, 3 * columns);
        plan.transforms.filter(plan.m, plan.points, memory, half, 3 * columns, columns, memory, row * plan.depthStride + firstIn,
                plan.points * plan.filtersPoint, plan.filtersPoint, ins);
    }

    // --- inputs: V = B^T d B ------------------------------------------------------------------------------------------------

    /** One input channel of a block of tiles, in runs of tiles that are neighbours in a row. */
    private static void input(CpuCall call, WinogradPlan plan, int group, int channel, int block, int worker) {
        int first = block * plan.columns;
        int end = first + plan.columns(block);
        int to = plan.inputsOf(worker) + channel * plan.columnStride;
        for (int t = first; t < end; ) {
            int column = t % plan.tileColumns;
            int run = Math.min(plan.tileColumns - column, end - t);
            int tileRow = t / plan.tileColumns;
            int image = tileRow / plan.tileRows;
            int from = plan.in.tensor(call).offset() + ((image * plan.groups + group) * plan.ins + channel) * plan.inHeight * plan.inWidth;
            inputRun(call, plan, from, tileRow % plan.tileRows * plan.m + plan.firstRow, column * plan.m + plan.firstColumn, run,
                    to + t - first, plan.scratchOf(worker));
            t += run;
        }
    }

    /** Neighbouring tiles of a row; what is stored behind the last of them is overwritten by the next run, or slack. */
    private static void inputRun(CpuCall call, WinogradPlan plan, int from, int firstRow, int firstColumn, int run, int to, int scratch) {
        float[] memory = call.workspace();
        int step = plan.splitStep(run);
        int row = plan.m * step;
        int half = scratch + plan.points * row + SimdProvider.PARTIAL_SUMS;
        int halfRow = plan.columnsRow(run);
        splitRows(call, plan, from, firstRow, firstColumn, run, scratch, half + plan.points * halfRow + SimdProvider.PARTIAL_SUMS);
        plan.transforms.input(plan.m, 1, memory, scratch, 0, row, plan.m * row, memory, half, 0, halfRow, row);
        plan.transforms.input(plan.m, plan.points, memory, half, halfRow, step, 1, memory, to, plan.points * plan.inputsPoint,
                plan.inputsPoint, run);
    }

    /** The input rows of neighbouring tiles with their padding, taken apart by the position in a tile. */
    private static void splitRows(CpuCall call, WinogradPlan plan, int from, int firstRow, int firstColumn, int run, int to, int buffer) {
        float[] memory = call.workspace();
        int step = plan.splitStep(run);
        int row = plan.m * step;
        int begin = Math.max(0, Math.min(plan.points, -firstRow));
        int rows = Math.max(0, Math.min(plan.points, plan.inHeight - firstRow) - begin);
        int at = from + (firstRow + begin) * plan.inWidth + firstColumn;
        float[] values = plan.in.tensor(call).floats();
        int end = at + (rows - 1) * plan.inWidth + plan.transforms.splitReads(plan.m, run + 1);
        if (at >= 0 && end <= values.length) {
            plan.transforms.split(plan.m, rows, values, at, plan.inWidth, memory, to + begin * row, row, step, run + 1);
        } else {
            copyRows(plan, values, at, rows, firstColumn, run, memory, buffer);
            plan.transforms.split(plan.m, rows, memory, buffer, plan.paddedRow(run), memory, to + begin * row, row, step, run + 1);
        }
        clearPadding(plan, memory, to, begin, rows, firstColumn, run);
    }

    /** Where whole vectors would reach beyond the tensor's array. */
    private static void copyRows(WinogradPlan plan, float[] values, int at, int rows, int firstColumn, int run, float[] memory, int to) {
        int length = plan.m * (run + 1);
        int begin = Math.max(0, Math.min(length, -firstColumn));
        int end = Math.max(begin, Math.min(length, plan.inWidth - firstColumn));
        for (int i = 0; i < rows; i++) {
            System.arraycopy(values, at + i * plan.inWidth + begin, memory, to + i * plan.paddedRow(run) + begin, end - begin);
        }
    }

    /** Zeros above, below, in front of and behind the rows that were taken apart. */
    private static void clearPadding(WinogradPlan plan, float[] memory, int to, int firstRow, int rows, int firstColumn, int run) {
        int step = plan.splitStep(run);
        int row = plan.m * step;
        Arrays.fill(memory, to, to + firstRow * row, 0);
        Arrays.fill(memory, to + (firstRow + rows) * row, to + plan.points * row, 0);
        int length = plan.m * (run + 1);
        int begin = to + firstRow * row;
        int shift = Integer.numberOfTrailingZeros(plan.m);
        for (int c = 0; c < Math.min(length, -firstColumn); c++) {
            clearColumn(memory, begin + (c & plan.m - 1) * step + (c >> shift), row, rows);
        }
        for (int c = Math.max(0, plan.inWidth - firstColumn); c < length; c++) {
            clearColumn(memory, begin + (c & plan.m - 1) * step + (c >> shift), row, rows);
        }
    }

    private static void clearColumn(float[] memory, int at, int step, int rows) {
        for (int i = 0; i < rows; i++) {
            memory[at + i * step] = 0;
        }
    }

    // --- products: M = U V --------------------------------------------------------------------------------------------------

    /** Rows of one point of a block of tiles. */
    private static void product(CpuCall call, WinogradPlan plan, int point, int rows, int first, int end, int columns, int worker) {
        SimdProvider simd = plan.simd;
        float[] memory = call.workspace();
        int lastTile = rows - SimdProvider.TILE_ROWS;
        int vectors;
        for (int j = 0; j < columns; j += vectors * simd.lanes()) {
            vectors = vectorsOf(simd, columns - j);
            for (int depth = 0; depth < plan.ins; depth += WinogradPlan.DEPTH_BLOCK) {
                int length = Math.min(WinogradPlan.DEPTH_BLOCK, plan.ins - depth);
                int b = plan.inputsOf(worker) + point * plan.inputsPoint + depth * plan.columnStride + j;
                for (int slot = first; slot < end; slot += SimdProvider.TILE_ROWS) {
                    int a = point * plan.filtersPoint + Math.min(slot, lastTile) * plan.depthStride + depth;
                    int c = plan.productsOf(worker) + point * plan.productsPoint + slot * plan.columnStride + j;
                    if (depth == 0) {
                        clear(memory, c, plan.columnStride, vectors * simd.lanes());
                    }
                    simd.shiftedTile(vectors, length, memory, a, plan.depthStride, null, memory, b, plan.inputShifts, memory, c,
                            plan.columnStride);
                }
            }
        }
    }

    private static void clear(float[] memory, int at, int rowStride, int columns) {
        for (int i = 0; i < SimdProvider.TILE_ROWS; i++) {
            Arrays.fill(memory, at + i * rowStride, at + i * rowStride + columns, 0);
        }
    }

    /** The widest tile that the columns left over fill, or the narrowest that covers them. */
    private static int vectorsOf(SimdProvider simd, int columns) {
        int vectors = simd.shiftedTileVectors();
        while (vectors > 1 && columns <= (vectors - 1) * simd.lanes()) {
            vectors /= 2;
        }
        return vectors;
    }

    // --- outputs: Y = A^T M A -----------------------------------------------------------------------------------------------

    /** One output channel of a block of tiles. */
    private static void output(CpuCall call, WinogradPlan plan, int group, int outBlock, int row, int block, int worker) {
        float[] memory = call.workspace();
        int rows = plan.rows(outBlock);
        int lastTile = WinogradPlan.wholeTiles(rows) - SimdProvider.TILE_ROWS;
        int slot = row < lastTile ? row : row + WinogradPlan.wholeTiles(rows) - rows;
        int from = plan.productsOf(worker) + slot * plan.columnStride;
        int channel = group * plan.outs + outBlock * plan.outBlock + row;
        int half = plan.scratchOf(worker);
        int whole = half + plan.points * plan.m * WinogradPlan.OUTPUT_COLUMNS;
        int step = WinogradPlan.OUTPUT_COLUMNS;
        int columns = plan.columns(block);
        for (int j = 0; j < columns; j += step) {
            int length = Math.min(step, columns - j);
            plan.transforms.output(plan.m, plan.points, memory, from + j, plan.productsPoint, plan.points * plan.productsPoint, memory,
                    half, step, plan.points * step, length);
            plan.transforms.output(plan.m, plan.m, memory, half, plan.points * step, step, memory, whole, plan.m * step, step, length);
            store(call, plan, channel, block * plan.columns + j, length, whole);
        }
    }

    /** Tiles t to t + length, in runs that are neighbours in a row. */
    private static void store(CpuCall call, WinogradPlan plan, int channel, int firstTile, int length, int from) {
        HostTensor out = plan.out.tensor(call);
        float[] memory = call.workspace();
        int step = WinogradPlan.OUTPUT_COLUMNS;
        int joined = from + plan.m * plan.m * step;
        for (int t = firstTile; t < firstTile + length; ) {
            int column = t % plan.tileColumns;
            int run = Math.min(plan.tileColumns - column, firstTile + length - t);
            int tileRow = t / plan.tileColumns;
            int image = tileRow / plan.tileRows;
            int firstRow = tileRow % plan.tileRows * plan.m;
            int at = out.offset() + ((image * plan.groups * plan.outs + channel) * plan.outHeight + firstRow) * plan.outWidth
                    + column * plan.m;
            int outputs = Math.min(run * plan.m, plan.outWidth - column * plan.m);
            int rows = Math.min(plan.m, plan.outHeight - firstRow);
            // What is written behind a row is overwritten by the next one, as long as these tiles reach so far.
            int inPlace = call.accumulate() || run < plan.tileColumns ? 0 : at + rows * plan.outWidth;
            for (int i = 0; i < rows; i++) {
                int source = from + i * plan.m * step + t - firstTile;
                int target = at + i * plan.outWidth;
                if (target + run * plan.m + SimdProvider.PARTIAL_SUMS <= inPlace) {
                    plan.transforms.join(plan.m, memory, source, step, out.floats(), target, run);
                } else {
                    plan.transforms.join(plan.m, memory, source, step, memory, joined, run);
                    copy(call, plan, joined, out, target, outputs);
                }
            }
            t += run;
        }
    }

    private static void copy(CpuCall call, WinogradPlan plan, int from, HostTensor out, int to, int length) {
        if (call.accumulate()) {
            plan.simd.add(call.workspace(), from, out.floats(), to, length);
        } else {
            System.arraycopy(call.workspace(), from, out.floats(), to, length);
        }
    }
}
