package io.github.jconv.cuda;

import io.github.jconv.tensor.DataType;

/**
 * How scratch memory is divided.
 *
 * @param chunkBytes what a chunk of intermediate results may take
 */
record Scratch(long chunkBytes) {

    /**
     * Less than half of the second-level cache of a large GPU (60 MB), so that what one kernel writes the next one finds there.
     */
    static final Scratch OF_A_CACHE = new Scratch(24L << 20);

    private static final long ALIGNMENT = 256;

    /** Bytes of an fp32 region, rounded up so that the next one begins aligned. */
    static long floats(long elements) {
        return bytes(DataType.FLOAT32, elements);
    }

    /** The same of a region of a type. */
    static long bytes(DataType type, long elements) {
        return (elements * type.bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Elements of a chunk of a type. */
    long chunk(DataType type) {
        return chunkBytes / type.bytes();
    }

    /** How many of {@code count} things of {@code bytesEach} bytes are done at once: as fit a chunk, but one at least. */
    long atOnce(long count, long bytesEach) {
        return Math.max(1, Math.min(count, chunkBytes / bytesEach));
    }
}
