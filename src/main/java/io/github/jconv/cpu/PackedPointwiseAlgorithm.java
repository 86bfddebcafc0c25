package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * A matrix product with packed filters: for 1-tap filters without padding, with any stride, and for filters as large as the input
 * ("fully connected"), which have one position and as many channels as inputs. With P positions and the filters of a group as a
 * matrix, for each image and group one of
 *
 * <pre>
 *                                            turned, P of all images, for maps that do not fill vectors
 *   FORWARD         y  [K/G, P] = w   * x       y^T  [P, K/G] = x^T  * w^T
 *   BACKWARD_DATA   dx [C/G, P] = w^T * dy      dx^T [P, C/G] = dy^T * w
 * </pre>
 *
 * <p>Constant filters are packed once. Where strides leave gaps between the positions of x, their elements are gathered while the input
 * is packed, or the outputs are placed among zeros.
 */
final class PackedPointwiseAlgorithm implements CpuAlgorithm {

    /** Elements of packed filters, at most: larger ones are read rather where they lie. */
    private static final long MAX_FILTERS = 16 << 20;

    /** Channels of positions that are packed at a time. */
    private static final int CHANNELS = 128;

    private final CpuRuntime runtime;
    private final RequestMemo<PackedPointwisePlan> plans;

    PackedPointwiseAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> PackedPointwisePlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "packed-1x1";
    }

    @Override
    public Support supports(ConvRequest request) {
        ConvProblem problem = request.problem();
        Support served = HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only"))
                .and(Support.when(problem.isFullSize() || problem.axes().stream().allMatch(PackedPointwiseAlgorithm::isOneTap),
                        "it serves 1-tap filters without padding, and filters as large as the input, only"));
        return served.yes() ? served.and(fits(plans.of(request).filtersLength())) : served;
    }

    private static Support fits(long length) {
        return Support.when(length <= MAX_FILTERS, "packed filters have up to " + MAX_FILTERS + " elements, and there would be " + length);
    }

    private static boolean isOneTap(SpatialAxis axis) {
        return axis.filter() == 1 && axis.padBegin() == 0 && axis.padEnd() == 0;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.packedPointwise(request, runtime, plans.of(request).usefulShare());
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Float.BYTES * plans.of(request).workspaceLength(runtime.threads())
                + FilterForm.workspaceBytes(filterForm(request), request);
    }

    @Override
    public boolean keepsFilters() {
        return true;
    }

    @Override
    public FilterForm filterForm(ConvRequest request) {
        PackedPointwisePlan plan = plans.of(request);
        return new FilterForm(name() + (plan.forward() ? " forward" : " backward_data") + (plan.turned() ? " turned " : " ")
                + request.problem().groups() + " " + plan.simd().name(), (int) plan.formLength());
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void formFilters(CpuCall call) {
        PackedPointwisePlan plan = call.plan().prepared(PackedPointwisePlan.class);
        if (plan.forward()) {
            call.parallel(plan.groups() * plan.filterPanels(), PackedPointwiseAlgorithm::turnFilters);
        } else {
            call.parallel(plan.groups() * plan.filterChunks(), PackedPointwiseAlgorithm::packFilters);
        }
    }

    @Override
    public void run(CpuCall call) {
        PackedPointwisePlan plan = call.plan().prepared(PackedPointwisePlan.class);
        if (!plan.out().isDense() && !call.accumulate()) {
            call.parallel(plan.images() * plan.groups() * plan.outputs(), PackedPointwiseAlgorithm::clearChannel);
        }
        call.parallel(plan.tiles(), plan.turned() ? PackedPointwiseAlgorithm::turnedTile : PackedPointwiseAlgorithm::tile);
    }

    private static void clearChannel(CpuCall call, int channel, int worker) {
        int size = call.plan().prepared(PackedPointwisePlan.class).out().channelSize();
        int at = call.x().offset() + channel * size;
        Arrays.fill(call.x().floats(), at, at + size, 0);
    }

    /** One tile of rows, or one panel of columns, of the filters of a group, which are to be turned around. */
    private static void turnFilters(CpuCall call, int part, int worker) {
        PackedPointwisePlan plan = call.plan().prepared(PackedPointwisePlan.class);
        int group = part / plan.filterPanels();
        int panel = part % plan.filterPanels();
        int first = plan.filterPanelFirst(panel);
        int to = plan.formAt(call, group) + first * plan.depth();
        PackedFilters.turn(call.w().floats(), call.w().offset() + plan.filterAt(group, first, 0), plan.outputStep(),
                plan.filterPanelValid(panel), plan.depth(), call.filterForm(), to, plan.filterPanelWidth(panel));
    }

    /** Some input channels of all tiles, or panels, of a group: they lie side by side, and are read as they follow one another. */
    private static void packFilters(CpuCall call, int part, int worker) {
        PackedPointwisePlan plan = call.plan().prepared(PackedPointwisePlan.class);
        int group = part / plan.filterChunks();
        int k = part % plan.filterChunks() * PackedPointwisePlan.FILTER_CHUNK;
        int end = Math.min(plan.depth(), k + PackedPointwisePlan.FILTER_CHUNK);
        for (int panel = 0; panel < plan.filterPanels(); panel++) {
            int first = plan.filterPanelFirst(panel);
            int to = plan.formAt(call, group) + first * plan.depth();
            PackedFilters.copy(plan.simd(), call.w().floats(), call.w().offset() + plan.filterAt(group, first, 0), plan.channelStep(),
                    plan.filterPanelValid(panel), k, end, call.filterForm(), to, plan.filterPanelWidth(panel));
        }
    }

    private static void tile(CpuCall call, int tile, int worker) {
        PackedPointwisePlan plan = call.plan().prepared(PackedPointwisePlan.class);
        int image = plan.blocks().product(tile) / plan.groups();
        int group = plan.blocks().product(tile) % plan.groups();
        int firstTile = plan.blocks().firstTile(tile);
        int endTile = plan.blocks().endTile(tile);
        int scratch = plan.workerAt(worker);
        int first = plan.blocks().firstPanel(tile);
        int end = plan.blocks().endPanel(tile);
        int whole = !plan.sharesTiles(endTile) ? first : plan.columns().valid(end - 1) == plan.columns().width(end - 1) ? end : end - 1;
        int next;
        for (int panel = first; panel < whole; panel = next) {
            next = Math.min(whole, panel + plan.panelsAtOnce());
            panels(call, plan, image, group, firstTile, endTile, panel, next, scratch);
        }
        for (int panel = whole; panel < end; panel++) {
            panel(call, plan, image, group, firstTile, endTile, panel, panel == first, scratch);
        }
    }

    /**
     * All rows of a block by the positions of some panels, which its columns fill, a block of channels at a time: each tile goes through
     * all of them, and so writes long pieces of few rows of the output, as memory and its address translation like it.
     */
    private static void panels(CpuCall call, PackedPointwisePlan plan, int image, int group, int firstTile, int endTile, int firstPanel,
                               int endPanel, int scratch) {
        ColumnPanels columns = plan.columns();
        int wide = Math.max(firstPanel, Math.min(endPanel, columns.wide()));
        int outAt = plan.output(call).offset() + plan.outAt(image, group);
        int form = plan.formAt(call, group);
        for (int k = 0; k < plan.depth(); k += plan.depthBlock()) {
            int inAt = plan.input(call).offset() + plan.inAt(image, group) + k * plan.in().channelSize();
            // A channel after the other: long pieces of memory are read, too.
            for (int channel = 0; channel < plan.depthAt(k); channel++) {
                int from = inAt + channel * plan.in().channelSize();
                packRow(call, plan, from, channel, firstPanel, wide, scratch);
                packRow(call, plan, from, channel, wide, endPanel, scratch + (wide - firstPanel) * plan.panelLength());
            }
            for (int tile = firstTile; tile < endTile; tile++) {
                int to = outAt + plan.rows().first(tile) * plan.out().channelSize();
                for (int panel = firstPanel; panel < endPanel; panel++) {
                    multiply(plan, tile, tile + 1, k, call.filterForm(), form, call.workspace(),
                            scratch + (panel - firstPanel) * plan.panelLength(), plan.panelRow(panel),
                            columns.width(panel) / plan.simd().lanes(), k == 0 && !call.accumulate(), plan.output(call).floats(),
                            to + columns.first(panel), plan.out().channelSize());
                }
            }
        }
    }

    /** A channel of panels of one width. */
    private static void packRow(CpuCall call, PackedPointwisePlan plan, int channelAt, int channel, int firstPanel, int endPanel, int to) {
        if (firstPanel < endPanel) {
            int width = plan.panelRow(firstPanel);
            plan.simd().copyRuns(plan.input(call).floats(), channelAt + plan.columns().first(firstPanel), width, call.workspace(),
                    to + channel * width, plan.panelLength(), width, endPanel - firstPanel);
        }
    }

    /**
     * All rows of a block by the positions of a panel.
     *
     * @param first whether it is the first panel of its block
     */
    private static void panel(CpuCall call, PackedPointwisePlan plan, int image, int group, int firstTile, int endTile, int panel,
                              boolean first, int scratch) {
        RowTiles rows = plan.rows();
        int firstRow = rows.first(firstTile);
        int endRow = Math.min(rows.rows(), rows.first(endTile));
        int width = plan.columns().width(panel);
        int to = plan.columns().first(panel) + plan.columns().valid(panel);
        // A panel that its columns do not fill begins among those before it and computes some of them again, to the same bits.
        int from = first || call.accumulate() ? plan.columns().first(panel) : to - width;
        float[] in = plan.input(call).floats();
        int inAt = plan.input(call).offset() + plan.inAt(image, group);
        float[] out = plan.output(call).floats();
        int outAt = plan.output(call).offset() + plan.outAt(image, group) + firstRow * plan.out().channelSize();
        boolean whole = to - from == width;
        boolean packs = !whole || plan.packsPanels();
        boolean direct = whole && plan.out().isDense() && endRow == rows.first(endTile);
        float[] c = direct ? out : call.workspace();
        int cAt = direct ? outAt + from : scratch + plan.packedLength();
        int cRow = direct ? plan.out().channelSize() : width;
        if (!direct && call.accumulate()) {
            for (int row = firstRow; row < endRow; row++) {
                plan.out().read(out, outAt + (row - firstRow) * plan.out().channelSize(), from, to, c, cAt + (row - firstRow) * cRow);
            }
        }
        int form = plan.formAt(call, group);
        for (int k = 0; k < plan.depth(); k += plan.depthBlock()) {
            float[] b = packs ? call.workspace() : in;
            int bAt = packs ? scratch : inAt + k * plan.in().channelSize() + from;
            int bRow = packs ? plan.panelRow(panel) : plan.in().channelSize();
            if (packs) {
                plan.in().copyChannels(plan.simd(), in, inAt + k * plan.in().channelSize(), plan.depthAt(k), from, to, b, bAt, bRow);
            }
            multiply(plan, firstTile, endTile, k, call.filterForm(), form, b, bAt, bRow, width / plan.simd().lanes(),
                    k == 0 && !call.accumulate(), c, cAt, cRow);
        }
        if (!direct) {
            for (int row = firstRow; row < endRow; row++) {
                plan.out().write(c, cAt + (row - firstRow) * cRow, out, outAt + (row - firstRow) * plan.out().channelSize(), from, to);
            }
        }
    }

    private static void turnedTile(CpuCall call, int tile, int worker) {
        PackedPointwisePlan plan = call.plan().prepared(PackedPointwisePlan.class);
        RowTiles rows = plan.rows();
        int group = plan.blocks().product(tile);
        int firstTile = plan.blocks().firstTile(tile);
        int endTile = plan.blocks().endTile(tile);
        int packed = plan.workerAt(worker);
        // A few channels at a time: each piece of them serves several tiles while it is in a first-level cache.
        for (int k = 0; k < plan.depth(); k += CHANNELS) {
            for (int i = firstTile; i < endTile; i++) {
                packPositions(call, plan, group, i, k, Math.min(plan.depth(), k + CHANNELS),
                        packed + (rows.first(i) - rows.first(firstTile)) * plan.depth());
            }
        }
        for (int panel = plan.blocks().firstPanel(tile); panel < plan.blocks().endPanel(tile); panel++) {
            turnedPanel(call, plan, group, firstTile, endTile, panel, packed);
        }
    }

    /** All positions of a block by the output channels of a panel. */
    private static void turnedPanel(CpuCall call, PackedPointwisePlan plan, int group, int firstTile, int endTile, int panel, int packed) {
        RowTiles rows = plan.rows();
        int firstRow = rows.first(firstTile);
        int first = plan.columns().first(panel);
        int width = plan.columns().width(panel);
        float[] scratch = call.workspace();
        int sums = packed + plan.packedLength();
        if (call.accumulate()) {
            moveOutputs(call, plan, group, firstRow, rows.first(endTile), first, plan.columns().valid(panel), sums, width, true);
        }
        int form = plan.formAt(call, group) + first * plan.depth();
        for (int k = 0; k < plan.depth(); k += plan.depthBlock()) {
            multiply(plan, firstTile, endTile, k, scratch, packed - firstRow * plan.depth(), call.filterForm(), form + k * width, width,
                    width / plan.simd().lanes(), k == 0 && !call.accumulate(), scratch, sums, width);
        }
        moveOutputs(call, plan, group, firstRow, rows.first(endTile), first, plan.columns().valid(panel), sums, width, false);
    }

    /** Sums of positions {@code [from, to)} of all images to their outputs, or the outputs to where the sums will be. */
    private static void moveOutputs(CpuCall call, PackedPointwisePlan plan, int group, int from, int to, int firstOutput, int outputs,
                                    int sums, int sumsRow, boolean read) {
        HostTensor tensor = plan.output(call);
        int positions = plan.out().count();
        int end = Math.min(to, plan.rows().rows());
        for (int row = from; row < end; ) {
            int position = row % positions;
            int length = Math.min(positions - position, end - row);
            int channel = tensor.offset() + plan.outAt(row / positions, group) + firstOutput * plan.out().channelSize();
            int at = sums + (row - from) * sumsRow;
            if (read) {
                plan.out().readTurned(plan.simd(), tensor.floats(), channel, outputs, position, position + length, call.workspace(), at,
                        sumsRow);
            } else {
                plan.out().writeTurned(plan.simd(), call.workspace(), at, sumsRow, tensor.floats(), channel, outputs, position,
                        position + length);
            }
            row += length;
        }
    }

    /** Input channels {@code [k, end)} of a tile of positions, one after the other. */
    private static void packPositions(CpuCall call, PackedPointwisePlan plan, int group, int tile, int k, int end, int to) {
        HostTensor tensor = plan.input(call);
        PositionGrid in = plan.in();
        float[] packed = call.workspace();
        int height = plan.rows().height(tile);
        int valid = plan.rows().valid(tile);
        int first = plan.rows().first(tile);
        int position = first % in.count();
        int from = tensor.offset() + plan.inAt(first / in.count(), group);
        if (in.isDense() && valid == height && position + height <= in.count()) {
            PackedFilters.copyRows(plan.simd(), k, end, plan.depth(), tensor.floats(), from + position, in.channelSize(), packed, to, height, height);
            return;
        }
        for (int i = 0; i < valid; i++) {
            int row = first + i;
            int at = tensor.offset() + plan.inAt(row / in.count(), group) + in.at(row % in.count());
            for (int channel = k; channel < end; channel++) {
                packed[to + channel * height + i] = tensor.floats()[at + channel * in.channelSize()];
            }
        }
        for (int channel = k; valid < height && channel < end; channel++) {
            Arrays.fill(packed, to + channel * height + valid, to + (channel + 1) * height, 0);
        }
    }

    /**
     * A block of rows by the columns of a panel, for the input channels from k on.
     *
     * @param a     where tile i lies from {@code first(i) * depth} on
     * @param fresh begin with zeros instead of adding to c
     */
    private static void multiply(PackedPointwisePlan plan, int firstTile, int endTile, int k, float[] a, int aAt, float[] b, int bAt,
                                 int bRow, int vectors, boolean fresh, float[] c, int cAt, int cRow) {
        RowTiles rows = plan.rows();
        int depth = plan.depthAt(k);
        for (int tile = firstTile; tile < endTile; tile++) {
            int height = rows.height(tile);
            int to = cAt + (rows.first(tile) - rows.first(firstTile)) * cRow;
            plan.simd().panelTile(height, vectors, depth, a, aAt + rows.first(tile) * plan.depth() + k * height, b, bAt, bRow,
                    fresh ? PackedProduct.ZEROS : c, fresh ? 0 : to, fresh ? 0 : cRow, c, to, cRow);
        }
    }
}
