package io.github.jconv.cuda;

/** What a block of threads computes at once in {@code kernels/tensor_tiles.h}: filters times 128 positions, or products. */
enum TensorTile {
    NARROW(64),
    WIDE(128);

    static final int THREADS = 256;

    private static final int COLUMNS = 128;

    /** In words of 32 bits, as all sizes of tiles. */
    private static final int STEP = 16;

    private static final int PADDED_STEP = STEP + 4;
    private static final int PADDED_COLUMNS = COLUMNS + 8;

    /** sizeof(Product) of the wider variant. */
    private static final int PRODUCT_BYTES = 24;

    /** Of where a product's element lies in w, likewise. */
    private static final int FILTER_ELEMENT_BYTES = Long.BYTES;

    private final int filters;

    TensorTile(int filters) {
        this.filters = filters;
    }

    /** The one that wastes no half of itself. */
    static TensorTile of(long filtersPerGroup) {
        return filtersPerGroup > NARROW.filters ? WIDE : NARROW;
    }

    /** How many cover a matrix of so many columns for each group. */
    long blocks(long groups, long filtersPerGroup, long columns) {
        return groups * ((filtersPerGroup + filters - 1) / filters) * ((columns + COLUMNS - 1) / COLUMNS);
    }

    /** sizeof(Tiles): two buffers of w and of the source, and the products of two steps. */
    int sharedBytesOfGemm(TensorArithmetic arithmetic) {
        return 2 * (filters * PADDED_STEP + STEP * PADDED_COLUMNS) * Integer.BYTES
                + 2 * STEP * arithmetic.perWord() * (PRODUCT_BYTES + FILTER_ELEMENT_BYTES);
    }

    /** sizeof(FilterTiles): two buffers of dy and x, and the products of all columns. */
    int sharedBytesOfFilter() {
        return 2 * (filters + COLUMNS) * PADDED_STEP * Integer.BYTES + COLUMNS * PRODUCT_BYTES;
    }

    /** The positions of a part of a filter gradient are a multiple of those of a step. */
    static long wholeSteps(TensorArithmetic arithmetic, long positions) {
        long step = (long) STEP * arithmetic.perWord();
        return (positions + step - 1) / step * step;
    }
}
