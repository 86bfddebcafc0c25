package io.github.jconv.cpu;

import io.github.jconv.cpu.simd.SimdProvider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Columns of the column matrix of a convolution whose outputs are as many as its inputs along height and width, with steps of 1: a tap then
 * leads from each position to one a constant further on, all rows and depths alike, or beyond an edge, where there is padding. A piece of a
 * row of the column matrix thus is a piece of a channel as it lies, but for elements that are blanked out, the same ones for all channels:
 *
 * <pre>
 *   columns[channel, tap][position] = inside(position, tap) ? in[channel][position + shift(tap)] : 0
 * </pre>
 *
 * The columns are cut into vectors, across the ends of images, too: such a vector is put together from a piece of each.
 */
final class FlatTaps {

    private final int lanes;
    private final int[] shifts;

    /** For each vector the first of its pieces; one more for the end. */
    private final int[] pieceAt;

    /** For each piece its image, and where the first lane lies in the input. */
    private final int[] imageOf;
    private final int[] base;

    /** For each piece and tap where the lanes that are kept stand in {@code kept}. */
    private final int[] keptAt;

    /** -1 for each lane that is kept, and 0. */
    private final int[] kept;

    private FlatTaps(int lanes, int[] shifts, int[] pieceAt, int[] imageOf, int[] base, int[] keptAt, int[] kept) {
        this.lanes = lanes;
        this.shifts = shifts;
        this.pieceAt = pieceAt;
        this.imageOf = imageOf;
        this.base = base;
        this.keptAt = keptAt;
        this.kept = kept;
    }

    /** Whether a tap of such a walk leads from each output to the input a constant further on. */
    static boolean isFlat(AxisWalk walk, int inSize) {
        return walk.inStep == 1 && walk.outStep == 1 && walk.count == inSize;
    }

    /**
     * The columns of some positions of each of some images, one behind the other.
     *
     * @param first     the first position, and how many
     * @param imageStep elements of the input from one image to the next
     */
    static FlatTaps of(AxisWalk depth, AxisWalk height, AxisWalk width, int first, int positions, int images, int imageStep, int lanes) {
        int taps = depth.taps * height.taps * width.taps;
        int[] shifts = new int[taps];
        for (int tap = 0; tap < taps; tap++) {
            shifts[tap] = (depth.in(0, tap / width.taps / height.taps) * height.count + height.in(0, tap / width.taps % height.taps))
                    * width.count + width.in(0, tap % width.taps);
        }
        List<Integer> pieceAt = new ArrayList<>();
        List<Integer> imageOf = new ArrayList<>();
        List<Integer> base = new ArrayList<>();
        List<Integer> keptAt = new ArrayList<>();
        Map<Long, Integer> known = new LinkedHashMap<>();
        int columns = images * positions;
        for (int column = 0; column < columns; column += lanes) {
            pieceAt.add(base.size());
            for (int image = column / positions; image <= (Math.min(columns, column + lanes) - 1) / positions; image++) {
                imageOf.add(image);
                base.add(image * imageStep + first + column - image * positions);
                long[] inside = new long[taps];
                for (int i = 0; i < lanes; i++) {
                    int position = column + i - image * positions;
                    if (position >= 0 && position < positions) {
                        markInside(depth, height, width, first + position, 1L << i, inside);
                    }
                }
                for (long mask : inside) {
                    Integer place = known.putIfAbsent(mask, known.size() * lanes);
                    keptAt.add(place == null ? (known.size() - 1) * lanes : place);
                }
            }
        }
        pieceAt.add(base.size());
        return new FlatTaps(lanes, shifts, ints(pieceAt), ints(imageOf), ints(base), ints(keptAt),
                known.keySet().stream().flatMapToInt(mask -> IntStream.range(0, lanes).map(i -> -(int) (mask >> i & 1))).toArray());
    }

    /** Sets the bit of a position for all taps that lead from it to the inside. */
    private static void markInside(AxisWalk depth, AxisWalk height, AxisWalk width, int position, long bit, long[] inside) {
        int w = position % width.count;
        int h = position / width.count % height.count;
        int d = position / width.count / height.count;
        for (int t = 0; t < depth.taps; t++) {
            for (int r = 0; r < height.taps && depth.inside(d, t); r++) {
                for (int s = 0; s < width.taps && height.inside(h, r); s++) {
                    if (width.inside(w, s)) {
                        inside[(t * height.taps + r) * width.taps + s] |= bit;
                    }
                }
            }
        }
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(i -> i).toArray();
    }

    /**
     * Writes one or two vectors of columns of some channels, row after row of the column matrix.
     *
     * @param vector      the first vector
     * @param vectors     how many, which is also how long a row becomes
     * @param images      images that there are
     * @param in          the input, of which the first of the channels begins at {@code channel} in the first image
     * @param channelStep elements from one channel to the next
     */
    void pack(SimdProvider simd, int vector, int vectors, int images, float[] in, int channel, int channelStep, int channels, float[] panel,
              int panelAt) {
        int width = vectors * lanes;
        int step = shifts.length * width;
        boolean pair = vectors == 2 && pieceAt[vector + 2] - pieceAt[vector] == 2 && imageOf[pieceAt[vector] + 1] == imageOf[pieceAt[vector]];
        for (int tap = 0; tap < shifts.length; tap++) {
            int to = panelAt + tap * width;
            if (pair) {
                int piece = pieceAt[vector];
                simd.copyKept(2, false, in, channel + base[piece] + shifts[tap], channelStep, kept, keptAt[piece * shifts.length + tap],
                        keptAt[(piece + 1) * shifts.length + tap], panel, to, step, channels);
                continue;
            }
            for (int v = vector; v < vector + vectors; v++) {
                for (int piece = pieceAt[v]; piece < pieceAt[v + 1] && imageOf[piece] < images; piece++) {
                    int mask = keptAt[piece * shifts.length + tap];
                    simd.copyKept(1, piece > pieceAt[v], in, channel + base[piece] + shifts[tap], channelStep, kept, mask, mask,
                            panel, to + (v - vector) * lanes, step, channels);
                }
            }
        }
    }
}
