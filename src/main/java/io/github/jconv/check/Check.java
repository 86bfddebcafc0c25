package io.github.jconv.check;

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

    /**
     * @throws HygieneViolation when a run of the subject damaged memory
     */
    Outcome run(ConvolutionUnderTest subject, RequestContext context);
}
