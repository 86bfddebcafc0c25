package io.github.jconv.peers;

import io.github.jconv.check.ErrorBound;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;

/**
 * Whether two libraries computed the same. Either result lies within its {@link ErrorBound} of the exact sum of n products, so two of
 * them lie within twice the bound of each other. The sum of the absolute products that the bound needs is computed by one of the
 * others in fp32; its terms are positive, so it is off by at most a share of {@code gamma(n)}, which is added.
 *
 * <p>An algorithm that does not sum the products of the definition (Winograd's, Fourier's) has another bound of its own; with sums as
 * long as those that it is used for, its errors stay far below the worst case of a plain sum as well.
 */
final class Agreement {

    private static final ErrorBound FP32 = ErrorBound.of(DataType.FLOAT32);

    private final long terms;
    private final HostTensor absoluteSums;

    private Agreement(long terms, HostTensor absoluteSums) {
        this.terms = terms;
        this.absoluteSums = absoluteSums;
    }

    static Agreement of(LayerData data, ConvOperation pass, Contender absoluteSums, int threads) {
        try (Contender.Ready ready = absoluteSums.prepare(data.absolute(), pass, threads)) {
            return new Agreement(data.operation(pass).accumulationLength(data.entry().problem()), ready.result());
        }
    }

    /** @throws IllegalStateException naming the element where they differ by more than rounding explains */
    void require(String name, HostTensor one, String otherName, HostTensor other) {
        double share = 1 + 2 * FP32.gamma(terms + 1);
        for (int i = 0; i < one.length(); i++) {
            double bound = 2 * FP32.of(terms, share * absoluteSums.get(i), other.get(i));
            // Written so that a value that is not a number disagrees.
            if (!(Math.abs(one.get(i) - other.get(i)) <= bound)) {
                throw new IllegalStateException("element " + i + " is " + one.get(i) + " from " + name + " and " + other.get(i)
                        + " from " + otherName + "; rounding explains a difference of " + bound);
            }
        }
    }
}
