package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.problem.ConvGeometry;
import java.util.Arrays;

/** The second half of {@link Col2imGemmAlgorithm}: each element of a box of one channel of dx gathers its columns. */
final class ColumnSums {

    private ColumnSums() {
    }

    /**
     * @param columns where in the workspace the columns of the channel begin
     * @param sums    where in the workspace there is room for sums
     * @param channel number of the channel among those of all images
     */
    static void gather(CpuCall call, Col2imPlan plan, int box, int columns, int sums, int channel) {
        ConvGeometry g = call.geometry();
        Col2imPlan.Axis depth = plan.axes()[0];
        Col2imPlan.Axis height = plan.axes()[1];
        Col2imPlan.Axis width = plan.axes()[2];
        int block = box / width.blocks() / height.blocks();
        int dx = call.x().offset() + channel * depth.size() * height.size() * width.size();
        for (int j = depth.first(block); j < depth.end(block); j++) {
            for (int residue = 0; residue < depth.stride() && j * depth.stride() + residue < depth.size(); residue++) {
                AxisWalk walk = depth.walks()[residue];
                int plane = dx + (j * depth.stride() + residue) * height.size() * width.size();
                int from = walk == null ? 0 : firstTap(walk, j, depth.positions());
                int to = walk == null ? 0 : endTap(walk, j, depth.positions());
                int at = walk == null ? columns : columns + walk.filterBegin * g.r() * g.s() * plan.columnRow()
                        + (walk.in(j, 0) - depth.from()[block]) * height.reach() * width.reach();
                gatherPlane(call, plan, box, at, sums, from, to, plane);
            }
        }
    }

    /** The rows of one depth, a class of rows after the other and some rows at a time. */
    private static void gatherPlane(CpuCall call, Col2imPlan plan, int box, int columns, int sums, int fromPlane, int toPlane, int plane) {
        Col2imPlan.Axis height = plan.axes()[1];
        Col2imPlan.Axis width = plan.axes()[2];
        int block = box / width.blocks() % height.blocks();
        for (int residue = 0; residue < height.stride(); residue++) {
            AxisWalk walk = height.walks()[residue];
            int end = Math.min(height.end(block), ceilDiv(height.size() - residue, height.stride()));
            for (int j = height.first(block); j < end; j += plan.rowChunk()) {
                int rows = Math.min(plan.rowChunk(), end - j);
                gatherRows(call, plan, box, walk, j, rows, columns, sums, fromPlane, toPlane,
                        plane + (j * height.stride() + residue) * width.size());
            }
        }
    }

    /** Rows of one class. Where two classes of the width alternate they are merged, otherwise each is written by itself. */
    private static void gatherRows(CpuCall call, Col2imPlan plan, int box, AxisWalk rowWalk, int firstRow, int rows, int columns, int sums,
                                   int fromPlane, int toPlane, int dx) {
        Col2imPlan.Axis height = plan.axes()[1];
        Col2imPlan.Axis width = plan.axes()[2];
        int block = box % width.blocks();
        int first = width.first(block) * width.stride();
        int length = Math.min(width.size(), width.end(block) * width.stride()) - first;
        int step = height.stride() * width.size();
        boolean merged = width.stride() == 2 && !call.accumulate();
        int other = sums + plan.rowChunk() * plan.pitch();
        for (int residue = 0; residue < Math.min(width.stride(), length); residue++) {
            AxisWalk walk = width.walks()[residue];
            int count = ceilDiv(length - residue, width.stride());
            int to = merged && residue == 1 ? other : sums;
            if (rowWalk == null || walk == null || fromPlane == toPlane) {
                clear(call.workspace(), to, plan.pitch(), count, rows);
            } else {
                sumRows(call, plan, box, rowWalk, walk, firstRow, rows, columns, to, fromPlane, toPlane, count);
            }
            if (!merged) {
                write(call.workspace(), to, plan.pitch(), call.x().floats(), dx + first + residue, step, width.stride(), count, rows,
                        call.accumulate());
            }
        }
        if (merged) {
            plan.simd().mergeRows(call.workspace(), sums, other, plan.pitch(), call.x().floats(), dx + first, step, length, rows);
        }
    }

    /** Rows of one class of rows and of the width; those at the edges meet fewer taps. */
    private static void sumRows(CpuCall call, Col2imPlan plan, int box, AxisWalk rowWalk, AxisWalk walk, int firstRow, int rows, int columns,
                                int sums, int fromPlane, int toPlane, int count) {
        Col2imPlan.Axis height = plan.axes()[1];
        int block = box / plan.axes()[2].blocks() % height.blocks();
        int at = columns + (rowWalk.filterBegin * call.geometry().s() + walk.filterBegin) * plan.columnRow()
                + (rowWalk.in(firstRow, 0) - height.from()[block]) * plan.axes()[2].reach();
        int row = 0;
        while (row < rows) {
            int from = firstTap(rowWalk, firstRow + row, height.positions());
            int to = endTap(rowWalk, firstRow + row, height.positions());
            int end = row + 1;
            while (end < rows && firstTap(rowWalk, firstRow + end, height.positions()) == from
                    && endTap(rowWalk, firstRow + end, height.positions()) == to) {
                end++;
            }
            if (from == to) {
                clear(call.workspace(), sums + row * plan.pitch(), plan.pitch(), count, end - row);
            } else {
                sumTaps(call, plan, box, walk, fromPlane, toPlane, from, to, at + row * plan.axes()[2].reach(), sums + row * plan.pitch(),
                        count, end - row);
            }
            row = end;
        }
    }

    /** Rows that meet the same taps, in ascending order of these. */
    private static void sumTaps(CpuCall call, Col2imPlan plan, int box, AxisWalk walk, int fromPlane, int toPlane, int fromRow, int toRow,
                                int columns, int sums, int count, int rows) {
        Col2imPlan.Axis width = plan.axes()[2];
        int block = box % width.blocks();
        int first = walk.inBegin + width.first(block) - width.from()[block];
        boolean add = false;
        for (int t = fromPlane; t < toPlane; t++) {
            for (int r = fromRow; r < toRow; r++) {
                for (int s = 0; s < walk.taps; s++) {
                    int at = columns + t * plan.planeStep() + r * plan.rowStep() + s * walk.filterStep * plan.columnRow();
                    plan.simd().placeRows(add, call.workspace(), at, width.reach(), first + s * walk.tapShift, plan.inside()[block],
                            call.workspace(), sums, plan.pitch(), count, rows);
                    add = true;
                }
            }
        }
    }

    private static void clear(float[] sums, int at, int pitch, int count, int rows) {
        for (int row = 0; row < rows; row++) {
            Arrays.fill(sums, at + row * pitch, at + row * pitch + count, 0);
        }
    }

    private static void write(float[] sums, int at, int pitch, float[] dx, int to, int rowStep, int step, int count, int rows,
                              boolean accumulate) {
        for (int row = 0; row < rows; row++) {
            int from = at + row * pitch;
            int target = to + row * rowStep;
            if (accumulate) {
                for (int i = 0; i < count; i++) {
                    dx[target + i * step] += sums[from + i];
                }
            } else if (step == 1) {
                System.arraycopy(sums, from, dx, target, count);
            } else {
                for (int i = 0; i < count; i++) {
                    dx[target + i * step] = sums[from + i];
                }
            }
        }
    }

    /** The first tap that meets a position at number {@code j}, or as many as there are; taps meet lower positions in ascending order. */
    private static int firstTap(AxisWalk walk, int j, int positions) {
        int beyond = walk.inBegin + j - positions + 1;
        return beyond <= 0 ? 0 : Math.min(walk.taps, (beyond - walk.tapShift - 1) / -walk.tapShift);
    }

    /** One more than the last tap that meets a position at number {@code j}, at least {@link #firstTap}. */
    private static int endTap(AxisWalk walk, int j, int positions) {
        int in = walk.inBegin + j;
        return Math.max(firstTap(walk, j, positions), in < 0 ? 0 : Math.min(walk.taps, in / -walk.tapShift + 1));
    }
}
