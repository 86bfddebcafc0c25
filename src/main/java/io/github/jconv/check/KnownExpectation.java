package io.github.jconv.check;

/**
 * Values and bounds that were computed once, for all subjects that they are the same for.
 *
 * @param indices row-major indices of the elements, or null for all
 */
record KnownExpectation(long[] indices, double[] values, double[] bounds) implements Expectation {

    /** @param indices those of the other expectation, or null where it is of all elements */
    static KnownExpectation of(Expectation other, long[] indices) {
        double[] values = new double[other.size()];
        double[] bounds = new double[other.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = other.value(i);
            bounds[i] = other.bound(i);
        }
        return new KnownExpectation(indices, values, bounds);
    }

    @Override
    public int size() {
        return values.length;
    }

    @Override
    public long index(int i) {
        return indices == null ? i : indices[i];
    }

    @Override
    public double value(int i) {
        return values[i];
    }

    @Override
    public double bound(int i) {
        return bounds[i];
    }
}
