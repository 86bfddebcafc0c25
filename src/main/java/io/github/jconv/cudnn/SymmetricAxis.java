package io.github.jconv.cudnn;

import io.github.jconv.problem.SpatialAxis;

/**
 * An axis as cuDNN can be told of it, which knows one padding for both ends: that padding, and what is first added to the ends of
 * the input (or cropped from them, where it is negative) in a copy.
 *
 * <p>No copy is needed where the padding at the begin, taken for both ends, gives the same number of outputs: then the same
 * positions are read, and what an end padding adds beyond them is read by no output.
 *
 * @param padding on both ends
 * @param before  positions that the copy has more than the input, in front
 * @param after   likewise behind
 */
record SymmetricAxis(long padding, long before, long after) {

    static SymmetricAxis of(SpatialAxis axis) {
        long begin = axis.padBegin();
        if (begin >= 0 && outputs(axis, 2 * begin) == axis.output()) {
            return new SymmetricAxis(begin, 0, 0);
        }
        long common = Math.max(0, Math.min(begin, axis.padEnd()));
        return new SymmetricAxis(common, begin - common, axis.padEnd() - common);
    }

    /** Size of the copy, or of the input itself when nothing is added. */
    long size(SpatialAxis axis) {
        return axis.input() + before + after;
    }

    boolean needsCopy() {
        return before != 0 || after != 0;
    }

    private static long outputs(SpatialAxis axis, long padding) {
        long reach = axis.input() + padding - axis.extent();
        return reach < 0 ? 0 : reach / axis.stride() + 1;
    }
}
