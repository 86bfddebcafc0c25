package io.github.jconv.algorithm;

/** The arithmetic of an algorithm, from which its error bound follows. */
public enum Accuracy {

    /**
     * Sums of the products of the definition, in any order, each product and each addition rounded at most once: exact on small
     * integers, and within {@code gamma(n) * sum |x||w|} otherwise.
     */
    SUM_OF_PRODUCTS,

    /**
     * The same on operands of 16 bits, as tensor cores compute it: products are exact in fp32, and an addition may cut off where others
     * round, so that it is off by twice as much. Exact on small integers, as long as sums stay below 2^24.
     */
    TENSOR_CORE_SUMS,

    /**
     * The same with both factors brought to TF32 (11 significant bits) beforehand, by rounding or by leaving bits out: each product is
     * off by less than {@code 2 * 2^-10 + 2^-20} of itself. Exact on integers of up to 2^11. Only on request.
     */
    TF32_PRODUCTS,

    /**
     * Products of fp32 factors made of three products in TF32, as {@code x = x' + x''} to within 2^-23 of x, and {@code x'' w''} is left out:
     * each is off by less than {@code 2^-21 + 2^-33} of itself. Tensor cores add up a few, and fp32 the rest. Exact on integers of up to
     * 2^11. Only on request.
     */
    THREE_TF32_PRODUCTS,

    /**
     * As TF32_PRODUCTS with both factors rounded to fp16 (11 significant bits, up to 65504), and results of fp32. Exact on integers of up
     * to 2^11. Only on request.
     */
    FP16_FACTORS,

    /** The same with bfloat16 (8 significant bits): exact on integers of up to 2^8. Only on request. */
    BF16_FACTORS,

    /**
     * The same with both factors and the result rounded to fp16 (11 significant bits, up to 65504). Exact on integers of up to 2^11 but
     * for the result's rounding. Only on request.
     */
    FP16_PRODUCTS,

    /** The same with bfloat16 (8 significant bits): exact on integers of up to 2^8 but for the result's rounding. Only on request. */
    BF16_PRODUCTS,

    /**
     * Winograd's F(2x2, 3x3) with the points 0, 1, -1 and infinity, its tiles beginning at output 0: sums of the products of the
     * definition with others that cancel. Each element has a bound of its own, about 10 times as wide; exact on integers as long as
     * {@code 256 * channels * max|x| * max|w|} stays below 2^24.
     */
    WINOGRAD_2X2,

    /**
     * The same for F(4x4, 3x3) with the points 0, 1, -1, 2, -2 and infinity, and for its derivative by the filter. Each element has a
     * bound of its own, some hundred times as wide as that of a sum of products; not exact on integers.
     */
    WINOGRAD_4X4,

    /**
     * Fourier transforms of tiles, of which there are 2^dimensions at each place at most, with lengths that are products of 2, 3 and 5
     * and up to twice what the whole axis needs, by passes of radix 2 to 5. An error depends on elements far from those that an element
     * is the sum of, but is bounded for each element: by the norms of all that its channels contain. Not exact on integers.
     */
    FOURIER,

    /**
     * Products of transforms of other kinds (a library's Fourier transforms, or Winograd without a description of its points): an
     * element's error depends on elements far from those that it is the sum of, so only the norm of all errors together is bounded,
     * relative to the norm of the results. Not exact on integers.
     */
    TRANSFORMED;

    /** Whether it multiplies what the definition multiplies, in the type of the tensors: what a strict user wants, and nothing else. */
    public boolean isStrict() {
        return this == SUM_OF_PRODUCTS || this == TENSOR_CORE_SUMS;
    }

    /** Whether it multiplies transforms from which bounds of single elements are derived. */
    public boolean hasTransforms() {
        return isWinograd() || this == FOURIER;
    }

    /** Whether what it multiplies is made of factors by adding: of infinite ones then NaN is made. */
    public boolean makesNanOfInfinities() {
        return hasTransforms() || this == THREE_TF32_PRODUCTS;
    }

    /** Whether it is one of the two of Winograd, whose errors come from a tile. */
    public boolean isWinograd() {
        return this == WINOGRAD_2X2 || this == WINOGRAD_4X4;
    }
}
