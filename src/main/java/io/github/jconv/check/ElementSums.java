package io.github.jconv.check;


/**
 * The sums of the definition for some output elements, or for all, and where wanted the same sums of absolute values.
 *
 * <p>Computed in parallel: each element on its own, so the values do not depend on the number of threads.
 */
final class ElementSums {

    /** Row-major indices of the elements, or null for all of them. */
    private final long[] indices;
    private final double[] sums;
    private final double[] absoluteSums;

    private ElementSums(long[] indices, double[] sums, double[] absoluteSums) {
        this.indices = indices;
        this.sums = sums;
        this.absoluteSums = absoluteSums;
    }

    /**
     * @param indices      the elements, or null for all
     * @param withAbsolute whether the sums of absolute values are wanted too
     */
    static ElementSums of(Operands operands, long[] indices, boolean withAbsolute) {
        return new ElementSums(indices, definition(operands, indices),
                withAbsolute ? definition(operands.absolute(), indices) : null);
    }

    int size() {
        return sums.length;
    }

    long index(int i) {
        return indices == null ? i : indices[i];
    }

    double sum(int i) {
        return sums[i];
    }

    double absoluteSum(int i) {
        return absoluteSums[i];
    }

    private static double[] definition(Operands operands, long[] indices) {
        int size = indices == null ? Math.toIntExact(operands.outputShape().elements()) : indices.length;
        double[] values = new double[size];
        Operands read = indices == null ? operands.forReading() : operands;
        Parallel.run(size, operands.request().operation().accumulationLength(operands.request().problem()),
                i -> values[i] = read.definitionAt(indices == null ? i : indices[i]));
        return values;
    }
}
