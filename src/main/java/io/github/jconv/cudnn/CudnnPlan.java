package io.github.jconv.cudnn;

import io.github.jconv.problem.ConvGeometry;

/**
 * What a run needs to know. The workspace holds, one after another, the padded copy of x, the copies of x, w and y in 16 bits, and
 * cuDNN's own part.
 *
 * @param shape        the problem in cuDNN's terms
 * @param plane        the padded copy of a plane; null without one
 * @param x            where the copy of x in 16 bits begins; likewise w and y
 * @param library      where cuDNN's part begins
 * @param libraryBytes of that part
 * @param sizes        of the matrices that change their form
 */
record CudnnPlan(CudnnShape shape, ConvGeometry plane, long x, long w, long y, long library, long libraryBytes, Sizes sizes) {

    /** Numbers of x, w and y: images or filters, channels of each, positions or taps of each. */
    record Sizes(long images, long channels, long inputs, long filters, long perGroup, long taps, long outputs) {

        static Sizes of(CudnnShape shape) {
            int[] x = shape.x();
            int[] w = shape.w();
            int[] y = shape.y();
            return new Sizes(x[0], x[1], spatial(x), w[0], w[1], spatial(w), spatial(y));
        }

        private static long spatial(int[] sizes) {
            long product = 1;
            for (int i = 2; i < sizes.length; i++) {
                product *= sizes[i];
            }
            return product;
        }
    }

    /** @param keptFilters whether the copy of w in 16 bits is kept beside w, outside the workspace */
    static CudnnPlan of(CudnnShape shape, long libraryBytes, boolean keptFilters) {
        boolean narrow = shape.isNarrowed();
        long x = shape.copyBytes();
        long w = x + (narrow ? shape.xBytes() : 0);
        long y = w + (narrow && !keptFilters ? shape.wBytes() : 0);
        long library = y + (narrow ? shape.yBytes() : 0);
        return new CudnnPlan(shape, shape.isCopied() ? shape.copyGeometry() : null, x, w, y, library, libraryBytes, Sizes.of(shape));
    }

    long workspaceBytes() {
        return library + libraryBytes;
    }

    boolean isNarrow() {
        return shape.isNarrowed();
    }

    boolean isPadded() {
        return plane != null;
    }
}
