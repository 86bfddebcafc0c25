package io.github.jconv.cuda;

/** How scratch memory is divided. */
final class Scratch {

    /**
     * What a chunk of intermediate results may take: less than half of the second-level cache of a large GPU, so that what one
     * kernel writes the next one finds there.
     */
    static final long CHUNK_BYTES = 24L << 20;

    private static final long ALIGNMENT = 256;

    private Scratch() {
    }

    /** Bytes of an fp32 region, rounded up so that the next one begins aligned. */
    static long floats(long elements) {
        return (elements * Float.BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** How many of {@code count} things of {@code elementsEach} fp32 numbers are done at once: as fit a chunk, but one at least. */
    static long atOnce(long count, long elementsEach) {
        return Math.max(1, Math.min(count, CHUNK_BYTES / Float.BYTES / elementsEach));
    }
}
