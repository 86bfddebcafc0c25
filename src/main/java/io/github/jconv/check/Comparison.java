package io.github.jconv.check;

import io.github.jconv.check.report.ElementError;
import io.github.jconv.tensor.HostTensor;
import java.util.stream.IntStream;

/**
 * The elements of an output against what is expected of them.
 *
 * @param elements elements that the output has
 * @param compared elements compared
 * @param wrong    elements outside their bound
 * @param worst    the element with the largest error/bound, or null when all are equal
 * @param ratios   error/bound of each element that had a bound
 */
record Comparison(long elements, long compared, long wrong, ElementError worst, RatioHistogram ratios) {

    static Comparison of(HostTensor output, Expectation expectation) {
        RatioHistogram ratios = new RatioHistogram();
        long wrong = 0;
        double worstRatio = 0;
        int worst = -1;
        for (int i = 0; i < expectation.size(); i++) {
            double bound = expectation.bound(i);
            double ratio = ratio(output.get(expectation.index(i)), expectation.value(i), bound);
            if (bound > 0) {
                ratios.add(ratio);
            }
            if (ratio > 1) {
                wrong++;
            }
            if (ratio > worstRatio) {
                worstRatio = ratio;
                worst = i;
            }
        }
        ElementError error = worst < 0 ? null : new ElementError(expectation.index(worst),
                Positions.of(output.shape(), expectation.index(worst)), output.get(expectation.index(worst)),
                expectation.value(worst), expectation.bound(worst));
        return new Comparison(output.length(), expectation.size(), wrong, error, ratios);
    }

    /** Elements that are to be the same (0.0 equals -0.0), of tensors of the same type, layout and shape. */
    static Comparison ofEqual(HostTensor output, HostTensor expected) {
        return Bits.firstDifference(output, expected) < 0
                ? new Comparison(output.length(), output.length(), 0, null, new RatioHistogram())
                : of(output, new GivenExpectation(expected, i -> 0));
    }

    /**
     * The same for results in which what is not finite spreads: an element that is not finite in the definition must not be finite.
     *
     * @param wherever whether the same holds for every element of which nothing can be said (its bound is infinite)
     */
    static Comparison ofSpread(HostTensor output, Expectation expectation, boolean wherever) {
        HostTensor shown = output.copy();
        for (int i = 0; i < shown.length(); i++) {
            shown.set(i, Double.isFinite(shown.get(i)) ? shown.get(i) : Double.NaN);
        }
        return of(shown, new Expectation() {
            @Override
            public int size() {
                return expectation.size();
            }

            @Override
            public long index(int i) {
                return expectation.index(i);
            }

            @Override
            public double value(int i) {
                return isNotFinite(i) ? Double.NaN : expectation.value(i);
            }

            @Override
            public double bound(int i) {
                return isNotFinite(i) ? 0 : expectation.bound(i);
            }

            private boolean isNotFinite(int i) {
                return wherever && Double.isInfinite(expectation.bound(i)) || !Double.isFinite(expectation.value(i));
            }
        });
    }

    /** The first elements outside their bound, at most {@code limit}. */
    static long[] wrongIndices(HostTensor output, Expectation expectation, int limit) {
        return IntStream.range(0, expectation.size())
                .filter(i -> isWrong(output.get(expectation.index(i)), expectation, i))
                .limit(limit).mapToLong(expectation::index).toArray();
    }

    /** The bound, which may take long to compute, is asked for only where it matters. */
    private static boolean isWrong(double got, Expectation expectation, int i) {
        double expected = expectation.value(i);
        return got != expected && ratio(got, expected, expectation.bound(i)) > 1;
    }

    boolean agrees() {
        return wrong == 0;
    }

    double worstRatio() {
        return worst == null ? 0 : worst.ratio();
    }

    /** As {@code 3 of 1152 elements wrong; the worst: element [0, 1, 2] is ...}. */
    String finding() {
        return wrong + " of " + compared + " elements wrong; the worst: " + worst;
    }

    /** |got - expected| / bound; infinity for a wrong NaN, a wrong infinity, and any difference where equality is demanded. */
    static double ratio(double got, double expected, double bound) {
        if (got == expected || Double.isNaN(got) && Double.isNaN(expected)) {
            return 0;
        }
        double error = Math.abs(got - expected);
        if (bound == Double.POSITIVE_INFINITY) {
            return 0;
        }
        return Double.isNaN(error) || Double.isInfinite(error) || bound == 0 ? Double.POSITIVE_INFINITY : error / bound;
    }
}
