package io.github.jconv.cpu;

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
 * </pre>
 *
 * <p>For FORWARD x is turned around, one image at a time; as columns follow one another then, windows still are pieces of it.
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
        boolean large = p.channelsPerGroup() * p.filterTaps() > LIMIT || p.inputChannels() * p.inputPositions() > LIMIT;
        int lanes = runtime.simd().lanes();
        return HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_DATA, "it serves forward and backward_filter only"))
                .and(Support.when(alongHeight, "it serves filters as wide as the input only, which move along the height by 1"
                        + " without padding"))
                .and(Support.when(p.filtersPerGroup() >= SimdProvider.TILE_ROWS && height.filter() * width.filter() >= lanes,
                        "it serves groups of " + SimdProvider.TILE_ROWS + " filters and more, of " + lanes + " taps and more"))
                .and(Support.when(!large, "an image, or the filters of one output channel, exceed its scratch memory of " + LIMIT
                        + " elements"));
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
        return NonFinite.AS_DEFINED;
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
            call.parallel(g.c() * plan.columnBlocks, image, FullWidthGemmAlgorithm::turn);
            call.parallel(g.groups() * plan.rowBlocks, image, FullWidthGemmAlgorithm::forwardTile);
        }
    }

    /**
     * @param rowBlocks    blocks of filters of a group
     * @param columnBlocks blocks of columns that are turned around together
     * @param windows      where each row of the right factor begins: in the turned channels of a group, or in a channel of x
     * @param sumsStride   elements from one row of the sums of a tile to the next
     */
    private record Plan(SimdProvider simd, boolean forward, int rowBlocks, int columnBlocks, int[] windows, int turnedLength,
                        int sumsStride) {

        static Plan of(ConvRequest request, CpuRuntime runtime) {
            ConvProblem p = request.problem();
            SimdProvider simd = runtime.simd();
            int h = (int) p.axis3(1).input();
            int w = (int) p.axis3(2).input();
            int taps = (int) p.filterTaps();
            int tiles = (int) p.filtersPerGroup() / SimdProvider.TILE_ROWS;
            int rowBlocks = Math.max(1, Math.min(runtime.threads(), tiles));
            if (request.operation() == ConvOperation.BACKWARD_FILTER) {
                int[] windows = IntStream.range(0, (int) p.axis3(1).output()).map(row -> row * w).toArray();
                return new Plan(simd, false, rowBlocks, 0, windows, 0, 0);
            }
            int[] windows = IntStream.range(0, (int) p.channelsPerGroup() * taps)
                    .map(i -> (i / taps * w + i % w) * h + i % taps / w).toArray();
            int widest = simd.widestShiftedTile() * simd.lanes();
            int stride = ((int) p.axis3(1).output() + widest - 1) / widest * widest;
            return new Plan(simd, true, rowBlocks, (w + TURNED_COLUMNS - 1) / TURNED_COLUMNS, windows,
                    (int) (p.inputChannels() * p.inputPositions()) + widest, stride);
        }

        long workspaceLength(int threads) {
            return turnedLength + (long) threads * workerLength();
        }

        int workerLength() {
            return forward ? SimdProvider.TILE_ROWS * sumsStride : InPlaceGemm.scratchLength(simd);
        }

        int scratchOf(int worker) {
            return turnedLength + worker * workerLength();
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
}
