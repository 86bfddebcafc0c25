package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;

/**
 * How large integers may be, and how many of them may differ from zero, so that every sum of their products is exact in any order:
 * {@code terms * magnitude^2 + magnitude <= 2^24} (fp32; {@code 2^53} for fp64), the last summand being a start value. In types of 16
 * bits results must be numbers of the type, too: {@code 2^11} for fp16, {@code 2^8} for bfloat16.
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

    /** Where sums may be as small as in the types of 16 bits, 2 would leave too few terms. */
    private static final double FEW = 0x1p12;

    /** All integers up to this are numbers of both types of 16 bits. */
    private static final int LARGEST_OPERAND = 255;

    private static final double LARGEST_FLOAT16 = 65504;

    static ExactRange of(ConvRequest request) {
        long most = new ContributingTerms(request).most();
        return of(request.dataType(), most, terms(request, most));
    }

    /**
     * @param results terms of the definition: for types of 16 bits, every result must be a number of the type
     * @param sums    the same, or more where an algorithm adds more: sums must be exact in the type that they are formed in
     */
    static ExactRange of(DataType type, long results, long sums) {
        ExactRange ofSums = of(sums, DataKind.largestExact(type.computedIn()));
        if (!type.isNarrow()) {
            return ofSums;
        }
        ExactRange ofResults = of(results, DataKind.largestExact(type));
        return new ExactRange(Math.min(ofSums.magnitude, ofResults.magnitude), Math.min(ofSums.density, ofResults.density));
    }

    /**
     * How large integers may be in a type of 16 bits if sums are to be exact in fp32 and finite in the type, but rounded to be stored. The
     * second holds with so much to spare that no seed meets an exception: by W. Hoeffding's inequality, with n terms of random signs,
     * |sum| exceeds {@code 12 sqrt(n) magnitude^2} with a probability of {@code 2 exp(-72)}.
     */
    static int beforeRounding(ConvRequest request) {
        long most = Math.max(1, new ContributingTerms(request).most());
        double largest = request.dataType() == DataType.FLOAT16 ? LARGEST_FLOAT16 : DataKind.largestExact(DataType.FLOAT32);
        double exact = DataKind.largestExact(DataType.FLOAT32);
        int magnitude = LARGEST_OPERAND;
        while (magnitude > 1 && (terms(request, most) > longest(magnitude, exact) || 12 * Math.sqrt(most) * magnitude * magnitude > largest)) {
            magnitude--;
        }
        return magnitude;
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
        int smallest = largestExact < FEW ? 1 : SMALLEST;
        for (int magnitude = LARGEST; magnitude >= smallest; magnitude--) {
            if (terms <= longest(magnitude, largestExact)) {
                return new ExactRange(magnitude, 1);
            }
        }
        double longest = longest(smallest, largestExact);
        return new ExactRange(smallest, (longest - 10 * Math.sqrt(longest)) / terms);
    }

    /** The longest sum of products that is exact, a start value included. */
    private static double longest(int magnitude, double largestExact) {
        return (largestExact - magnitude) / magnitude / magnitude;
    }
}
