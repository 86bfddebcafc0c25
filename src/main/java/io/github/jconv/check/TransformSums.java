package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;

/** What bounds the error of an arithmetic that multiplies transforms, for each of some output elements or for all. */
interface TransformSums {

    /**
     * Null for an arithmetic without such bounds.
     *
     * @param indices row-major indices of the elements, or null for all
     */
    static TransformSums of(Accuracy accuracy, Operands operands, long[] indices) {
        if (accuracy.isWinograd()) {
            return WinogradSums.of(accuracy, operands, indices);
        }
        return accuracy == Accuracy.FOURIER ? new FourierSums(operands, indices) : null;
    }

    /**
     * How far the i-th of the elements may be off; infinite where nothing can be said.
     *
     * @param start       what it is added to, or 0
     * @param accumulated whether it is added to something
     */
    double bound(int i, ErrorBound errorBound, double start, boolean accumulated);

    /** The i-th of the elements of the definition is no larger than this, whatever it is added to. */
    double largest(int i);

    /** Whether the i-th of the elements must be equal if it is one of small integers. */
    default boolean isExact(int i, Accuracy accuracy, ErrorBound errorBound) {
        return false;
    }
}
