package io.github.jconv.algorithm;

/** The arithmetic of an algorithm, from which its error bound follows. */
public enum Accuracy {

    /**
     * Sums of the products of the definition, in any order, each product and each addition rounded at most once: exact on small
     * integers, and within {@code gamma(n) * sum |x||w|} otherwise.
     */
    SUM_OF_PRODUCTS,

    /**
     * The same with both factors brought to TF32 (11 significant bits) beforehand, by rounding or by leaving bits out: each product is
     * off by less than {@code 2 * 2^-10 + 2^-20} of itself. Exact on integers of up to 2^11. Only on request.
     */
    TF32_PRODUCTS,

    /**
     * Products of transforms (Winograd, Fourier): an element's error depends on elements far from those that it is the sum of, so only
     * the norm of all errors together is bounded, relative to the norm of the results. Not exact on integers.
     */
    TRANSFORMED
}
