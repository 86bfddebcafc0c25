package io.github.jconv.cpu;

/** How sizes, 0 and up, are cut into blocks of 1 and up. */
final class Cuts {

    private Cuts() {
    }

    /** Blocks of so many elements that hold all of them. */
    static int ceilDiv(int size, int block) {
        return (int) (((long) size + block - 1) / block);
    }

    /** The same for more elements. */
    static long ceilDiv(long size, long block) {
        return (size + block - 1) / block;
    }

    /** The elements of whole blocks that hold all. */
    static int wholes(int size, int block) {
        return ceilDiv(size, block) * block;
    }

    /** The same for more elements. */
    static long wholes(long size, long block) {
        return ceilDiv(size, block) * block;
    }

    /** The elements of whole blocks that hold all, an odd number of them: rows a power of two apart would share few places of a cache. */
    static int oddWholes(int size, int block) {
        return (ceilDiv(size, block) | 1) * block;
    }

    /** Elements of a block, but for the last: as few blocks of up to {@code most} elements as can be, all about alike. */
    static int evenBlock(int size, int most) {
        return partOf(size, Math.max(1, ceilDiv(size, Math.max(1, most))));
    }

    /** Elements of one of so many parts, but for the last; at least 1. */
    static int partOf(int size, int parts) {
        return Math.max(1, ceilDiv(size, parts));
    }

    /**
     * Elements of a block, but for the last, for which the slowest of some threads finishes first.
     *
     * @param others   how many such things are cut alike, whose blocks the threads share as well
     * @param most     elements of a block, at most
     * @param overhead what a block costs beside its elements, in elements
     * @param more     so many blocks more than necessary may share the work more evenly; beyond it no longer pays
     */
    static int sharedBlock(long others, int size, int most, double overhead, int threads, int more) {
        int fewest = Math.max(1, ceilDiv(size, Math.max(1, most)));
        int best = 1;
        double bestTime = Double.MAX_VALUE;
        for (int blocks = fewest; blocks <= fewest + more; blocks++) {
            int block = partOf(size, blocks);
            double time = ceilDiv(others * ceilDiv(size, block), threads) * (block + overhead);
            if (time < bestTime) {
                bestTime = time;
                best = block;
            }
        }
        return best;
    }
}
