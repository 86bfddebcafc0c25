package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.cases.Recording;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;

/**
 * Something that a subject computes against what somebody else computed: bit for bit where the data are small integers, otherwise
 * within the bound and within the recorder's own tolerance, whichever is narrower.
 */
abstract class RecordedCheck implements Check {

    private final String caseName;
    private final ConvOperation operation;
    private final Recording.Accuracy accuracy;
    private final String command;

    /** @param command the option of the command that reads the recording again */
    RecordedCheck(String caseName, ConvOperation operation, Recording.Accuracy accuracy, String command) {
        this.caseName = caseName;
        this.operation = operation;
        this.accuracy = accuracy;
        this.command = command;
    }

    final ConvOperation operation() {
        return operation;
    }

    @Override
    public final Tier tier() {
        return accuracy.exact() ? Tier.EXACT : Tier.REAL;
    }

    @Override
    public final String name() {
        return caseName;
    }

    @Override
    public final boolean isGeneral() {
        return false;
    }

    @Override
    public final String reproduction(ConvolutionUnderTest subject, ConvRequest request, long seed) {
        return Reproduction.ofRecorded(subject, request, command);
    }

    /**
     * The distance from the recorded element that is allowed.
     *
     * @param bound      the derived bound, which alone counts for other arithmetic than sums of products
     * @param arithmetic of the subject
     */
    final double allowed(double bound, DataType type, Accuracy arithmetic) {
        if (arithmetic != Accuracy.SUM_OF_PRODUCTS) {
            return bound;
        }
        return accuracy.exact() ? 0 : Math.min(bound, accuracy.tolerance(type));
    }
}
