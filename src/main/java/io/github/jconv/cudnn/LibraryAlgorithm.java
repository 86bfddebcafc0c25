package io.github.jconv.cudnn;

import io.github.jconv.problem.ConvOperation;

/**
 * The algorithms of cuDNN by its own names, each with its number for every operation that it exists for, and whether cuDNN
 * documents that its results are the same in every run.
 */
enum LibraryAlgorithm {
    IMPLICIT_PRECOMP_GEMM(1, -1, -1),
    ALGO_1(-1, 1, 1),
    WINOGRAD_NONFUSED(7, 5, 5),
    WINOGRAD(6, 4, 4),
    FFT_TILING(5, 3, 6),
    FFT(4, 2, 2),
    GEMM(2, -1, -1),
    ALGO_3(-1, -1, 3),
    ALGO_0(-1, 0, 0),
    DIRECT(3, -1, -1),
    IMPLICIT_GEMM(0, -1, -1);

    private final int forward;
    private final int backwardData;
    private final int backwardFilter;

    LibraryAlgorithm(int forward, int backwardData, int backwardFilter) {
        this.forward = forward;
        this.backwardData = backwardData;
        this.backwardFilter = backwardFilter;
    }

    /** cuDNN's number; negative where the operation has no such algorithm. */
    int number(ConvOperation operation) {
        return switch (operation) {
            case FORWARD -> forward;
            case BACKWARD_DATA -> backwardData;
            case BACKWARD_FILTER -> backwardFilter;
        };
    }

    /** The two that add up in memory, in whatever order their blocks come. */
    boolean isDeterministic() {
        return this != ALGO_0 && this != ALGO_3;
    }

    /** Whether it computes sums of products, not the product of transforms. */
    boolean addsProducts() {
        return switch (this) {
            case WINOGRAD, WINOGRAD_NONFUSED, FFT, FFT_TILING -> false;
            default -> true;
        };
    }
}
