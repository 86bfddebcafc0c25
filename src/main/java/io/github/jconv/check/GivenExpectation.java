package io.github.jconv.check;

import io.github.jconv.tensor.HostTensor;
import java.util.function.IntToDoubleFunction;

/** Every element of a given result, each with a bound. */
record GivenExpectation(HostTensor expected, IntToDoubleFunction bounds) implements Expectation {

    @Override
    public int size() {
        return expected.length();
    }

    @Override
    public long index(int i) {
        return i;
    }

    @Override
    public double value(int i) {
        return expected.get(i);
    }

    @Override
    public double bound(int i) {
        return bounds.applyAsDouble(i);
    }
}
