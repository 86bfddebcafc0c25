package io.github.jconv.check;

/** What some elements of an output should be, and how far from it they may lie. */
interface Expectation {

    /** How many elements are expected. */
    int size();

    /** The row-major index in the output of expected element {@code i}. */
    long index(int i);

    /** The value by the definition, in fp64. */
    double value(int i);

    /** The largest distance allowed; 0 demands equality (0.0 equals -0.0). */
    double bound(int i);
}
