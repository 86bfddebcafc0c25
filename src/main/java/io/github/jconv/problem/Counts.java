package io.github.jconv.problem;

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
}
