package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.ColumnsLastPlan.Block;
import io.github.jconv.cpu.ColumnsLastPlan.Pieces;
import io.github.jconv.problem.ConvOperation;
import java.util.Arrays;

/**
 * The filter gradient as one matrix product whose sums lie in dw as they come out: both factors are turned around, so that the filters of
 * one output follow one another, and so do its columns, that is its inputs of all channels and taps. For each group
 *
 * <pre>
 *   dw [K/G, C/G * taps] = sum over the outputs of all images: dy [outputs, K/G]^T * columns(x) [outputs, C/G * taps]
 * </pre>
 *
 * <p>A block of outputs at a time is turned around, or gathered from x. Beside {@link ChannelsLastGemmAlgorithm} it multiplies the padding,
 * too, and builds columns, but no sum is turned back: that pays where there are few outputs for many filters, or one tap, where the columns
 * are x itself.
 */
final class ColumnsLastGemmAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<ColumnsLastPlan> plans;

    ColumnsLastGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> ColumnsLastPlan.of(request.problem(), runtime));
    }

    @Override
    public String name() {
        return "columns-last-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_FILTER, "it serves backward_filter only"));
        return tensors.yes() ? ColumnsLastPlan.supports(request, runtime) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.columnsLastGemm(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * plans.of(request).workspaceLength(runtime.threads());
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return new Prepared(plans.of(request), runtime.threads());
    }

    private record Prepared(ColumnsLastPlan plan, int threads) {
    }

    @Override
    public void run(CpuCall call) {
        ColumnsLastPlan plan = plan(call);
        if (plan.blocks().length == 0 && !call.accumulate()) {
            Arrays.fill(call.w().floats(), call.w().offset(), call.w().offset() + call.w().length(), 0);
        }
        for (int step = 0; step < plan.blocks().length; step++) {
            Block block = plan.blocks()[step];
            if (plan.padded() && block.first() == 0) {
                call.parallel(block.images() * plan.groups() * plan.channels(), step, ColumnsLastGemmAlgorithm::pad);
            }
            call.parallel(plan.groups() * (plan.slabs() + plan.cut().count()), step, ColumnsLastGemmAlgorithm::turn);
            call.parallel(plan.groups() * plan.slabs() * plan.parts(), step, ColumnsLastGemmAlgorithm::multiply);
        }
    }

    private static ColumnsLastPlan plan(CpuCall call) {
        return call.plan().prepared(Prepared.class).plan;
    }

    private static int paddedAt(CpuCall call, ColumnsLastPlan plan, int image) {
        return plan.paddedAt(call.plan().prepared(Prepared.class).threads, image);
    }

    /** Lays out a channel of an image of a block. */
    private static void pad(CpuCall call, int channel, int worker) {
        ColumnsLastPlan plan = plan(call);
        Block block = plan.blocks()[call.step()];
        int channels = plan.groups() * plan.channels();
        int to = paddedAt(call, plan, 0) + channel * plan.channelSize();
        Arrays.fill(call.workspace(), to, to + plan.channelSize(), 0);
        int from = call.x().offset() + (block.image() * channels + channel) * plan.planes().inputs();
        plan.planes().load(plan.simd(), call.x().floats(), from, call.workspace(), to);
    }

    /** A slab of filters, or a panel of columns, of a block. */
    private static void turn(CpuCall call, int task, int worker) {
        ColumnsLastPlan plan = plan(call);
        Block block = plan.blocks()[call.step()];
        int group = task / (plan.slabs() + plan.cut().count());
        int at = task % (plan.slabs() + plan.cut().count());
        for (int image = 0; image < block.images(); image++) {
            if (at < plan.slabs()) {
                turnFilters(call, plan, block, image, group, at);
            } else if (plan.turned()) {
                turnChannels(call, plan, block, image, group, at - plan.slabs());
            } else {
                gatherColumns(call, plan, block, image, group, at - plan.slabs());
            }
        }
    }

    private static void turnFilters(CpuCall call, ColumnsLastPlan plan, Block block, int image, int group, int slab) {
        int outputs = plan.planes().outputs();
        int filter = slab * ColumnsLastPlan.SLAB;
        int from = call.y().offset() + block.first()
                + (((block.image() + image) * plan.groups() + group) * plan.filters() + filter) * outputs;
        plan.simd().transpose(call.y().floats(), from, outputs, Math.min(ColumnsLastPlan.SLAB, plan.filters() - filter), block.outputs(),
                call.workspace(), plan.turnedFilters(group, slab) + image * block.outputs() * ColumnsLastPlan.SLAB, ColumnsLastPlan.SLAB);
    }

    private static void turnChannels(CpuCall call, ColumnsLastPlan plan, Block block, int image, int group, int panel) {
        int inputs = plan.planes().inputs();
        int from = call.x().offset() + (((block.image() + image) * plan.groups() + group) * plan.channels() + panel * plan.cut().widest()) * inputs
                + block.first();
        plan.simd().transpose(call.x().floats(), from, inputs, plan.cut().columnsOf(panel), block.outputs(), call.workspace(),
                plan.turnedColumns(group, panel) + image * block.outputs() * plan.cut().widthOf(panel), plan.cut().widthOf(panel));
    }

    private static void gatherColumns(CpuCall call, ColumnsLastPlan plan, Block block, int image, int group, int panel) {
        int channel = group * plan.channels();
        float[] in = plan.padded() ? call.workspace() : call.x().floats();
        int from = plan.padded() ? paddedAt(call, plan, image) + channel * plan.channelSize()
                : call.x().offset() + ((block.image() + image) * plan.groups() * plan.channels() + channel) * plan.channelSize();
        int width = plan.cut().widthOf(panel);
        int to = plan.turnedColumns(group, panel) + image * block.outputs() * width;
        int row = plan.planes().width().outputs();
        int length;
        for (int output = block.first(); output < block.first() + block.outputs(); output += length) {
            length = Math.min(row - output % row, block.first() + block.outputs() - output);
            int at = from + plan.inputAt(output);
            int rows = to + (output - block.first()) * width;
            if (plan.pieces() != null) {
                Pieces pieces = plan.pieces();
                plan.simd().copyColumns(in, at, plan.planes().width().stride(), pieces.from(), pieces.to(), pieces.panel()[panel],
                        pieces.panel()[panel + 1], call.workspace(), rows, width, length);
            } else {
                plan.simd().gatherRows(in, at, plan.planes().width().stride(), plan.map(), panel * plan.cut().widest(),
                        call.workspace(), rows, width, width, length);
            }
        }
    }

    /** Some panels of columns of a slab of filters: adds the products of a block of outputs. */
    private static void multiply(CpuCall call, int task, int worker) {
        ColumnsLastPlan plan = plan(call);
        int part = task % plan.parts();
        int slab = task / plan.parts() % plan.slabs();
        int group = task / plan.parts() / plan.slabs();
        int first = part * plan.panelsOfPart();
        int end = Math.min(plan.cut().count(), first + plan.panelsOfPart());
        int at = call.w().offset() + (group * plan.filters() + slab * ColumnsLastPlan.SLAB) * plan.columns();
        int filters = Math.min(ColumnsLastPlan.SLAB, plan.filters() - slab * ColumnsLastPlan.SLAB);
        for (int panel = first; panel < end; panel++) {
            multiplyPanel(call, plan, group, slab, filters, panel, at + panel * plan.cut().widest(), worker);
        }
    }

    private static void multiplyPanel(CpuCall call, ColumnsLastPlan plan, int group, int slab, int filters, int panel, int at, int worker) {
        Block block = plan.blocks()[call.step()];
        int a = plan.turnedFilters(group, slab);
        int b = plan.turnedColumns(group, panel);
        for (int k = 0; k < block.depth(); k += block.part()) {
            boolean fresh = k == 0 && call.step() == 0 && !call.accumulate();
            addProducts(call, plan, fresh, Math.min(block.part(), block.depth() - k), a + k * ColumnsLastPlan.SLAB, filters,
                    b + k * plan.cut().widthOf(panel), panel, at, worker);
        }
    }

    /** Adds the products of some outputs to a slab of filters by a panel of columns of dw, or if {@code fresh} to zeros. */
    private static void addProducts(CpuCall call, ColumnsLastPlan plan, boolean fresh, int depth, int a, int filters, int b, int panel, int at,
                                    int worker) {
        int rows = WinogradPlan.wholeTiles(filters);
        int columns = plan.cut().columnsOf(panel);
        int width = plan.cut().widthOf(panel);
        int vectors = plan.cut().vectorsOf(panel);
        float[] scratch = call.workspace();
        float[] dw = call.w().floats();
        int height;
        for (int i = 0; i < rows; i += height) {
            height = WinogradPlan.heightOfTile(rows - i);
            int to = at + i * plan.columns();
            if (i + height <= filters && columns == width) {
                plan.simd().packedTile(height, vectors, depth, scratch, a + i, 1, ColumnsLastPlan.SLAB, scratch, b,
                        fresh ? PackedProduct.ZEROS : dw, fresh ? 0 : to, fresh ? 0 : plan.columns(), dw, to, plan.columns());
            } else {
                int tile = plan.tileAt(worker);
                int valid = Math.min(height, filters - i);
                if (!fresh) {
                    copy(dw, to, plan.columns(), scratch, tile, width, valid, columns);
                }
                plan.simd().packedTile(height, vectors, depth, scratch, a + i, 1, ColumnsLastPlan.SLAB, scratch, b,
                        fresh ? PackedProduct.ZEROS : scratch, fresh ? 0 : tile, fresh ? 0 : width, scratch, tile, width);
                copy(scratch, tile, width, dw, to, plan.columns(), valid, columns);
            }
        }
    }

    private static void copy(float[] src, int from, int srcRow, float[] dst, int to, int dstRow, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            System.arraycopy(src, from + i * srcRow, dst, to + i * dstRow, columns);
        }
    }
}
