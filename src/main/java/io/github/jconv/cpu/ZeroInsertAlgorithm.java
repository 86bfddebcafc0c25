package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;
import java.util.Arrays;

/**
 * BACKWARD_DATA (the forward of a transposed convolution) as an ordinary convolution with stride 1, the way textbooks draw it.
 * On each axis, with {@code extent = dilation * (R - 1) + 1}:
 *
 * <ol>
 *   <li>{@code stride - 1} zeros are inserted between neighbours of dy;
 *   <li>the result is padded by {@link SpatialAxis#transposedPadBegin()} and {@link SpatialAxis#transposedPadEnd()} (cropped where
 *       these are negative), which gives a map of exactly {@code input + extent - 1} positions;
 *   <li>the filter is rotated by 180 degrees and its two channel axes are exchanged within each group;
 *   <li>the valid convolution of the two, stride 1 and the same dilation, gives the {@code input} positions of dx and no others.
 * </ol>
 *
 * <p><b>Where the rotation comes from.</b> The definition is {@code dx[h] = sum over p, r with p * stride - padBegin + r *
 * dilation = h: dy[p] * w[r]}. Element p of dy lies at {@code m = p * stride + transposedPadBegin = h + (R - 1 - r) * dilation} of
 * the map, so the larger the tap, the <em>smaller</em> the position that it meets. Counting taps from the other end, {@code r' =
 * R - 1 - r}, makes it {@code dx[h] = sum over r': map[h + r' * dilation] * w[R - 1 - r']}: a convolution as any other, whose
 * filter is w read backwards on every axis. Whoever forgets it is right for symmetric filters only.
 *
 * <p>Of the products, about {@code 1 / prod(stride)} are not with an inserted zero, so this is the clear way, not the fast one; it
 * is complete and serves to check the others. The map of the batch never exists: channels of one image are spread out a slab at
 * a time.
 */
final class ZeroInsertAlgorithm implements CpuAlgorithm {

    /** Elements of the channels that are spread out at a time, about the size of a second-level cache (1 MiB). */
    private static final long SLAB_ELEMENTS = 1 << 18;

    private final CpuRuntime runtime;
    private final RequestMemo<ZeroInsertPlan> plans;
    private final long slabElements;

    ZeroInsertAlgorithm(CpuRuntime runtime) {
        this(runtime, SLAB_ELEMENTS);
    }

    /** With slabs of another size, for tests. */
    ZeroInsertAlgorithm(CpuRuntime runtime, long slabElements) {
        this.runtime = runtime;
        this.slabElements = slabElements;
        plans = new RequestMemo<>(request -> ZeroInsertPlan.of(request.problem(), slabElements, runtime.threads()));
    }

    @Override
    public String name() {
        return "zero-insert";
    }

    @Override
    public Support supports(ConvRequest request) {
        return Support.when(request.operation() == ConvOperation.BACKWARD_DATA, "it computes the data gradient only")
                .and(Support.when(request.dataType() == DataType.FLOAT32, "it computes in fp32 only"))
                .and(ZeroInsertPlan.fits(request.problem()));
    }

    @Override
    public Support suits(ConvRequest request) {
        return Support.no("it multiplies by inserted zeros");
    }

    @Override
    public boolean servesToCheck() {
        return true;
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return plans.of(request).workspaceElements() * Float.BYTES;
    }

    /** Every tap meets every position of dx, inserted zeros included. */
    @Override
    public long flops(ConvRequest request) {
        ConvProblem problem = request.problem();
        long products = Math.multiplyExact(problem.xShape().elements(), problem.filtersPerGroup() * problem.filterTaps());
        return Math.multiplyExact(2, products);
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public void run(CpuCall call) {
        ConvGeometry g = call.geometry();
        ZeroInsertPlan plan = plan(call);
        int steps = g.n() * plan.slabsPerImage();
        if (steps > 0) {
            call.parallel(g.c(), 0, ZeroInsertAlgorithm::rotateFilters);
        }
        for (int step = 0; step < steps; step++) {
            int slab = step % plan.slabsPerImage();
            call.parallel(plan.endFilter(slab) - plan.firstFilter(slab), step, ZeroInsertAlgorithm::insertZeros);
            call.parallel(plan.tiles().count(), step, ZeroInsertAlgorithm::convolve);
        }
    }

    /** The filter planes of one channel of dx, one after another and each read backwards, to the front of the workspace. */
    private static void rotateFilters(CpuCall call, int channel, int worker) {
        ConvGeometry g = call.geometry();
        float[] rotated = call.workspace();
        float[] w = call.w().floats();
        int taps = g.t() * g.r() * g.s();
        for (int k = 0; k < g.kg(); k++) {
            int filter = channel / g.cg() * g.kg() + k;
            int from = call.w().offset() + (filter * g.cg() + channel % g.cg()) * taps;
            int to = (channel * g.kg() + k) * taps;
            for (int tap = 0; tap < taps; tap++) {
                rotated[to + tap] = w[from + taps - 1 - tap];
            }
        }
    }

    /** One channel of the step's slab: zeros everywhere, then the elements of dy that cropping leaves. */
    private static void insertZeros(CpuCall call, int channel, int worker) {
        ConvGeometry g = call.geometry();
        ZeroInsertPlan plan = plan(call);
        int image = call.step() / plan.slabsPerImage();
        int filter = plan.firstFilter(call.step() % plan.slabsPerImage()) + channel;
        int dy = call.y().offset() + (image * g.k() + filter) * g.z() * g.p() * g.q();
        float[] maps = call.workspace();
        int map = plan.mapBegin(channel);
        Arrays.fill(maps, map, map + plan.mapPositions(), 0);
        for (int z = 0; z < g.z(); z++) {
            int mapZ = z * g.strideD() + plan.padD();
            for (int p = 0; p < g.p(); p++) {
                int mapP = p * g.strideH() + plan.padH();
                if (mapZ >= 0 && mapZ < plan.mapD() && mapP >= 0 && mapP < plan.mapH()) {
                    insertZerosInRow(g, plan, call.y().floats(), dy + (z * g.p() + p) * g.q(),
                            maps, map + (mapZ * plan.mapH() + mapP) * plan.mapW());
                }
            }
        }
    }

    private static void insertZerosInRow(ConvGeometry g, ZeroInsertPlan plan, float[] dy, int dyRow, float[] maps, int mapRow) {
        for (int q = 0; q < g.q(); q++) {
            int mapQ = q * g.strideW() + plan.padW();
            if (mapQ >= 0 && mapQ < plan.mapW()) {
                maps[mapRow + mapQ] = dy[dyRow + q];
            }
        }
    }

    /** The stride-1 convolution of the step's slab with its rotated filters. */
    private static void convolve(CpuCall call, int tile, int worker) {
        ConvGeometry g = call.geometry();
        ZeroInsertPlan plan = plan(call);
        PlaneTiles tiles = plan.tiles();
        int image = call.step() / plan.slabsPerImage();
        int slab = call.step() % plan.slabsPerImage();
        int firstChannel = plan.firstFilter(slab) / g.kg() * g.cg();
        int endChannel = ((plan.endFilter(slab) - 1) / g.kg() + 1) * g.cg();
        int end = Math.min(endChannel, firstChannel + tiles.endPlane(tile));
        for (int channel = firstChannel + tiles.firstPlane(tile); channel < end; channel++) {
            int group = channel / g.cg();
            int dx = call.x().offset() + (image * g.c() + channel) * g.d() * g.h() * g.w();
            int firstFilter = Math.max(plan.firstFilter(slab), group * g.kg());
            int endFilter = Math.min(plan.endFilter(slab), (group + 1) * g.kg());
            if (firstFilter == group * g.kg() && !call.accumulate()) {
                tiles.clear(tile, call.x().floats(), dx, g.d(), g.w());
            }
            for (int filter = firstFilter; filter < endFilter; filter++) {
                int rotated = (channel * g.kg() + filter % g.kg()) * g.t() * g.r() * g.s();
                plan.correlation().add(call.workspace(), plan.mapBegin(filter - plan.firstFilter(slab)),
                        call.workspace(), rotated, call.x().floats(), dx, tiles.firstRow(tile), tiles.endRow(tile));
            }
        }
    }

    private static ZeroInsertPlan plan(CpuCall call) {
        return call.plan().prepared(ZeroInsertPlan.class);
    }
}
