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
            // Of channels, of their columns, and of products with these, threads have about the same share.
            call.parallel(plan.groups() * plan.cut().count() * block.images() * block.chunks(), step, ColumnsLastGemmAlgorithm::turnPanel);
            call.parallel(plan.groups() * plan.slabs() * block.images() * block.chunks(), step, ColumnsLastGemmAlgorithm::turnSlab);
            call.parallel(plan.groups() * plan.parts() * plan.slabs(), step, ColumnsLastGemmAlgorithm::multiply);
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

    /** A panel of columns of some outputs of an image. */
    private static void turnPanel(CpuCall call, int task, int worker) {
        ColumnsLastPlan plan = plan(call);
        Block block = plan.blocks()[call.step()];
        int chunk = task % block.chunks();
        int image = task / block.chunks() % block.images();
        int panels = task / block.chunks() / block.images();
        int group = panels / plan.cut().count();
        int panel = panels % plan.cut().count();
        int begin = block.chunkAt(chunk);
        int outputs = block.chunkAt(chunk + 1) - begin;
        int row = image * block.outputs() + begin;
        if (plan.turned()) {
            turnChannels(call, plan, group, panel, block.image() + image, block.first() + begin, outputs, row);
        } else {
            gatherColumns(call, plan, group, panel, block, image, block.first() + begin, outputs, row);
        }
    }

    /** A slab of filters of some outputs of an image. */
    private static void turnSlab(CpuCall call, int task, int worker) {
        ColumnsLastPlan plan = plan(call);
        Block block = plan.blocks()[call.step()];
        int chunk = task % block.chunks();
        int image = task / block.chunks() % block.images();
        int slabs = task / block.chunks() / block.images();
        int begin = block.chunkAt(chunk);
        turnFilters(call, plan, slabs / plan.slabs(), slabs % plan.slabs(), block.image() + image, block.first() + begin,
                block.chunkAt(chunk + 1) - begin, image * block.outputs() + begin);
    }

    /**
     * @param first the first output, in its image
     * @param row   its number among the outputs of the block
     */
    private static void turnFilters(CpuCall call, ColumnsLastPlan plan, int group, int slab, int image, int first, int outputs, int row) {
        int filter = slab * plan.slab();
        int from = call.y().offset() + first + ((image * plan.groups() + group) * plan.filters() + filter) * plan.planes().outputs();
        plan.simd().transpose(call.y().floats(), from, plan.planes().outputs(), Math.min(plan.slab(), plan.filters() - filter), outputs,
                call.workspace(), plan.turnedFilters(group, slab) + row * plan.slab(), plan.slab());
    }

    private static void turnChannels(CpuCall call, ColumnsLastPlan plan, int group, int panel, int image, int first, int outputs, int row) {
        int inputs = plan.planes().inputs();
        int from = call.x().offset() + ((image * plan.groups() + group) * plan.channels() + panel * plan.cut().widest()) * inputs + first;
        plan.simd().transpose(call.x().floats(), from, inputs, plan.cut().columnsOf(panel), outputs, call.workspace(),
                plan.turnedColumns(group, panel) + row * plan.cut().widthOf(panel), plan.cut().widthOf(panel));
    }

    private static void gatherColumns(CpuCall call, ColumnsLastPlan plan, int group, int panel, Block block, int image, int first, int outputs,
                                      int row) {
        int channel = group * plan.channels();
        float[] in = plan.padded() ? call.workspace() : call.x().floats();
        int from = plan.padded() ? paddedAt(call, plan, image) + channel * plan.channelSize()
                : call.x().offset() + ((block.image() + image) * plan.groups() * plan.channels() + channel) * plan.channelSize();
        int width = plan.cut().widthOf(panel);
        int to = plan.turnedColumns(group, panel) + row * width;
        int rowOfOutputs = plan.planes().width().outputs();
        int step = plan.planes().width().stride();
        int length;
        for (int output = first; output < first + outputs; output += length) {
            length = Math.min(rowOfOutputs - output % rowOfOutputs, first + outputs - output);
            int at = from + plan.inputAt(output);
            int rows = to + (output - first) * width;
            int copied = 0;
            if (plan.pieces() != null) {
                Pieces pieces = plan.pieces();
                // Vectors write behind the last row that is copied, but what lies behind these outputs is not this task's.
                copied = output + length < first + outputs ? length : length - 1;
                plan.simd().copyColumns(in, at, step, pieces.from(), pieces.to(), pieces.panel()[panel], pieces.panel()[panel + 1],
                        call.workspace(), rows, width, copied);
            }
            plan.simd().gatherRows(in, at + copied * step, step, plan.map(), panel * plan.cut().widest(), call.workspace(),
                    rows + copied * width, width, width, length - copied);
        }
    }

    /** Some panels of columns of a slab of filters: adds the products of a block of outputs. */
    private static void multiply(CpuCall call, int task, int worker) {
        ColumnsLastPlan plan = plan(call);
        int slab = task % plan.slabs();
        int part = task / plan.slabs() % plan.parts();
        int group = task / plan.slabs() / plan.parts();
        int first = part * plan.panelsOfPart();
        int end = Math.min(plan.cut().count(), first + plan.panelsOfPart());
        int at = call.w().offset() + (group * plan.filters() + slab * plan.slab()) * plan.columns();
        int filters = Math.min(plan.slab(), plan.filters() - slab * plan.slab());
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
            addProducts(call, plan, fresh, Math.min(block.part(), block.depth() - k), a + k * plan.slab(), filters,
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
                plan.simd().packedTile(height, vectors, depth, scratch, a + i, 1, plan.slab(), scratch, b,
                        fresh ? PackedProduct.ZEROS : dw, fresh ? 0 : to, fresh ? 0 : plan.columns(), dw, to, plan.columns());
            } else {
                int tile = plan.tileAt(worker);
                int valid = Math.min(height, filters - i);
                if (!fresh) {
                    copy(dw, to, plan.columns(), scratch, tile, width, valid, columns);
                }
                plan.simd().packedTile(height, vectors, depth, scratch, a + i, 1, plan.slab(), scratch, b,
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
