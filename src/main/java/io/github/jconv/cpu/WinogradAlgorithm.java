package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
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
 *   U[e][c][k] = (G g G^T)[e]      V[e][t][c] = (B^T d B)[e]      M[e] = V[e] U[e]      Y = A^T M A
 *
 *   FORWARD        d: channel c of x at tile t     g: filter k, channel c of w                       Y: channel k of y
 *   BACKWARD_DATA  d: channel k of dy              g: the same, rotated by half a turn, k for c      Y: channel c of dx
 * </pre>
 *
 * <p>With a dilation, rows and columns that lie so far apart are maps of their own, each the input of a convolution without one.
 *
 * <p>The (m + 2)^2 products of matrices take all that is multiplied. In all of them vectors run over channels, whatever the size of the
 * maps. Its sums are other sums than those of the definition: see {@link Accuracy}.
 */
final class WinogradAlgorithm implements CpuAlgorithm {

    /** Scratch memory grows with the dilation, and maps become too small for tiles. */
    private static final int MOST_DILATION = 16;

    private final CpuRuntime runtime;
    private final RequestMemo<WinogradPlan> plans;
    private final int m;

    /** @param m outputs of a tile along an axis: 2 or 4 */
    WinogradAlgorithm(CpuRuntime runtime, int m) {
        this.runtime = runtime;
        this.m = m;
        plans = new RequestMemo<>(request -> WinogradPlan.of(m, request, runtime));
    }

    @Override
    public String name() {
        return "winograd-" + m + "x" + m;
    }

    @Override
    public Support supports(ConvRequest request) {
        Support shape = HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only"))
                .and(servesFilters(request.problem()));
        if (!shape.yes()) {
            return shape;
        }
        WinogradPlan plan = plans.of(request);
        return Support.when(plan.workspaceLength + plan.formLength() <= HostTensor.MAX_ELEMENTS,
                "its scratch memory exceeds one array");
    }

    /** For 3x3 filters with stride 1. */
    static Support servesFilters(ConvProblem p) {
        return Support.when(p.axis3(0).equals(SpatialAxis.unit()) && isThree(p.axis3(1)) && isThree(p.axis3(2)),
                "it serves 3x3 filters with stride 1 and dilations up to " + MOST_DILATION + " only");
    }

    private static boolean isThree(SpatialAxis axis) {
        return axis.filter() == 3 && axis.stride() == 1 && axis.dilation() <= MOST_DILATION;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.winograd(m, request, runtime, plans.of(request));
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        WinogradPlan plan = plans.of(request);
        return Float.BYTES * plan.workspaceLength + FilterForm.workspaceBytes(plan.form(), request);
    }

    @Override
    public FilterForm filterForm(ConvRequest request) {
        return plans.of(request).form();
    }

    @Override
    public boolean keepsFilters() {
        return true;
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
        return plans.of(request);
    }

    @Override
    public void formFilters(CpuCall call) {
        WinogradPlan plan = plan(call);
        call.parallel(plan.groups * plan.outBlocks, WinogradAlgorithm::formBlock);
    }

    @Override
    public void run(CpuCall call) {
        WinogradPlan plan = plan(call);
        for (int step = 0; step < plan.steps(); step++) {
            if (plan.filters == WinogradPlan.Filters.IN_PARTS) {
                call.parallel(plan.outBlocksOf(step), step, WinogradAlgorithm::formBlockOfPart);
            }
            call.parallel(plan.blocks() * plan.outBlocksOf(step), step, WinogradAlgorithm::products);
        }
    }

    private static WinogradPlan plan(CpuCall call) {
        return call.plan().prepared(WinogradPlan.class);
    }

    // --- filters: U = G g G^T -----------------------------------------------------------------------------------------------

    /** All filters of a block of output channels, in the form that is kept. */
    private static void formBlock(CpuCall call, int number, int worker) {
        WinogradPlan plan = plan(call);
        int group = number / plan.outBlocks;
        int outBlock = number % plan.outBlocks;
        if (plan.filters == WinogradPlan.Filters.TURNED) {
            turn(call, plan, group, outBlock, 0, plan.ins, call.filterForm(),
                    WinogradPlan.aligned(call.filterFormAt()) + plan.turnedFormAt(group, outBlock));
            return;
        }
        for (int block = 0; block < plan.depthBlocks(); block++) {
            transformFromW(call, plan, group, outBlock, block, worker, call.filterForm(),
                    WinogradPlan.aligned(call.filterFormAt()) + plan.transformedFormAt(group, outBlock, block));
        }
    }

    /** All filters of a block of output channels, in the part that is computed with. */
    private static void formBlockOfPart(CpuCall call, int number, int worker) {
        WinogradPlan plan = plan(call);
        int first = plan.firstOutBlockOf(call.step());
        for (int block = 0; block < plan.depthBlocks(); block++) {
            transformFromW(call, plan, plan.groupOf(call.step()), first + number, block, worker, call.workspace(),
                    plan.partAt() + plan.transformedPartAt(first, first + number, block));
        }
    }

    private static void transformFromW(CpuCall call, WinogradPlan plan, int group, int outBlock, int block, int worker, float[] dst,
                                       int to) {
        int turned = plan.turnedAt(worker);
        int first = block * plan.depthBlock;
        for (int c = 0; c < plan.depthOf(block); c += WinogradPlan.FILTER_CHANNELS) {
            int channels = Math.min(WinogradPlan.FILTER_CHANNELS, plan.depthOf(block) - c);
            turn(call, plan, group, outBlock, first + c, channels, call.workspace(), turned);
            transform(call, plan, outBlock, block, c, channels, call.workspace(), turned, worker, dst, to);
        }
    }

    /** Taps of input channels as rows of output channels: tap after tap, channel after channel. */
    private static void turn(CpuCall call, WinogradPlan plan, int group, int outBlock, int firstIn, int count, float[] dst, int to) {
        HostTensor w = call.w();
        int first = plan.firstOutOf(outBlock);
        int outs = plan.outsOf(outBlock);
        int slots = plan.slots(outBlock);
        int at = w.offset() + group * plan.ins * plan.outs * 9;
        if (plan.forward) {
            plan.simd.transpose(w.floats(), at + (first * plan.ins + firstIn) * 9, plan.ins * 9, outs, 9 * count, dst, to, slots);
        } else {
            for (int i = 0; i < count; i++) {
                plan.simd.transpose(w.floats(), at + ((firstIn + i) * plan.outs + first) * 9, 9, outs, 9, dst, to + 9 * i * slots, slots);
            }
        }
    }

    /** Transforms turned filters of channels {@code first} and on of a block into panels; those of BACKWARD_DATA are rotated. */
    private static void transform(CpuCall call, WinogradPlan plan, int outBlock, int block, int first, int count, float[] src, int from,
                                  int worker, float[] dst, int to) {
        for (int c = 0; c < count; c += WinogradPlan.FILTERS_AT_ONCE) {
            transformAtOnce(call, plan, outBlock, block, first + c, Math.min(WinogradPlan.FILTERS_AT_ONCE, count - c), src,
                    from + 9 * c * plan.slots(outBlock), worker, dst, to);
        }
    }

    /** First all columns; then rows of all channels for one row of points after the other, as points lie pages of memory apart. */
    private static void transformAtOnce(CpuCall call, WinogradPlan plan, int outBlock, int block, int first, int count, float[] src,
                                        int from, int worker, float[] dst, int to) {
        int depth = plan.depthOf(block);
        int toPoint = plan.filtersPoint(outBlock, block);
        int slots = plan.slots(outBlock);
        int next = plan.forward ? slots : -slots;
        int half = plan.halfOfFiltersAt(worker);
        int halfNext = 3 * plan.points * slots;
        for (int c = 0; c < count; c++) {
            int tap = from + (plan.forward ? 9 * c : 9 * c + 8) * slots;
            plan.transforms.filter(plan.m, 3, src, tap, next, 3 * next, call.workspace(), half + c * halfNext, slots, 3 * slots, slots);
        }
        int width;
        for (int j = 0; j < slots; j += width) {
            width = plan.panelVectors(outBlock, j) * plan.simd.lanes();
            for (int p = 0; p < plan.points; p++) {
                plan.transforms.filter(plan.m, count, call.workspace(), half + 3 * p * slots + j, halfNext, slots, dst,
                        to + j * depth + first * width + p * plan.points * toPoint, width, toPoint, width);
            }
        }
    }

    // --- inputs: V = B^T d B ------------------------------------------------------------------------------------------------

    /** All channels of a block of tiles. */
    private static void inputs(CpuCall call, WinogradPlan plan, int block, int worker) {
        int first = block * plan.tileBlock;
        int count = plan.tilesOf(block);
        for (int chunk = 0; chunk < plan.tiles.chunks(); chunk++) {
            int to = plan.inputsOf(worker, chunk);
            plan.tiles.transform(call, plan.simd, plan.inputTransform, plan.points, plan.groupOf(call.step()), chunk, first, first + count,
                    plan.workerAt(worker), call.workspace(), to, plan.inPoint, plan.inStride);
            // Rows that only fill up the last tile of the product: numbers that nothing is slow with.
            for (int point = 0; point < plan.area; point++) {
                for (int row = count; row < WinogradPlan.wholeTiles(count); row++) {
                    int at = to + point * plan.inPoint + row * plan.inStride;
                    Arrays.fill(call.workspace(), at, at + plan.tiles.channelsOf(chunk), 0);
                }
            }
        }
    }

    // --- products: M = V U --------------------------------------------------------------------------------------------------

    /** A block of tiles and of output channels, from inputs to outputs. */
    private static void products(CpuCall call, int task, int worker) {
        WinogradPlan plan = plan(call);
        int group = plan.groupOf(call.step());
        int firstOutBlock = plan.firstOutBlockOf(call.step());
        int outBlock = firstOutBlock + task % plan.outBlocksOf(call.step());
        int block = task / plan.outBlocksOf(call.step());
        if (call.prepared().isNew(0, block, worker)) {
            inputs(call, plan, block, worker);
        }
        int rows = plan.tilesOf(block);
        int products = plan.productsAt(worker);
        for (int depth = 0; depth < plan.depthBlocks(); depth++) {
            int inputs = plan.inputsOf(worker, depth);
            switch (plan.filters) {
                case FROM_W -> {
                    transformFromW(call, plan, group, outBlock, depth, worker, call.workspace(), plan.workerAt(worker));
                    multiply(call, plan, outBlock, depth, rows, inputs, call.workspace(), plan.workerAt(worker), products);
                }
                case TURNED -> {
                    int turned = WinogradPlan.aligned(call.filterFormAt()) + plan.turnedFormAt(group, outBlock)
                            + 9 * depth * plan.depthBlock * plan.slots(outBlock);
                    transform(call, plan, outBlock, depth, 0, plan.depthOf(depth), call.filterForm(), turned, worker, call.workspace(),
                            plan.workerAt(worker));
                    multiply(call, plan, outBlock, depth, rows, inputs, call.workspace(), plan.workerAt(worker), products);
                }
                case TRANSFORMED -> multiply(call, plan, outBlock, depth, rows, inputs, call.filterForm(),
                        WinogradPlan.aligned(call.filterFormAt()) + plan.transformedFormAt(group, outBlock, depth), products);
                case IN_PARTS -> multiply(call, plan, outBlock, depth, rows, inputs, call.workspace(),
                        plan.partAt() + plan.transformedPartAt(firstOutBlock, outBlock, depth), products);
            }
        }
        outputs(call, plan, group, outBlock, block, worker);
    }

    /** Adds the products with the filters of a block of channels, for all points. */
    private static void multiply(CpuCall call, WinogradPlan plan, int outBlock, int depth, int rows, int inputs, float[] filters,
                                 int filtersAt, int products) {
        int slots = plan.slots(outBlock);
        int vectors;
        for (int point = 0; point < plan.area; point++) {
            int product = products + point * plan.productsPoint();
            if (depth == 0) {
                Arrays.fill(call.workspace(), product, product + WinogradPlan.wholeTiles(rows) * slots, 0);
            }
            for (int j = 0; j < slots; j += vectors * plan.simd.lanes()) {
                vectors = plan.panelVectors(outBlock, j);
                multiplyPanel(call, plan, vectors, plan.depthOf(depth), rows, inputs + point * plan.inPoint, filters,
                        filtersAt + point * plan.filtersPoint(outBlock, depth) + j * plan.depthOf(depth),
                        product + j, slots);
            }
        }
    }

    private static void multiplyPanel(CpuCall call, WinogradPlan plan, int vectors, int depth, int rows, int a, float[] filters, int b,
                                      int c, int cRow) {
        SimdProvider simd = plan.simd;
        float[] memory = call.workspace();
        int end = WinogradPlan.wholeTiles(rows);
        int height;
        for (int i = 0; i < end; i += height) {
            height = WinogradPlan.heightOfTile(end - i);
            simd.packedTile(height, vectors, depth, memory, a + i * plan.inStride, plan.inStride, 1, filters, b, memory, c + i * cRow, cRow);
        }
    }

    // --- outputs: Y = A^T M A -----------------------------------------------------------------------------------------------

    /** All tiles of a block, in runs that are neighbours in a row. */
    private static void outputs(CpuCall call, WinogradPlan plan, int group, int outBlock, int block, int worker) {
        float[] memory = call.workspace();
        int slots = plan.slots(outBlock);
        int tileColumns = plan.tiles.tileColumns();
        int dilation = plan.tiles.columnDilation();
        int most = plan.pixels / plan.m / dilation * dilation;
        int first = block * plan.tileBlock;
        int end = first + plan.tilesOf(block);
        int half = plan.outputAt(worker);
        int pixels = half + plan.points * plan.m * WinogradPlan.OUT_BLOCK;
        int run;
        for (int t = first; t < end; t += run) {
            int column = t % tileColumns;
            run = Math.min(Math.min(most, tileColumns - column), end - t);
            for (int i = 0; i < run; i++) {
                int from = plan.productsAt(worker) + (t - first + i) * slots;
                plan.transforms.output(plan.m, plan.points, memory, from, plan.productsPoint(), plan.points * plan.productsPoint(), memory,
                        half, slots, plan.points * slots, slots);
                plan.transforms.output(plan.m, plan.m, memory, half, plan.points * slots, slots, memory,
                        pixels + (i / dilation * plan.m * dilation + i % dilation) * slots, plan.pixels * slots, dilation * slots, slots);
            }
            store(call, plan, group, outBlock, t / tileColumns, column, run, pixels);
        }
    }

    /** Rows of the outputs of neighbouring tiles, turned back. */
    private static void store(CpuCall call, WinogradPlan plan, int group, int outBlock, int tileRowOfAll, int tileColumn, int run,
                              int pixels) {
        HostTensor out = plan.out.tensor(call);
        int slots = plan.slots(outBlock);
        int outs = plan.outsOf(outBlock);
        int map = plan.outHeight * plan.outWidth;
        int image = tileRowOfAll / plan.tiles.tileRows();
        int dilation = plan.tiles.rowDilation();
        int tileRow = tileRowOfAll % plan.tiles.tileRows();
        int firstRow = tileRow / dilation * plan.m * dilation + tileRow % dilation;
        int rows = Math.min(plan.m, ceilDiv(plan.outHeight - firstRow, dilation));
        int length = Math.min(run * plan.m, plan.outWidth - tileColumn * plan.m);
        int written = wholes(length, plan.simd.lanes());
        int at = out.offset() + ((image * plan.groups + group) * plan.outs + plan.firstOutOf(outBlock)) * map + firstRow * plan.outWidth
                + tileColumn * plan.m;
        int copy = pixels + plan.m * plan.pixels * WinogradPlan.OUT_BLOCK;
        for (int i = 0; i < rows; i++) {
            int from = pixels + i * plan.pixels * slots;
            int to = at + i * dilation * plan.outWidth;
            // What is written behind a row is overwritten by the rows below, if these tiles are a whole row of them.
            boolean inPlace = !call.accumulate()
                    && (written == length || dilation == 1 && length == plan.outWidth && i * length + written <= rows * length);
            if (inPlace) {
                plan.simd.transpose(call.workspace(), from, slots, length, outs, out.floats(), to, map);
            } else {
                plan.simd.transpose(call.workspace(), from, slots, length, outs, call.workspace(), copy, plan.pixels);
                copy(call, plan, copy, out, to, map, length, outs);
            }
        }
    }

    private static void copy(CpuCall call, WinogradPlan plan, int from, HostTensor out, int to, int map, int length, int outs) {
        for (int k = 0; k < outs; k++) {
            int source = from + k * plan.pixels;
            if (call.accumulate()) {
                plan.simd.add(call.workspace(), source, out.floats(), to + k * map, length);
            } else {
                System.arraycopy(call.workspace(), source, out.floats(), to + k * map, length);
            }
        }
    }
}
