package io.github.jconv.problem;

import java.math.BigInteger;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Checked products: every count of elements, bytes and operations goes through here, so that none wraps around. */
final class Counts {

    private static final int LISTED = 12;

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
                throw tooLarge(overflow, factors);
            }
        }
        return product;
    }

    /** Requires that a count which the problem implies fits a {@code long}. */
    static void requireCountable(String what, long... factors) {
        try {
            product(factors);
        } catch (InvalidProblemException e) {
            throw new InvalidProblemException(what + ": " + e.getMessage(), e);
        }
    }

    /** The product of two non-negative factors; unlike the one of many it allocates nothing. */
    static long product(long first, long second) {
        try {
            return Math.multiplyExact(first, second);
        } catch (ArithmeticException overflow) {
            throw tooLarge(overflow, first, second);
        }
    }

    private static InvalidProblemException tooLarge(ArithmeticException overflow, long... factors) {
        return new InvalidProblemException(
                "the product " + join(factors) + " is too large; allowed: up to " + Long.MAX_VALUE, overflow);
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
        long looked = Math.min(greatest, 4096);
        List<String> few = LongStream.range(1, looked).filter(divisor -> greatest % divisor == 0).limit(LISTED + 1L)
                .mapToObj(Long::toString).toList();
        boolean more = few.size() > LISTED || looked < greatest;
        return Stream.of(few.stream().limit(LISTED), more ? Stream.of("...") : Stream.<String>of(), Stream.of(greatest + ""))
                .flatMap(part -> part).collect(Collectors.joining(", "));
    }
}
