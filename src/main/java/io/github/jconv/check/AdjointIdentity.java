package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.stream.IntStream;

/**
 * {@code <forward(x, w), dy> = <x, backwardData(dy, w)> = <w, backwardFilter(x, dy)>}: the gradients are the adjoints of the
 * forward, in exact integers.
 */
final class AdjointIdentity extends Identity {

    AdjointIdentity() {
        super("adjoint");
    }

    @Override
    boolean appliesTo(ConvRequest request) {
        return request.operation() != ConvOperation.FORWARD && range(request).density() == 1;
    }

    /** The operands of the forward, those of the gradient, and what the result of each is multiplied by. */
    private record Pair(Operands forward, Operands backward, HostTensor dy, HostTensor other) {

        static Pair of(ConvRequest request, long seed) {
            ConvProblem problem = request.problem();
            boolean ofData = request.operation() == ConvOperation.BACKWARD_DATA;
            HostTensor x = fill(request, problem.xShape(), seed, 1);
            HostTensor w = fill(request, problem.wShape(), seed, 2);
            HostTensor dy = fill(request, problem.yShape(), seed, 3);
            return new Pair(new Operands(with(request, ConvOperation.FORWARD), x, w, null),
                    ofData ? new Operands(request, null, w, dy) : new Operands(request, x, null, dy), dy, ofData ? x : w);
        }
    }

    @Override
    Outcome verify(ConvolutionUnderTest subject, RequestContext context) {
        boolean ofData = context.request().operation() == ConvOperation.BACKWARD_DATA;
        Pair pair = context.shared(Pair.class, () -> Pair.of(context.request(), context.seed()));
        HostTensor y = result(subject, context, pair.forward);
        HostTensor gradient = result(subject, context, pair.backward);
        double left = inner(y, pair.dy);
        double right = inner(pair.other, gradient);
        if (left == right) {
            return Outcome.passed(tier());
        }
        String finding = "<forward(x, w), dy> is " + left + ", but " + (ofData ? "<x, backwardData(dy, w)> is "
                : "<w, backwardFilter(x, dy)> is ") + right;
        return isAsDefined(pair.backward, gradient) && !isAsDefined(pair.forward, y)
                ? Outcome.skipped(tier(), "its forward, which the gradient is to be the adjoint of, is wrong itself")
                : Outcome.failed(tier(), finding);
    }

    /** Which side of a broken relation is wrong only the definition can tell. */
    private static boolean isAsDefined(Operands operands, HostTensor result) {
        ElementSums sums = ElementSums.of(operands, null, false);
        return IntStream.range(0, result.length()).allMatch(i -> sums.sum(i) == result.get(i));
    }

    /** Magnitudes for which both operations are exact. */
    private static ExactRange range(ConvRequest request) {
        ConvRequest forward = with(request, ConvOperation.FORWARD);
        long own = request.operation().accumulationLength(request.problem());
        long ofForward = ConvOperation.FORWARD.accumulationLength(request.problem());
        return ExactRange.of(request.dataType(), Math.max(own, ofForward),
                Math.max(ExactRange.terms(request, own), ExactRange.terms(forward, ofForward)));
    }

    private static HostTensor fill(ConvRequest request, TensorShape shape, long seed, int role) {
        return Fills.integers(request.dataType(), request.layout(), shape, Fills.hash(seed, role), range(request).magnitude(), 1);
    }

    /** The inner product of integers, exactly: as a long wherever both are whole numbers, else NaN. */
    private static double inner(HostTensor a, HostTensor b) {
        long sum = 0;
        for (int i = 0; i < a.length(); i++) {
            double ofA = a.get(i);
            double ofB = b.get(i);
            if ((double) (long) ofB != ofB || (double) (long) ofA != ofA) {
                return Double.NaN;
            }
            sum += (long) ofA * (long) ofB;
        }
        return sum;
    }
}
