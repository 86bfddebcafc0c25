package io.github.jconv.cpu;

import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;

/**
 * Where the positions of a convolution with one tap lie in a channel of its input or output: side by side, or in rows of every
 * {@code step}-th element.
 *
 * @param channelSize elements from one channel to the next
 * @param count       positions of a channel
 * @param rowLength   positions of a row
 * @param step        elements from one position of a row to the next
 * @param rows        where each row begins
 */
record PositionGrid(int channelSize, int count, int rowLength, int step, int[] rows) {

    static PositionGrid dense(int count) {
        return new PositionGrid(count, count, Math.max(1, count), 1, new int[1]);
    }

    /** The inputs that the positions of y see. */
    static PositionGrid ofInput(ConvGeometry g) {
        int count = g.z() * g.p() * g.q();
        if (g.strideD() == 1 && g.strideH() == 1 && g.strideW() == 1) {
            return dense(count);
        }
        int[] rows = new int[g.z() * g.p()];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = (row / g.p() * g.strideD() * g.h() + row % g.p() * g.strideH()) * g.w();
        }
        return new PositionGrid(g.d() * g.h() * g.w(), count, g.q(), g.strideW(), rows);
    }

    boolean isDense() {
        return channelSize == count;
    }

    /** Where a position lies in its channel. */
    int at(int position) {
        return rows[position / rowLength] + position % rowLength * step;
    }

    /**
     * Copies positions {@code [from, to)} of several channels, in order: of channel k to {@code dstAt + k * dstStep}. Up to
     * {@code lanes - 1} elements behind each take arbitrary values.
     */
    void copyChannels(SimdProvider simd, float[] src, int channel, int channels, int from, int to, float[] dst, int dstAt, int dstStep) {
        // What is written behind a row of one channel must not meet an earlier row of the next.
        int atOnce = to - from <= rowLength - from % rowLength || dstStep >= to - from + simd.lanes() ? channels : 1;
        for (int first = 0; first < channels; first += atOnce) {
            copyRows(simd, src, channel + first * channelSize, atOnce, from, to, dst, dstAt + first * dstStep, dstStep);
        }
    }

    private void copyRows(SimdProvider simd, float[] src, int channel, int channels, int from, int to, float[] dst, int dstAt, int dstStep) {
        for (int position = from; position < to; ) {
            int length = Math.min(rowLength - position % rowLength, to - position);
            int source = channel + at(position);
            if (step == 1) {
                simd.copyRuns(src, source, channelSize, dst, dstAt + position - from, dstStep, length, channels);
            } else {
                simd.copyRows(src, source, channelSize, step, dst, dstAt + position - from, dstStep, length, channels);
            }
            position += length;
        }
    }

    /** Reads positions {@code [from, to)} of one channel into an array. */
    void read(float[] src, int channel, int from, int to, float[] dst, int dstAt) {
        if (isDense()) {
            System.arraycopy(src, channel + from, dst, dstAt, to - from);
            return;
        }
        for (int position = from; position < to; position++) {
            dst[dstAt + position - from] = src[channel + at(position)];
        }
    }

    /** Writes positions {@code [from, to)} of one channel from an array. */
    void write(float[] src, int srcAt, float[] dst, int channel, int from, int to) {
        if (isDense()) {
            System.arraycopy(src, srcAt, dst, channel + from, to - from);
            return;
        }
        for (int position = from; position < to; ) {
            int length = Math.min(rowLength - position % rowLength, to - position);
            int target = channel + at(position);
            for (int i = 0; i < length; i++) {
                dst[target + i * step] = src[srcAt + position - from + i];
            }
            position += length;
        }
    }

    /**
     * Reads positions {@code [from, to)} of several channels, turned around: those of one position lie side by side, and what is behind
     * them takes arbitrary values.
     */
    void readTurned(SimdProvider simd, float[] src, int channel, int channels, int from, int to, float[] dst, int dstAt, int dstStep) {
        if (isDense()) {
            simd.transpose(src, channel + from, channelSize, channels, to - from, dst, dstAt, dstStep);
            return;
        }
        for (int position = from; position < to; position++) {
            int source = channel + at(position);
            int target = dstAt + (position - from) * dstStep;
            for (int c = 0; c < channels; c++) {
                dst[target + c] = src[source + c * channelSize];
            }
        }
    }

    /** Writes positions {@code [from, to)} of several channels from an array in which those of one position lie side by side. */
    void writeTurned(SimdProvider simd, float[] src, int srcAt, int srcStep, float[] dst, int channel, int channels, int from, int to) {
        if (isDense()) {
            // Vectors would write behind what does not fill them: over other positions, or other channels.
            int vectors = (to - from) / simd.lanes() * simd.lanes();
            simd.transpose(src, srcAt, srcStep, vectors, channels, dst, channel + from, channelSize);
            Transposition.transpose(to - from - vectors, channels, src, srcAt + vectors * srcStep, srcStep, dst, channel + from + vectors,
                    channelSize);
            return;
        }
        for (int position = from; position < to; position++) {
            int source = srcAt + (position - from) * srcStep;
            int target = channel + at(position);
            for (int c = 0; c < channels; c++) {
                dst[target + c * channelSize] = src[source + c];
            }
        }
    }
}
