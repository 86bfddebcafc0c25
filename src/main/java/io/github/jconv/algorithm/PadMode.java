package io.github.jconv.algorithm;

/** What stands outside the input. In one dimension, for the input {@code a b c d} padded by two on both sides. */
public enum PadMode {
    /** {@code 0 0 a b c d 0 0}. */
    ZERO,
    /** {@code c b a b c d c b}: the padding must be smaller than the input. */
    REFLECT,
    /** {@code a a a b c d d d}. */
    REPLICATE,
    /** {@code c d a b c d a b}: the padding must not be larger than the input. */
    CIRCULAR;

    /** The input position that stands at {@code position} (which may lie outside {@code [0, input)}), or -1 for a zero. */
    public long source(long position, long input) {
        if (position >= 0 && position < input) {
            return position;
        }
        return switch (this) {
            case ZERO -> -1;
            case REFLECT -> position < 0 ? -position : 2 * (input - 1) - position;
            case REPLICATE -> position < 0 ? 0 : input - 1;
            case CIRCULAR -> position < 0 ? position + input : position - input;
        };
    }

    /** How far the rule reaches outside an input of this size. */
    public long limit(long input) {
        return switch (this) {
            case ZERO, REPLICATE -> Integer.MAX_VALUE;
            case REFLECT -> input - 1;
            case CIRCULAR -> input;
        };
    }
}
