package io.github.jconv.check;

import io.github.jconv.tensor.HostTensor;

/** The elements by the definition: exactly on integers, within the {@link ErrorBound} on reals. */
final class DefinitionExpectation implements Expectation {

    private final ElementSums sums;
    private final ContributingTerms terms;
    private final HostTensor start;
    private final boolean exact;
    private final ErrorBound errorBound;

    /**
     * @param start the values that the sums are added to, or null
     * @param exact whether equality is demanded
     */
    DefinitionExpectation(ElementSums sums, ContributingTerms terms, HostTensor start, boolean exact, ErrorBound errorBound) {
        this.sums = sums;
        this.terms = terms;
        this.start = start;
        this.exact = exact;
        this.errorBound = errorBound;
    }

    @Override
    public int size() {
        return sums.size();
    }

    @Override
    public long index(int i) {
        return sums.index(i);
    }

    @Override
    public double value(int i) {
        return start == null ? sums.sum(i) : sums.sum(i) + start.get(index(i));
    }

    @Override
    public double bound(int i) {
        if (exact) {
            return 0;
        }
        long n = terms.at(index(i));
        return start == null ? errorBound.of(n, sums.absoluteSum(i), value(i))
                : errorBound.withStart(n, sums.absoluteSum(i), start.get(index(i)), value(i));
    }
}
