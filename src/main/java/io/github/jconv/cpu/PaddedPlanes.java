package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.cpu.simd.RowCorrelation;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import java.util.stream.IntStream;

/**
 * Channels of the input with their padding written out, and correlations of them. Unlike {@link ShiftedPlanes} they keep all columns of a
 * row together whatever the stride, so that a row is copied at once.
 *
 * @param lanes what vectors read behind a row
 */
record PaddedPlanes(PaddedAxis depth, PaddedAxis height, PaddedAxis width, int filterHeight, int filterWidth, int lanes) {

    /** Taps of a triple. */
    private static final int THREE = 3;

    static PaddedPlanes of(ConvProblem p, boolean forward, int lanes) {
        return new PaddedPlanes(PaddedAxis.of(p.axis3(0), forward), PaddedAxis.of(p.axis3(1), forward), PaddedAxis.of(p.axis3(2), forward),
                (int) p.axis3(1).filter(), (int) p.axis3(2).filter(), lanes);
    }

    /** Elements from a channel to the next. */
    int length() {
        return depth.length() * height.length() * width.length();
    }

    /** Elements that are read behind the last channel: rows up to the number that is computed at a time, and whole vectors. */
    int slack() {
        return RowCorrelation.ROWS_AT_ONCE * height.stride() * width.length() + 2 * lanes;
    }

    /** Elements of a channel of the input. */
    int inputs() {
        return depth.inputSize() * height.inputSize() * width.inputSize();
    }

    /** Outputs of a channel. */
    int outputs() {
        return depth.outputs() * height.outputs() * width.outputs();
    }

    /** Lays out the channel that begins at {@code channel} where all was zeros, or another channel, before. */
    void load(SimdProvider simd, float[] in, int channel, float[] planes, int at) {
        for (int d = 0; d < depth.inputs(); d++) {
            int from = channel + ((depth.skipped() + d) * height.inputSize() + height.skipped()) * width.inputSize() + width.skipped();
            int to = at + ((depth.from() + d) * height.length() + height.from()) * width.length() + width.from();
            simd.copyRows(in, from, width.inputSize(), 1, planes, to, width.length(), width.inputs(), height.inputs());
        }
    }

    /**
     * The correlation of each depth of the outputs with so many channels.
     *
     * @param filterOfIn elements of w from the filters of an input channel to those of the next
     */
    RowCorrelation[] correlations(int channels, int filterOfIn) {
        RowCorrelation[] all = new RowCorrelation[depth.outputs()];
        for (int z = 0; z < all.length; z++) {
            all[z] = new RowCorrelation(height.outputs(), width.outputs(), width.stride(), height.stride() * width.length(),
                    width.outputs(), tapStep() * height.filterStep() * filterWidth, taps(z, channels, filterOfIn, true),
                    taps(z, channels, filterOfIn, false));
        }
        return all;
    }

    /** Taps along the height from one to the next that meets the same row with the next output; all if there is none. */
    private int tapStep() {
        return height.stride() % height.gap() == 0 ? height.stride() / height.gap() : height.taps();
    }

    /** Weight and shift of the first taps of the triples of depth {@code z}, or of the taps that are in none. */
    private int[] taps(int z, int channels, int filterOfIn, boolean ofTriples) {
        IntStream.Builder taps = IntStream.builder();
        int step = tapStep();
        for (int channel = 0; channel < channels; channel++) {
            for (int t = 0; t < depth.taps(); t++) {
                for (int r = 0; r < height.taps() && depth.hasInput(z, t); r++) {
                    // The number of the tap among those of its remainder, and the whole triples of these.
                    int number = r / step;
                    int triples = ceilDiv(height.taps() - r % step, step) / THREE;
                    boolean wanted = ofTriples ? number % THREE == 0 && number / THREE < triples : number / THREE >= triples;
                    for (int s = 0; s < width.taps() && wanted; s++) {
                        taps.add(channel * filterOfIn + (depth.filter(t) * filterHeight + height.filter(r)) * filterWidth
                                + width.filter(s));
                        taps.add(channel * length() + (z * depth.stride() + t * depth.gap()) * height.length() * width.length()
                                + r * height.gap() * width.length() + s * width.gap());
                    }
                }
            }
        }
        return taps.build().toArray();
    }
}
