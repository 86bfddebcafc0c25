package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;

/**
 * How large integers may be, and how many of them may differ from zero, so that every sum of their products is exact in any order:
 * {@code terms * magnitude^2 + magnitude <= 2^24} (fp32; {@code 2^53} for fp64), the last summand being a start value.
 *
 * <p>The magnitude is 32 where the sums are short, and less where they are long, down to 2; sums of more than four million terms
 * get zeros strewn into one operand: the number of nonzero terms stays below the limit with ten standard deviations to spare.
 *
 * @param magnitude largest absolute value of an element
 * @param density   share of nonzero elements in the first operand
 */
record ExactRange(int magnitude, double density) {

    private static final int LARGEST = 32;
    private static final int SMALLEST = 2;

    static ExactRange of(ConvRequest request) {
        return of(new ContributingTerms(request).most(), DataKind.largestExact(request.dataType()));
    }

    static ExactRange of(long terms, double largestExact) {
        for (int magnitude = LARGEST; magnitude >= SMALLEST; magnitude--) {
            if (terms <= longest(magnitude, largestExact)) {
                return new ExactRange(magnitude, 1);
            }
        }
        double longest = longest(SMALLEST, largestExact);
        return new ExactRange(SMALLEST, (longest - 10 * Math.sqrt(longest)) / terms);
    }

    /** The longest sum of products that is exact, a start value included. */
    private static double longest(int magnitude, double largestExact) {
        return (largestExact - magnitude) / magnitude / magnitude;
    }
}
