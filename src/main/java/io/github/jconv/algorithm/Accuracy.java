package io.github.jconv.algorithm;

/** The arithmetic of an algorithm, from which its error bound follows. */
public enum Accuracy {

    /**
     * Sums of the products of the definition, in any order, each product and each addition rounded at most once: exact on small
     * integers, and within {@code gamma(n) * sum |x||w|} otherwise.
     */
    SUM_OF_PRODUCTS,

    /**
     * The same with both factors rounded to TF32 (11 significant bits) beforehand: each product is off by up to
     * {@code 2 * 2^-11 + 2^-22} of itself. Exact on integers of up to 2^11. Only on request.
     */
    TF32_PRODUCTS
}
