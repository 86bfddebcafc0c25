package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/** A grouped convolution is as many separate ones: the first and the last group alone give their part of the result. */
final class GroupSplitIdentity extends Identity {

    GroupSplitIdentity() {
        super("group split");
    }

    @Override
    boolean rearranges(ConvRequest request) {
        return true;
    }

    @Override
    boolean appliesTo(ConvRequest request) {
        return request.problem().groups() > 1;
    }

    /** All groups, the first and the last. */
    private record Groups(Operands whole, Operands first, Operands last) {

        static Groups of(ConvRequest request, long seed) {
            Operands whole = DataKind.INTEGERS.operands(request, seed);
            return new Groups(whole, alone(whole, 0), alone(whole, request.problem().groups() - 1));
        }

        private static Operands alone(Operands whole, long group) {
            ConvProblem problem = whole.request().problem();
            long c = problem.channelsPerGroup();
            long k = problem.filtersPerGroup();
            ConvProblem alone = new ConvProblem(problem.batch(), c, k, 1, problem.axes());
            return new Operands(with(whole.request(), alone), Blocks.slice(whole.x(), 1, group * c, (group + 1) * c),
                    Blocks.slice(whole.w(), 0, group * k, (group + 1) * k), Blocks.slice(whole.y(), 1, group * k, (group + 1) * k));
        }
    }

    @Override
    Outcome verify(ConvolutionUnderTest subject, RequestContext context) {
        Groups groups = context.shared(Groups.class, () -> Groups.of(context.request(), context.seed()));
        HostTensor result = result(subject, context, groups.whole);
        Outcome ofFirst = verify(subject, context, groups.first, result, 0);
        return ofFirst.failed() || ofFirst.skipped() ? ofFirst
                : verify(subject, context, groups.last, result, context.request().problem().groups() - 1);
    }

    private Outcome verify(ConvolutionUnderTest subject, RequestContext context, Operands alone, HostTensor result, long group) {
        ConvProblem problem = context.request().problem();
        long c = problem.channelsPerGroup();
        long k = problem.filtersPerGroup();
        HostTensor got = result(subject, context, alone);
        HostTensor expected = switch (context.request().operation()) {
            case FORWARD -> Blocks.slice(result, 1, group * k, (group + 1) * k);
            case BACKWARD_DATA -> Blocks.slice(result, 1, group * c, (group + 1) * c);
            case BACKWARD_FILTER -> Blocks.slice(result, 0, group * k, (group + 1) * k);
        };
        return equal(got, expected, "group " + group + " alone, " + alone.request().problem() + ", and among " + problem.groups());
    }
}
