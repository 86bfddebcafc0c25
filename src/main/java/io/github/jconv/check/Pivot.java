package io.github.jconv.check;

import io.github.jconv.tensor.HostTensor;
import java.util.function.IntToDoubleFunction;

/**
 * The whole output of one subject that agreed with the reference on the sample; the whole outputs of the others are compared with
 * it.
 *
 * @param subject  whose output
 * @param output   its output
 * @param absolute its output on the absolute values of the operands, from which bounds follow; null where equality is demanded
 */
record Pivot(ConvolutionUnderTest subject, HostTensor output, HostTensor absolute) {

    /**
     * Every element of the pivot's output, with a bound for the difference of two outputs that both lie within their bounds of the
     * definition: twice that bound. Its S is taken from the pivot's result on the absolute values.
     *
     * @param start the values that both accumulated onto, or null
     */
    Expectation expectation(ContributingTerms terms, HostTensor start, ErrorBound errorBound) {
        return expectation(i -> 2 * ownBound(i, terms, start, errorBound));
    }

    /** The same for an output of products of transforms, which lies within a bound of its own. */
    Expectation expectation(ContributingTerms terms, HostTensor start, ErrorBound errorBound, TransformSums transforms, boolean exact) {
        return expectation(i -> (exact ? 0 : ownBound(i, terms, start, errorBound))
                + errorBound.asStored(transforms.bound(i, errorBound.ofSums(), start == null ? 0 : start.get(i), start != null),
                        transforms.largest(i) + (start == null ? 0 : Math.abs(start.get(i)))));
    }

    private double ownBound(int i, ContributingTerms terms, HostTensor start, ErrorBound errorBound) {
        if (absolute == null) {
            return 0;
        }
        long n = terms.at(i);
        double s = errorBound.absoluteSumAtMost(n, absolute.get(i));
        return start == null ? errorBound.of(n, s, s) : errorBound.withStart(n, s, start.get(i), s + Math.abs(start.get(i)));
    }

    private Expectation expectation(IntToDoubleFunction bounds) {
        return new GivenExpectation(output, bounds);
    }
}
