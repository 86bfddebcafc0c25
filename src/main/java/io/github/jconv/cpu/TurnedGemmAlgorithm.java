package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * The matrix product of {@link ImplicitGemmAlgorithm} turned around, for small maps: output channels, of which there are many, fill vectors,
 * and positions, of which there are few, are rows of tiles, which need only be even in number. For each group
 *
 * <pre>
 *   FORWARD        y^T  [images * positions, K/G] = columns of x^T  [images * positions, C/G * taps] * w^T [C/G * taps, K/G]
 *   BACKWARD_DATA  dx^T [images * positions, C/G] = columns of dy^T [images * positions, K/G * taps] * w   [K/G * taps, C/G]
 * </pre>
 *
 * <p>Filters are packed, constant ones once: one or two vectors of output channels side by side, for each input channel and tap. Each thread
 * takes some of these panels and images. Each sum is one chain of fused multiply-adds in the order of the columns of the filters, from zero
 * on, however the work is cut.
 */
final class TurnedGemmAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<TurnedGemmPlan> plans;

    TurnedGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> TurnedGemmPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "turned-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only"));
        Support planes = tensors.yes() ? TurnedGemmPlan.supports(request) : tensors;
        return planes.yes() ? planes.and(fits(TurnedGemmPlan.formLength(request, runtime.simd()))) : planes;
    }

    private static Support fits(double length) {
        return Support.when(length <= HostTensor.MAX_ELEMENTS / 2, "packed filters of " + (long) length + " elements exceed its scratch memory");
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.turnedGemm(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        TurnedGemmPlan plan = plans.of(request);
        return Float.BYTES * plan.workspaceLength(runtime.threads()) + FilterForm.workspaceBytes(plan.form(), request);
    }

    @Override
    public boolean keepsFilters() {
        return true;
    }

    @Override
    public FilterForm filterForm(ConvRequest request) {
        return plans.of(request).form();
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
        TurnedGemmPlan plan = call.plan().prepared(TurnedGemmPlan.class);
        call.parallel(plan.groups() * plan.panels(), TurnedGemmAlgorithm::packPanel);
    }

    /** A panel of filters: those of its output channels side by side, for each input channel and tap. */
    private static void packPanel(CpuCall call, int number, int worker) {
        TurnedGemmPlan plan = call.plan().prepared(TurnedGemmPlan.class);
        int group = number / plan.panels();
        int panel = number % plan.panels();
        int first = panel * plan.wide();
        int outs = Math.min(plan.wide(), plan.outs() - first);
        int width = plan.widthOf(panel);
        int to = plan.formAt(call, group, panel);
        float[] w = call.w().floats();
        int taps = plan.planes().taps();
        if (plan.in() == Of.X) {
            int filter = plan.ins() * taps;
            plan.simd().transpose(w, call.w().offset() + (group * plan.outs() + first) * filter, filter, outs, filter, call.filterForm(), to, width);
            return;
        }
        for (int in = 0; in < plan.ins(); in++) {
            plan.simd().transpose(w, call.w().offset() + ((group * plan.ins() + in) * plan.outs() + first) * taps, taps, outs, taps,
                    call.filterForm(), to + in * taps * width, width);
        }
    }

    @Override
    public void run(CpuCall call) {
        call.parallel(call.plan().prepared(TurnedGemmPlan.class).parts(), TurnedGemmAlgorithm::part);
    }

    private static void part(CpuCall call, int part, int worker) {
        TurnedGemmPlan plan = call.plan().prepared(TurnedGemmPlan.class);
        int firstPanel = part % plan.outParts() * plan.panelsOfPart();
        int endPanel = Math.min(plan.panels(), firstPanel + plan.panelsOfPart());
        int group = part / plan.outParts() % plan.groups();
        int firstImage = part / plan.outParts() / plan.groups() * plan.imageBlock();
        int images = Math.min(plan.imageBlock(), plan.batch() - firstImage);
        int planes = plan.planesAt(worker);
        Arrays.fill(call.workspace(), planes, planes + plan.planesLength(), 0);
        for (int in = 0; in < plan.ins(); in += plan.inSpan()) {
            int end = Math.min(plan.ins(), in + plan.inSpan());
            for (int first = in; first < end; first += plan.inBlock()) {
                makeColumns(call, plan, group, firstImage, images, first, Math.min(plan.inBlock(), end - first), worker);
            }
            for (int panel = firstPanel; panel < endPanel; panel++) {
                multiply(call, plan, group, images, in, end, panel, plan.sumsAt(worker) + (panel - firstPanel) * plan.wide(), worker);
            }
        }
        for (int panel = firstPanel; panel < endPanel; panel++) {
            store(call, plan, group, firstImage, images, panel, plan.sumsAt(worker) + (panel - firstPanel) * plan.wide(), worker);
        }
    }

    /** The left factor: the columns of some input channels, those of each tile of positions side by side. */
    private static void makeColumns(CpuCall call, TurnedGemmPlan plan, int group, int firstImage, int images, int firstIn, int ins,
                                    int worker) {
        HostTensor in = plan.in().tensor(call);
        int planes = plan.planesAt(worker);
        for (int image = 0; image < images; image++) {
            int channel = ((firstImage + image) * plan.groups() + group) * plan.ins() + firstIn;
            for (int i = 0; i < ins; i++) {
                plan.planes().load(plan.simd(), in.floats(), in.offset() + (channel + i) * plan.inChannel(), 0, call.workspace(),
                        planes + (image * plan.inBlock() + i) * plan.planes().length());
            }
        }
        TurnedGemmPlan.Positions positions = plan.positions(images);
        int depth = ins * plan.planes().taps();
        int to = factorAt(plan, images, firstIn, worker);
        for (int tile = 0; tile < positions.tiles().tiles(); tile++) {
            TapPlanes.ColumnPieces pieces = positions.pieces()[tile];
            plan.simd().copyShifted(call.workspace(), planes, plan.shifts(), 0, pieces.from(), call.workspace(),
                    to + positions.tiles().first(tile) * depth, positions.tiles().height(tile), pieces.to(), depth);
        }
    }

    private static int factorAt(TurnedGemmPlan plan, int images, int in, int worker) {
        return plan.factorAt(worker) + plan.positions(images).tiles().padded() * (in % plan.inSpan()) * plan.planes().taps();
    }

    /** The columns of some input channels with a panel of filters, which is read in its order, a part that stays in a cache at a time. */
    private static void multiply(CpuCall call, TurnedGemmPlan plan, int group, int images, int firstIn, int endIn, int panel, int sums,
                                 int worker) {
        float[] scratch = call.workspace();
        RowTiles tiles = plan.positions(images).tiles();
        int width = plan.widthOf(panel);
        int taps = plan.planes().taps();
        for (int in = firstIn; in < endIn; in += plan.inBlock()) {
            int depth = Math.min(plan.inBlock(), endIn - in) * taps;
            boolean fresh = in == 0;
            int factor = factorAt(plan, images, in, worker);
            int filters = plan.formAt(call, group, panel) + in * taps * width;
            for (int tile = 0; tile < tiles.tiles(); tile++) {
                int c = sums + tiles.first(tile) * plan.sumsRow();
                plan.simd().panelTile(tiles.height(tile), width / plan.simd().lanes(), depth, scratch, factor + tiles.first(tile) * depth,
                        call.filterForm(), filters, width, fresh ? PackedProduct.ZEROS : scratch, fresh ? 0 : c, fresh ? 0 : plan.sumsRow(),
                        scratch, c, plan.sumsRow());
            }
        }
    }

    /** Turns the sums of a panel around and writes them. */
    private static void store(CpuCall call, TurnedGemmPlan plan, int group, int firstImage, int images, int panel, int sums, int worker) {
        HostTensor out = plan.out().tensor(call);
        int outputs = plan.planes().outputs();
        int lines = plan.linesAt(worker);
        int first = panel * plan.wide();
        int valid = Math.min(plan.wide(), plan.outs() - first);
        plan.simd().transpose(call.workspace(), sums, plan.sumsRow(), images * outputs, valid, call.workspace(), lines, plan.line());
        for (int image = 0; image < images; image++) {
            int channels = ((firstImage + image) * plan.groups() + group) * plan.outs() + first;
            for (int i = 0; i < valid; i++) {
                plan.planes().store(plan.simd(), call.workspace(), lines + i * plan.line() + image * outputs, 0, out.floats(),
                        out.offset() + (channels + i) * plan.outChannel(), plan.outSizes(), call.accumulate());
            }
        }
    }
}
