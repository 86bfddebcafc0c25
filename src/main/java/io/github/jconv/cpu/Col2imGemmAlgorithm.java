package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.Arrays;

/**
 * BACKWARD_DATA as a matrix product whose columns are then added up ("col2im"), for each image and group
 *
 * <pre>
 *   columns [C/G * taps, positions] = w^T [C/G * taps, K/G] * dy [K/G, positions]
 *   dx[c, d, h, w] = sum over taps: columns[(c, tap), the position at which the tap meets (d, h, w)]
 * </pre>
 *
 * <p>A thread owns whole channels of dx and makes their columns a block of positions at a time, so that the block stays in the
 * cache and nobody else adds to the same element. Blocks and taps are added in ascending order; the blocks depend on the problem
 * alone, and so do the bits of dx.
 */
final class Col2imGemmAlgorithm implements CpuAlgorithm {

    /** Positions of a block of columns: a few rows of a large image, or a small one whole. */
    private static final int POSITIONS = 512;

    /** Floats of a block of columns, half of a second-level cache of 1 MiB; at least one channel goes in, whatever its taps. */
    private static final int BLOCK = 1 << 17;

    /** Rows of the product that make up for packing dy again: about ten times what packing costs. */
    private static final int WORTHWHILE_ROWS = 96;

    private final CpuRuntime runtime;

    Col2imGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public String name() {
        return "gemm-col2im";
    }

    @Override
    public Support supports(ConvRequest request) {
        return HeapTensors.fp32(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_DATA, "it serves backward_data only"))
                .and(Support.when(request.problem().filterTaps() <= BLOCK, "its block of columns holds filters of up to " + BLOCK
                        + " taps"));
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.gemmOverColumns(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * runtime.threads() * Plan.of(request.problem(), runtime).workerLength();
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.AS_DEFINED;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return Plan.of(request.problem(), runtime);
    }

    @Override
    public void run(CpuCall call) {
        call.parallel(call.plan().prepared(Plan.class).tiles(), Col2imGemmAlgorithm::tile);
    }

    /**
     * @param units          pairs of image and group
     * @param channels       channels of a group
     * @param channelBlock   channels of a tile, but for the last
     * @param positionBlock  positions of a block of columns, but for the last
     * @param depthBlock     filters of a block of the product, but for the last
     */
    private record Plan(SimdProvider simd, ColumnMatrix columns, int units, int channels, int channelBlock, int positionBlock,
                        int depthBlock) {

        static Plan of(ConvProblem p, CpuRuntime runtime) {
            ColumnMatrix columns = ColumnMatrix.forward(p);
            int row = columns.width().count;
            int positions = Math.min(columns.columns(), row >= POSITIONS ? POSITIONS : POSITIONS / row * row);
            int taps = columns.taps();
            if ((long) taps * positions > BLOCK) {
                positions = BLOCK / taps;
            }
            int channels = (int) p.channelsPerGroup();
            int units = (int) (p.batch() * p.groups());
            int most = Math.max(1, BLOCK / taps / positions);
            int least = Math.max(1, WORTHWHILE_ROWS / taps);
            long even = (units * (long) channels + runtime.threads() - 1) / runtime.threads();
            int channelBlock = (int) Math.min(Math.min(most, channels), Math.max(least, even));
            int blocks = (channels + channelBlock - 1) / channelBlock;
            int depth = (int) p.filtersPerGroup();
            int depthBlocks = (depth + 255) / 256;
            return new Plan(runtime.simd(), columns, units, channels, (channels + blocks - 1) / blocks, positions,
                    (depth + depthBlocks - 1) / depthBlocks);
        }

        int channelBlocks() {
            return (channels + channelBlock - 1) / channelBlock;
        }

        int tiles() {
            return units * channelBlocks();
        }

        int panelsLength() {
            return PanelGemm.panelsLength(simd, depthBlock, positionBlock);
        }

        int blockLength() {
            return channelBlock * columns.taps() * positionBlock;
        }

        int workerLength() {
            return panelsLength() + blockLength() + PanelGemm.scratchLength(simd, depthBlock);
        }
    }

    private static void tile(CpuCall call, int tile, int worker) {
        Plan plan = call.plan().prepared(Plan.class);
        ConvGeometry g = call.geometry();
        int unit = tile / plan.channelBlocks();
        int firstChannel = tile % plan.channelBlocks() * plan.channelBlock;
        int channels = Math.min(plan.channelBlock, plan.channels - firstChannel);
        int channelSize = plan.columns.channelSize();
        int dxAt = call.x().offset() + (unit * g.cg() + firstChannel) * channelSize;
        if (!call.accumulate()) {
            Arrays.fill(call.x().floats(), dxAt, dxAt + channels * channelSize, 0);
        }
        int positions = plan.columns.columns();
        for (int from = 0; from < positions; from += plan.positionBlock) {
            int to = Math.min(positions, from + plan.positionBlock);
            int block = worker * plan.workerLength() + plan.panelsLength();
            multiply(call, plan, unit, firstChannel, channels, from, to, worker * plan.workerLength(), block);
            addColumns(call, plan, channels, from, to, block, dxAt);
        }
    }

    private static void multiply(CpuCall call, Plan plan, int unit, int firstChannel, int channels, int from, int to, int panels,
                                 int block) {
        ConvGeometry g = call.geometry();
        float[] scratch = call.workspace();
        int columns = to - from;
        int taps = plan.columns.taps();
        int rows = channels * taps;
        int positions = plan.columns.columns();
        Arrays.fill(scratch, block, block + rows * columns, 0);
        int dyAt = call.y().offset() + unit * g.kg() * positions + from;
        int wAt = call.w().offset() + (unit % g.groups() * g.kg() * g.cg() + firstChannel) * taps;
        for (int k = 0; k < g.kg(); k += plan.depthBlock) {
            int depth = Math.min(plan.depthBlock, g.kg() - k);
            for (int i = 0; i < depth; i++) {
                PanelGemm.packRow(plan.simd, call.y().floats(), dyAt + (k + i) * positions, columns, scratch, panels, i, depth);
            }
            PanelGemm.multiply(plan.simd, rows, columns, depth, call.w().floats(), wAt + k * g.cg() * taps, 1, g.cg() * taps,
                    scratch, panels, scratch, block, columns, scratch, block + plan.blockLength());
        }
    }

    private static void addColumns(CpuCall call, Plan plan, int channels, int from, int to, int block, int dxAt) {
        int taps = plan.columns.taps();
        for (int channel = 0; channel < channels; channel++) {
            for (int tap = 0; tap < taps; tap++) {
                plan.columns.addRow(call.workspace(), block + (channel * taps + tap) * (to - from), tap, from, to,
                        call.x().floats(), dxAt + channel * plan.columns.channelSize());
            }
        }
    }
}
