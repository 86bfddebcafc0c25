package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;
import java.util.List;

/**
 * A matrix product with the column matrix that needs no column matrix: the inputs are laid out once in {@link ShiftedPlanes}, where each
 * row of the column matrix is a shifted piece of a plane. For each image, group and, for BACKWARD_DATA, residue class of the stride
 *
 * <pre>
 *   FORWARD        y  [K/G, positions] = w   [K/G, C/G * taps] * shifted planes of x  [C/G * taps, positions]
 *   BACKWARD_DATA  dx [C/G, positions] = w^T [C/G, K/G * taps] * shifted planes of dy [K/G * taps, positions]
 * </pre>
 *
 * <p>Filters are packed, constant ones once: eight rows of the left factor side by side, column after column. Where
 * there are too few positions for that to pay they are read where they lie. Each thread takes a block of rows and positions and sums it
 * up in scratch memory, a block of input channels at a time.
 */
final class ShiftedGemmAlgorithm implements CpuAlgorithm {

    /** Elements of planes that stay in a first-level cache together with some filters and sums. */
    private static final int NEAR = 7_000;

    /** Rows that are packed at once: two tiles. */
    static final int PAIR_ROWS = 2 * SimdProvider.TAP_ROWS;

    private final CpuRuntime runtime;
    private final RequestMemo<ShiftedGemmPlan> plans;

    ShiftedGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> ShiftedGemmPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "shifted-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only"));
        Support planes = tensors.yes() ? ShiftedGemmPlan.supports(request) : tensors;
        return planes.yes() ? planes.and(fits(plans.of(request).formLength())) : planes;
    }

    private static Support fits(long length) {
        return Support.when(length <= HostTensor.MAX_ELEMENTS / 2, "packed filters of " + length + " elements exceed its scratch memory");
    }

    @Override
    public Support suits(ConvRequest request) {
        return ShiftedGemmPlan.suits(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        ShiftedGemmPlan plan = plans.of(request);
        return (long) Float.BYTES * runtime.threads() * plan.workerLength() + FilterForm.workspaceBytes(plan.form(request.problem()), request);
    }

    @Override
    public boolean keepsFilters() {
        return true;
    }

    @Override
    public FilterForm filterForm(ConvRequest request) {
        return plans.of(request).form(request.problem());
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
    public void formFilters(CpuCall call) {
        ShiftedGemmPlan plan = call.plan().prepared(ShiftedGemmPlan.class);
        if (!plan.products().isEmpty()) {
            call.parallel(call.geometry().groups() * pairsOfTiles(plan.products().get(0)), ShiftedGemmAlgorithm::packFilters);
        }
    }

    @Override
    public void run(CpuCall call) {
        ShiftedGemmPlan plan = call.plan().prepared(ShiftedGemmPlan.class);
        if (!plan.covers() && !call.accumulate()) {
            call.parallel(call.geometry().n() * call.geometry().c(), ShiftedGemmAlgorithm::clearChannel);
        }
        call.parallel(plan.tiles(), ShiftedGemmAlgorithm::tile);
    }

    private static void clearChannel(CpuCall call, int channel, int worker) {
        int size = call.plan().prepared(ShiftedGemmPlan.class).outChannel();
        int at = call.x().offset() + channel * size;
        Arrays.fill(call.x().floats(), at, at + size, 0);
    }

    private static int pairsOfTiles(ShiftedProduct product) {
        return ceilDiv(product.rows(), PAIR_ROWS);
    }

    /** Two tiles of rows of a group, each column after column, of all products. */
    private static void packFilters(CpuCall call, int number, int worker) {
        ShiftedGemmPlan plan = call.plan().prepared(ShiftedGemmPlan.class);
        int pairs = pairsOfTiles(plan.products().get(0));
        int group = number / pairs;
        int first = number % pairs * PAIR_ROWS;
        if (plan.in() == Of.Y) {
            packTaps(call, plan, group, first, worker);
        } else {
            packRows(call, plan.products().get(0), group, first);
        }
        for (int i = 0; i < plan.products().size(); i++) {
            fillUp(call, plan.products().get(i), group, first);
        }
    }

    private static int tileAt(CpuCall call, ShiftedProduct product, int group, int row) {
        return call.filterFormAt() + product.formAt() + group * product.groupFormLength() + row * product.depth();
    }

    private static void packRows(CpuCall call, ShiftedProduct product, int group, int first) {
        for (int row = first; row < Math.min(first + PAIR_ROWS, product.rows()); row += SimdProvider.TAP_ROWS) {
            Transposition.transpose(Math.min(SimdProvider.TAP_ROWS, product.rows() - row), product.depth(), call.w().floats(),
                    call.w().offset() + (group * product.rows() + row) * product.depth(), product.depth(), call.filterForm(),
                    tileAt(call, product, group, row), SimdProvider.TAP_ROWS);
        }
    }

    /** The filters of an input channel, transposed once for all products and for two tiles at once, for which vectors are full. */
    private static void packTaps(CpuCall call, ShiftedGemmPlan plan, int group, int first, int worker) {
        int all = plan.filterPlane();
        int scratch = worker * plan.workerLength();
        int ins = plan.products().get(0).ins();
        int channels = plan.products().get(0).rows();
        int rows = Math.min(PAIR_ROWS, channels - first);
        for (int in = 0; in < ins; in++) {
            plan.simd().transpose(call.w().floats(), call.w().offset() + ((group * ins + in) * channels + first) * all, all, rows, all,
                    call.workspace(), scratch, PAIR_ROWS);
            for (int i = 0; i < plan.products().size(); i++) {
                ShiftedProduct product = plan.products().get(i);
                for (int row = 0; row < rows; row += SimdProvider.TAP_ROWS) {
                    copyColumns(call, plan, plan.turned()[i], scratch + row, in == ins - 1,
                            tileAt(call, product, group, first + row) + in * product.planes().taps() * SimdProvider.TAP_ROWS);
                }
            }
        }
    }

    /** @param last whether what lies behind belongs to another tile, so that vectors, of up to two columns, must not write there */
    private static void copyColumns(CpuCall call, ShiftedGemmPlan plan, int[] from, int scratch, boolean last, int to) {
        int vectors = last || plan.simd().isScalar() ? 0 : from.length;
        plan.simd().copyShifted(call.workspace(), scratch, from, 0, plan.pieces(), call.filterForm(), to, SimdProvider.TAP_ROWS, plan.pieces(),
                vectors);
        for (int column = vectors; column < from.length; column++) {
            System.arraycopy(call.workspace(), scratch + from[column], call.filterForm(), to + column * SimdProvider.TAP_ROWS,
                    SimdProvider.TAP_ROWS);
        }
    }

    /** Zeros for the rows that a last tile has to spare. */
    private static void fillUp(CpuCall call, ShiftedProduct product, int group, int first) {
        for (int row = first; row < Math.min(first + PAIR_ROWS, product.rows()); row += SimdProvider.TAP_ROWS) {
            int valid = Math.min(SimdProvider.TAP_ROWS, product.rows() - row);
            int tile = tileAt(call, product, group, row);
            for (int k = 0; valid < SimdProvider.TAP_ROWS && k < product.depth(); k++) {
                Arrays.fill(call.filterForm(), tile + k * SimdProvider.TAP_ROWS + valid, tile + (k + 1) * SimdProvider.TAP_ROWS, 0);
            }
        }
    }

    private static void tile(CpuCall call, int tile, int worker) {
        ShiftedGemmPlan plan = call.plan().prepared(ShiftedGemmPlan.class);
        int own = plan.alike() ? tile / plan.together().size() : tile;
        int number = plan.alike() ? tile % plan.together().size() : 0;
        while (!plan.alike() && own >= plan.together().get(number).get(0).tiles()) {
            own -= plan.together().get(number).get(0).tiles();
            number++;
        }
        List<ShiftedProduct> together = plan.together().get(number);
        ShiftedProduct first = together.get(0);
        int unit = own / first.tilesOfUnit();
        int block = own % first.tilesOfUnit() / first.rowBlocks();
        int firstRow = own % first.rowBlocks() * first.rowBlock();
        int rows = Math.min(first.rowBlock(), first.rows() - firstRow);
        int planes = worker * plan.workerLength();
        int flat = planes + plan.planesLength();
        sumUp(call, plan, together, unit, block, firstRow, rows, planes, flat);
        if (together.size() > 1 && !call.accumulate()) {
            storeMerged(call, plan, first, together.get(1), unit, block, firstRow, rows, flat);
            return;
        }
        for (int i = 0; i < together.size(); i++) {
            store(call, plan, together.get(i), unit, block, firstRow, rows, flat + i * first.sumsLength());
        }
    }

    /** The sums of products that read the same planes, one after the other. */
    private static void sumUp(CpuCall call, ShiftedGemmPlan plan, List<ShiftedProduct> together, int unit, int block, int firstRow, int rows,
                              int planes, int flat) {
        ShiftedProduct first = together.get(0);
        first.planes().clear(call.workspace(), planes, first.inBlock());
        for (int i = 0; i < together.size() && !plan.packed(); i++) {
            int sums = flat + i * first.sumsLength();
            Arrays.fill(call.workspace(), sums, sums + first.tileRows(rows) * first.flatStride(), 0);
        }
        for (int in = 0; in < first.ins(); in += first.inBlock()) {
            int ins = Math.min(first.inBlock(), first.ins() - in);
            load(call, plan, first, unit, in, ins, block, planes);
            for (int i = 0; i < together.size(); i++) {
                int sums = flat + i * first.sumsLength();
                if (plan.packed()) {
                    multiplyPacked(call, plan, together.get(i), unit, in, ins, block, firstRow, rows, planes, sums);
                } else {
                    multiply(call, plan, together.get(i), unit, in, ins, block, firstRow, rows, planes, sums);
                }
            }
        }
    }

    private static void load(CpuCall call, ShiftedGemmPlan plan, ShiftedProduct product, int unit, int firstIn, int ins, int block,
                             int planes) {
        HostTensor in = plan.in().tensor(call);
        for (int i = 0; i < ins; i++) {
            product.planes().load(plan.simd(), in.floats(), in.offset() + (unit * product.ins() + firstIn + i) * plan.inChannel(),
                    block, call.workspace(), planes + i * product.planes().planesLength());
        }
    }

    /** The same with packed filters, whose tiles follow one another. */
    private static void multiplyPacked(CpuCall call, ShiftedGemmPlan plan, ShiftedProduct product, int unit, int firstIn, int ins, int block,
                                       int firstRow, int rows, int planes, int flat) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        int form = call.filterFormAt() + product.formAt() + unit % call.geometry().groups() * product.groupFormLength();
        int firstColumn = firstIn * product.planes().taps();
        int depth = ins * product.planes().taps();
        int length = product.planes().length(block);
        int end = product.tileRows(rows);
        // What is read again and again, the filters of some rows or pieces of the planes, stays in a first-level cache.
        boolean rowsOutside = ins * product.planes().planesLength() <= NEAR;
        int rowSteps = product.tileRows(rows) / SimdProvider.TAP_ROWS;
        int columnSteps = ceilDiv(length, simd.lanes());
        int outer = rowsOutside ? rowSteps : tapTiles(columnSteps);
        int inner = rowsOutside ? tapTiles(columnSteps) : rowSteps;
        HostTensor out = plan.out().tensor(call);
        int denseAt = denseAt(call, plan, product, block);
        int target = out.offset() + (unit * product.rows() + firstRow) * plan.outChannel() + denseAt;
        for (int t = 0; t < outer * inner; t++) {
            int i = (rowsOutside ? t / inner : t % inner) * SimdProvider.TAP_ROWS;
            int column = rowsOutside ? t % inner : t / inner;
            int j = firstVector(columnSteps, column) * simd.lanes();
            int vectors = firstVector(columnSteps, column + 1) - firstVector(columnSteps, column);
            boolean direct = denseAt >= 0 && i + SimdProvider.TAP_ROWS <= rows && j + vectors * simd.lanes() <= length;
            boolean fresh = firstIn == 0;
            float[] c = direct ? out.floats() : scratch;
            int cRow = direct ? plan.outChannel() : product.flatStride();
            int to = (direct ? target : flat) + i * cRow + j;
            simd.tapTile(vectors, depth, call.filterForm(), form + (firstRow + i) * product.depth() + firstColumn * SimdProvider.TAP_ROWS,
                    scratch, planes + j, product.planeShifts(), fresh ? PackedProduct.ZEROS : c, fresh ? 0 : to, fresh ? 0 : cRow, c, to, cRow);
        }
    }

    /** Where in an output channel tiles may write the sums of a block themselves, or -1. What is added to outputs is summed up alone. */
    private static int denseAt(CpuCall call, ShiftedGemmPlan plan, ShiftedProduct product, int block) {
        return plan.packed() && !call.accumulate() ? product.planes().denseAt(block, plan.outSizes()[1], plan.outSizes()[2]) : -1;
    }

    /** What tiles did not write to the outputs themselves: those of the last columns, and of rows that do not make up a tile. */
    private static void storeRest(CpuCall call, ShiftedGemmPlan plan, ShiftedProduct product, int block, int rows, int flat, int target) {
        float[] out = plan.out().tensor(call).floats();
        int lanes = plan.simd().lanes();
        int length = product.planes().length(block);
        int columnSteps = ceilDiv(length, lanes);
        int whole = length % lanes == 0 ? length : firstVector(columnSteps, tapTiles(columnSteps) - 1) * lanes;
        for (int i = 0; i < rows; i++) {
            int first = i < rows / SimdProvider.TAP_ROWS * SimdProvider.TAP_ROWS ? whole : 0;
            int from = flat + i * product.flatStride() + first;
            int to = target + i * plan.outChannel() + first;
            System.arraycopy(call.workspace(), from, out, to, length - first);
        }
    }

    /** Tiles of up to {@link SimdProvider#TAP_VECTORS} vectors of columns. */
    private static int tapTiles(int vectors) {
        return ceilDiv(vectors, SimdProvider.TAP_VECTORS);
    }

    /** The first vector of a tile: their widths differ by one at most. */
    private static int firstVector(int vectors, int tile) {
        return tile * vectors / tapTiles(vectors);
    }

    /** Tiles of columns outside, so that the pieces of the planes which they read stay in a first-level cache for all rows. */
    private static void multiply(CpuCall call, ShiftedGemmPlan plan, ShiftedProduct product, int unit, int firstIn, int ins, int block,
                                 int firstRow, int rows, int planes, int flat) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        ConvGeometry g = call.geometry();
        int taps = g.t() * g.r() * g.s();
        int group = unit % g.groups();
        boolean forward = plan.in() == Of.X;
        int a = call.w().offset() + (forward ? (group * g.kg() + firstRow) * g.cg() * taps + firstIn * taps
                : ((group * g.kg() + firstIn) * g.cg() + firstRow) * taps);
        int aRow = forward ? g.cg() * taps : taps;
        int depth = ins * product.planes().taps();
        int length = product.planes().length(block);
        int vectors;
        for (int j = 0; j < length; j += vectors * simd.lanes()) {
            vectors = vectorsOf(simd, length - j);
            for (int i = 0; i < product.tileRows(rows); i += SimdProvider.TILE_ROWS) {
                // The last tile overlaps the one above it; its own slots in scratch memory keep their sums apart.
                int row = Math.min(i, rows - SimdProvider.TILE_ROWS);
                simd.shiftedTile(vectors, depth, call.w().floats(), a + row * aRow, aRow, product.filterShifts(), scratch, planes + j,
                        product.planeShifts(), scratch, flat + i * product.flatStride() + j, product.flatStride());
            }
        }
    }

    /** Vectors of the next of as few tiles as cover the columns left over, all about as wide. */
    static int vectorsOf(SimdProvider simd, int columns) {
        int vectors = ceilDiv(columns, simd.lanes());
        return ceilDiv(vectors, ceilDiv(vectors, simd.shiftedTileVectors()));
    }

    private static void store(CpuCall call, ShiftedGemmPlan plan, ShiftedProduct product, int unit, int block, int firstRow, int rows,
                              int flat) {
        HostTensor out = plan.out().tensor(call);
        int denseAt = denseAt(call, plan, product, block);
        if (denseAt >= 0) {
            storeRest(call, plan, product, block, rows, flat,
                    out.offset() + (unit * product.rows() + firstRow) * plan.outChannel() + denseAt);
            return;
        }
        for (int i = 0; i < rows; i++) {
            product.planes().store(plan.simd(), call.workspace(), flat + slot(plan, product, i, rows) * product.flatStride(), block, out.floats(),
                    out.offset() + (unit * product.rows() + firstRow + i) * plan.outChannel(), plan.outSizes()[1], plan.outSizes()[2],
                    call.accumulate());
        }
    }

    private static void storeMerged(CpuCall call, ShiftedGemmPlan plan, ShiftedProduct first, ShiftedProduct second, int unit, int block,
                                    int firstRow, int rows, int flat) {
        HostTensor out = plan.out().tensor(call);
        for (int i = 0; i < rows; i++) {
            int sums = flat + slot(plan, first, i, rows) * first.flatStride();
            first.planes().storeMerged(plan.simd(), second.planes(), call.workspace(), sums, sums + first.sumsLength(), block, out.floats(),
                    out.offset() + (unit * first.rows() + firstRow + i) * plan.outChannel(), plan.outSizes()[1], plan.outSizes()[2]);
        }
    }

    /** Which row of the sums is row {@code i}: the last tile of rows that are not packed overlaps the one above it. */
    private static int slot(ShiftedGemmPlan plan, ShiftedProduct product, int i, int rows) {
        int slots = product.tileRows(rows);
        return plan.packed() || i < slots - SimdProvider.TILE_ROWS ? i : i + slots - rows;
    }
}
