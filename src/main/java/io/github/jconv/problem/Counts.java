package io.github.jconv.problem;

import java.math.BigInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Checked products: every count of elements, bytes and operations goes through here, so that none wraps around. */
final class Counts {

    private Counts() {
    }

    /**
     * The product of non-negative factors.
     *
     * @throws InvalidProblemException when it exceeds {@code Long.MAX_VALUE}
     */
    static long product(long... factors) {
        long product = 1;
        boolean zero = false;
        for (long factor : factors) {
            zero |= factor == 0;
        }
        if (zero) {
            return 0;
        }
        for (long factor : factors) {
            try {
                product = Math.multiplyExact(product, factor);
            } catch (ArithmeticException overflow) {
                throw new InvalidProblemException(
                        "the product " + join(factors) + " exceeds " + Long.MAX_VALUE + ": the problem is too large", overflow);
            }
        }
        return product;
    }

    private static String join(long[] factors) {
        var text = new StringBuilder();
        for (long factor : factors) {
            text.append(text.isEmpty() ? "" : " * ").append(factor);
        }
        return text.toString();
    }

    /** The numbers that divide both, for a message: the first dozen and the largest. */
    static String commonDivisors(long first, long second) {
        long greatest = BigInteger.valueOf(first).gcd(BigInteger.valueOf(second)).longValueExact();
        String few = LongStream.range(1, Math.min(greatest, 4096)).filter(divisor -> greatest % divisor == 0).limit(12)
                .mapToObj(divisor -> divisor + ", ").collect(Collectors.joining());
        return few + (greatest > 4096 ? "..., " : "") + greatest;
    }
}
