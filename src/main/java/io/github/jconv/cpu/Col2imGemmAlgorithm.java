package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import java.util.Arrays;

/**
 * BACKWARD_DATA as a matrix product whose columns are then added up ("col2im"), for each image and group
 *
 * <pre>
 *   columns [C/G * taps, positions] = w^T [C/G * taps, K/G] * dy [K/G, positions]
 *   dx[c, d, h, w] = sum over taps: columns[(c, tap), the position at which the tap meets (d, h, w)]
 * </pre>
 *
 * <p>A thread owns a box of dx and some of its channels: dy is packed once for all of them, and the columns of a few channels at a time
 * stay in the cache until every element of dx has gathered its own. The elements of a residue class of the stride, which meet
 * neighbouring positions, are gathered with vectors ({@link SimdProvider#placeRows}) and then merged with those of the other classes.
 * Columns are sums over ascending filters and are added in ascending order of the taps, whatever the blocks.
 *
 * <p>Of few positions, which would not fill vectors, the columns are made transposed, {@code dy^T * w} with the filters in the order in
 * which they lie, and turned around a few at a time. Constant filters are packed once, as either product reads them.
 */
final class Col2imGemmAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<Col2imPlan> plans;

    Col2imGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> Col2imPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "gemm-col2im";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_DATA, "it serves backward_data only"));
        return tensors.yes() ? tensors.and(Support.when(Col2imPlan.fits(request.problem(), runtime.simd()),
                "the columns of a single element exceed its scratch memory")) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.gemmOverColumns(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * runtime.threads() * plans.of(request).workerLength();
    }

    @Override
    public FilterForm filterForm(ConvRequest request) {
        return request.operation() == ConvOperation.BACKWARD_DATA ? plans.of(request).form() : null;
    }

    @Override
    public boolean keepsFilters() {
        return true;
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
        Col2imPlan plan = call.plan().prepared(Col2imPlan.class);
        call.parallel(plan.groups() * plan.channelBlocks(), Col2imGemmAlgorithm::formBlock);
    }

    private static void formBlock(CpuCall call, int block, int worker) {
        Col2imPlan plan = call.plan().prepared(Col2imPlan.class);
        int group = block / plan.channelBlocks();
        int firstChannel = block % plan.channelBlocks() * plan.channelBlock();
        int rows = Math.min(plan.channelBlock(), plan.channels() - firstChannel) * plan.taps();
        int to = call.filterFormAt() + block * plan.formedBlock();
        if (plan.turned()) {
            for (int k = 0; k < plan.filters(); k++) {
                PackedProduct.packRow(plan.simd(), SimdProvider.TILE_VECTORS, call.w().floats(), filterAt(call, plan, group, k, firstChannel),
                        rows, call.filterForm(), to, k, plan.filters());
            }
            return;
        }
        for (int k = 0; k < plan.filters(); k += PackedProduct.DEPTH) {
            int depth = Math.min(PackedProduct.DEPTH, plan.filters() - k);
            PackedProduct.packColumns(plan.simd(), call.w().floats(), filterAt(call, plan, group, k, firstChannel), perFilter(plan), rows,
                    depth, call.filterForm(), to + PackedProduct.stripRows(rows) * k);
        }
    }

    /** Where the taps of a channel lie in w. */
    private static int filterAt(CpuCall call, Col2imPlan plan, int group, int filter, int channel) {
        return call.w().offset() + (group * plan.filters() + filter) * perFilter(plan) + channel * plan.taps();
    }

    private static int perFilter(Col2imPlan plan) {
        return plan.channels() * plan.taps();
    }

    @Override
    public void run(CpuCall call) {
        call.parallel(call.plan().prepared(Col2imPlan.class).tiles(), Col2imGemmAlgorithm::tile);
    }

    private static void tile(CpuCall call, int tile, int worker) {
        Col2imPlan plan = call.plan().prepared(Col2imPlan.class);
        int part = tile % plan.parts();
        int box = tile / plan.parts() % plan.boxes();
        int group = tile / plan.parts() / plan.boxes() % plan.groups();
        int firstImage = tile / plan.parts() / plan.boxes() / plan.groups() * plan.imageBlock();
        int images = Math.min(plan.imageBlock(), plan.images() - firstImage);
        int vectors = plan.vectors();
        int panels = worker * plan.workerLength();
        int columnsAt = panels + plan.panelsLength() + plan.rowLength() + plan.stripsLength() + plan.gap();
        int columns = columnsOf(plan, box, images);
        int blocks = plan.channelBlocks();
        boolean once = plan.depthBlock() == plan.filters();
        if (once) {
            if (plan.turned()) {
                packTurnedGradient(call, plan, firstImage, images, group, panels);
            } else {
                packGradient(call, plan, vectors, firstImage, images, group, box, 0, panels);
            }
        }
        for (int block = part * blocks / plan.parts(); block < (part + 1) * blocks / plan.parts(); block++) {
            int firstChannel = block * plan.channelBlock();
            int channels = Math.min(plan.channelBlock(), plan.channels() - firstChannel);
            if (plan.turned()) {
                multiplyTurned(call, plan, group, block, channels * plan.taps(), images, panels, columnsAt);
            } else {
                int rows = PackedProduct.stripRows(channels * plan.taps());
                Arrays.fill(call.workspace(), columnsAt, columnsAt + rows * plan.columnRow(), 0);
                for (int k = 0; k < plan.filters(); k += plan.depthBlock()) {
                    if (!once) {
                        packGradient(call, plan, vectors, firstImage, images, group, box, k, panels);
                    }
                    multiply(call, plan, vectors, group, block, channels * plan.taps(), columns, k, panels, columnsAt);
                }
            }
            for (int image = 0; image < images; image++) {
                for (int channel = 0; channel < channels; channel++) {
                    ColumnSums.gather(call, plan, box, columnsAt + channel * plan.taps() * plan.columnRow() + image * plan.positions(),
                            columnsAt + plan.columnsLength() - plan.gap(),
                            ((firstImage + image) * plan.groups() + group) * plan.channels() + firstChannel + channel);
                }
            }
        }
    }

    /** Columns of a box of so many images, up to the last position; the rows of an inner axis are as long as those of the largest box. */
    private static int columnsOf(Col2imPlan plan, int box, int images) {
        if (images > 1) {
            return images * plan.positions();
        }
        Col2imPlan.Axis depth = plan.axes()[0];
        Col2imPlan.Axis height = plan.axes()[1];
        Col2imPlan.Axis width = plan.axes()[2];
        int d = box / width.blocks() / height.blocks();
        int h = box / width.blocks() % height.blocks();
        int planes = depth.to()[d] - depth.from()[d];
        return Math.max(0, ((planes - 1) * height.reach() + height.to()[h] - height.from()[h]) * width.reach());
    }

    /** Packs dy of some filters at the positions that the box meets. */
    private static void packGradient(CpuCall call, Col2imPlan plan, int vectors, int firstImage, int images, int group, int box,
                                     int firstFilter, int panels) {
        int filters = Math.min(plan.depthBlock(), plan.filters() - firstFilter);
        int positions = plan.positions();
        int row = panels + plan.panelsLength();
        int columns = columnsOf(plan, box, images);
        boolean contiguous = images == 1 && plan.axes()[2].reach() == plan.axes()[2].positions()
                && (plan.axes()[1].reach() == plan.axes()[1].positions() || plan.axes()[0].positions() == 1);
        for (int k = 0; k < filters; k++) {
            int at = call.y().offset() + ((firstImage * plan.groups() + group) * plan.filters() + firstFilter + k) * positions;
            if (images > 1) {
                for (int image = 0; image < images; image++) {
                    System.arraycopy(call.y().floats(), at + image * plan.groups() * plan.filters() * positions,
                            call.workspace(), row + image * positions, positions);
                }
                PackedProduct.packRow(plan.simd(), vectors, call.workspace(), row, columns, call.workspace(), panels, k, filters);
            } else {
                packBox(call, plan, vectors, box, at, contiguous, columns, row, panels, k, filters);
            }
        }
    }

    private static void packBox(CpuCall call, Col2imPlan plan, int vectors, int box, int at, boolean contiguous, int columns,
                                int row, int panels, int k, int filters) {
        Col2imPlan.Axis depth = plan.axes()[0];
        Col2imPlan.Axis height = plan.axes()[1];
        Col2imPlan.Axis width = plan.axes()[2];
        int d = box / width.blocks() / height.blocks();
        int h = box / width.blocks() % height.blocks();
        int w = box % width.blocks();
        int rows = height.to()[h] - height.from()[h];
        int length = width.to()[w] - width.from()[w];
        int from = at + (depth.from()[d] * height.positions() + height.from()[h]) * width.positions() + width.from()[w];
        if (contiguous) {
            PackedProduct.packRow(plan.simd(), vectors, call.y().floats(), from, columns, call.workspace(), panels, k, filters);
            return;
        }
        // Columns between rows that are shorter than those of the largest box are computed with whatever is there, and dropped.
        for (int z = 0; z < depth.to()[d] - depth.from()[d]; z++) {
            plan.simd().copyRuns(call.y().floats(), from + z * height.positions() * width.positions(), width.positions(),
                    call.workspace(), row + z * height.reach() * width.reach(), width.reach(), length, rows);
        }
        PackedProduct.packRow(plan.simd(), vectors, call.workspace(), row, columns, call.workspace(), panels, k, filters);
    }

    /** Packs all of dy as the left factor of the transposed product: tiles of the positions of some images, some filters at a time. */
    private static void packTurnedGradient(CpuCall call, Col2imPlan plan, int firstImage, int images, int group, int factor) {
        float[] dy = call.y().floats();
        int positions = plan.positions();
        int all = images * positions;
        int rows = factor + plan.panelsLength();
        for (int k = 0; k < plan.filters(); k += PackedProduct.DEPTH) {
            int depth = Math.min(PackedProduct.DEPTH, plan.filters() - k);
            int from = call.y().offset() + ((firstImage * plan.groups() + group) * plan.filters() + k) * positions;
            if (images == 1) {
                packTiles(plan, dy, from, plan.tiles(images), k, depth, call.workspace(), factor);
                continue;
            }
            // Exactly these elements: vectors behind those of the last image would overwrite the first ones of the next row.
            for (int i = 0; i < depth; i++) {
                for (int image = 0; image < images; image++) {
                    System.arraycopy(dy, from + (image * plan.groups() * plan.filters() + i) * positions, call.workspace(),
                            rows + i * all + image * positions, positions);
                }
            }
            packTiles(plan, call.workspace(), rows, plan.tiles(images), k, depth, call.workspace(), factor);
        }
    }

    /** What a tile has more of than is copied to it is overwritten with the next tile, or filters, or takes arbitrary values. */
    private static void packTiles(Col2imPlan plan, float[] from, int at, RowTiles tiles, int k, int depth, float[] factor, int factorAt) {
        for (int tile = 0; tile < tiles.tiles(); tile++) {
            plan.simd().copyRuns(from, at + tiles.first(tile), tiles.rows(), factor,
                    factorAt + tiles.padded() * k + tiles.first(tile) * depth, tiles.height(tile), tiles.valid(tile), depth);
        }
    }

    private static void multiply(CpuCall call, Col2imPlan plan, int vectors, int group, int block, int rows, int columns, int firstFilter,
                                 int panels, int columnsAt) {
        int packed = Math.min(plan.depthBlock(), plan.filters() - firstFilter);
        float[] scratch = call.workspace();
        int strips = panels + plan.panelsLength() + plan.rowLength();
        for (int k = 0; k < packed; k += PackedProduct.DEPTH) {
            int depth = Math.min(PackedProduct.DEPTH, packed - k);
            if (plan.formed()) {
                int formed = call.filterFormAt() + (group * plan.channelBlocks() + block) * plan.formedBlock()
                        + PackedProduct.stripRows(rows) * (firstFilter + k);
                PackedProduct.multiply(plan.simd(), vectors, rows, columns, depth, call.filterForm(), formed, scratch, panels, packed, k,
                        scratch, columnsAt, plan.columnRow());
                continue;
            }
            int from = filterAt(call, plan, group, firstFilter + k, block * plan.channelBlock());
            for (int row = 0; row < rows; row += Col2imPlan.FILTER_ROWS) {
                int count = Math.min(Col2imPlan.FILTER_ROWS, rows - row);
                PackedProduct.packColumns(plan.simd(), call.w().floats(), from + row, perFilter(plan), count, depth, scratch, strips);
                PackedProduct.multiply(plan.simd(), vectors, count, columns, depth, scratch, strips, scratch, panels, packed, k, scratch,
                        columnsAt + row * plan.columnRow(), plan.columnRow());
            }
        }
    }

    /** The same columns, transposed at first: so each element of the filters is read once, in order, and meets all positions. */
    private static void multiplyTurned(CpuCall call, Col2imPlan plan, int group, int block, int rows, int images, int factor, int columnsAt) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        int lanes = simd.lanes();
        int wide = SimdProvider.TILE_VECTORS * lanes;
        RowTiles tiles = plan.tiles(images);
        int lines = factor + plan.panelsLength() + plan.rowLength();
        int sums = lines + plan.linesLength();
        int formed = call.filterFormAt() + (group * plan.channelBlocks() + block) * plan.formedBlock();
        for (int row = 0; row < rows; row += wide) {
            int count = Math.min(wide, rows - row);
            int vectors = ceilDiv(count, lanes);
            for (int k = 0; k < plan.filters(); k += PackedProduct.DEPTH) {
                int depth = Math.min(PackedProduct.DEPTH, plan.filters() - k);
                float[] filters = plan.formed() ? call.filterForm() : call.w().floats();
                int from = plan.formed() ? formed + row * plan.filters() + k * vectors * lanes
                        : filterAt(call, plan, group, k, block * plan.channelBlock()) + row;
                int step = plan.formed() ? vectors * lanes : perFilter(plan);
                if (from + (depth - 1) * step + vectors * lanes > filters.length) {
                    // Vectors would read behind the last filter.
                    simd.copyRuns(filters, from, step, scratch, lines, wide, count, depth);
                    filters = scratch;
                    from = lines;
                    step = wide;
                }
                for (int tile = 0; tile < tiles.tiles(); tile++) {
                    int c = sums + tiles.first(tile) * plan.sumsRow();
                    simd.panelTile(tiles.height(tile), vectors, depth, scratch, factor + tiles.padded() * k + tiles.first(tile) * depth, filters,
                            from, step, k == 0 ? PackedProduct.ZEROS : scratch, k == 0 ? 0 : c, k == 0 ? 0 : plan.sumsRow(), scratch, c,
                            plan.sumsRow());
                }
            }
            simd.transpose(scratch, sums, plan.sumsRow(), tiles.rows(), count, scratch, columnsAt + row * plan.columnRow(), plan.columnRow());
        }
    }
}
