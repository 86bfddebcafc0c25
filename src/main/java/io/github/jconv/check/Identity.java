package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/**
 * A relation between results of one subject, exact on the data chosen. It needs no reference, so it does not share the mistakes
 * that a reference may have.
 */
abstract class Identity implements Check {

    /** The subject does not serve one of the problems that the relation needs. */
    private static final class NotServed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotServed(String reason) {
            super(reason);
        }
    }

    private final String name;

    Identity(String name) {
        this.name = name;
    }

    @Override
    public final Tier tier() {
        return Tier.IDENTITIES;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final boolean appliesTo(RequestContext context) {
        return appliesTo(context.request());
    }

    /** The definition, term by term, is too slow to be run so often, and nothing new about it would come out. */
    @Override
    public final boolean concerns(ConvolutionUnderTest subject) {
        return !subject.isDefinition();
    }

    @Override
    public final Outcome run(ConvolutionUnderTest subject, RequestContext context) {
        Accuracy accuracy = subject.accuracy(context.request());
        if (!holdsIn(accuracy, context.request())) {
            return Outcome.skipped(tier(), "its arithmetic is not exact on these data");
        }
        try {
            return verify(new SameArithmetic(subject, accuracy), context);
        } catch (NotServed e) {
            return Outcome.skipped(tier(), e.getMessage());
        }
    }

    /**
     * Whether the relation holds bit for bit in an arithmetic: where it needs exact sums, in sums of products and, on small
     * integers, in F(2x2, 3x3); where it only puts the same sums elsewhere, in F(4x4, 3x3) too.
     */
    boolean holdsIn(Accuracy accuracy, ConvRequest request) {
        return accuracy == Accuracy.SUM_OF_PRODUCTS || accuracy == Accuracy.TENSOR_CORE_SUMS || accuracy == Accuracy.WINOGRAD_2X2
                || accuracy == Accuracy.WINOGRAD_4X4 && rearranges(request);
    }

    /** Whether both sides add the same products in the same order, only elsewhere. */
    boolean rearranges(ConvRequest request) {
        return false;
    }

    /** Whether the relation says anything about a request. */
    abstract boolean appliesTo(ConvRequest request);

    /** Computes both sides and compares them. What does not depend on the subject is {@linkplain RequestContext#shared shared}. */
    abstract Outcome verify(ConvolutionUnderTest subject, RequestContext context);

    /** What the subject makes of some operands, which are {@linkplain RequestContext#shared shared}. */
    final HostTensor result(ConvolutionUnderTest subject, RequestContext context, Operands operands) {
        Support support = subject.supports(operands.request());
        if (!support.yes()) {
            throw new NotServed("it does not serve the other side of the identity, " + operands.request() + ": " + support.reason());
        }
        return context.guarded(operands).run(subject, null);
    }

    /** Passed when the two are equal element by element (0.0 equals -0.0). */
    final Outcome equal(HostTensor got, HostTensor expected, String what) {
        Comparison comparison = Comparison.ofEqual(got, expected);
        return comparison.agrees() ? Outcome.of(tier(), comparison) : Outcome.failed(tier(), what + ": " + comparison.finding());
    }

    static ConvRequest with(ConvRequest request, ConvProblem problem) {
        return request.with(problem);
    }

    static ConvRequest with(ConvRequest request, ConvOperation operation) {
        return request.with(operation);
    }
}
