package io.github.jconv.cuda;

/** What a block of threads computes at once in {@code kernels/tensor_tiles.h}: filters times 128 positions, or products. */
enum TensorTile {
    NARROW(64, KernelName.TENSOR_GEMM_TF32_64, KernelName.TENSOR_GEMM_TF32X3_64, KernelName.TENSOR_FILTER_TF32_64,
            KernelName.TENSOR_FILTER_TF32X3_64),
    WIDE(128, KernelName.TENSOR_GEMM_TF32_128, KernelName.TENSOR_GEMM_TF32X3_128, KernelName.TENSOR_FILTER_TF32_128,
            KernelName.TENSOR_FILTER_TF32X3_128);

    static final int THREADS = 256;

    private static final int COLUMNS = 128;
    private static final int STEP = 16;
    private static final int PADDED_STEP = STEP + 4;
    private static final int PADDED_COLUMNS = COLUMNS + 8;

    /** sizeof(Product) of the wider variant. */
    private static final int PRODUCT_BYTES = 24;

    /** Of where a product's element lies in w, likewise. */
    private static final int FILTER_ELEMENT_BYTES = Long.BYTES;

    private final int filters;
    private final KernelName gemm;
    private final KernelName gemmOfThree;
    private final KernelName filter;
    private final KernelName filterOfThree;

    TensorTile(int filters, KernelName gemm, KernelName gemmOfThree, KernelName filter, KernelName filterOfThree) {
        this.filters = filters;
        this.gemm = gemm;
        this.gemmOfThree = gemmOfThree;
        this.filter = filter;
        this.filterOfThree = filterOfThree;
    }

    /** The one that wastes no half of itself. */
    static TensorTile of(long filtersPerGroup) {
        return filtersPerGroup > NARROW.filters ? WIDE : NARROW;
    }

    KernelName gemm(boolean threeProducts) {
        return threeProducts ? gemmOfThree : gemm;
    }

    KernelName filter(boolean threeProducts) {
        return threeProducts ? filterOfThree : filter;
    }

    /** How many cover a matrix of so many columns for each group. */
    long blocks(long groups, long filtersPerGroup, long columns) {
        return groups * ((filtersPerGroup + filters - 1) / filters) * ((columns + COLUMNS - 1) / COLUMNS);
    }

    /** sizeof(Tiles): two buffers of w and of the source, and the products of two steps. */
    int sharedBytesOfGemm() {
        return 2 * (filters * PADDED_STEP + STEP * PADDED_COLUMNS) * Float.BYTES + 2 * STEP * (PRODUCT_BYTES + FILTER_ELEMENT_BYTES);
    }

    /** sizeof(FilterTiles): two buffers of dy and x, and the products of all columns. */
    int sharedBytesOfFilter() {
        return 2 * (filters + COLUMNS) * PADDED_STEP * Float.BYTES + COLUMNS * PRODUCT_BYTES;
    }

    /** The positions of a part of a filter gradient are a multiple of this. */
    static long wholeSteps(long positions) {
        return (positions + STEP - 1) / STEP * STEP;
    }
}
