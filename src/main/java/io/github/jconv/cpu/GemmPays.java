package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;

/**
 * Where a matrix product is worth choosing over the direct sums. The thresholds were measured on one core with 512-bit vectors and
 * with scalar code, on 3x3 to 7x7 filters over maps of 5 to 112: packing a column costs the same for one filter as for many, so
 * few filters per group do not pay it back.
 */
final class GemmPays {

    /** Filters per group from which a product over columns pays with vectors. */
    private static final long FILTERS = 2;
    /** The same without vectors, where the direct loops are nearly as fast as the product. */
    private static final long SCALAR_FILTERS = 4;
    /** The same without vectors for the filter gradient, whose direct sums stay in registers. */
    private static final long SCALAR_GRADIENT_FILTERS = 8;

    private GemmPays() {
    }

    /** For products with the column matrix, or whose result is one. */
    static Support overColumns(ConvRequest request, CpuRuntime runtime) {
        long needed = !runtime.simd().isScalar() ? FILTERS
                : request.operation() == ConvOperation.BACKWARD_FILTER ? SCALAR_GRADIENT_FILTERS : SCALAR_FILTERS;
        long filters = request.problem().filtersPerGroup();
        return Support.when(filters >= needed, "its packing pays from " + needed + " filters per group, and there "
                + (filters == 1 ? "is 1" : "are " + filters));
    }

    /** For products on the tensors as they lie: anything but a product of single numbers with vectors. */
    static Support inPlace(ConvRequest request) {
        ConvProblem problem = request.problem();
        long other = problem.isPointwise() ? problem.channelsPerGroup() : problem.batch();
        return Support.when(Math.max(problem.filtersPerGroup(), other) > 1, "with one filter per group and one "
                + (problem.isPointwise() ? "channel" : "image") + " there is no matrix to multiply");
    }
}
