package io.github.jconv.check;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import java.util.Optional;

/** Measures how long subjects take, once they were found right. */
public interface SubjectTimer {

    /** Times nothing. */
    SubjectTimer NONE = (subject, request) -> Optional.empty();

    /**
     * What was measured.
     *
     * @param medianSeconds seconds of the median run
     * @param runs          how many runs were timed
     * @param operandType   of the factors of products, see {@link ConvAlgorithm#operandType}
     */
    record Timing(double medianSeconds, int runs, String operandType) {
    }

    /** The time of a request that the subject serves; empty when it cannot be measured. */
    Optional<Timing> time(ConvolutionUnderTest subject, ConvRequest request);
}
