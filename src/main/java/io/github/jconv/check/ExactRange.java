package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;

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
        return of(terms(request, new ContributingTerms(request).most()), DataKind.largestExact(request.dataType()));
    }

    /**
     * The terms of a sum of products, or of one that adds as much: Winograd's F(2x2, 3x3) adds, for each of the channels, up to
     * 256 times the largest product, counted in the quarters that its filters are multiples of: on both axes
     * {@code max over rows of |A^T| of sum |A^T| * (2 |G| 1) * (|B^T| 1) = 1 * 2 * 2 + 1 * 3 * 2 + 1 * 3 * 2 = 16}.
     */
    static long terms(ConvRequest request, long ofDefinition) {
        ConvProblem problem = request.problem();
        boolean threeByThree = problem.axis3(0).filter() == 1 && isThree(problem.axis3(1)) && isThree(problem.axis3(2));
        return switch (request.operation()) {
            case FORWARD -> threeByThree ? Math.max(ofDefinition, 256 * problem.channelsPerGroup()) : ofDefinition;
            case BACKWARD_DATA -> threeByThree ? Math.max(ofDefinition, 256 * problem.filtersPerGroup()) : ofDefinition;
            case BACKWARD_FILTER -> ofDefinition;
        };
    }

    private static boolean isThree(SpatialAxis axis) {
        return axis.filter() == 3 && axis.stride() == 1 && axis.dilation() == 1;
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
