package io.github.jconv.check;

import io.github.jconv.tensor.HostTensor;

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
        return new Expectation() {
            @Override
            public int size() {
                return output.length();
            }

            @Override
            public long index(int i) {
                return i;
            }

            @Override
            public double value(int i) {
                return output.get(i);
            }

            @Override
            public double bound(int i) {
                if (absolute == null) {
                    return 0;
                }
                long n = terms.at(i);
                double s = errorBound.absoluteSumAtMost(n, absolute.get(i));
                return start == null ? 2 * errorBound.of(n, s, s)
                        : 2 * errorBound.withStart(n, s, start.get(i), s + Math.abs(start.get(i)));
            }
        };
    }
}
