package io.github.jconv.check;

/** What bounds the error of a Winograd convolution, for each of some output elements or for all; see {@link ErrorBound#ofWinograd}. */
interface WinogradBoundTerms {

    /** S of the i-th of the elements. */
    double absoluteSum(int i);

    /** Roundings between the tensors and a result, but for that of a start value: of the transforms, the products and their sums. */
    long roundings();

    /** What is lost in the i-th of the elements, in numbers of the smallest one. */
    double losses(int i);
}
