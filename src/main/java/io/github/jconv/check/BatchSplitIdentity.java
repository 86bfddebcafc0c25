package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;

/** Images do not influence one another: a batch in two parts gives the same results, or filter gradients that add up to it. */
final class BatchSplitIdentity extends Identity {

    /** Odd, so that the parts differ in size. */
    private static final long SMALLEST_BATCH = 3;

    BatchSplitIdentity() {
        super("batch split");
    }

    /** A filter gradient is a sum over the batch, which is then added up in another order. */
    @Override
    boolean rearranges(ConvRequest request) {
        return request.operation() != ConvOperation.BACKWARD_FILTER;
    }

    @Override
    boolean appliesTo(ConvRequest request) {
        return request.problem().batch() > 0;
    }

    /** A batch, its first image and the others. */
    private record Batch(Operands whole, Operands first, Operands rest) {

        static Batch of(ConvRequest original, long seed) {
            long batch = Math.max(original.problem().batch(), SMALLEST_BATCH);
            Operands whole = DataKind.INTEGERS.operands(with(original, original.problem().withBatch(batch)), seed);
            return new Batch(whole, part(whole, 0, 1), part(whole, 1, batch));
        }

        private static Operands part(Operands whole, long begin, long end) {
            ConvRequest request = with(whole.request(), whole.request().problem().withBatch(end - begin));
            return new Operands(request, Blocks.slice(whole.x(), 0, begin, end), whole.w(), Blocks.slice(whole.y(), 0, begin, end));
        }
    }

    @Override
    Outcome verify(ConvolutionUnderTest subject, RequestContext context) {
        Batch shared = context.shared(Batch.class, () -> Batch.of(context.request(), context.seed()));
        long batch = shared.whole.request().problem().batch();
        HostTensor expected = result(subject, context, shared.whole);
        HostTensor first = result(subject, context, shared.first);
        HostTensor rest = result(subject, context, shared.rest);
        if (context.request().operation() == ConvOperation.BACKWARD_FILTER) {
            return equal(sum(first, rest), expected, "the filter gradients of image 0 and of the others, added up, with batch " + batch);
        }
        Outcome ofFirst = equal(first, Blocks.slice(expected, 0, 0, 1), "image 0 alone and in a batch of " + batch);
        return ofFirst.failed() ? ofFirst
                : equal(rest, Blocks.slice(expected, 0, 1, batch), "images 1 to " + (batch - 1) + " alone and in a batch of " + batch);
    }

    private static HostTensor sum(HostTensor a, HostTensor b) {
        HostTensor sum = a.copy();
        for (int i = 0; i < sum.length(); i++) {
            sum.set(i, a.get(i) + b.get(i));
        }
        return sum;
    }
}
