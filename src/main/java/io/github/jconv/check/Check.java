package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.report.Tier;

/** One kind of evidence about a subject, for one request. Stateless; what checks share is in the {@link RequestContext}. */
interface Check {

    Tier tier();

    /** Short and stable, unique within its tier. */
    String name();

    /** Whether there is anything to check; what does not apply is not reported at all. */
    default boolean appliesTo(RequestContext context) {
        return true;
    }

    /** Whether this is a question to ask of the subject; where not, nothing is reported. */
    default boolean concerns(ConvolutionUnderTest subject) {
        return true;
    }

    /** Computes what all subjects are compared with, so that its time is not counted as the first subject's. */
    default void prepare(RequestContext context) {
    }

    /**
     * @throws HygieneViolation when a run of the subject damaged memory
     */
    Outcome run(ConvolutionUnderTest subject, RequestContext context);

    /** Whether the same check can be made of other problems, so that a failing one can be shrunk. */
    default boolean isGeneral() {
        return true;
    }

    /** How a failure is seen again. */
    default String reproduction(ConvolutionUnderTest subject, ConvRequest request, long seed) {
        return Reproduction.ofProblem(subject, request, seed);
    }
}
