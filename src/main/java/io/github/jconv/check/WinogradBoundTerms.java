package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;

/** What bounds the error of a Winograd convolution, for each of some output elements or for all; see {@link ErrorBound#ofWinograd}. */
interface WinogradBoundTerms extends TransformSums {

    /** S of the i-th of the elements. */
    double absoluteSum(int i);

    /** Roundings between the tensors and a result, but for that of a start value: of the transforms, the products and their sums. */
    long roundings();

    /** What is lost in the i-th of the elements, in numbers of the smallest one. */
    double losses(int i);

    @Override
    default double bound(int i, ErrorBound errorBound, double start, boolean accumulated) {
        return errorBound.ofWinograd(roundings(), absoluteSum(i), losses(i), start, accumulated);
    }

    @Override
    default double largest(int i) {
        return absoluteSum(i);
    }

    /** F(2x2, 3x3) multiplies filters by quarters: on integers, all is exact while four times all that is added fits the digits. */
    @Override
    default boolean isExact(int i, Accuracy accuracy, ErrorBound errorBound) {
        return accuracy == Accuracy.WINOGRAD_2X2 && 4 * absoluteSum(i) <= errorBound.largestExact();
    }
}
