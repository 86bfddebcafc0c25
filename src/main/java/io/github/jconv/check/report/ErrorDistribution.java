package io.github.jconv.check.report;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How the error/bound of single elements is distributed, in factors of two.
 *
 * @param exact  elements without any error
 * @param counts bucket i counts the ratios in {@code (2^(i-FACTORS), 2^(i-FACTORS+1)]}: the last but one ends at 1, the last holds
 *               everything above 1, and the first everything below its upper end
 */
public record ErrorDistribution(long exact, List<Long> counts) {

    /** Factors of two below 1 that have a bucket. */
    public static final int FACTORS = 24;

    /** Buckets in all. */
    public static final int BUCKETS = FACTORS + 1;

    public ErrorDistribution {
        counts = List.copyOf(counts);
        if (counts.size() != BUCKETS) {
            throw new IllegalArgumentException("counts has " + counts.size() + " buckets; allowed: " + BUCKETS);
        }
    }

    /** The elements of both. */
    public ErrorDistribution plus(ErrorDistribution other) {
        return new ErrorDistribution(exact + other.exact,
                IntStream.range(0, BUCKETS).mapToObj(i -> counts.get(i) + other.counts.get(i)).toList());
    }

    /** Elements in all. */
    public long elements() {
        return exact + counts.stream().mapToLong(Long::longValue).sum();
    }

    /** Elements with an error/bound up to {@code 2^exponent}, those without any error among them; the exponent is 1 - FACTORS to 0. */
    public long upTo(int exponent) {
        if (exponent < 1 - FACTORS || exponent > 0) {
            throw new IllegalArgumentException("exponent is " + exponent + "; allowed: " + (1 - FACTORS) + "..0");
        }
        return exact + counts.subList(0, FACTORS + exponent).stream().mapToLong(Long::longValue).sum();
    }

    /** Elements outside their bound. */
    public long outside() {
        return counts.get(BUCKETS - 1);
    }
}
