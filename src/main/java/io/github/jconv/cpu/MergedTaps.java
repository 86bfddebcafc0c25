package io.github.jconv.cpu;

import io.github.jconv.cpu.ChannelsLastGemmAlgorithm.Prepared;
import io.github.jconv.cpu.ChannelsLastPlan.Block;
import io.github.jconv.cpu.ChannelsLastPlan.Box;
import io.github.jconv.problem.ConvGeometry;
import java.util.Arrays;

/**
 * The steps of {@link ChannelsLastGemmAlgorithm} for few channels, which are joined by the taps along the last axis.
 *
 * <p>There, dw is small and there are many positions, so the threads share out these: a thread turns a block of x and dy around in a cache
 * of its own and multiplies it there. The blocks are cut into parts, as many whatever the threads, and the sums of the parts are added up
 * in their order.
 */
final class MergedTaps {

    private MergedTaps() {
    }

    static void run(CpuCall call, ChannelsLastPlan plan) {
        call.parallel(plan.parts() * plan.columnBlocks(), 0, MergedTaps::sumUp);
        call.parallel(plan.columnBlocks(), 0, MergedTaps::write);
    }

    private static int threads(CpuCall call) {
        return call.plan().prepared(Prepared.class).threads();
    }

    /** A part of the blocks, for a block of columns. */
    private static void sumUp(CpuCall call, int task, int worker) {
        ChannelsLastPlan plan = ChannelsLastGemmAlgorithm.plan(call);
        int part = task / plan.columnBlocks();
        int columnBlock = task % plan.columnBlocks();
        int column = columnBlock * plan.columnBlock();
        int columns = Math.min(plan.columnBlock(), plan.columns() - column);
        int sums = plan.sumsOfPart(threads(call), part, columnBlock);
        Arrays.fill(call.workspace(), sums, sums + plan.sumsLength(), 0);
        int end = firstBlock(plan, part + 1);
        for (int number = firstBlock(plan, part); number < end; number++) {
            Block block = plan.blocks()[number];
            for (int image = 0; image < block.images(); image++) {
                turnX(call, plan, block, image, worker);
                turnY(call, plan, block, image, column, columns, worker);
            }
            ChannelsLastGemmAlgorithm.addBlock(call, plan, block, plan.turnedXOf(worker), plan.turnedYOf(worker, 0), 0, plan.rows(), 0,
                    columns, sums);
        }
    }

    private static int firstBlock(ChannelsLastPlan plan, int part) {
        return (int) ((long) part * plan.blocks().length / plan.parts());
    }

    private static void turnX(CpuCall call, ChannelsLastPlan plan, Block block, int image, int worker) {
        ConvGeometry g = call.geometry();
        int from = call.x().offset() + (block.image() + image) * g.c() * g.d() * g.h() * g.w();
        int to = plan.turnedXOf(worker) + image * block.in().positions() * plan.xStep();
        for (int line = 0; line < block.in().depths() * block.in().rows(); line++) {
            turnPaddedLine(call, plan, block.in(), from, line, to);
        }
    }

    private static void turnY(CpuCall call, ChannelsLastPlan plan, Block block, int image, int column, int columns, int worker) {
        ConvGeometry g = call.geometry();
        int lines = ChannelsLastGemmAlgorithm.linesOfY(g, block);
        for (int first = 0; first < columns; first += plan.yChannels()) {
            int from = call.y().offset() + ((block.image() + image) * g.k() + column + first) * g.z() * g.p() * g.q();
            int to = plan.turnedYOf(worker, first / plan.yChannels()) + image * block.out().positions() * plan.yStep();
            for (int line = 0; line < lines; line++) {
                ChannelsLastGemmAlgorithm.turnLine(call, call.y().floats(), from, g.z(), g.p(), g.q(), block.out(), lines, line,
                        Math.min(plan.yChannels(), columns - first), to, plan.yStep());
            }
        }
    }

    /** A line of x with zeros for the padding at its ends. */
    private static void turnPaddedLine(CpuCall call, ChannelsLastPlan plan, Box box, int at, int line, int turned) {
        ConvGeometry g = call.geometry();
        int to = turned + line * box.columns() * plan.xStep();
        int from = Math.min(box.columns(), Math.max(0, -box.column()));
        int end = Math.max(from, Math.min(box.columns(), g.w() - box.column()));
        Arrays.fill(call.workspace(), to, to + from * plan.xStep(), 0);
        Arrays.fill(call.workspace(), to + end * plan.xStep(), to + box.columns() * plan.xStep(), 0);
        int d = box.depth() + line / box.rows();
        int h = box.row() + line % box.rows();
        plan.simd().transpose(call.x().floats(), at + (d * g.h() + h) * g.w() + box.column() + from, g.d() * g.h() * g.w(), g.c(), end - from,
                call.workspace(), to + from * plan.xStep(), plan.xStep());
    }

    /** A block of columns: adds up the sums of all parts, and turns them back. */
    private static void write(CpuCall call, int columnBlock, int worker) {
        ChannelsLastPlan plan = ChannelsLastGemmAlgorithm.plan(call);
        ConvGeometry g = call.geometry();
        float[] scratch = call.workspace();
        int sums = plan.sumsOfPart(threads(call), 0, columnBlock);
        int length = plan.rows() * plan.taps();
        for (int part = 1; part < plan.parts(); part++) {
            plan.simd().add(scratch, plan.sumsOfPart(threads(call), part, columnBlock), scratch, sums, length * plan.columnBlock());
        }
        int sorted = plan.linesOfPart(threads(call), worker);
        sortTaps(call, plan, sums, sorted);
        int column = columnBlock * plan.columnBlock();
        ChannelsLastGemmAlgorithm.write(call, plan.simd(), sorted, plan.columnBlock(), length,
                Math.min(plan.columnBlock(), plan.columns() - column), sorted + length * plan.columnBlock(),
                call.w().offset() + column * length, length);
    }

    /** From taps of the last axis, channels and taps of the others to channels and taps in their order. */
    private static void sortTaps(CpuCall call, ChannelsLastPlan plan, int from, int to) {
        int channels = plan.rows() / plan.mergedTaps();
        for (int row = 0; row < plan.rows(); row++) {
            int s = row / channels;
            for (int tap = 0; tap < plan.taps(); tap++) {
                int sorted = (row % channels * plan.taps() + tap) * plan.mergedTaps() + s;
                System.arraycopy(call.workspace(), from + (row * plan.taps() + tap) * plan.columnBlock(),
                        call.workspace(), to + sorted * plan.columnBlock(), plan.columnBlock());
            }
        }
    }
}
