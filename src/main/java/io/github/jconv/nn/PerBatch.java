package io.github.jconv.nn;

import java.util.Arrays;
import java.util.function.LongFunction;

/** One value for each batch size seen, made at first sight; a later look-up allocates nothing. */
final class PerBatch<T> {

    private final LongFunction<T> make;
    private long[] batches = new long[0];
    private Object[] values = new Object[0];

    PerBatch(LongFunction<T> make) {
        this.make = make;
    }

    @SuppressWarnings("unchecked") // only make's results are stored
    T get(long batch) {
        for (int i = 0; i < batches.length; i++) {
            if (batches[i] == batch) {
                return (T) values[i];
            }
        }
        T made = make.apply(batch);
        batches = Arrays.copyOf(batches, batches.length + 1);
        values = Arrays.copyOf(values, values.length + 1);
        batches[batches.length - 1] = batch;
        values[values.length - 1] = made;
        return made;
    }

    /** All values made so far. */
    @SuppressWarnings("unchecked")
    Iterable<T> all() {
        return (Iterable<T>) Arrays.asList(values);
    }
}
