package io.github.jconv.cpu;

import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.FourierTransforms;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * The transforms of {@link FourierAlgorithm} on all axes, of as many signals as there are lanes: from a tensor to frequencies and back.
 * Frequency {@code (kw, kd, kh)} is the row {@code (kw * depths + kd) * heights + kh}. The width comes first, because it alone has to be
 * turned around so that signals lie side by side; between the axes points lie in the slab, {@code [kw][depth][height]}.
 */
final class SignalTransforms {

    private static final int LANES = FourierTransforms.LANES;

    private SignalTransforms() {
    }

    /**
     * @param to        where the real parts of the first frequency go in {@code dst}
     * @param toImaginary from there to the imaginary parts
     * @param row       from one frequency to the next
     */
    static void forward(CpuCall call, FourierPlan plan, Of of, FourierLanes lanes, float[] dst, int to, int toImaginary, int row,
                        int worker) {
        float[] memory = call.workspace();
        int depths = plan.axes[0].length;
        int heights = plan.axes[1].length;
        boolean flat = depths * heights == 1;
        int slab = plan.slab(worker);
        int slabHeight = plan.slabHeight;
        int slabImaginary = plan.slabImaginary;
        for (int depth = 0; depth < depths; depth++) {
            for (int height = 0; height < heights; height++) {
                if (flat) {
                    rowForward(call, plan, of, lanes, 0, 0, dst, to, to + toImaginary, row, worker);
                } else {
                    int at = slab + (depth * slabHeight + height) * LANES;
                    rowForward(call, plan, of, lanes, depth, height, memory, at, at + slabImaginary, depths * slabHeight * LANES, worker);
                }
            }
        }
        boolean last = depths == 1;
        for (int plane = 0; heights > 1 && plane < plan.frequencies / heights; plane++) {
            int at = slab + plane * slabHeight * LANES;
            int out = last ? to + plane * heights * row : at;
            plan.lengths[1].transform(plan.loops, memory, at, at + slabImaginary, LANES, last ? dst : memory, out,
                    out + (last ? toImaginary : slabImaginary), last ? row : LANES, memory, plan.temporary(worker));
        }
        for (int column = 0; depths > 1 && column < plan.frequencies / depths; column++) {
            int at = slab + (column / heights * depths * slabHeight + column % heights) * LANES;
            int out = to + (column / heights * depths * heights + column % heights) * row;
            plan.lengths[0].transform(plan.loops, memory, at, at + slabImaginary, slabHeight * LANES, dst, out, out + toImaginary,
                    heights * row, memory, plan.temporary(worker));
        }
    }

    /** The row of each lane's signal at a depth and a height of its tile, zeros included. */
    private static void rowForward(CpuCall call, FourierPlan plan, Of of, FourierLanes lanes, int depth, int height, float[] dst, int re,
                                   int im, int step, int worker) {
        float[] memory = call.workspace();
        int half = plan.lengths[2].length;
        if (!gather(call, plan, of, lanes, depth, height, plan.row(worker, 0))) {
            for (int k = 0; k <= half; k++) {
                Arrays.fill(dst, re + k * step, re + k * step + LANES, 0);
                Arrays.fill(dst, im + k * step, im + k * step + LANES, 0);
            }
            return;
        }
        int sideBySide = plan.row(worker, 1);
        int transformed = plan.row(worker, 2);
        int imaginary = half * LANES;
        plan.loops.interleave(half, memory, plan.row(worker, 0), 2 * half, memory, sideBySide, sideBySide + imaginary);
        plan.lengths[2].transform(plan.loops, memory, sideBySide, sideBySide + imaginary, LANES, memory, transformed,
                transformed + imaginary, LANES, memory, plan.temporary(worker));
        plan.loops.untangle(half, memory, transformed, transformed + imaginary, LANES, dst, re, im, step, plan.untangling, 0);
    }

    /** Copies the row of each lane to a row of its own; whether there was any. */
    private static boolean gather(CpuCall call, FourierPlan plan, Of of, FourierLanes lanes, int depth, int height, int to) {
        HostTensor tensor = of.tensor(call);
        float[] memory = call.workspace();
        FourierAxis axis = plan.axes[2];
        int length = axis.length;
        boolean any = false;
        for (int lane = 0; lane < lanes.count && !any; lane++) {
            any = row(plan, of, lanes, lane, depth, height) >= 0;
        }
        if (!any) {
            return false;
        }
        for (int lane = 0; lane < LANES; lane++) {
            int at = to + lane * length;
            int row = lane < lanes.count ? row(plan, of, lanes, lane, depth, height) : -1;
            int first = axis.first(of, lanes.tileWidth[lane]);
            int count = row < 0 ? 0 : axis.end(of, lanes.tileWidth[lane]) - first;
            int begin = axis.position(of, lanes.tileWidth[lane], first);
            int from = tensor.offset() + row + first;
            if (count > 0 && axis.scale(of) == 1 && begin + count <= length) {
                Arrays.fill(memory, at, at + begin, 0);
                System.arraycopy(tensor.floats(), from, memory, at + begin, count);
                Arrays.fill(memory, at + begin + count, at + length, 0);
            } else {
                Arrays.fill(memory, at, at + length, 0);
                for (int i = 0, position = begin; i < count; i++) {
                    memory[at + position] = tensor.floats()[from + i];
                    position += axis.scale(of);
                    position -= position < length ? 0 : length;
                }
            }
        }
        return true;
    }

    /** Where in the tensor the row of a lane's signal begins that lies at a depth and a height of its tile, or -1 where there are zeros. */
    private static int row(FourierPlan plan, Of of, FourierLanes lanes, int lane, int depth, int height) {
        int d = plan.elements(of, 0)[lanes.tileDepth[lane] * plan.axes[0].length + depth];
        int h = plan.elements(of, 1)[lanes.tileHeight[lane] * plan.axes[1].length + height];
        return d < 0 || h < 0 ? -1 : lanes.channel[lane] + (d * plan.axes[1].size(of) + h) * plan.axes[2].size(of);
    }

    /**
     * From frequencies to the output, which is overwritten or added to.
     *
     * @param from        where the real parts of the first frequency are
     * @param toImaginary from there to the imaginary parts
     * @param row         from one frequency to the next
     */
    static void back(CpuCall call, FourierPlan plan, FourierLanes lanes, int from, int toImaginary, int row, int worker) {
        float[] memory = call.workspace();
        int depths = plan.axes[0].length;
        int heights = plan.axes[1].length;
        int slab = plan.slab(worker);
        int slabHeight = plan.slabHeight;
        int slabImaginary = plan.slabImaginary;
        for (int column = 0; depths > 1 && column < plan.frequencies / depths; column++) {
            int at = from + (column / heights * depths * heights + column % heights) * row;
            int out = slab + (column / heights * depths * slabHeight + column % heights) * LANES;
            plan.lengths[0].transform(plan.loops, memory, at + toImaginary, at, heights * row, memory, out + slabImaginary, out,
                    slabHeight * LANES, memory, plan.temporary(worker));
        }
        boolean first = depths == 1;
        for (int plane = 0; heights > 1 && plane < plan.frequencies / heights; plane++) {
            int out = slab + plane * slabHeight * LANES;
            int at = first ? from + plane * heights * row : out;
            plan.lengths[1].transform(plan.loops, memory, at + (first ? toImaginary : slabImaginary), at, first ? row : LANES, memory,
                    out + slabImaginary, out, LANES, memory, plan.temporary(worker));
        }
        for (int depth = 0; depth < depths; depth++) {
            for (int height = 0; height < heights; height++) {
                if (depths * heights == 1) {
                    rowBack(call, plan, lanes, 0, 0, from, from + toImaginary, row, worker);
                } else {
                    int at = slab + (depth * slabHeight + height) * LANES;
                    rowBack(call, plan, lanes, depth, height, at, at + slabImaginary, depths * slabHeight * LANES, worker);
                }
            }
        }
    }

    private static void rowBack(CpuCall call, FourierPlan plan, FourierLanes lanes, int depth, int height, int re, int im, int step,
                                int worker) {
        boolean any = false;
        for (int lane = 0; lane < lanes.count && !any; lane++) {
            any = row(plan, plan.out, lanes, lane, depth, height) >= 0;
        }
        if (!any) {
            return;
        }
        float[] memory = call.workspace();
        int half = plan.lengths[2].length;
        int tangled = plan.row(worker, 1);
        int sideBySide = plan.row(worker, 2);
        int imaginary = half * LANES;
        plan.loops.tangle(half, memory, re, im, step, memory, tangled, tangled + imaginary, LANES, plan.untangling, 0);
        plan.lengths[2].transform(plan.loops, memory, tangled + imaginary, tangled, LANES, memory, sideBySide + imaginary, sideBySide,
                LANES, memory, plan.temporary(worker));
        plan.loops.separate(half, plan.factor, memory, sideBySide, sideBySide + imaginary, memory, plan.row(worker, 0), 2 * half);
        for (int lane = 0; lane < lanes.count; lane++) {
            int row = row(plan, plan.out, lanes, lane, depth, height);
            if (row >= 0) {
                store(call, plan, lanes.tileWidth[lane], plan.row(worker, 0) + lane * 2 * half, row);
            }
        }
    }

    private static void store(CpuCall call, FourierPlan plan, int tile, int from, int row) {
        HostTensor out = plan.out.tensor(call);
        float[] memory = call.workspace();
        FourierAxis axis = plan.axes[2];
        int first = axis.first(plan.out, tile);
        int count = axis.end(plan.out, tile) - first;
        int begin = axis.position(plan.out, tile, first);
        int to = out.offset() + row + first;
        if (!call.accumulate() && axis.scale(plan.out) == 1 && begin + count <= axis.length) {
            System.arraycopy(memory, from + begin, out.floats(), to, count);
            return;
        }
        for (int i = 0, position = begin; i < count; i++) {
            float value = memory[from + position];
            out.floats()[to + i] = call.accumulate() ? out.floats()[to + i] + value : value;
            position += axis.scale(plan.out);
            position -= position < axis.length ? 0 : axis.length;
        }
    }
}
