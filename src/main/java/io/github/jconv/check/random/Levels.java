package io.github.jconv.check.random;

import java.util.SplittableRandom;

/** What random problems differ in. The sizes around 8, 16 and 32 are those of vectors and tiles: there the last one is cut off. */
final class Levels {

    private Levels() {
    }

    enum Dimensions { ONE, TWO, THREE }

    enum Batch {
        ONE, EVEN, ODD;

        long size() {
            return ordinal() + 1L;
        }
    }

    /** How channels are connected; with MULTIPLIER each channel has several filters of its own. */
    enum Grouping { NONE, SEVERAL, DEPTHWISE, MULTIPLIER }

    /** Channels per group, or groups where each has one channel. */
    enum Channels {
        SINGLE(1), FEW(2, 3, 4), PRIME(5, 7, 11), TILE_LESS_ONE(7, 15), TILE(8, 16), TILE_AND_ONE(9, 17);

        private final long[] sizes;

        Channels(long... sizes) {
            this.sizes = sizes;
        }

        long draw(SplittableRandom random) {
            return oneOf(random, sizes);
        }
    }

    /** Taps of the filter. */
    enum Filter {
        POINT(1), EVEN(2, 4), THREE(3), LONG(5, 7);

        private final long[] sizes;

        Filter(long... sizes) {
            this.sizes = sizes;
        }

        long draw(SplittableRandom random) {
            return oneOf(random, sizes);
        }
    }

    /** BEYOND_FILTER leaves inputs out between two windows. */
    enum Stride {
        UNIT, TWO, THREE, BEYOND_FILTER;

        long draw(SplittableRandom random, long extent) {
            return this == BEYOND_FILTER ? Math.max(3, extent + 1 + random.nextInt(2)) : ordinal() + 1L;
        }
    }

    enum Dilation {
        DENSE, TWO, THREE;

        long size() {
            return ordinal() + 1L;
        }
    }

    /** WIDER_THAN_FILTER: whole windows in the padding at the begin; CROPPED: the last inputs are not read. */
    enum Padding { NONE, SYMMETRIC, ASYMMETRIC, WIDER_THAN_FILTER, CROPPED }

    /** Inputs at the end that no window reaches: the output padding of the transposed convolution. */
    enum OutputPadding {
        NONE, ONE, MOST;

        long size(long stride) {
            return this == MOST ? stride - 1 : ordinal();
        }

        boolean isPossible(Stride stride) {
            return this == NONE || stride == Stride.THREE || stride == Stride.BEYOND_FILTER || stride == Stride.TWO && this == ONE;
        }
    }

    /** Outputs of the axis; a LONG axis has narrow ones beside it. */
    enum Outputs {
        FEW(1, 2, 3, 4), PRIME(5, 11, 13), TILE_LESS_ONE(7, 15, 31), TILE(8, 16, 32), TILE_AND_ONE(9, 17, 33), LONG(40, 53, 64);

        private final long[] sizes;

        Outputs(long... sizes) {
            this.sizes = sizes;
        }

        long draw(SplittableRandom random) {
            return oneOf(random, sizes);
        }
    }

    private static long oneOf(SplittableRandom random, long... values) {
        return values[random.nextInt(values.length)];
    }
}
