package io.github.jconv.check;

import io.github.jconv.check.report.ErrorDistribution;
import java.util.ArrayList;
import java.util.List;

/** Counts error/bound ratios in factors of two, for {@link ErrorDistribution}. */
final class RatioHistogram {

    /** The bits of a double behind those of its sign and exponent. */
    private static final long FRACTION = (1L << 52) - 1;

    private long exact;
    private final long[] counts = new long[ErrorDistribution.BUCKETS];

    void add(double ratio) {
        if (ratio == 0) {
            exact++;
        } else {
            counts[bucket(ratio)]++;
        }
    }

    void add(ErrorDistribution other) {
        exact += other.exact();
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts().get(i);
        }
    }

    ErrorDistribution distribution() {
        List<Long> list = new ArrayList<>();
        for (long count : counts) {
            list.add(count);
        }
        return new ErrorDistribution(exact, list);
    }

    private static int bucket(double ratio) {
        if (!(ratio <= 1)) {
            return ErrorDistribution.BUCKETS - 1;
        }
        // The exponent of the upper end of (2^(e-1), 2^e]: a power of two is the upper end of its own bucket.
        int exponent = Math.getExponent(ratio);
        boolean power = (Double.doubleToRawLongBits(ratio) & FRACTION) == 0;
        int upper = power ? exponent : exponent + 1;
        return Math.max(0, ErrorDistribution.FACTORS - 1 + upper);
    }
}
