package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/** A 1x1 convolution is a matrix product per image and group: {@code y = w x}, {@code dx = w^T dy}, {@code dw = dy x^T}. */
final class PointwiseIdentity extends Identity {

    PointwiseIdentity() {
        super("1x1 is a matrix product");
    }

    @Override
    boolean appliesTo(ConvRequest request) {
        return request.problem().isPointwise();
    }

    /** The operands and their matrix product. */
    private record Product(Operands operands, HostTensor expected) {

        static Product of(ConvRequest request, long seed) {
            Operands operands = DataKind.INTEGERS.operands(request, seed);
            HostTensor expected = HostTensor.zeros(request.dataType(), request.layout(), operands.outputShape());
            for (long n = 0; n < request.problem().batch(); n++) {
                for (long g = 0; g < request.problem().groups(); g++) {
                    addProduct(operands, expected, n, g);
                }
            }
            return new Product(operands, expected);
        }
    }

    @Override
    Outcome verify(ConvolutionUnderTest subject, RequestContext context) {
        Product product = context.shared(Product.class, () -> Product.of(context.request(), context.seed()));
        return equal(result(subject, context, product.operands), product.expected, "the convolution and the matrix product");
    }

    private static void addProduct(Operands operands, HostTensor expected, long n, long g) {
        ConvProblem p = operands.request().problem();
        long positions = p.inputPositions();
        long firstOfX = (n * p.inputChannels() + g * p.channelsPerGroup()) * positions;
        long firstOfY = (n * p.outputChannels() + g * p.filtersPerGroup()) * positions;
        long firstOfW = g * p.filtersPerGroup() * p.channelsPerGroup();
        for (long k = 0; k < p.filtersPerGroup(); k++) {
            for (long c = 0; c < p.channelsPerGroup(); c++) {
                long w = firstOfW + k * p.channelsPerGroup() + c;
                for (long i = 0; i < positions; i++) {
                    long x = firstOfX + c * positions + i;
                    long y = firstOfY + k * positions + i;
                    switch (operands.request().operation()) {
                        case FORWARD -> add(expected, y, operands.w().get(w) * operands.x().get(x));
                        case BACKWARD_DATA -> add(expected, x, operands.w().get(w) * operands.y().get(y));
                        case BACKWARD_FILTER -> add(expected, w, operands.y().get(y) * operands.x().get(x));
                    }
                }
            }
        }
    }

    private static void add(HostTensor tensor, long index, double value) {
        tensor.set(index, tensor.get(index) + value);
    }
}
