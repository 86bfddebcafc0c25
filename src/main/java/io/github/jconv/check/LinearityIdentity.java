package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;

/** {@code f(2a - b, c) = 2 f(a, c) - f(b, c)}, and the same in the second operand, in exact integers. */
final class LinearityIdentity extends Identity {

    /** Elements of 2a - b are up to three times as large as those of a and b. */
    private static final int GROWTH = 3;

    LinearityIdentity() {
        super("linearity");
    }

    @Override
    boolean appliesTo(ConvRequest request) {
        return range(request).density() == 1;
    }

    /** Operands, and combinations of them. */
    private record Combinations(Operands ofAC, Operands ofBC, Operands ofCombinedC, Operands ofAD, Operands ofACombined) {

        static Combinations of(ConvRequest request, long seed) {
            HostTensor a = first(request, seed, 1);
            HostTensor b = first(request, seed, 2);
            HostTensor c = second(request, seed, 3);
            HostTensor d = second(request, seed, 4);
            return new Combinations(operands(request, a, c), operands(request, b, c), operands(request, combined(a, b), c),
                    operands(request, a, d), operands(request, a, combined(c, d)));
        }
    }

    @Override
    Outcome verify(ConvolutionUnderTest subject, RequestContext context) {
        Combinations all = context.shared(Combinations.class, () -> Combinations.of(context.request(), context.seed()));
        HostTensor ofAC = result(subject, context, all.ofAC);
        Outcome inFirst = equal(result(subject, context, all.ofCombinedC), combined(ofAC, result(subject, context, all.ofBC)),
                "f(2a - b, c) and 2 f(a, c) - f(b, c)");
        return inFirst.failed() ? inFirst : equal(result(subject, context, all.ofACombined),
                combined(ofAC, result(subject, context, all.ofAD)), "f(a, 2c - d) and 2 f(a, c) - f(a, d)");
    }

    private static Operands operands(ConvRequest request, HostTensor first, HostTensor second) {
        return switch (request.operation()) {
            case FORWARD -> new Operands(request, first, second, null);
            case BACKWARD_DATA -> new Operands(request, null, second, first);
            case BACKWARD_FILTER -> new Operands(request, first, null, second);
        };
    }

    private static HostTensor first(ConvRequest request, long seed, int role) {
        return fill(request, request.operation() == ConvOperation.BACKWARD_DATA ? request.problem().yShape()
                : request.problem().xShape(), seed, role);
    }

    private static HostTensor second(ConvRequest request, long seed, int role) {
        return fill(request, request.operation() == ConvOperation.BACKWARD_FILTER ? request.problem().yShape()
                : request.problem().wShape(), seed, role);
    }

    private static HostTensor fill(ConvRequest request, TensorShape shape, long seed, int role) {
        return Fills.integers(request.dataType(), request.layout(), shape, Fills.hash(seed, role), range(request).magnitude(), 1);
    }

    private static ExactRange range(ConvRequest request) {
        long terms = request.operation().accumulationLength(request.problem());
        return ExactRange.of(request.dataType(), GROWTH * terms, GROWTH * ExactRange.terms(request, terms));
    }

    private static HostTensor combined(HostTensor a, HostTensor b) {
        HostTensor combined = a.copy();
        for (int i = 0; i < combined.length(); i++) {
            combined.set(i, 2 * a.get(i) - b.get(i));
        }
        return combined;
    }
}
