package io.github.jconv.algorithm;

/**
 * What an algorithm makes of NaN and infinite elements. Whatever the algorithm, nothing is hidden: an output whose sum in the
 * definition contains a NaN, or infinities that do not agree, is NaN; one that contains an infinity is not finite.
 */
public enum NonFinite {

    /** Exactly the outputs that the definition names: padding contributes nothing, not zero times infinity. */
    AS_DEFINED,

    /**
     * Padding, or zeros inserted between elements, take part in the arithmetic as the number 0. A NaN or an infinity that meets
     * one gives NaN where the definition has a finite output. It can only come from the tensor that slides over the padded one:
     * w in FORWARD and BACKWARD_DATA, dy in BACKWARD_FILTER. While that one is finite, the outputs are those of the definition.
     */
    ZEROS_TAKE_PART,

    /**
     * Elements are mixed with others, or taken apart, before they are multiplied: outputs become NaN or infinite where the definition has
     * finite ones (with Winograd, those of the same tile), and NaN where it has infinities. One that is not finite in the definition never
     * comes out finite. Finite elements so large that their mixture overflows, which may be some hundred times as large as they are, do
     * the same.
     */
    SPREADS
}
