package io.github.jconv.algorithm;

/** The arithmetic of an algorithm, from which its error bound follows. */
public enum Accuracy {

    /**
     * Sums of the products of the definition, in any order, each product and each addition rounded at most once: exact on small
     * integers, and within {@code gamma(n) * sum |x||w|} otherwise.
     */
    SUM_OF_PRODUCTS
}
