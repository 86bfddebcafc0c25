package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * Dilations that are large beside the map, of whose taps most would meet padding: outputs that leave the same remainders modulo the dilation
 * are a small dense convolution, and as many of these as are equal lie side by side ({@link LatticeAxis}). A tap then leads from a piece of
 * the outputs to a piece of the inputs as a whole, or to padding, and is a matrix product with packed filters, which meets no padding:
 *
 * <pre>
 *   FORWARD         y  [K/G, piece] = sum of taps: w(tap)   [K/G, C/G] * x  [C/G, its piece]
 *   BACKWARD_DATA   dx [C/G, piece] = sum of taps: w(tap)^T [C/G, K/G] * dy [K/G, its piece]
 * </pre>
 *
 * <p>The inputs are copied once, and once the sums, whatever the number of taps. Constant filters are packed once.
 */
final class LatticeGemmAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<LatticeGemmPlan> plans;

    LatticeGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> LatticeGemmPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "lattice-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request);
        return tensors.yes() ? LatticeGemmPlan.supports(request, runtime) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.latticeGemm(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Float.BYTES * plans.of(request).workspaceLength(runtime.threads()) + FilterForm.workspaceBytes(filterForm(request), request);
    }

    @Override
    public boolean keepsFilters() {
        return true;
    }

    @Override
    public FilterForm filterForm(ConvRequest request) {
        LatticeGemmPlan plan = plans.of(request);
        return new FilterForm(name() + (plan.forward() ? " forward " : " backward_data ") + plan.groups() + " " + plan.simd().name(),
                plan.formLength());
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void formFilters(CpuCall call) {
        LatticeGemmPlan plan = call.plan().prepared(LatticeGemmPlan.class);
        call.parallel(plan.groups() * plan.rows().tiles(), LatticeGemmAlgorithm::packFilters);
    }

    /** The filters of a tile of output channels: for each tap one input channel after the other. */
    private static void packFilters(CpuCall call, int part, int worker) {
        LatticeGemmPlan plan = call.plan().prepared(LatticeGemmPlan.class);
        int group = part / plan.rows().tiles();
        int tile = part % plan.rows().tiles();
        int height = plan.rows().height(tile);
        int valid = plan.rows().valid(tile);
        int first = plan.rows().first(tile);
        int to = plan.formAt(call, group, 0) + first * plan.ins();
        // Vectors write behind what they transpose: not behind the last channel.
        int loose = Math.max(0, plan.ins() - ceilDiv(plan.simd().lanes(), height));
        for (int channel = 0; channel < loose; channel++) {
            plan.simd().transpose(call.w().floats(), call.w().offset() + plan.filterAt(group, first, channel), plan.outStep(), valid,
                    plan.taps(), call.filterForm(), to + channel * height, plan.form());
        }
        for (int channel = loose; channel < plan.ins(); channel++) {
            Transposition.transpose(valid, plan.taps(), call.w().floats(), call.w().offset() + plan.filterAt(group, first, channel),
                    plan.outStep(), call.filterForm(), to + channel * height, plan.form());
        }
    }

    @Override
    public void run(CpuCall call) {
        LatticeGemmPlan plan = call.plan().prepared(LatticeGemmPlan.class);
        for (int block = 0; block < plan.blocks(); block++) {
            call.parallel(plan.groups() * (plan.panels().length / LatticeGemmPlan.PANEL), block, LatticeGemmAlgorithm::copyPanel);
            call.parallel(plan.groups() * plan.rowBlocks(), block, LatticeGemmAlgorithm::multiply);
        }
    }

    /** A panel of a piece of the inputs: its columns of each channel. */
    private static void copyPanel(CpuCall call, int part, int worker) {
        LatticeGemmPlan plan = call.plan().prepared(LatticeGemmPlan.class);
        int group = part % plan.groups();
        int at = part / plan.groups() * LatticeGemmPlan.PANEL;
        HostTensor in = plan.input(call);
        int width = plan.panels()[at + 1];
        plan.simd().gatherRows(in.floats(), in.offset() + (call.step() * plan.images() * plan.groups() + group) * plan.ins() * plan.inSize(),
                plan.inSize(), plan.inMap(), plan.panels()[at + 2], call.workspace(), plan.copyAt(group) + plan.panels()[at], width, width,
                plan.ins());
    }

    /** All outputs of some output channels of a group. */
    private static void multiply(CpuCall call, int part, int worker) {
        LatticeGemmPlan plan = call.plan().prepared(LatticeGemmPlan.class);
        int group = part % plan.groups();
        int firstTile = part / plan.groups() * plan.tileBlock();
        int endTile = Math.min(plan.rows().tiles(), firstTile + plan.tileBlock());
        int sums = plan.sumsAt(worker);
        clearEmpty(call, plan, sums, plan.rows().first(endTile) - plan.rows().first(firstTile));
        int parts = ceilDiv(plan.ins(), LatticeGemmPlan.DEPTH);
        for (int i = 0; i < parts; i++) {
            int from = (int) ((long) plan.ins() * i / parts);
            int to = (int) ((long) plan.ins() * (i + 1) / parts);
            for (int tap = 0; tap < plan.taps(); tap++) {
                for (int at = plan.ofTap()[tap]; at < plan.ofTap()[tap + 1]; at += LatticeGemmPlan.PRODUCT) {
                    addProduct(call, plan, group, tap, at, firstTile, endTile, from, to, sums);
                }
            }
        }
        store(call, plan, group, firstTile, endTile, sums, plan.channelAt(worker));
    }

    private static void clearEmpty(CpuCall call, LatticeGemmPlan plan, int sums, int rows) {
        for (int i = 0; i < plan.empty().length; i += 2) {
            for (int row = 0; row < rows; row++) {
                int at = sums + row * plan.outRow() + plan.empty()[i];
                Arrays.fill(call.workspace(), at, at + plan.empty()[i + 1], 0);
            }
        }
    }

    /** Adds the product of a tap with input channels {@code [from, to)} of a panel to the sums. */
    private static void addProduct(CpuCall call, LatticeGemmPlan plan, int group, int tap, int product, int firstTile, int endTile, int from,
                                   int to, int sums) {
        float[] scratch = call.workspace();
        RowTiles rows = plan.rows();
        int width = plan.products()[product + 1];
        int vectors = width / plan.simd().lanes();
        int b = plan.copyAt(group) + plan.products()[product] + from * width;
        int c = sums + plan.products()[product + 2];
        boolean fresh = plan.products()[product + 3] == 1 && from == 0;
        int form = plan.formAt(call, group, tap);
        for (int tile = firstTile; tile < endTile; tile++) {
            int height = rows.height(tile);
            int at = c + (rows.first(tile) - rows.first(firstTile)) * plan.outRow();
            plan.simd().panelTile(height, vectors, to - from, call.filterForm(), form + rows.first(tile) * plan.ins() + from * height,
                    scratch, b, width, fresh ? PackedProduct.ZEROS : scratch, fresh ? 0 : at, fresh ? 0 : plan.outRow(),
                    scratch, at, plan.outRow());
        }
    }

    /** Takes the sums of each image to their places in the output. */
    private static void store(CpuCall call, LatticeGemmPlan plan, int group, int firstTile, int endTile, int sums, int channel) {
        HostTensor out = plan.output(call);
        float[] scratch = call.workspace();
        int first = plan.rows().first(firstTile);
        int rows = Math.min(plan.outs(), plan.rows().first(endTile)) - first;
        for (int image = 0; image < plan.images(); image++) {
            int unit = (call.step() * plan.images() + image) * plan.groups() + group;
            int to = out.offset() + (unit * plan.outs() + first) * plan.outSize();
            int map = image * plan.outSize();
            if (!call.accumulate()) {
                place(plan, scratch, sums, map, out.floats(), to, rows);
                continue;
            }
            for (int row = 0; row < rows; row++) {
                place(plan, scratch, sums + row * plan.outRow(), map, scratch, channel, 1);
                plan.simd().add(scratch, channel, out.floats(), to + row * plan.outSize(), plan.outSize());
            }
        }
    }

    private static void place(LatticeGemmPlan plan, float[] scratch, int from, int map, float[] out, int to, int rows) {
        int whole = plan.outSize() / plan.simd().lanes() * plan.simd().lanes();
        plan.simd().gatherRows(scratch, from, plan.outRow(), plan.outMap(), map, out, to, plan.outSize(), whole, rows);
        for (int row = 0; row < rows; row++) {
            for (int i = whole; i < plan.outSize(); i++) {
                out[to + row * plan.outSize() + i] = scratch[from + row * plan.outRow() + plan.outMap()[map + i]];
            }
        }
    }
}
