package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Wide filters that move in wide steps, as those of layers that enlarge maps at once: what a row of taps meets of a row of x is one piece of
 * it, a window of S elements. So windows are rows of matrices as they lie, and no column is ever copied. For each image and group
 *
 * <pre>
 *   FORWARD           y  [Q, K/G] of a row  = sum of r: windows of x [Q, C/G * S] * w(r), turned [C/G * S, K/G]
 *   BACKWARD_DATA     dx [Q, S]   of a row  = sum of the rows of dy and taps r that meet there: dy [Q, K/G] * w(r) [K/G, S]
 *   BACKWARD_FILTER   dw [K/G, S] for a row of taps = sum of images: dy [K/G, P * Q] * windows of x [P * Q, S]
 * </pre>
 *
 * <p>Windows that overlap are added to dx in pieces of a stride, which do not. Groups of few filters take the sums of FORWARD from dot
 * products along the windows.
 */
final class WindowGemmAlgorithm implements CpuAlgorithm {

    /** Filters per group from which they are the columns of a product for FORWARD. */
    private static final int COLUMNS = 8;

    /** Positions of dy, about, whose windows are summed up at a time. */
    private static final int DEPTH = 256;

    /** Elements of tables, sums and packed filters, at most. */
    private static final long LIMIT = 1 << 20;
    private static final long MOST_FILTERS = 16 << 20;

    private final CpuRuntime runtime;
    private final RequestMemo<Plan> plans;

    WindowGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> Plan.of(request, runtime));
    }

    @Override
    public String name() {
        return "window-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        ConvProblem p = request.problem();
        SpatialAxis width = p.axis3(2);
        long sums = Math.max(width.output() * (p.filtersPerGroup() + SimdProvider.PARTIAL_SUMS), SimdProvider.TILE_ROWS * width.filter());
        long filters = p.groups() * p.channelsPerGroup() * p.filterTaps() * (p.filtersPerGroup() + SimdProvider.PARTIAL_SUMS);
        return HeapTensors.fp32(request)
                .and(Support.when(p.axis3(0).equals(SpatialAxis.unit()), "it serves one and two dimensions only"))
                .and(Support.when(width.dilation() == 1 && width.padBegin() == 0 && width.padEnd() <= 0,
                        "along rows it serves filters without dilation and padding only"))
                .and(rows(request, width, runtime.simd().lanes()))
                .and(Support.when(sums <= LIMIT && p.channelsPerGroup() * width.filter() <= LIMIT
                        && p.filtersPerGroup() * p.axis3(1).filter() <= LIMIT && filters <= MOST_FILTERS,
                        "the windows of a row, or the filters, exceed its scratch memory"));
    }

    private static Support rows(ConvRequest request, SpatialAxis width, int lanes) {
        return switch (request.operation()) {
            case FORWARD -> request.problem().filtersPerGroup() < COLUMNS
                    ? Support.when(width.filter() % SimdProvider.PARTIAL_SUMS == 0, "with less than " + COLUMNS + " filters per group it serves"
                            + " filters of a multiple of " + SimdProvider.PARTIAL_SUMS + " columns only")
                    : Support.when(width.output() >= SimdProvider.TILE_ROWS, "it serves rows of " + SimdProvider.TILE_ROWS
                            + " outputs and more");
            case BACKWARD_DATA -> Support.when(width.output() >= SimdProvider.TILE_ROWS && Math.min(width.filter(), width.stride()) >= lanes
                            && (width.filter() <= width.stride() || width.filter() % width.stride() == 0
                            || width.filter() % width.stride() >= lanes),
                    "it serves rows of " + SimdProvider.TILE_ROWS + " outputs and more, and windows of which each stride has " + lanes
                            + " columns and more");
            case BACKWARD_FILTER -> Support.when(width.filter() >= lanes, "it serves filters of " + lanes + " columns and more");
        };
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.windowGemm(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * runtime.threads() * plans.of(request).workerLength()
                + FilterForm.workspaceBytes(filterForm(request), request);
    }

    @Override
    public boolean keepsFilters() {
        return true;
    }

    @Override
    public FilterForm filterForm(ConvRequest request) {
        int length = plans.of(request).formLength;
        return length == 0 ? null : new FilterForm(name() + " " + request.problem().groups() + " " + runtime.simd().name(), length);
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    /**
     * @param columns    filters of a group in whole vectors, or 0 for dot products
     * @param tiles      for BACKWARD_DATA how the channels of dx are shared among threads
     * @param heights    rows of outputs and taps, for BACKWARD_DATA one for each residue class
     * @param left       where the columns of the left factor lie, from the first
     * @param right      where the rows of the right factor lie, or the windows of a row, from the first
     * @param rows       for BACKWARD_FILTER rows of dy that are summed up at a time
     * @param formLength elements of the packed filters
     * @param sumsLength elements of the sums of a thread
     */
    private record Plan(SimdProvider simd, int columns, PlaneTiles tiles, List<AxisWalk> heights, int[] left, int[] right, int rows,
                        int formLength, int sumsLength) {

        static Plan of(ConvRequest request, CpuRuntime runtime) {
            ConvGeometry g = ConvGeometry.of(request.problem());
            SpatialAxis height = request.problem().axis3(1);
            SimdProvider simd = runtime.simd();
            int taps = g.r() * g.s();
            switch (request.operation()) {
                case FORWARD -> {
                    List<AxisWalk> heights = List.of(AxisWalk.forward(height));
                    if (g.kg() < COLUMNS) {
                        return new Plan(simd, 0, null, heights, null, IntStream.range(0, g.q()).map(q -> q * g.strideW()).toArray(), 0, 0,
                                g.q() * SimdProvider.PARTIAL_SUMS);
                    }
                    int columns = wholes(g.kg(), simd.lanes());
                    int depth = g.cg() * g.s();
                    return new Plan(simd, columns, null, heights,
                            IntStream.range(0, depth).map(i -> i / g.s() * g.h() * g.w() + i % g.s()).toArray(),
                            IntStream.range(0, depth).map(i -> i * columns).toArray(), 0, g.c() * taps * columns, g.q() * columns);
                }
                case BACKWARD_DATA -> {
                    List<AxisWalk> heights = AxisWalk.backwardData(height);
                    int most = heights.stream().mapToInt(walk -> walk.taps).max().orElse(0) * g.kg();
                    PlaneTiles tiles = PlaneTiles.of((long) g.n() * g.c(), g.h(), (long) g.kg() * taps * g.p() * g.q(), runtime.threads());
                    return new Plan(simd, 0, tiles, heights,
                            IntStream.range(0, most).map(i -> (i % g.kg() * g.p() - i / g.kg() * (int) height.outputStep()) * g.q()).toArray(),
                            IntStream.range(0, most).map(i -> i % g.kg() * g.cg() * taps + i / g.kg() * g.stepH() * g.s()).toArray(), 0, 0, 0);
                }
                default -> {
                    int rows = Math.max(1, Math.min(g.p(), DEPTH / g.q()));
                    return new Plan(simd, 0, null, List.of(AxisWalk.forward(height)), null, IntStream.range(0, rows * g.q())
                            .map(i -> i / g.q() * g.strideH() * g.w() + i % g.q() * g.strideW()).toArray(), rows, 0,
                            SimdProvider.TILE_ROWS * g.s());
                }
            }
        }

        int workerLength() {
            return InPlaceGemm.scratchLength(simd) + sumsLength;
        }

        int tileAt(int worker) {
            return worker * workerLength();
        }

        int sumsAt(int worker) {
            return tileAt(worker) + InPlaceGemm.scratchLength(simd);
        }
    }

    @Override
    public void formFilters(CpuCall call) {
        ConvGeometry g = call.geometry();
        call.parallel(g.groups() * g.r() * g.cg(), WindowGemmAlgorithm::turnFilters);
    }

    /** A row of taps of the filters of a group for one channel: the filters of a tap follow one another. */
    private static void turnFilters(CpuCall call, int part, int worker) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        int channel = part % g.cg();
        int r = part / g.cg() % g.r();
        int group = part / g.cg() / g.r();
        int from = call.w().offset() + ((group * g.kg() * g.cg() + channel) * g.r() + r) * g.s();
        plan.simd.transpose(call.w().floats(), from, g.cg() * g.r() * g.s(), g.kg(), g.s(), call.filterForm(),
                call.filterFormAt() + part * g.s() * plan.columns, plan.columns);
    }

    @Override
    public void run(CpuCall call) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        switch (call.plan().request().operation()) {
            case FORWARD -> call.parallel(g.n() * g.groups() * g.p(), plan.columns == 0 ? WindowGemmAlgorithm::dotRow
                    : WindowGemmAlgorithm::forwardRow);
            case BACKWARD_DATA -> call.parallel(plan.tiles.count(), WindowGemmAlgorithm::dataTile);
            case BACKWARD_FILTER -> call.parallel(g.groups() * g.cg() * g.r(), WindowGemmAlgorithm::filterRow);
        }
    }

    /** A row of the outputs of all filters of a group: sums of outputs by filters, then turned around. */
    private static void forwardRow(CpuCall call, int part, int worker) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        AxisWalk height = plan.heights.get(0);
        int p = part % g.p();
        int unit = part / g.p();
        float[] scratch = call.workspace();
        int sums = plan.sumsAt(worker);
        Arrays.fill(scratch, sums, sums + plan.sumsLength, 0);
        for (int r = 0; r < g.r(); r++) {
            if (height.inside(p, r)) {
                InPlaceGemm.multiply(plan.simd, g.q(), plan.columns, plan.left.length, call.x().floats(),
                        call.x().offset() + (unit * g.cg() * g.h() + height.in(p, r)) * g.w(), g.strideW(), plan.left, call.filterForm(),
                        call.filterFormAt() + (unit % g.groups() * g.r() + r) * plan.left.length * plan.columns, plan.right, scratch, sums,
                        plan.columns, scratch, plan.tileAt(worker));
            }
        }
        for (int k = 0; k < g.kg(); k++) {
            int y = call.y().offset() + ((unit * g.kg() + k) * g.p() + p) * g.q();
            for (int q = 0; q < g.q(); q++) {
                write(call, call.y().floats(), y + q, scratch[sums + q * plan.columns + k]);
            }
        }
    }

    /** A row of the outputs of all filters of a group, each the sum of products along its windows. */
    private static void dotRow(CpuCall call, int part, int worker) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        int p = part % g.p();
        int unit = part / g.p();
        float[] scratch = call.workspace();
        int sums = plan.sumsAt(worker);
        for (int k = 0; k < g.kg(); k++) {
            Arrays.fill(scratch, sums, sums + plan.sumsLength, 0);
            for (int c = 0; c < g.cg(); c++) {
                addDots(call, plan, unit * g.cg() + c, (unit % g.groups() * g.kg() + k) * g.cg() + c, p, sums);
            }
            int y = call.y().offset() + ((unit * g.kg() + k) * g.p() + p) * g.q();
            for (int q = 0; q < g.q(); q++) {
                write(call, call.y().floats(), y + q, SimdProvider.sum(scratch, sums + q * SimdProvider.PARTIAL_SUMS));
            }
        }
    }

    private static void addDots(CpuCall call, Plan plan, int channel, int filter, int p, int sums) {
        ConvGeometry g = call.geometry();
        AxisWalk height = plan.heights.get(0);
        for (int r = 0; r < g.r(); r++) {
            if (height.inside(p, r)) {
                plan.simd.dotShifted(call.x().floats(), call.x().offset() + (channel * g.h() + height.in(p, r)) * g.w(), plan.right, g.q(),
                        call.w().floats(), call.w().offset() + (filter * g.r() + r) * g.s(), g.s(), call.workspace(), sums);
            }
        }
    }

    private static void write(CpuCall call, float[] out, int at, float sum) {
        out[at] = call.accumulate() ? out[at] + sum : sum;
    }

    /** Some rows of a channel of dx, or some channels. */
    private static void dataTile(CpuCall call, int tile, int worker) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        for (int plane = plan.tiles.firstPlane(tile); plane < plan.tiles.endPlane(tile); plane++) {
            int dx = call.x().offset() + plane * g.h() * g.w();
            if (!call.accumulate()) {
                plan.tiles.clear(tile, call.x().floats(), dx, 1, g.w());
            }
            for (int i = 0; i < plan.heights.size(); i++) {
                AxisWalk height = plan.heights.get(i);
                int end = height.atOrAfter(plan.tiles.endRow(tile));
                for (int j = height.atOrAfter(plan.tiles.firstRow(tile)); j < end; j++) {
                    addRow(call, plan, height, plane, j, dx + height.out(j) * g.w(), worker);
                }
            }
        }
    }

    /** Adds what the rows of dy and of taps that meet in a row of dx contribute to it. */
    private static void addRow(CpuCall call, Plan plan, AxisWalk height, int plane, int row, int dx, int worker) {
        ConvGeometry g = call.geometry();
        int first = 0;
        while (first < height.taps && !height.inside(row, first)) {
            first++;
        }
        int end = first;
        while (end < height.taps && height.inside(row, end)) {
            end++;
        }
        if (first == end) {
            return;
        }
        int image = plane / g.c();
        int channel = plane % g.c();
        int group = channel / g.cg();
        int dy = call.y().offset() + ((image * g.k() + group * g.kg()) * g.p() + height.in(row, first)) * g.q();
        int w = call.w().offset() + ((group * g.kg() * g.cg() + channel % g.cg()) * g.r() + height.filter(first)) * g.s();
        for (int s = 0; s < g.s(); s += g.strideW()) {
            InPlaceGemm.multiply(plan.simd, g.q(), Math.min(g.strideW(), g.s() - s), (end - first) * g.kg(), call.y().floats(), dy, 1,
                    plan.left, call.w().floats(), w + s, plan.right, call.x().floats(), dx + s, g.strideW(), call.workspace(),
                    plan.tileAt(worker));
        }
    }

    /** A row of taps of one channel in all filters of its group. */
    private static void filterRow(CpuCall call, int part, int worker) {
        ConvGeometry g = call.geometry();
        Plan plan = call.plan().prepared(Plan.class);
        int r = part % g.r();
        int channel = part / g.r();
        int group = channel / g.cg();
        int filter = g.cg() * g.r() * g.s();
        int dw = call.w().offset() + group * g.kg() * filter + (channel % g.cg() * g.r() + r) * g.s();
        if (!call.accumulate()) {
            for (int k = 0; k < g.kg(); k++) {
                Arrays.fill(call.w().floats(), dw + k * filter, dw + k * filter + g.s(), 0);
            }
        }
        if (g.kg() >= SimdProvider.TILE_ROWS) {
            addWindows(call, plan, channel, r, group * g.kg(), g.kg(), g.p() * g.q(), call.w().floats(), dw, filter, worker);
            return;
        }
        // A tile has rows enough for one filter only if all of them are the same.
        int sums = plan.sumsAt(worker);
        for (int k = 0; k < g.kg(); k++) {
            Arrays.fill(call.workspace(), sums, sums + plan.sumsLength, 0);
            addWindows(call, plan, channel, r, group * g.kg() + k, SimdProvider.TILE_ROWS, 0, call.workspace(), sums, g.s(), worker);
            plan.simd.add(call.workspace(), sums, call.w().floats(), dw + k * filter, g.s());
        }
    }

    /** Adds the products of rows of dy, {@code dyRow} apart from the given filter on, with the windows that a row of taps meets. */
    private static void addWindows(CpuCall call, Plan plan, int channel, int r, int filter, int rows, int dyRow, float[] sums, int sumsAt,
                                   int sumsRow, int worker) {
        ConvGeometry g = call.geometry();
        AxisWalk height = plan.heights.get(0);
        for (int image = 0; image < g.n(); image++) {
            for (int p = height.first(r); p < height.end(r); p += plan.rows) {
                int depth = Math.min(plan.rows, height.end(r) - p) * g.q();
                InPlaceGemm.multiply(plan.simd, rows, g.s(), depth, call.y().floats(),
                        call.y().offset() + ((image * g.k() + filter) * g.p() + p) * g.q(), dyRow, null, call.x().floats(),
                        call.x().offset() + ((image * g.c() + channel) * g.h() + height.in(p, r)) * g.w(), plan.right, sums, sumsAt, sumsRow,
                        call.workspace(), plan.tileAt(worker));
            }
        }
    }
}
