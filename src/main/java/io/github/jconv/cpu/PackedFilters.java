package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.cpu.simd.SimdProvider;
import java.util.Arrays;

/** Packs filters into tiles, or panels, of {@code width} output channels side by side, with zeros behind those that there are. */
final class PackedFilters {

    /** Input channels that are turned around at a time. */
    private static final int TURNED = 128;

    private PackedFilters() {
    }

    /** A whole tile of filters whose input channels follow one another, {@code outputStep} elements from one output channel to the next. */
    static void turn(float[] w, int at, int outputStep, int outputs, int depth, float[] packed, int to, int width) {
        // A part at a time: what is written in several passes stays in a first-level cache meanwhile.
        for (int k = 0; k < depth; k += TURNED) {
            Transposition.transpose(outputs, Math.min(TURNED, depth - k), w, at + k, outputStep, packed, to + k * width, width);
        }
        fill(packed, to, width, outputs, 0, depth);
    }

    /** Input channels {@code [k, end)} of a tile of filters whose output channels follow one another. */
    static void copy(SimdProvider simd, float[] w, int at, int channelStep, int outputs, int k, int end, float[] packed, int to, int width) {
        copyRows(simd, k, end, end, w, at, channelStep, packed, to, width, outputs);
        fill(packed, to, width, outputs, k, end);
    }

    private static void fill(float[] packed, int to, int width, int outputs, int k, int end) {
        for (int channel = k; outputs < width && channel < end; channel++) {
            Arrays.fill(packed, to + channel * width + outputs, to + (channel + 1) * width, 0);
        }
    }

    /** Rows {@code [from, to)} of so many that lie side by side; others may fill what lies behind the last. */
    static void copyRows(SimdProvider simd, int from, int to, int rows, float[] src, int srcAt, int srcStep, float[] dst, int dstAt,
                         int width, int length) {
        // Vectors write behind what they copy: not behind the last row.
        int loose = Math.max(from, Math.min(to, rows - ceilDiv(simd.lanes(), width)));
        simd.copyRuns(src, srcAt + from * srcStep, srcStep, dst, dstAt + from * width, width, length, loose - from);
        for (int row = loose; row < to; row++) {
            for (int i = 0; i < length; i++) {
                dst[dstAt + row * width + i] = src[srcAt + row * srcStep + i];
            }
        }
    }
}
