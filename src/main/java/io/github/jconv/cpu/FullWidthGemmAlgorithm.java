package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Filters as wide as their input, which move along one axis only, as over the words of a text: the window that a filter meets is a single
 * piece of x, and windows overlap. So the column matrix is x itself, read at the distance of a row, and no column is ever copied. For each
 * image and group, with windows of {@code R * W} elements from each channel:
 *
 * <pre>
 *   FORWARD           y  [K/G, P]           = w  [K/G, C/G * R * W] * windows of x, turned [C/G * R * W, P]
 *   BACKWARD_FILTER   dw [K/G, C/G * R * W] = sum of images: dy [K/G, P] * windows of x    [P, C/G * R * W]
 *   BACKWARD_DATA     dx [H, W] of a channel = windows of dy    [H, K/G * R] * rows of w   [K/G * R, W]
 * </pre>
 *
 * <p>For FORWARD x is turned around, one image at a time; as columns follow one another then, windows still are pieces of it. For
 * BACKWARD_DATA dy gets {@code R - 1} zeros in front of and behind each channel: row h of its windows then has {@code dy[k][h - r]}.
 */
final class FullWidthGemmAlgorithm implements CpuAlgorithm {

    /** Elements of the turned channels of an image, and taps of a filter, at most: 4 MiB. */
    private static final long LIMIT = 1 << 20;

    /** Columns of x that are turned around together: what they are read from stays in a first-level cache for all of them. */
    private static final int TURNED_COLUMNS = 16;

    private final CpuRuntime runtime;
    private final RequestMemo<Plan> plans;

    FullWidthGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> Plan.of(request, runtime));
    }

    @Override
    public String name() {
        return "full-width-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        ConvProblem p = request.problem();
        SpatialAxis height = p.axis3(1);
        SpatialAxis width = p.axis3(2);
        boolean alongHeight = p.axis3(0).equals(SpatialAxis.unit()) && width.isFullSize() && height.stride() == 1 && height.dilation() == 1
                && height.padBegin() == 0 && height.padEnd() == 0;
        boolean toInput = request.operation() == ConvOperation.BACKWARD_DATA;
        boolean large = toInput ? p.filtersPerGroup() * p.filterTaps() > LIMIT || p.outputChannels() * paddedChannel(p) > LIMIT
                : p.channelsPerGroup() * p.filterTaps() > LIMIT || p.inputChannels() * p.inputPositions() > LIMIT;
        int lanes = runtime.simd().lanes();
        Support rows = toInput
                ? Support.when(height.input() >= SimdProvider.TILE_ROWS && width.input() >= lanes, "for backward_data it serves inputs of "
                        + SimdProvider.TILE_ROWS + " rows and more, of " + lanes + " columns and more")
                : Support.when(p.filtersPerGroup() >= SimdProvider.TILE_ROWS && height.filter() * width.filter() >= lanes,
                        "it serves groups of " + SimdProvider.TILE_ROWS + " filters and more, of " + lanes + " taps and more");
        return HeapTensors.fp32(request)
                .and(Support.when(alongHeight, "it serves filters as wide as the input only, which move along the height by 1"
                        + " without padding"))
                .and(rows)
                .and(Support.when(!large, "an image, or the filters of one channel, exceed its scratch memory of " + LIMIT + " elements"));
    }

    /** Elements of a channel of dy with its zeros. */
    private static long paddedChannel(ConvProblem p) {
        return p.axis3(1).output() + 2 * (p.axis3(1).filter() - 1);
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.fullWidthGemm(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Float.BYTES * plans.of(request).workspaceLength(runtime.threads());
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return request.operation() == ConvOperation.BACKWARD_DATA ? NonFinite.ZEROS_TAKE_PART : NonFinite.AS_DEFINED;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void run(CpuCall call) {
        Plan plan = call.plan().prepared(Plan.class);
        ConvGeometry g = call.geometry();
        if (call.plan().request().operation() == ConvOperation.BACKWARD_FILTER) {
            call.parallel(g.groups() * plan.rowBlocks, FullWidthGemmAlgorithm::filterTile);
            return;
        }
        for (int image = 0; image < g.n(); image++) {
            if (call.plan().request().operation() == ConvOperation.BACKWARD_DATA) {
                call.parallel(g.k(), image, FullWidthGemmAlgorithm::pad);
                call.parallel(g.c() * plan.rowBlocks, image, FullWidthGemmAlgorithm::dataTile);
                continue;
            }
            call.parallel(g.c() * plan.columnBlocks, image, FullWidthGemmAlgorithm::turn);
            call.parallel(g.groups() * plan.rowBlocks, image, FullWidthGemmAlgorithm::forwardTile);
        }
    }

    /**
     * @param rowBlocks    blocks of filters of a group, or for BACKWARD_DATA of rows of a channel
     * @param columnBlocks blocks of columns that are turned around together
     * @param windows      where each row of the right factor begins: in the turned channels of a group, in a channel of x, or in the
     *                     filters of a group for one channel
     * @param shifts       for BACKWARD_DATA, where each column of the left factor begins in the padded channels of a group
     * @param copyLength   elements of the turned channels of an image, or of the padded ones
     * @param workerLength scratch memory of a thread
     * @param sumsStride   elements from one row of the sums of a tile to the next
     */
    private record Plan(SimdProvider simd, int rowBlocks, int columnBlocks, int[] windows, int[] shifts, int copyLength, int workerLength,
                        int sumsStride) {

        static Plan of(ConvRequest request, CpuRuntime runtime) {
            ConvProblem p = request.problem();
            return switch (request.operation()) {
                case FORWARD -> forward(p, runtime);
                case BACKWARD_DATA -> backwardData(p, runtime);
                case BACKWARD_FILTER -> {
                    int w = (int) p.axis3(2).input();
                    int[] windows = IntStream.range(0, (int) p.axis3(1).output()).map(row -> row * w).toArray();
                    yield new Plan(runtime.simd(), blocks(p.filtersPerGroup(), runtime), 0, windows, null, 0,
                            InPlaceGemm.scratchLength(runtime.simd()), 0);
                }
            };
        }

        private static Plan forward(ConvProblem p, CpuRuntime runtime) {
            int h = (int) p.axis3(1).input();
            int w = (int) p.axis3(2).input();
            int taps = (int) p.filterTaps();
            int[] windows = IntStream.range(0, (int) p.channelsPerGroup() * taps)
                    .map(i -> (i / taps * w + i % w) * h + i % taps / w).toArray();
            int widest = runtime.simd().widestShiftedTile() * runtime.simd().lanes();
            int stride = wholes((int) p.axis3(1).output(), widest);
            return new Plan(runtime.simd(), blocks(p.filtersPerGroup(), runtime), ceilDiv(w, TURNED_COLUMNS), windows, null,
                    (int) (p.inputChannels() * p.inputPositions()) + widest, SimdProvider.TILE_ROWS * stride, stride);
        }

        private static Plan backwardData(ConvProblem p, CpuRuntime runtime) {
            int r = (int) p.axis3(1).filter();
            int w = (int) p.axis3(2).input();
            int filter = (int) (p.channelsPerGroup() * p.filterTaps());
            int padded = (int) paddedChannel(p);
            int depth = (int) p.filtersPerGroup() * r;
            int[] windows = IntStream.range(0, depth).map(i -> i / r * filter + i % r * w).toArray();
            int[] shifts = IntStream.range(0, depth).map(i -> i / r * padded + r - 1 - i % r).toArray();
            return new Plan(runtime.simd(), blocks(p.axis3(1).input(), runtime), 0, windows, shifts, (int) p.outputChannels() * padded,
                    InPlaceGemm.scratchLength(runtime.simd()), 0);
        }

        /** Into how many blocks the threads share the rows of a product: none has less than a tile. */
        private static int blocks(long rows, CpuRuntime runtime) {
            return (int) Math.max(1, Math.min(runtime.threads(), rows / SimdProvider.TILE_ROWS));
        }

        long workspaceLength(int threads) {
            return copyLength + (long) threads * workerLength;
        }

        int scratchOf(int worker) {
            return copyLength + worker * workerLength;
        }

        int firstRow(int block, int rows) {
            return (int) ((long) rows * block / rowBlocks);
        }
    }

    /** Turns a block of columns of one channel around: {@code turned[s * H + h] = x[h * W + s]}. */
    private static void turn(CpuCall call, int tile, int worker) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        int channel = tile / plan.columnBlocks;
        int first = tile % plan.columnBlocks * TURNED_COLUMNS;
        int end = Math.min(g.w(), first + TURNED_COLUMNS);
        float[] x = call.x().floats();
        float[] turned = call.workspace();
        int from = call.x().offset() + (call.step() * g.c() + channel) * g.h() * g.w();
        int to = channel * g.h() * g.w();
        for (int s = first; s < end; s++) {
            for (int h = 0; h < g.h(); h++) {
                turned[to + s * g.h() + h] = x[from + h * g.w() + s];
            }
        }
    }

    private static void forwardTile(CpuCall call, int tile, int worker) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        int group = tile / plan.rowBlocks;
        int block = tile % plan.rowBlocks;
        int end = plan.firstRow(block + 1, g.kg());
        int sums = plan.scratchOf(worker);
        for (int row = plan.firstRow(block, g.kg()); row < end; row += SimdProvider.TILE_ROWS) {
            // The last tile overlaps the one above it, whose rows are written already.
            int first = Math.min(row, end - SimdProvider.TILE_ROWS);
            Arrays.fill(call.workspace(), sums, sums + SimdProvider.TILE_ROWS * plan.sumsStride, 0);
            addProducts(call, plan, group, group * g.kg() + first, sums);
            for (int i = row - first; i < SimdProvider.TILE_ROWS; i++) {
                int y = call.y().offset() + (call.step() * g.k() + group * g.kg() + first + i) * g.p();
                if (call.accumulate()) {
                    plan.simd.add(call.workspace(), sums + i * plan.sumsStride, call.y().floats(), y, g.p());
                } else {
                    System.arraycopy(call.workspace(), sums + i * plan.sumsStride, call.y().floats(), y, g.p());
                }
            }
        }
    }

    private static void addProducts(CpuCall call, Plan plan, int group, int filter, int sums) {
        ConvGeometry g = call.geometry();
        int depth = plan.windows.length;
        int turned = group * g.cg() * g.h() * g.w();
        int vectors;
        for (int p = 0; p < g.p(); p += vectors * plan.simd.lanes()) {
            vectors = ShiftedGemmAlgorithm.vectorsOf(plan.simd, g.p() - p);
            plan.simd.shiftedTile(vectors, depth, call.w().floats(), call.w().offset() + filter * depth, depth, null, call.workspace(),
                    turned + p, plan.windows, call.workspace(), sums + p, plan.sumsStride);
        }
    }

    private static void filterTile(CpuCall call, int tile, int worker) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        int group = tile / plan.rowBlocks;
        int first = plan.firstRow(tile % plan.rowBlocks, g.kg());
        int rows = plan.firstRow(tile % plan.rowBlocks + 1, g.kg()) - first;
        int filter = group * g.kg() + first;
        int taps = g.r() * g.s();
        int dw = call.w().offset() + filter * g.cg() * taps;
        if (!call.accumulate()) {
            Arrays.fill(call.w().floats(), dw, dw + rows * g.cg() * taps, 0);
        }
        for (int image = 0; image < g.n(); image++) {
            for (int c = 0; c < g.cg(); c++) {
                InPlaceGemm.multiply(plan.simd, rows, taps, g.p(), call.y().floats(), call.y().offset() + (image * g.k() + filter) * g.p(),
                        g.p(), null, call.x().floats(), call.x().offset() + (image * g.c() + group * g.cg() + c) * g.h() * g.w(),
                        plan.windows, call.w().floats(), dw + c * taps, g.cg() * taps, call.workspace(), plan.scratchOf(worker));
            }
        }
    }

    /** Copies a channel of dy with its zeros. */
    private static void pad(CpuCall call, int channel, int worker) {
        ConvGeometry g = call.geometry();
        int padded = g.p() + 2 * (g.r() - 1);
        int at = channel * padded;
        Arrays.fill(call.workspace(), at, at + padded, 0);
        System.arraycopy(call.y().floats(), call.y().offset() + (call.step() * g.k() + channel) * g.p(), call.workspace(), at + g.r() - 1,
                g.p());
    }

    private static void dataTile(CpuCall call, int tile, int worker) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        int channel = tile / plan.rowBlocks;
        int group = channel / g.cg();
        int first = plan.firstRow(tile % plan.rowBlocks, g.h());
        int rows = plan.firstRow(tile % plan.rowBlocks + 1, g.h()) - first;
        int dx = call.x().offset() + ((call.step() * g.c() + channel) * g.h() + first) * g.w();
        if (!call.accumulate()) {
            Arrays.fill(call.x().floats(), dx, dx + rows * g.w(), 0);
        }
        int taps = g.r() * g.s();
        InPlaceGemm.multiply(plan.simd, rows, g.w(), plan.windows.length, call.workspace(),
                group * g.kg() * (g.p() + 2 * (g.r() - 1)) + first, 1, plan.shifts, call.w().floats(),
                call.w().offset() + (group * g.kg() * g.cg() + channel % g.cg()) * taps, plan.windows, call.x().floats(), dx, g.w(),
                call.workspace(), plan.scratchOf(worker));
    }
}
