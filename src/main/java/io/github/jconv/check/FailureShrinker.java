package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvProblem;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Shrinks the problems of a run's failures: the first one of each kind, since the others are likely to have the same cause. */
final class FailureShrinker {

    private final CheckSettings settings;
    private final Deadline deadline;
    private final Set<String> kinds = ConcurrentHashMap.newKeySet();

    FailureShrinker(CheckSettings settings, Deadline deadline) {
        this.settings = settings;
        this.deadline = deadline;
    }

    /** The smallest request found that {@linkplain Outcome#failedLike fails the check alike}, or null when none is wanted. */
    ConvRequest shrink(Check check, ConvolutionUnderTest subject, Outcome failure, ConvRequest request) {
        String kind = subject.name() + " " + request.operation() + " " + request.dataType() + " " + request.layout() + " "
                + failure.tier() + " " + check.name();
        if (!settings.shrink() || !check.isGeneral() || !kinds.add(kind)) {
            return null;
        }
        ConvProblem smallest = Shrinker.shrink(request.problem(),
                candidate -> fails(check, subject, failure, with(request, candidate)), Shrinker.DEFAULT_ATTEMPTS);
        return with(request, smallest);
    }

    private boolean fails(Check check, ConvolutionUnderTest subject, Outcome failure, ConvRequest request) {
        if (deadline.over() || !Reach.of(subject, request, false, settings).yes()) {
            return false;
        }
        RequestContext context = new RequestContext(request, settings, List.of(subject));
        if (!check.appliesTo(context)) {
            return false;
        }
        return CheckGroup.outcome(check, subject, context).failedLike(failure);
    }

    private static ConvRequest with(ConvRequest request, ConvProblem problem) {
        return request.with(problem);
    }
}
