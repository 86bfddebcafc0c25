package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * A matrix product with a column matrix that exists a panel at a time, in a first-level cache: two vectors of columns, gathered from the
 * input ({@link FlatTaps}) or from {@link TapPlanes} just before they meet the filters. The columns are the positions of all images, one
 * behind the other, so that small maps fill vectors, too, and filters are read once for several images. For each group and, for
 * BACKWARD_DATA, residue class of the stride
 *
 * <pre>
 *   FORWARD        y  [K/G, images * positions] = w   [K/G, C/G * taps] * columns of x  [C/G * taps, images * positions]
 *   BACKWARD_DATA  dx [C/G, images * positions] = w^T [C/G, K/G * taps] * columns of dy [K/G * taps, images * positions]
 * </pre>
 *
 * <p>Constant filters are packed once: the rows of a tile side by side, column after column. Others are copied in rows, which need no turning
 * around, a block of input channels where it is needed. Each thread takes some rows and positions and sums them up in scratch memory, a block
 * of input channels at a time. Each sum is one chain of fused multiply-adds in the order of the
 * columns of the filters, from zero on, however the work is cut.
 *
 * <p>Where much of what outputs meet along a short depth is padding, those that meet the same taps have a product of their own, without
 * the others.
 */
final class ImplicitGemmAlgorithm implements CpuAlgorithm {

    /** Outputs of an image from which most panels lie within one. */
    private static final int MIN_DIRECT = 128;

    /** Panels side by side from which sums that are written to outputs are long enough pieces of rows. */
    private static final int MIN_DIRECT_PANELS = 4;

    private final CpuRuntime runtime;
    private final RequestMemo<ImplicitGemmPlan> plans;

    ImplicitGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> ImplicitGemmPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "implicit-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only"));
        Support planes = tensors.yes() ? ImplicitGemmPlan.supports(request) : tensors;
        return planes.yes() ? planes.and(fits(plans.of(request).formLength())) : planes;
    }

    private static Support fits(long length) {
        return Support.when(length <= HostTensor.MAX_ELEMENTS / 2, "packed filters of " + length + " elements exceed its scratch memory");
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.implicitGemm(request, runtime, plans.of(request).cost(), ofShiftedPlanes(request));
    }

    /** What a product with shifted planes costs where it pays, and infinity where it does not. */
    private double ofShiftedPlanes(ConvRequest request) {
        boolean pays = ShiftedGemmPlan.supports(request).yes() && ShiftedGemmPlan.suits(request, runtime).yes();
        return pays ? ShiftedGemmPlan.of(request, runtime).cost(request.problem(), request.filters() == FilterUse.CONSTANT)
                : Double.POSITIVE_INFINITY;
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        ImplicitGemmPlan plan = plans.of(request);
        return Float.BYTES * plan.workspaceLength(runtime.threads()) + FilterForm.workspaceBytes(plan.form(request.problem()), request);
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
        ImplicitGemmPlan plan = call.plan().prepared(ImplicitGemmPlan.class);
        for (int i = 0; i < plan.products().size(); i++) {
            ImplicitGemmProduct product = plan.products().get(i);
            call.parallel(product.groups() * product.rows().tiles(), i,
                    plan.in() == Of.X ? ImplicitGemmAlgorithm::packRows : ImplicitGemmAlgorithm::packTaps);
        }
    }

    /** A tile of filters of a group, whose elements follow one another in w as the columns of the product do, all or those of a channel. */
    private static void packRows(CpuCall call, int number, int worker) {
        ImplicitGemmPlan plan = call.plan().prepared(ImplicitGemmPlan.class);
        ImplicitGemmProduct product = plan.products().get(call.step());
        int tile = number % product.rows().tiles();
        int group = number / product.rows().tiles();
        int first = product.rows().first(tile);
        int height = product.rows().height(tile);
        int depth = product.depth();
        int taps = product.filters().taps().length;
        int rowStep = product.filters().rowStep();
        int from = filtersAt(call, plan, product, group) + first * rowStep;
        int to = plan.formAt(call, product, group) + first * depth;
        int scratch = plan.panelAt(worker);
        int run = taps == plan.filterPlane() ? depth : taps;
        for (int begin = 0; begin < depth; begin += run) {
            int source = from + begin / taps * product.filters().inStep() + product.filters().taps()[0];
            for (int column = 0; column < run; column += ImplicitGemmPlan.PACKED_COLUMNS) {
                int columns = Math.min(ImplicitGemmPlan.PACKED_COLUMNS, run - column);
                plan.simd().transpose(call.w().floats(), source + column, rowStep, product.rows().valid(tile), columns, call.workspace(),
                        scratch, ImplicitGemmPlan.PACKED_STEP);
                copyColumns(call, plan, scratch, to, height, begin + column, columns, depth);
            }
        }
    }

    /** The same for a tile of channels, whose elements lie in the filters of one input channel of the product after the other. */
    private static void packTaps(CpuCall call, int number, int worker) {
        ImplicitGemmPlan plan = call.plan().prepared(ImplicitGemmPlan.class);
        ImplicitGemmProduct product = plan.products().get(call.step());
        int tile = number % product.rows().tiles();
        int group = number / product.rows().tiles();
        int first = product.rows().first(tile);
        int height = product.rows().height(tile);
        int all = plan.filterPlane();
        FilterRows filters = product.filters();
        int[] taps = filters.taps();
        int to = plan.formAt(call, product, group) + first * product.depth();
        int scratch = plan.panelAt(worker);
        for (int in = 0; in < product.ins(); in++) {
            int from = filtersAt(call, plan, product, group) + in * filters.inStep() + first * filters.rowStep();
            plan.simd().transpose(call.w().floats(), from, filters.rowStep(), product.rows().valid(tile), all, call.workspace(), scratch,
                    ImplicitGemmPlan.PACKED_STEP);
            for (int tap = 0; tap < taps.length; tap += filters.runs()[tap]) {
                copyColumns(call, plan, scratch + taps[tap] * ImplicitGemmPlan.PACKED_STEP, to, height, in * taps.length + tap,
                        filters.runs()[tap], product.depth());
            }
        }
    }

    /** Where the filters of a group begin in w. */
    private static int filtersAt(CpuCall call, ImplicitGemmPlan plan, ImplicitGemmProduct product, int group) {
        return call.w().offset() + group * product.rows().rows() * product.ins() * plan.filterPlane();
    }

    /** Moves columns of a tile together. */
    private static void copyColumns(CpuCall call, ImplicitGemmPlan plan, int from, int tileAt, int height, int column, int columns, int depth) {
        PackedFilters.copyRows(plan.simd(), column, column + columns, depth, call.workspace(), from - column * ImplicitGemmPlan.PACKED_STEP,
                ImplicitGemmPlan.PACKED_STEP, call.filterForm(), tileAt, height, height);
    }

    /** Columns {@code [k, end)} of filters that may change, from input channel {@code firstIn} on, as {@link SimdProvider#rowTile} reads them. */
    private static void copyFilters(CpuCall call, ImplicitGemmPlan plan, ImplicitGemmProduct product, int group, int firstIn, int k, int end,
                                    int firstRow, int rows, float[] copies, int copiesAt) {
        product.filters().copy(plan.simd(), call.w().floats(), filtersAt(call, plan, product, group), firstIn, k, end, firstRow, rows,
                copies, copiesAt);
    }

    @Override
    public void run(CpuCall call) {
        ImplicitGemmPlan plan = call.plan().prepared(ImplicitGemmPlan.class);
        if (!plan.covers() && !call.accumulate()) {
            call.parallel(call.geometry().n() * call.geometry().c(), ImplicitGemmAlgorithm::clearChannel);
        }
        call.parallel(plan.parts(), ImplicitGemmAlgorithm::part);
    }

    private static void clearChannel(CpuCall call, int channel, int worker) {
        int size = call.plan().prepared(ImplicitGemmPlan.class).outChannel();
        int at = call.x().offset() + channel * size;
        Arrays.fill(call.x().floats(), at, at + size, 0);
    }

    private static void part(CpuCall call, int part, int worker) {
        ImplicitGemmPlan plan = call.plan().prepared(ImplicitGemmPlan.class);
        int own = part;
        int number = 0;
        while (own >= plan.products().get(number).parts()) {
            own -= plan.products().get(number).parts();
            number++;
        }
        ImplicitGemmProduct product = plan.products().get(number);
        int group = own / product.partsOfGroup();
        int firstTile = own % product.rowBlocks() * product.tileBlock();
        int block = own / product.rowBlocks() % product.planes().blocks();
        int firstImage = own % product.partsOfGroup() / product.rowBlocks() / product.planes().blocks() * product.imageBlock();
        int images = Math.min(product.imageBlock(), product.batch() - firstImage);
        int planes = plan.planesAt(worker);
        Arrays.fill(call.workspace(), planes, planes + product.planesLength(), 0);
        for (int in = 0; in < product.ins(); in += product.inBlock()) {
            int ins = Math.min(product.inBlock(), product.ins() - in);
            if (product.flat() == null) {
                load(call, plan, product, group, firstImage, images, in, ins, block, planes);
            }
            multiply(call, plan, product, group, firstImage, images, in, ins, block, firstTile, worker);
        }
        store(call, plan, product, group, firstImage, images, block, firstTile, plan.sumsAt(worker));
    }

    private static int endTile(ImplicitGemmProduct product, int firstTile) {
        return Math.min(product.rows().tiles(), firstTile + product.tileBlock());
    }

    private static void load(CpuCall call, ImplicitGemmPlan plan, ImplicitGemmProduct product, int group, int firstImage, int images,
                             int firstIn, int ins, int block, int planes) {
        HostTensor in = plan.in().tensor(call);
        for (int image = 0; image < images; image++) {
            int channel = ((firstImage + image) * product.groups() + group) * product.ins() + firstIn;
            for (int i = 0; i < ins; i++) {
                product.planes().load(plan.simd(), in.floats(), in.offset() + (channel + i) * plan.inChannel(), block, call.workspace(),
                        planes + (image * product.inBlock() + i) * product.planes().length());
            }
        }
    }

    /** Adds the products of some input channels, some panels of columns after the others, to the sums, or to what is written at last. */
    private static void multiply(CpuCall call, ImplicitGemmPlan plan, ImplicitGemmProduct product, int group, int firstImage,
                                 int images, int firstIn, int ins, int block, int firstTile, int worker) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        int sums = plan.sumsAt(worker);
        int sumsRow = product.sumsRow(simd.lanes());
        int panelAt = plan.panelAt(worker);
        int planes = plan.planesAt(worker);
        int endTile = endTile(product, firstTile);
        int wide = SimdProvider.TILE_VECTORS * simd.lanes();
        RowTiles rows = product.rows();
        int firstRow = rows.first(firstTile);
        int form = plan.keptForm() ? plan.formAt(call, product, group) : 0;
        int filters = plan.filtersAt(worker);
        ImplicitGemmProduct.Panel[] panels = product.panels(images, block);
        HostTensor in = plan.in().tensor(call);
        HostTensor out = plan.out().tensor(call);
        int denseAt = denseAt(call, plan, product, block);
        int channel = in.offset() + ((firstImage * product.groups() + group) * product.ins() + firstIn) * plan.inChannel();
        for (int piece = 0; piece < product.pieces(firstIn); piece++) {
            int k = product.pieceAt(firstIn, piece);
            int depth = product.pieceAt(firstIn, piece + 1) - k;
            int column = firstIn * product.planes().taps() + k;
            boolean fresh = column == 0;
            boolean last = column + depth == product.depth();
            if (!plan.keptForm()) {
                copyFilters(call, plan, product, group, firstIn, k, k + depth, firstRow,
                        Math.min(rows.rows(), rows.first(endTile)) - firstRow, scratch, filters);
            }
            for (int first = 0; first < panels.length; first += product.panelsAtATime()) {
                int end = Math.min(panels.length, first + product.panelsAtATime());
                for (int i = first; i < end; i++) {
                    int width = panels[i].vectors() * simd.lanes();
                    int to = panelAt + (i - first) * wide * depth;
                    if (product.flat() == null) {
                        TapPlanes.ColumnPieces pieces = panels[i].pieces();
                        simd.copyShifted(scratch, planes, product.shifts(), k, pieces.from(), scratch, to, width, pieces.to(), depth);
                    } else {
                        product.flat()[block].pack(simd, SimdProvider.TILE_VECTORS * i, panels[i].vectors(), images, in.floats(), channel,
                                plan.inChannel(), ins, scratch, to);
                    }
                }
                for (int tile = firstTile; tile < endTile; tile++) {
                    int height = rows.height(tile);
                    int row = rows.first(tile);
                    boolean whole = last && denseAt >= 0 && rows.valid(tile) == height;
                    for (int i = first; i < end; i++) {
                        int width = panels[i].vectors() * simd.lanes();
                        int c = sums + (row - firstRow) * sumsRow + i * wide;
                        boolean direct = whole && product.isOfOneImage(i * wide, width, images, block);
                        int to = direct ? outAt(call, plan, product, group, firstImage, row, i * wide, block) + denseAt : c;
                        int panel = panelAt + (i - first) * wide * depth;
                        float[] start = fresh ? PackedProduct.ZEROS : scratch;
                        int startAt = fresh ? 0 : c;
                        int startRow = fresh ? 0 : sumsRow;
                        float[] target = direct ? out.floats() : scratch;
                        int targetRow = direct ? plan.outChannel() : sumsRow;
                        if (plan.keptForm()) {
                            simd.panelTile(height, panels[i].vectors(), depth, call.filterForm(),
                                    form + row * product.depth() + column * height, scratch, panel, width, start, startAt, startRow, target, to,
                                    targetRow);
                        } else {
                            simd.rowTile(height, panels[i].vectors(), depth, scratch, filters + (row - firstRow) * SimdProvider.ROW_STEP,
                                    scratch, panel, width, start, startAt, startRow, target, to, targetRow);
                        }
                    }
                }
            }
        }
    }

    /** Where the output of a column of a part lies, without what lies in front of the block in its channel. */
    private static int outAt(CpuCall call, ImplicitGemmPlan plan, ImplicitGemmProduct product, int group, int firstImage, int row,
                             int column, int block) {
        int outputs = product.planes().block(block).outputs();
        int channel = ((firstImage + column / outputs) * product.groups() + group) * product.rows().rows() + row;
        return plan.out().tensor(call).offset() + channel * plan.outChannel() + column % outputs;
    }

    /**
     * Where in an output channel the last tiles of a block write what they summed up, or -1: what is added to outputs is summed up alone, of
     * small maps most panels belong to two images, and a panel alone would write short pieces of many rows.
     */
    private static int denseAt(CpuCall call, ImplicitGemmPlan plan, ImplicitGemmProduct product, int block) {
        return call.accumulate() || product.panelsAtATime() < MIN_DIRECT_PANELS || product.planes().block(block).outputs() < MIN_DIRECT ? -1
                : product.planes().denseAt(block, plan.outSizes());
    }

    /** What tiles did not write to the outputs themselves: the columns of some panels, and all those of rows that do not make up a tile. */
    private static void storeRest(CpuCall call, ImplicitGemmPlan plan, ImplicitGemmProduct product, int group, int firstImage, int images,
                                  int block, int firstTile, int sums, int denseAt) {
        HostTensor out = plan.out().tensor(call);
        RowTiles rows = product.rows();
        int outputs = product.planes().block(block).outputs();
        int sumsRow = product.sumsRow(plan.simd().lanes());
        ImplicitGemmProduct.Panel[] panels = product.panels(images, block);
        for (int tile = firstTile; tile < endTile(product, firstTile); tile++) {
            boolean whole = rows.valid(tile) == rows.height(tile);
            for (int i = 0; i < panels.length; i++) {
                int column = i * SimdProvider.TILE_VECTORS * plan.simd().lanes();
                int width = panels[i].vectors() * plan.simd().lanes();
                int end = Math.min(images * outputs, column + width);
                boolean written = whole && product.isOfOneImage(column, width, images, block);
                for (int from = column; !written && from < end; from += outputs - from % outputs) {
                    int length = Math.min(end - from, outputs - from % outputs);
                    for (int row = rows.first(tile); row < rows.first(tile) + rows.valid(tile); row++) {
                        System.arraycopy(call.workspace(), sums + (row - rows.first(firstTile)) * sumsRow + from, out.floats(),
                                outAt(call, plan, product, group, firstImage, row, from, block) + denseAt, length);
                    }
                }
            }
        }
    }

    private static void store(CpuCall call, ImplicitGemmPlan plan, ImplicitGemmProduct product, int group, int firstImage, int images,
                              int block, int firstTile, int sums) {
        int denseAt = denseAt(call, plan, product, block);
        if (denseAt >= 0) {
            storeRest(call, plan, product, group, firstImage, images, block, firstTile, sums, denseAt);
            return;
        }
        HostTensor out = plan.out().tensor(call);
        RowTiles rows = product.rows();
        int firstRow = rows.first(firstTile);
        int endRow = Math.min(rows.rows(), rows.first(endTile(product, firstTile)));
        int outputs = product.planes().block(block).outputs();
        int sumsRow = product.sumsRow(plan.simd().lanes());
        for (int image = 0; image < images; image++) {
            int channels = ((firstImage + image) * product.groups() + group) * rows.rows();
            for (int row = firstRow; row < endRow; row++) {
                product.planes().store(plan.simd(), call.workspace(), sums + (row - firstRow) * sumsRow + image * outputs, block, out.floats(),
                        out.offset() + (channels + row) * plan.outChannel(), plan.outSizes(), call.accumulate());
            }
        }
    }
}
